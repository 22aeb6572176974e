#include "proxy/command/sources/given_values.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <set>
#include <system_error>
#include <utility>

#include "proxy/command/sources/option_source.h"

namespace proxy {

GivenValues given_values(const CLI::App& command, const CLI::App& program) {
    GivenValues given;
    for (const CLI::App* app : {&command, &program})
        for (const CLI::Option* option : app->get_options())
            if (option->count() > 0 && !source_name(*option).empty())
                given.emplace(source_name(*option), option->results());
    return given;
}

std::string pipe_among(const GivenValues& given, std::span<const std::string_view> options, std::string file) {
    std::vector<std::string> files{std::move(file)};
    for (const std::string_view option : options) {
        const auto found = given.find(std::string(option));
        if (found == given.end()) continue;
        for (const std::string& value : found->second) {
            files.push_back(value);  // FILE, HOST=FILE, file:FILE
            for (const char end : {'=', ':'})
                if (const auto at = value.find(end); at != std::string::npos) files.push_back(value.substr(at + 1));
        }
    }
    const auto is_pipe = [](const std::string& name) {
        if (name == "/dev/null") return false;
        std::error_code error;
        const auto type = std::filesystem::status(name, error).type();
        return type == std::filesystem::file_type::fifo || type == std::filesystem::file_type::socket ||
               type == std::filesystem::file_type::character;
    };
    const auto pipe = std::ranges::find_if(files, is_pipe);
    return pipe == files.end() ? "" : *pipe;
}

std::vector<std::string> changed_values(const GivenValues& before, const GivenValues& now,
                                        std::span<const std::string_view> besides) {
    std::set<std::string> changed;
    const auto compare = [&](const GivenValues& these, const GivenValues& those) {
        for (const auto& [name, values] : these) {
            const auto other = those.find(name);
            if (other == those.end() || other->second != values) changed.insert(name);
        }
    };
    compare(before, now);
    compare(now, before);
    std::erase_if(changed, [&](const std::string& name) { return std::ranges::find(besides, name) != besides.end(); });
    return {changed.begin(), changed.end()};
}

}  // namespace proxy
