#include "proxy/command/sources/sources.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <filesystem>
#include <optional>
#include <system_error>

#include "certs/file.h"
#include "proxy/command/sources/config_file.h"
#include "proxy/command/sources/environment_source.h"
#include "proxy/settings/settings.h"

namespace proxy {

namespace {

// XDG Base Directory Specification: a path that is not absolute is ignored. "" where neither says.
std::string default_config_file(const Environment& environment) {
    const auto absolute = [&](std::string_view name) {
        const auto found = environment.find(name);
        return found != environment.end() && found->second.starts_with('/') ? found->second : "";
    };
    if (const std::string xdg = absolute("XDG_CONFIG_HOME"); !xdg.empty()) return xdg + "/whytls/config.toml";
    if (const std::string home = absolute("HOME"); !home.empty()) return home + "/.config/whytls/config.toml";
    return "";
}

// A file that no one has named is only the user's own: root with another's HOME would write where
// that one wants.
std::string not_to_be_trusted(const std::string& file) {
    struct stat status{};
    if (::stat(file.c_str(), &status) != 0) return "";
    if (status.st_uid != ::geteuid() && status.st_uid != 0) return "it belongs to another user";
    return (status.st_mode & S_IWOTH) != 0 ? "everyone may write it" : "";
}

}  // namespace

void Sources::add_to(CLI::App& app) {
    app.add_option(
           "--config", config_,
           "options from a TOML file, a key for each: listen = [\"127.0.0.1:8080\"]; the command line wins, then the "
           "environment (WHYTLS_LISTEN); paths are relative to the working directory, ~/ is the home directory (~/.config/whytls/config.toml)")
        ->type_name("FILE")
        ->configurable(false)
        ->take_last();
    app.add_flag("--no-config", no_config_, "do not look for ~/.config/whytls/config.toml")->configurable(false);
}

OptionSource Sources::read_named(const std::string& file, const std::string& named_by) {
    const auto text = certs::read_file(file);
    if (!text) throw UsageError(fmt::format("{} {}: {}", named_by, file, certs::reading_problem(text.error())));
    file_name_ = file;
    return read_config_text(file, *text);
}

OptionSource Sources::read_file(const CLI::App& command, const CLI::App& program, const Environment& environment) {
    const auto given = [](const CLI::App& app) { return app.get_option("--no-config")->count() > 0; };
    if (!config_.empty()) return read_named(config_, "--config");
    if (no_config_ && (given(command) || given(program))) return OptionSource();
    if (const std::string* named = find_in(environment, "config")) {
        const auto home = environment.find("HOME");
        const bool at_home = named->starts_with("~/") && home != environment.end();
        return read_named(at_home ? home->second + named->substr(1) : *named, variable_of("config"));
    }
    if (const std::string* text = find_in(environment, "no-config")) {
        const auto off = read_switch(*text);
        if (!off)
            throw UsageError(fmt::format("{} takes 1, 0, true or false, not '{}'", variable_of("no-config"), *text));
        if (*off) return OptionSource();
    }
    const std::string file = default_config_file(environment);
    if (file.empty()) return OptionSource();
    const auto text = certs::read_file(file);
    std::error_code not_a_link;
    const std::filesystem::path leads_to = std::filesystem::read_symlink(file, not_a_link);
    if (!text && text.error() == ENOENT && !not_a_link)
        throw UsageError(fmt::format("{} is a link to {}, which is not there; --no-config goes on without it", file,
                                     leads_to.string()));
    if (!text && (text.error() == ENOENT || text.error() == ENOTDIR)) return OptionSource();
    if (!text)
        throw UsageError(
            fmt::format("{}: {}; --no-config goes on without it", file, certs::reading_problem(text.error())));
    if (const std::string why = not_to_be_trusted(file); !why.empty()) {
        warnings_.push_back(fmt::format("{} is not read: {}; --config {} reads it", file, why, file));
        return OptionSource();
    }
    file_name_ = file;
    was_found_ = true;
    return read_config_text(file, *text);
}

void Sources::apply_to(CLI::App& command, const CLI::App& program, const Environment& environment) {
    warnings_ = warn_of_misspelt(program, environment);
    environment_ = read_environment(command, environment);
    const auto found = environment.find("HOME");
    const std::string home = found == environment.end() ? "" : found->second;
    environment_.apply_to(command, program, home, origins_);
    file_ = read_file(command, program, environment);
    file_.apply_to(command, program, home, origins_);
}

std::string Sources::locate(const std::string& error) const {
    std::string located = environment_.locate(error);
    return located == error ? file_.locate(error) : located;
}

}  // namespace proxy
