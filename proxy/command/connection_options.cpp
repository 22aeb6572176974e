#include "proxy/command/connection_options.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdlib>

#include "certs/hostname.h"
#include "proxy/command/option_values.h"
#include "proxy/settings/settings.h"
#include "proxy/upstream/parent_proxy.h"

namespace proxy {

namespace {

UsageError wrong_resolve(std::string_view text) {
    return UsageError(fmt::format(
        "--resolve takes HOST:PORT:ADDR[:PORT][,ADDR...], or -HOST:PORT to take one back, not '{}'; ADDR is a numeric address",
        text));
}

io::Address parse_resolved(std::string_view rest, std::uint16_t port, std::string_view text) {
    // An IPv6 address without brackets cannot be followed by another port.
    const bool bare_v6 = !rest.starts_with('[') && std::ranges::count(rest, ':') > 1;
    const std::string_view ip = bare_v6 ? rest : take_host(rest);
    const std::uint16_t other_port = bare_v6 || rest.empty() ? port : parse_port(rest, "--resolve", text);
    const auto address = io::Address::parse(ip, other_port);
    if (!address) throw wrong_resolve(text);
    return *address;
}

// Of a name with U-labels, what it is in DNS, as the hosts have it that are looked for here.
std::string name_in_dns(std::string_view host) {
    const bool ascii = std::ranges::all_of(host, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
    return ascii ? std::string(bare_host(host)) : certs::parse_host(host).text;
}

// curl's forms. A + in front lets an entry of curl's cache time out; there is no such cache here. A
// - removes what was given before. Of two rules for one host and port, the last counts.
void add_resolve(std::string_view text, std::vector<ResolveRule>& rules) {
    const bool removes = text.starts_with('-');
    std::string_view rest = text.substr(removes || text.starts_with('+') ? 1 : 0);
    const std::string_view host = take_host(rest);
    const auto colon = rest.find(':');
    if (host.empty() || rest.empty() || (colon == std::string_view::npos) != removes) throw wrong_resolve(text);
    ResolveRule rule{name_in_dns(host), parse_port(rest.substr(0, colon), "--resolve", text), {}};
    std::erase_if(rules, [&](const ResolveRule& each) {
        return each.port == rule.port && inspect::http::same_name(each.host, rule.host);
    });
    if (removes) return;
    rest.remove_prefix(colon + 1);
    for (bool more = true; more;) {
        const auto comma = rest.find(',');
        rule.addresses.push_back(parse_resolved(rest.substr(0, comma), rule.port, text));
        more = comma != std::string_view::npos;
        rest.remove_prefix(more ? comma + 1 : rest.size());
    }
    rules.push_back(std::move(rule));
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

// As in curl, the lower case first. Read only when a parent proxy was asked for.
std::string no_proxy_of_environment() {
    for (const char* name : {"no_proxy", "NO_PROXY"})
        if (const char* value = std::getenv(name)) return value;
    return "";
}

// Other programs understand these lists differently, so a list that is meant for all of them is no
// error.
void warn_of_idle(Settings& settings, std::string_view source) {
    for (const std::string& entry : settings.parent->direct.idle())
        settings.warnings.push_back(
            fmt::format("warning: {}: '{}' exempts no host; it takes names with all below them (example.com, "
                        "*.example.com), addresses, networks (10.0.0.0/8) and * for all",
                        source, entry));
}

UnreadProxy unread(std::string variable, const std::string& url) {
    try {
        const ParentProxy parent = parse_parent(url, "");
        return {std::move(variable), parent.host, parent.port};
    } catch (const UsageError&) { return {std::move(variable), "", 0}; }  // its value is not for us to judge
}

// The variables that programs read for their https:// requests; the first that is set.
std::optional<UnreadProxy> proxy_of_environment() {
    for (const char* name : {"https_proxy", "HTTPS_PROXY"})
        if (const char* value = std::getenv(name); value != nullptr && *value != '\0') return unread(name, value);
    return std::nullopt;
}

}  // namespace

void use_parent_of_environment(Settings& settings) {
    if (!settings.unread_proxy || settings.unread_proxy->host.empty()) return;
    settings.parent = parse_parent(std::getenv(settings.unread_proxy->variable.c_str()), no_proxy_of_environment());
    settings.unread_proxy.reset();
    warn_of_idle(settings, "NO_PROXY");
}

void ConnectionOptions::add_to(CLI::App& app) {
    judging_.add_to(app);
    client_certificates_.add_to(app);
    app.add_option("--resolve", resolve_, "connect there instead of asking DNS; may be given again; * for any host")
        ->type_name("HOST:PORT:ADDR[:PORT][,ADDR...]")
        ->allow_extra_args(false);
    app.add_option("--upstream-proxy", upstream_proxy_,
                   "reach every server through this HTTP proxy, NO_PROXY's hosts excepted")
        ->type_name("http[s]://[USER:PASSWORD@]HOST[:PORT]")
        ->take_last();
    app.add_option("--no-proxy", no_proxy_,
                   "hosts reached without --upstream-proxy: names with all below them, addresses, networks, *")
        ->type_name("LIST")
        ->take_last();
    app.add_option("--tls-min", tls_min_, "lowest TLS version towards the server: 1.2 or 1.3 (1.2)")
        ->type_name("1.2|1.3")
        ->take_last();
    app.add_option("--tls-max", tls_max_, "highest TLS version towards the server: 1.2 or 1.3 (1.3)")
        ->type_name("1.2|1.3")
        ->take_last();
    app.add_option(
           "--revocation", revocation_,
           "how revocation is checked: off, staple (what the server staples), soft (ask OCSP and CRL, carry on when no answer) "
           "or hard (no answer is a failure) (staple)")
        ->type_name("off|staple|soft|hard")
        ->take_last();
    app.add_option("--aia", aia_, "fetch a missing issuer to explain, never to accept: on or off (on)")
        ->type_name("on|off")
        ->take_last();
    app.add_option("--experiments", experiments_,
                   "follow-up connections that find out why a handshake failed: on or off (on)")
        ->type_name("on|off")
        ->take_last();
    app.add_option("--connect-timeout", connect_timeout_, "seconds to resolve and connect (10)")
        ->type_name("SECONDS")
        ->take_last();
    app.add_option("--handshake-timeout", handshake_timeout_, "seconds for one TLS handshake (10)")
        ->type_name("SECONDS")
        ->take_last();
}

void ConnectionOptions::settle(Settings& settings) const {
    Judging judging = judging_.settle();
    settings.trust = std::move(judging.trust);
    settings.add_trust = std::move(judging.add_trust);
    settings.at = judging.at;
    settings.profile = judging.profile;
    client_certificates_.settle(settings);
    for (const auto& text : resolve_) add_resolve(text, settings.resolve);
    if (upstream_proxy_.empty()) {
        settings.unread_proxy = proxy_of_environment();
    } else {
        settings.parent = parse_parent(upstream_proxy_, no_proxy_ ? *no_proxy_ : no_proxy_of_environment());
        warn_of_idle(settings, no_proxy_ ? "--no-proxy" : "NO_PROXY");
    }
    settings.tls_min = parse_version(tls_min_, "--tls-min");
    settings.tls_max = parse_version(tls_max_, "--tls-max");
    if (settings.tls_min > settings.tls_max)
        throw UsageError(fmt::format("--tls-min {} is above --tls-max {}", tls_min_, tls_max_));
    settings.revocation = parse_revocation(revocation_);
    settings.aia = parse_switch(aia_, "--aia");
    settings.experiments = parse_switch(experiments_, "--experiments");
    settings.connect_timeout = positive_seconds(connect_timeout_, "--connect-timeout");
    settings.handshake_timeout = positive_seconds(handshake_timeout_, "--handshake-timeout");
}

}  // namespace proxy
