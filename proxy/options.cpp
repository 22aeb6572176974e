#include "proxy/options.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <array>
#include <charconv>
#include <cstdlib>
#include <thread>

#include "proxy/explain_options.h"
#include "proxy/verify_options.h"

namespace proxy {

namespace {

struct Unbuilt {
    const char* name;
    bool takes_value;
};

// Named by the contract, not built yet: refused by name rather than ignored.
constexpr std::array unbuilt_options{
    Unbuilt{"--reverse", true},    Unbuilt{"--listen-tls", false},    Unbuilt{"--client-cert", true},
    Unbuilt{"--client-key", true}, Unbuilt{"--upstream-proxy", true}, Unbuilt{"--har", true},
    Unbuilt{"--keylog", true},     Unbuilt{"--config", true},         Unbuilt{"--redact", true},
};
constexpr std::array unbuilt_commands{"check"};

std::uint16_t parse_port(std::string_view text, std::string_view option, std::string_view whole) {
    unsigned port = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (error != std::errc{} || end != text.data() + text.size() || port > 65'535) {
        throw UsageError(fmt::format("{} {}: '{}' is not a port (0 to 65535)", option, whole, text));
    }
    return static_cast<std::uint16_t>(port);
}

// ADDR:PORT, an IPv6 address in brackets.
io::Address parse_endpoint(std::string_view text, std::string_view option) {
    const auto colon = text.rfind(':');
    if (colon == std::string_view::npos)
        throw UsageError(fmt::format("{} takes ADDR:PORT, for example 127.0.0.1:8080, not '{}'", option, text));
    const std::string_view host = text.substr(0, colon) == "localhost" ? "127.0.0.1" : text.substr(0, colon);
    const auto address = io::Address::parse(host, parse_port(text.substr(colon + 1), option, text));
    if (!address || (host.find(':') != std::string_view::npos && !host.starts_with('['))) {
        throw UsageError(fmt::format("{} takes ADDR:PORT with a numeric address (IPv6 in brackets), not '{}'", option, text));
    }
    return *address;
}

// Cuts a host (brackets allowed) and the ':' behind it from the front.
std::string_view take_host(std::string_view& text) {
    std::size_t end = 0;
    if (text.starts_with('[')) {
        end = text.find(']');
        end = end == std::string_view::npos ? text.size() : end + 1;
    } else {
        end = std::min(text.find(':'), text.size());
    }
    const std::string_view host = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    return host;
}

ResolveRule parse_resolve(std::string_view text) {
    const auto wrong = [&] { return UsageError(fmt::format("--resolve takes HOST:PORT:ADDR[:PORT], not '{}'", text)); };
    std::string_view rest = text;
    std::string_view host = take_host(rest);
    const auto colon = rest.find(':');
    if (host.empty() || colon == std::string_view::npos) throw wrong();
    const std::uint16_t port = parse_port(rest.substr(0, colon), "--resolve", text);
    rest.remove_prefix(colon + 1);
    // An IPv6 address without brackets can have no other port behind it.
    const bool bare_v6 = !rest.starts_with('[') && std::ranges::count(rest, ':') > 1;
    const std::string_view ip = bare_v6 ? rest : take_host(rest);
    const std::uint16_t other_port = bare_v6 || rest.empty() ? port : parse_port(rest, "--resolve", text);
    const auto address = io::Address::parse(ip, other_port);
    if (!address) throw wrong();
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    if (host.ends_with('.')) host.remove_suffix(1);
    return {std::string(host), port, *address};
}

tls::Version parse_version(const std::string& text, std::string_view option) {
    if (text == "1.2") return tls::Version::tls_1_2;
    if (text == "1.3") return tls::Version::tls_1_3;
    throw UsageError(fmt::format("{} takes 1.2 or 1.3, not '{}'", option, text));
}

Revocation parse_revocation(const std::string& text) {
    if (text == "off") return Revocation::off;
    if (text == "staple") return Revocation::staple;
    if (text == "soft") return Revocation::soft;
    if (text == "hard") return Revocation::hard;
    throw UsageError(fmt::format("--revocation takes off, staple, soft or hard, not '{}'", text));
}

bool parse_switch(const std::string& text, std::string_view option) {
    if (text != "on" && text != "off") throw UsageError(fmt::format("{} takes on or off, not '{}'", option, text));
    return text == "on";
}

inspect::report::Detail parse_detail(const std::string& text) {
    if (text == "full") return inspect::report::Detail::full;
    if (text == "brief") return inspect::report::Detail::brief;
    if (text == "off") return inspect::report::Detail::off;
    throw UsageError(fmt::format("--detail takes full, brief or off, not '{}'", text));
}

std::filesystem::path default_ca_dir() {
    const auto from = [](const char* name) {
        const char* value = std::getenv(name);
        return std::string(value ? value : "");
    };
    if (const std::string data = from("XDG_DATA_HOME"); data.starts_with('/')) return std::filesystem::path(data) / "whytls";
    if (const std::string home = from("HOME"); !home.empty()) return std::filesystem::path(home) / ".local/share/whytls";
    throw UsageError("--ca-dir is needed: neither XDG_DATA_HOME nor HOME is set");
}

// What CLI11 collects before it is judged.
struct Raw {
    std::vector<std::string> listen, trust, add_trust, resolve, insecure, passthrough;
    std::string ca_dir, at, tls_min = "1.2", tls_max = "1.3", log, ui, detail, revocation = "staple", aia = "on", experiments = "on";
    bool allow_remote = false, log_secrets = false;
    double connect_timeout = 10, handshake_timeout = 10, response_timeout = 300;
    unsigned workers = 0;
    std::string ignored;
};

void add_proxy_options(CLI::App& app, Raw& raw) {
    app.add_option("--listen", raw.listen, "where clients connect; may be given again (127.0.0.1:8080); port 0 picks a free one")
        ->type_name("ADDR:PORT")
        ->allow_extra_args(false);
    app.add_flag("--allow-remote", raw.allow_remote, "allow --listen on an address that is not loopback");
    app.add_option("--ca-dir", raw.ca_dir, "where the local CA lives (~/.local/share/whytls)")->type_name("DIR")->take_last();
    app.add_option("--trust", raw.trust, "PEM bundle of trust anchors instead of the system's; may be given again")
        ->type_name("FILE")
        ->allow_extra_args(false);
    app.add_option("--add-trust", raw.add_trust, "anchors added to the ones in force; may be given again")
        ->type_name("FILE")
        ->allow_extra_args(false);
    app.add_option("--resolve", raw.resolve, "connect there instead of asking DNS; may be given again; * for any host")
        ->type_name("HOST:PORT:ADDR[:PORT]")
        ->allow_extra_args(false);
    app.add_option("--at", raw.at, "verify as if it were that RFC 3339 time")->type_name("TIME")->take_last();
    app.add_flag("--insecure{*}", raw.insecure,
                 "let a failed verification through for those hosts (--insecure=PATTERN), marked on the response and in the log")
        ->type_name("[=PATTERN]");
    app.add_option("--passthrough", raw.passthrough, "tunnel these hosts untouched, without interception; may be given again")
        ->type_name("PATTERN")
        ->allow_extra_args(false);
    app.add_option("--tls-min", raw.tls_min, "lowest TLS version towards upstream: 1.2 or 1.3 (1.2)")->type_name("VERSION")->take_last();
    app.add_option("--tls-max", raw.tls_max, "highest TLS version towards upstream: 1.2 or 1.3 (1.3)")->type_name("VERSION")->take_last();
    app.add_option("--revocation", raw.revocation,
                   "how revocation is checked: off, staple (what the server staples), soft (ask OCSP and CRL, carry on when no answer) "
                   "or hard (no answer is a failure) (staple)")
        ->type_name("HOW")
        ->take_last();
    app.add_option("--aia", raw.aia, "fetch a missing issuer to explain, never to accept: on or off (on)")
        ->type_name("on|off")
        ->take_last();
    app.add_option("--experiments", raw.experiments, "follow-up connections that find out why a handshake failed: on or off (on)")
        ->type_name("on|off")
        ->take_last();
    app.add_option("--connect-timeout", raw.connect_timeout, "seconds to resolve and connect (10)")->type_name("S")->take_last();
    app.add_option("--handshake-timeout", raw.handshake_timeout, "seconds for one TLS handshake (10)")->type_name("S")->take_last();
    app.add_option("--response-timeout", raw.response_timeout, "seconds until the first byte of a response (300; 0 = none)")
        ->type_name("S")
        ->take_last();
    app.add_option("--log", raw.log, "append one JSON line per handshake and request; - is stdout")->type_name("FILE")->take_last();
    app.add_flag("--log-secrets", raw.log_secrets, "write secrets into the log too");
    app.add_option("--ui", raw.ui, "the live page: off, the only value built so far")->type_name("ADDR:PORT|off")->take_last();
    app.add_option("--detail", raw.detail,
                   "how much a diagnostic body tells: full, brief or off (full; brief when a listener is not loopback)")
        ->type_name("LEVEL")
        ->take_last();
    app.add_option("--workers", raw.workers, "event loops, one thread each (number of cores)")->type_name("N")->take_last();
    for (const Unbuilt& option : unbuilt_options) {
        const auto refuse = [name = option.name](const std::string&) -> std::string {
            throw UsageError(fmt::format("{} is not built yet", name));
        };
        if (option.takes_value) {
            app.add_option(option.name, raw.ignored)->each([refuse](const std::string& value) { refuse(value); })->group("");
        } else {
            app.add_flag_callback(option.name, [refuse] { refuse(""); })->group("");
        }
    }
}

double positive(double seconds, std::string_view option) {
    constexpr double most = 86'400 * 365.0;
    if (!(seconds > 0 && seconds <= most)) throw UsageError(fmt::format("{} takes seconds, more than 0", option));
    return seconds;
}

// The help of the innermost command that was named.
std::string help_of(const CLI::App& app, const std::string& above) {
    const auto chosen = app.get_subcommands();
    return chosen.empty() ? app.help(above) : help_of(*chosen.front(), above.empty() ? app.get_name() : above + " " + app.get_name());
}

// Absolute, because it is shown to the user in commands to copy.
std::filesystem::path ca_directory(const Raw& raw) {
    return std::filesystem::absolute(raw.ca_dir.empty() ? default_ca_dir() : std::filesystem::path(raw.ca_dir)).lexically_normal();
}

Settings settle(const Raw& raw) {
    Settings settings;
    for (const auto& text : raw.listen) settings.listen.push_back(parse_endpoint(text, "--listen"));
    if (settings.listen.empty()) settings.listen.push_back(*io::Address::parse("127.0.0.1", 8080));
    settings.allow_remote = raw.allow_remote;
    bool remote = false;
    for (const io::Address& address : settings.listen) {
        if (address.is_loopback()) continue;
        remote = true;
        if (!raw.allow_remote)
            throw UsageError(fmt::format(
                "--listen {} is not a loopback address: anyone who reaches it could use this proxy; add --allow-remote to mean it",
                address.to_string()));
    }
    settings.ca_dir = ca_directory(raw);
    settings.trust.assign(raw.trust.begin(), raw.trust.end());
    settings.add_trust.assign(raw.add_trust.begin(), raw.add_trust.end());
    for (const auto& text : raw.resolve) settings.resolve.push_back(parse_resolve(text));
    if (!raw.at.empty()) { settings.at = parse_at(raw.at); }
    for (const auto& text : raw.insecure) settings.insecure.emplace_back(text == "true" ? "*" : text);
    for (const auto& text : raw.passthrough) settings.passthrough.emplace_back(text);
    settings.tls_min = parse_version(raw.tls_min, "--tls-min");
    settings.tls_max = parse_version(raw.tls_max, "--tls-max");
    if (settings.tls_min > settings.tls_max) throw UsageError(fmt::format("--tls-min {} is above --tls-max {}", raw.tls_min, raw.tls_max));
    settings.revocation = parse_revocation(raw.revocation);
    settings.aia = parse_switch(raw.aia, "--aia");
    settings.experiments = parse_switch(raw.experiments, "--experiments");
    settings.connect_timeout = positive(raw.connect_timeout, "--connect-timeout");
    settings.handshake_timeout = positive(raw.handshake_timeout, "--handshake-timeout");
    settings.response_timeout = raw.response_timeout == 0 ? 0 : positive(raw.response_timeout, "--response-timeout");
    settings.log = raw.log;
    settings.log_secrets = raw.log_secrets;
    if (!raw.ui.empty() && raw.ui != "off") throw UsageError(fmt::format("--ui {}: the live page is not built yet; only --ui off", raw.ui));
    settings.detail =
        raw.detail.empty() ? (remote ? inspect::report::Detail::brief : inspect::report::Detail::full) : parse_detail(raw.detail);
    settings.workers = raw.workers != 0 ? raw.workers : std::max(1U, std::thread::hardware_concurrency());
    if (settings.workers > 1024) throw UsageError(fmt::format("--workers takes 1 to 1024, not {}", raw.workers));
    return settings;
}

}  // namespace

certs::Time parse_at(const std::string& text) {
    const auto time = certs::parse_rfc3339(text);
    if (!time) throw UsageError(fmt::format("--at takes an RFC 3339 time, for example 2026-11-20T12:00:00Z, or a date, not '{}'", text));
    return *time;
}

Command parse_command_line(int argc, const char* const* argv) {
    const std::string version = fmt::format("whytls {}", WHYTLS_VERSION);
    CLI::App app("whytls: a local TLS proxy that says why TLS failed", "whytls");
    app.set_version_flag("--version", version);
    app.require_subcommand(0, 1);
    app.footer("whytls COMMAND --help tells the options of one command.");
    Raw raw;
    add_proxy_options(app, raw);  // a bare `whytls` runs the proxy
    CLI::App& run = *app.add_subcommand("proxy", "run the proxy (also what a bare `whytls` does)");
    add_proxy_options(run, raw);

    CLI::App& verify = *app.add_subcommand("verify", "verify a certificate chain in a file, offline, step by step");
    VerifyOptions verify_options;
    verify_options.add_to(verify);

    CLI::App& explain = *app.add_subcommand("explain", "what a code means and how it is mended; or what another program's message means");
    ExplainOptions explain_options;
    explain_options.add_to(explain);

    CLI::App& ca = *app.add_subcommand("ca", "the local certificate authority: show | export");
    ca.require_subcommand(1);
    CLI::App& show = *ca.add_subcommand("show", "print what it is, where it lives and its fingerprint");
    CLI::App& export_certificate = *ca.add_subcommand("export", "print its certificate as PEM");
    for (CLI::App* sub : {&show, &export_certificate})
        sub->add_option("--ca-dir", raw.ca_dir, "where the local CA lives")->type_name("DIR");
    const auto not_built = [](const std::string& name) {
        return [name] { throw UsageError(fmt::format("`whytls {}` is not built yet", name)); };
    };
    for (const std::string name : {"install", "uninstall", "rotate"})
        ca.add_subcommand(name, "not built yet")->parse_complete_callback(not_built("ca " + name))->allow_extras();
    for (const char* name : unbuilt_commands)
        app.add_subcommand(name, "not built yet")->parse_complete_callback(not_built(name))->allow_extras();

    try {
        app.parse(argc, argv);
    } catch (const CLI::CallForHelp&) { return PrintAndExit{help_of(app, "")}; } catch (const CLI::CallForVersion&) {
        return PrintAndExit{version + "\n"};
    } catch (const CLI::ParseError& error) {
        std::string text = error.what();
        std::ranges::replace(text, '\n', ' ');
        throw UsageError(text + "; see whytls --help");
    }
    if (verify.parsed()) return verify_options.settle();
    if (explain.parsed()) return explain_options.settle();
    if (ca.parsed()) {
        const auto what = show.parsed() ? CaCommand::What::show : CaCommand::What::export_certificate;
        return CaCommand{what, ca_directory(raw)};
    }
    return ProxyCommand{settle(raw)};
}

}  // namespace proxy
