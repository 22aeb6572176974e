#include "proxy/command/check/check_options.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cstdio>
#include <expected>
#include <filesystem>
#include <system_error>

#include "certs/file.h"
#include "certs/hostname.h"
#include "inspect/http/message.h"
#include "proxy/command/client_certificate_options.h"
#include "proxy/command/option_values.h"

namespace proxy {

namespace {

namespace http = inspect::http;

constexpr const char* check_footer =
    "Examples:\n"
    "  whytls check api.example.com\n"
    "  whytls check https://api.example.com/health\n"
    "  whytls check api.example.com:8443 --add-trust company.pem --full\n"
    "  whytls check --hosts hosts.txt --expect 'name,chain,expires>30d'\n"
    "\n"
    "Warnings alone (a certificate that expires soon, a chain out of order) do not fail a check.\n"
    "Exit code: 0 every server verified, 1 one did not, 3 one could not be reached and the others verified, 2 a line of a list names no host (the others were checked), or a mistake in the command line (nothing was).";

std::string ascii_name(std::string_view host) { return certs::parse_host(host).text; }

// The path and query of an https URL, as they are requested; "" without one, nullopt when they must
// not be in a request.
std::optional<std::string> read_path(std::string_view rest) {
    rest = rest.substr(0, rest.find('#'));
    if (rest.empty()) return "";
    const std::string path = rest.starts_with('?') ? "/" + std::string(rest) : std::string(rest);
    return http::parse_target("GET", path) ? std::optional(path) : std::nullopt;
}

std::optional<CheckTarget> read_authority(std::string_view text, std::uint16_t default_port) {
    if (io::Address::parse(text, 0))
        return CheckTarget{ascii_name(text), default_port};  // IPv6 may come without brackets
    std::string_view rest = text;
    const std::string_view host = take_host(rest);
    if (host.size() == text.size() - 1) return std::nullopt;  // "host:"
    // The request parser knows what a host and a port may be, once the name is a DNS name.
    const std::string name = host.starts_with('[') ? std::string(host) : ascii_name(host);
    const auto read =
        http::parse_target("CONNECT", fmt::format("{}:{}", name, rest.empty() ? std::to_string(default_port) : rest));
    if (!read) return std::nullopt;
    return CheckTarget{read->host, read->port};
}

// Parses host[:port], or a URL; nullopt for anything else. A wss:// URL names no document to ask
// for.
std::optional<CheckTarget> read_target(std::string_view text, std::uint16_t default_port) {
    const auto scheme = text.find("://");
    if (scheme == std::string_view::npos) return read_authority(text, default_port);
    const std::string_view name = text.substr(0, scheme);
    if (name != "https" && name != "wss") return std::nullopt;
    text = text.substr(scheme + 3);
    const std::string_view rest = text.substr(std::min(text.find_first_of("/?#"), text.size()));
    auto target = read_authority(text.substr(0, text.size() - rest.size()), default_port);
    auto path = read_path(rest);
    if (!target || !path) return std::nullopt;
    if (name == "https") target->path = *std::move(path);
    return target;
}

// The port of `check api.example.com 443`, the form of other programs.
bool is_port_alone(std::string_view text) {
    return !text.empty() && text.size() <= 5 && text.find_first_not_of("0123456789") == std::string_view::npos;
}

// What was likely meant by "http://HOST", "HOST/PATH", "HOST:" or "HOST PORT"; "" when that is not
// clear.
std::string meant_target(std::string_view text) {
    std::string meant(text);
    if (const auto blank = text.find_first_of(" \t"); blank != std::string_view::npos) {
        const std::string_view port = text.substr(std::min(text.find_first_not_of(" \t", blank), text.size()));
        if (is_port_alone(port)) meant = fmt::format("{}:{}", text.substr(0, blank), port);
    } else if (text.starts_with("http://")) {
        meant = "https://" + meant.substr(std::string_view("http://").size());
    } else if (text.ends_with(':')) {
        meant.pop_back();
    } else if (text.contains('/') && !text.contains("://")) {
        meant = "https://" + meant;
    }
    return meant != text && read_target(meant, 443) ? meant : "";
}

// Or what is wrong with it.
std::expected<CheckTarget, std::string> parse_target(std::string_view text, std::uint16_t default_port) {
    if (const auto target = read_target(text, default_port)) return *target;
    const std::string meant = meant_target(text);
    return std::unexpected(
        fmt::format("check takes HOST[:PORT] or an https URL, for example api.example.com:8443, not '{}'{}", text,
                    meant.empty() ? "" : fmt::format("; did you mean {}?", meant)));
}

void read_list(CheckCommand& command, const std::string& file, std::uint16_t default_port) {
    const std::string name = file == "-" ? "the standard input" : file;
    const auto text = file == "-" ? certs::read_descriptor(STDIN_FILENO) : certs::read_file(file);
    if (!text) throw UsageError(fmt::format("{}: {}", name, certs::reading_problem(text.error())));
    std::size_t number = 0;
    for (std::string_view rest = *text; !rest.empty();) {
        std::string_view line = rest.substr(0, rest.find('\n'));
        rest.remove_prefix(std::min(line.size() + 1, rest.size()));
        ++number;
        line = line.substr(0, line.find('#'));
        const auto begin = line.find_first_not_of(" \t\r");
        if (begin == std::string_view::npos) continue;
        line = line.substr(begin, line.find_last_not_of(" \t\r") - begin + 1);
        if (const auto target = parse_target(line, default_port))
            command.targets.push_back(*target);
        else
            command.unread.push_back(fmt::format("{}:{}: not checked: {}", name, number, target.error()));
    }
}

// A host and a port, either of which may be left out.
CheckTarget take_pattern(std::string_view& rest, std::string_view whole) {
    const std::string_view host = take_host(rest);
    const std::string_view port = rest.substr(0, rest.find(':'));
    rest.remove_prefix(std::min(port.size() + 1, rest.size()));
    return {host.empty() ? "" : ascii_name(host),
            port.empty() ? std::uint16_t{0} : parse_port(port, "--connect-to", whole)};
}

ConnectTo parse_connect_to(std::string_view text) {
    std::string_view rest = text;
    const bool whole = !text.starts_with('[') ? std::ranges::count(text, ':') >= 3 : text.contains(']');
    const CheckTarget asked = take_pattern(rest, text);
    const CheckTarget instead = take_pattern(rest, text);
    if (!whole || !rest.empty())
        throw UsageError(fmt::format("--connect-to takes HOST:PORT:HOST2:PORT2, not '{}'", text));
    return {asked, instead};
}

// RFC 7301 §3.1: a protocol's name has 1 to 255 bytes.
std::vector<std::string> parse_alpn(std::string_view text) {
    constexpr std::size_t longest = 255, most = 16;
    std::vector<std::string> names;
    for (std::string_view rest = text;;) {
        const std::string_view name = rest.substr(0, rest.find(','));
        if (name.empty() || name.size() > longest || names.size() == most || name.find_first_of(" \t") != name.npos)
            throw UsageError(fmt::format(
                "--alpn takes the names of protocols with commas between, for example h2,http/1.1, not '{}'", text));
        names.emplace_back(name);
        if (name.size() == rest.size()) return names;
        rest.remove_prefix(name.size() + 1);
    }
}

// "smtp, lmtp … or mysql"
std::string protocols() {
    const auto names = inspect::starttls::names();
    return fmt::format("{} or {}", fmt::join(names.begin(), names.end() - 1, ", "), names.back());
}

// Why --starttls does not take that: of what people may try, some have no such command at all.
std::string about_other_protocol(std::string_view text) {
    struct Other {
        std::string_view name, title;
        int tls_port;
    };
    constexpr std::array others{
        Other{"redis", "Redis", 0},     Other{"amqp", "AMQP", 5671},  Other{"mqtt", "MQTT", 8883},
        Other{"mongodb", "MongoDB", 0}, Other{"https", "HTTPS", 443}, Other{"smtps", "SMTPS", 465},
        Other{"imaps", "IMAPS", 993},   Other{"pop3s", "POP3S", 995}, Other{"ftps", "FTPS", 990},
        Other{"nntps", "NNTPS", 563},   Other{"ldaps", "LDAPS", 636}, Other{"xmpps", "XMPPS", 5223}};
    const auto other = std::ranges::find(others, text, &Other::name);
    if (other != others.end())
        return fmt::format("--starttls does not take '{}': {} speaks TLS from the first byte{}; leave --starttls out",
                           text, other->title,
                           other->tls_port == 0 ? ", on a port that its configuration names"
                                                : fmt::format(", usually on port {}", other->tls_port));
    return fmt::format("--starttls takes {}, not '{}'", protocols(), text);
}

// Said before anything is asked, not after.
void check_page(const std::filesystem::path& file, bool scan) {
    std::error_code ignored;
    if (file.empty()) return;
    if (!scan) throw UsageError("--html writes what --scan finds, and needs --scan");
    if (file.has_parent_path() && !std::filesystem::is_directory(file.parent_path(), ignored))
        throw UsageError(
            fmt::format("--html {}: there is no directory {}", file.string(), file.parent_path().string()));
    if (std::filesystem::exists(file, ignored) && !std::filesystem::is_regular_file(file, ignored))
        throw UsageError(fmt::format("--html takes a file to be written, and {} is none", file.string()));
}

std::vector<inspect::diagnosis::Expectation> parse_expected(const std::string& text) {
    auto expected = inspect::diagnosis::parse_expectations(text);
    if (!expected) {
        const std::string& word = expected.error();
        const bool no_unit = word.starts_with("expires>") &&
                             word.find_first_not_of("0123456789", 8) == std::string::npos && word.size() > 8;
        throw UsageError(fmt::format(
            "--expect takes name, chain, expires>Nd, tls>=1.2, tls>=1.3 and ok with commas between, not '{}'{}", word,
            no_unit ? fmt::format("; did you mean {}d?", word) : ""));
    }
    return *std::move(expected);
}

}  // namespace

void CheckOptions::add_to(CLI::App& app) {
    app.add_option(
           "HOST", targets_,
           "HOST[:PORT], or an https URL, whose path is asked for with GET; - reads them from the standard input, one a line")
        ->type_name("");
    app.add_option("--hosts", files_,
                   "check the hosts in this file too, one a line, # begins a comment; may be given again")
        ->type_name("FILE")
        ->allow_extra_args(false);
    app.add_option("--servername", server_name_,
                   "the name to send (SNI) and to look for in the certificate, instead of the host")
        ->type_name("NAME")
        ->take_last();
    app.add_option(
           "--connect-to", connect_to_,
           "connect to HOST2:PORT2 for HOST:PORT, under the first's name; an empty one stands for any, or no change; may be given "
           "again")
        ->type_name("HOST:PORT:HOST2:PORT2")
        ->allow_extra_args(false);
    app.add_option_function<std::string>(
           "--alpn", [this](const std::string& text) { alpn_ = text; },
           "the protocols to offer (ALPN), with commas (h2,http/1.1, for a URL with a path http/1.1); where h2 is agreed on, HTTP/2 is "
           "spoken")
        ->type_name("LIST")
        ->take_last();
    app.add_option("--starttls", starttls_,
                   fmt::format("speak this protocol first, until it switches to TLS: {}", protocols()))
        ->type_name("PROTOCOL")
        ->take_last();
    app.add_option("--parallel", parallel_, "servers to ask at a time, 1 to 256 (16); reports come in the order given")
        ->type_name("NUMBER")
        ->take_last();
    app.add_flag("--all-addresses", all_addresses_,
                 "check each address of a name, and say which one is not as the others");
    app.add_flag(
        "--scan", scan_,
        "find out too what each server supports: versions, cipher suites, groups, protocols, certificates, resumption; opens "
        "60 to 300 connections");
    app.add_option("--html", scan_page_, "write what --scan finds to this file as a page, to be attached to a ticket")
        ->type_name("FILE")
        ->take_last();
    connection_.add_to(app);
    key_log_.add_to(app);
    app.add_option_function<std::string>(
           "--expect", [this](const std::string& text) { expect_ = text; },
           "what makes a check succeed, with commas: name (valid for the host), chain (path, trust, signatures, dates), expires>Nd "
           "(days), tls>=1.2, tls>=1.3, ok (no warning either)")
        ->type_name("LIST")
        ->take_last();
    app.add_flag("--full", full_, "show all that was asked: of each of many servers, and of one without fault");
    app.add_flag("--json", json_, "print the report as JSON, one line a server");
    app.footer(check_footer);
}

void CheckOptions::read_targets(CheckCommand& command, std::uint16_t port) const {
    for (std::size_t i = 0; i < targets_.size(); ++i) {
        const std::string& text = targets_[i];
        if (is_port_alone(text))
            throw UsageError(fmt::format("check takes HOST[:PORT], and '{}' is no host; did you mean {}:{}?", text,
                                         i > 0 ? targets_[i - 1] : "HOST", text));
        if (text == "-") {
            read_list(command, text, port);
            continue;
        }
        const auto target = parse_target(text, port);
        if (!target) throw UsageError(target.error());
        command.targets.push_back(*target);
    }
    for (const std::string& file : files_) read_list(command, file, port);
    if (targets_.empty() && files_.empty())
        throw UsageError(
            "check takes HOST[:PORT] or an https URL, for example api.example.com, or - for a list on the standard input");
    if (command.targets.empty() && !command.unread.empty()) throw UsageError(command.unread.front());
    if (command.targets.empty())
        throw UsageError(fmt::format("there is no host in {}", fmt::join(files_.empty() ? targets_ : files_, " or ")));
}

CheckCommand CheckOptions::settle() const {
    CheckCommand command;
    connection_.settle(command.settings);
    warn_of_withheld(command.settings);
    key_log_.settle(command.settings);
    command.all_addresses = all_addresses_;
    if (all_addresses_ && command.settings.parent)
        throw UsageError(
            "--all-addresses needs a direct connection: with --upstream-proxy it is that proxy that resolves the name");
    if (!starttls_.empty()) {
        command.how.starttls = inspect::starttls::parse_protocol(starttls_);
        if (!command.how.starttls) throw UsageError(about_other_protocol(starttls_));
    }
    const std::uint16_t port = command.how.starttls ? inspect::starttls::port_of(*command.how.starttls) : 443;
    read_targets(command, port);
    if (!server_name_.empty()) {
        const auto name = read_target(server_name_, 443);
        if (!name || server_name_.contains("://") || server_name_.ends_with(":443") || name->port != 443)
            throw UsageError(
                fmt::format("--servername takes a host name, for example api.example.com, not '{}'", server_name_));
        command.how.server_name = name->host;
    }
    if (alpn_) command.how.alpn = parse_alpn(*alpn_);
    for (const std::string& text : connect_to_) command.how.connect_to.push_back(parse_connect_to(text));
    if (expect_) command.expected = parse_expected(*expect_);
    constexpr std::int64_t most_parallel = 256;
    if (parallel_ < 1 || parallel_ > most_parallel)
        throw UsageError(fmt::format("--parallel takes a number from 1 to {}, not {}", most_parallel, parallel_));
    command.parallel = static_cast<std::size_t>(parallel_);
    command.json = json_;
    command.full = full_;
    command.scan = scan_;
    command.scan_page = scan_page_;
    check_page(scan_page_, scan_);
    return command;
}

}  // namespace proxy
