#include "proxy/command/sources/config_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>
#include <utility>

#include "certs/bytes.h"
#include "inspect/report/print/redaction.h"
#include "proxy/command/given_options.h"
#include "proxy/command/sources/toml.h"
#include "proxy/settings/settings.h"

namespace proxy {

namespace {

// As it would be on the command line: a string without quotes, everything else as TOML writes it.
std::string text_of(const toml::node& node) {
    if (const auto* string = node.as_string()) return string->get();
    if (const auto* boolean = node.as_boolean()) return boolean->get() ? "true" : "false";
    std::ostringstream text;
    node.visit([&](const auto& value) {
        if constexpr (toml::is_value<decltype(value)>) text << value.get();
    });
    return std::move(text).str();
}

std::string_view without_blanks(std::string_view text) { return certs::trimmed(text, " \t\r"); }

// A value in TOML's form: in quotes when it is no TOML value without them.
std::string quoted_value(std::string_view value) {
    if (is_toml(fmt::format("x = {}", value))) return std::string(value);
    return value.find_first_of("\"\\\n") == std::string_view::npos ? fmt::format("\"{}\"", value) : std::string(value);
}

// `key = value` with its text in quotes, each item of a list separately; "" when that is no TOML
// either, or the line is no such line.
std::string with_quotes(std::string_view line) {
    constexpr std::size_t most = 300;
    const auto equals = line.find('=');
    if (equals == std::string_view::npos || line.size() > most) return "";
    const std::string_view key = without_blanks(line.substr(0, equals));
    std::string_view value = without_blanks(line.substr(equals + 1));
    if (const auto comment = value.find(" #"); comment != std::string_view::npos)
        value = without_blanks(value.substr(0, comment));
    if (value.empty()) return "";
    std::string mended;
    if (value.starts_with('[') && value.ends_with(']') && !value.starts_with("[::")) {
        for (std::string_view rest = value.substr(1, value.size() - 2); !rest.empty();) {
            const std::string_view one = rest.substr(0, rest.find(','));
            rest.remove_prefix(std::min(one.size() + 1, rest.size()));
            if (!without_blanks(one).empty())
                mended += (mended.empty() ? "" : ", ") + quoted_value(without_blanks(one));
        }
        mended = "[" + mended + "]";
    } else {
        mended = quoted_value(value);
    }
    mended = fmt::format("{} = {}", key, mended);
    return is_toml(mended) ? mended : "";
}

struct Unquoted {
    std::size_t line = 0;
    std::string mended;  // the whole line as it was likely meant; "" when that is not clear
};

// The parser may notice the fault only at the beginning of the next line.
Unquoted unquoted_at(std::string_view text, std::size_t line) {
    std::string_view before, here;
    for (std::size_t number = 0; number < line && !text.empty(); ++number) {
        before = here;
        here = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(here.size() + 1, text.size()));
    }
    for (const auto& [candidate, number] : {std::pair{here, line}, std::pair{before, line - 1}})
        if (!is_toml(std::string(candidate)))
            if (std::string mended = with_quotes(candidate); !mended.empty()) return {number, std::move(mended)};
    return {};
}

// A line as it may be shown: a password is not.
std::string without_value(const std::string& line) {
    const std::size_t equals = std::min(line.find('='), line.size());
    const std::string key(certs::trimmed(std::string_view(line).substr(0, equals)));
    const std::string value(certs::trimmed(std::string_view(line).substr(std::min(equals + 1, line.size()))));
    const bool secret =
        without_secret("--" + key, value) != value || inspect::report::without_passwords(value) != value;
    return secret ? fmt::format("{} = \"…\"", key) : line;
}

// The parser destroys its tables inside one another by recursion.
void refuse_deep_keys(std::string_view text, const std::string& name) {
    constexpr std::ptrdiff_t most = 4096;
    for (std::size_t number = 1; !text.empty(); ++number) {
        const std::string_view line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(line.size() + 1, text.size()));
        if (std::ranges::count(line, '.') > most)
            throw UsageError(fmt::format("{}:{}: a line with more than {} dots", name, number, most));
    }
}

}  // namespace

OptionSource read_config_text(const std::string& name, std::string_view text) {
    const auto at = [&name](std::size_t line) { return fmt::format("{}:{}", name, line); };
    refuse_deep_keys(text, name);
    toml::table table;
    try {
        table = toml::parse(text);
    } catch (const toml::parse_error& error) {
        const std::size_t line = error.source().begin.line;
        if (const Unquoted found = unquoted_at(text, line); !found.mended.empty())
            throw UsageError(fmt::format("{}: not TOML: a text stands in quotes; did you mean {}?", at(found.line),
                                         without_value(found.mended)));
        throw UsageError(fmt::format("{}: not TOML: {}", at(line), error.description()));
    }
    std::vector<std::pair<std::size_t, SourceEntry>> entries;
    for (const auto& [key, node] : table) {
        const std::size_t line = key.source().begin.line;
        SourceEntry entry{std::string(key.str()), at(line), {}, node.is_array()};
        const auto add = [&](const toml::node& value) {
            if (value.is_table() || value.is_array())
                throw UsageError(fmt::format(
                    "{}: '{}' cannot hold a table or a list of lists: each option is a key of its own, without sections",
                    entry.place, entry.name));
            entry.values.push_back({text_of(value), at(value.source().begin.line), value.is_boolean()});
        };
        if (const toml::array* list = node.as_array())
            std::ranges::for_each(*list, add);
        else
            add(node);
        entries.emplace_back(line, std::move(entry));
    }
    std::ranges::sort(entries, {}, &std::pair<std::size_t, SourceEntry>::first);
    std::vector<SourceEntry> in_order;
    for (auto& [line, entry] : entries) in_order.push_back(std::move(entry));
    return OptionSource(std::move(in_order));
}

}  // namespace proxy
