#include "proxy/command/ca/ca_options.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>

#include "proxy/settings/ca_directory.h"
#include "proxy/settings/settings.h"

namespace proxy {

namespace {

struct Subcommand {
    CaCommand::What what;
    const char* name;
    const char* does;
    bool has_places;
};
constexpr std::array subcommands{
    Subcommand{CaCommand::What::show, "show",
               "print what it is, where it lives, its fingerprint and where it is installed", false},
    Subcommand{CaCommand::What::export_certificate, "export", "print its certificate as PEM", false},
    Subcommand{CaCommand::What::install, "install", "make the system, browsers and Java trust it", true},
    Subcommand{CaCommand::What::uninstall, "uninstall", "take back exactly what install did", true},
    Subcommand{CaCommand::What::rotate, "rotate", "replace it by a new one, and install that where the old one was",
               true},
};

TrustKinds parse_only(const std::vector<std::string>& only) {
    if (only.empty()) return {};
    for (const std::string& each : only) {
        if (each != "system" && each != "nss" && each != "java")
            throw UsageError(fmt::format("--only takes system, nss or java, not '{}'", each));
    }
    const auto has = [&](const char* kind) { return std::ranges::find(only, kind) != only.end(); };
    return {has("system"), has("nss"), has("java")};
}

}  // namespace

void CaOptions::add_to(CLI::App& app) {
    app.require_subcommand(1);
    app.footer("");
    for (const Subcommand& row : subcommands) {
        CLI::App& command = *app.add_subcommand(row.name, row.does);
        command.parse_complete_callback([this, what = row.what] { what_ = what; });
        command.add_option("--ca-dir", ca_dir_, "where the local CA lives (~/.local/share/whytls)")
            ->type_name("DIR")
            ->take_last();
        command.footer("");  // otherwise it would be the program's
        if (!row.has_places) continue;
        command
            .add_option("--only", only_,
                        "system: the system's store; nss: Firefox, Chromium, Chrome; java: cacerts; may be given again")
            ->type_name("system|nss|java")
            ->allow_extra_args(false);
        command.footer(
            "Exit code: 0 everything found was done, 1 something was left undone, 2 a mistake in the command line.");
    }
}

CaCommand CaOptions::settle() const { return {what_, ca_directory(ca_dir_), parse_only(only_)}; }

}  // namespace proxy
