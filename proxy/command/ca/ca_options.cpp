#include "proxy/command/ca/ca_options.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>

#include "certs/server_name.h"
#include "inspect/http/message.h"
#include "inspect/report/print/escape.h"
#include "proxy/command/ca/ca_issue_command.h"
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
    Subcommand{CaCommand::What::issue, "issue", "make a certificate and its key for a server of your own", false},
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

constexpr const char* issue_footer =
    "The files are NAME.pem and NAME-key.pem of the first NAME, \"+2\" after it when there are two more. Issuing for the same names "
    "again renews the certificate and keeps the key; other files are never replaced.\n"
    "Examples:\n"
    "  whytls ca issue localhost 127.0.0.1 ::1\n"
    "  whytls ca issue 'example.test' '*.example.test' --out /etc/nginx/tls\n"
    "\n"
    "Exit code: 0 the files are there, 1 a file or the CA is in the way, 2 a mistake in the command line.";

// The host of a URL or of HOST:PORT, where it could be issued for; "" otherwise.
std::string meant_name(const std::string& text) {
    const auto url = inspect::http::parse_target("GET", text.contains("://") ? text : "https://" + text);
    if (!url) return "";
    return certs::server_name(url->host).value_or("");
}

std::string parse_name(const std::string& text) {
    auto name = certs::server_name(text);
    if (name) return *std::move(name);
    const std::string meant = meant_name(text);
    throw UsageError(fmt::format("ca issue: the name '{}' {}{}", inspect::report::for_terminal(text, 300), name.error(),
                                 meant.empty() ? "" : fmt::format("; did you mean {}?", meant)));
}

int parse_days(const std::string& text) {
    int days = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), days);
    const bool number = error == std::errc() && end == text.data() + text.size();
    if (!number || days < 1 || days > most_days)
        throw UsageError(
            fmt::format("--days takes 1 to {}, not '{}'{}", most_days, text,
                        number && days > most_days
                            ? "; what is valid for more than 825 days, two before now included, Apple's systems refuse"
                            : ""));
    return days;
}

}  // namespace

void CaOptions::add_issue_options(CLI::App& command) {
    command
        .add_option("NAME", names_,
                    "a host name, a wildcard (*.example.test) or an IP address that the server is asked for by")
        ->type_name("");
    command.add_option("--out", out_, "the directory for the files, made when it is missing (the working directory)")
        ->type_name("DIR")
        ->configurable(false)
        ->take_last();
    command
        .add_option("--days", days_, fmt::format("how many days it is valid, at most {} ({})", most_days, usual_days))
        ->type_name("N")
        ->configurable(false)
        ->take_last();
    command.footer(issue_footer);
}

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
        if (row.what == CaCommand::What::issue) add_issue_options(command);
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

IssueOrder CaOptions::settle_order() const {
    if (names_.empty())
        throw UsageError(
            "ca issue takes the names of the server, for example: whytls ca issue localhost 127.0.0.1 ::1");
    IssueOrder order{{}, std::filesystem::absolute(out_.empty() ? "." : out_).lexically_normal(), usual_days};
    for (const std::string& text : names_) {
        std::string name = parse_name(text);
        if (std::ranges::find(order.names, name) == order.names.end()) order.names.push_back(std::move(name));
    }
    if (!days_.empty()) order.days = parse_days(days_);
    return order;
}

CaCommand CaOptions::settle() const {
    return {what_, ca_directory(ca_dir_), parse_only(only_),
            what_ == CaCommand::What::issue ? settle_order() : IssueOrder{}};
}

}  // namespace proxy
