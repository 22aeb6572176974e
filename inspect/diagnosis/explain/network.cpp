// Why the server could not be reached: DNS, TCP, and ourselves.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "certs/hostname.h"
#include "inspect/diagnosis/catalog.h"
#include "inspect/diagnosis/explain/parts.h"
#include "inspect/diagnosis/near_miss.h"
#include "inspect/diagnosis/wording.h"

namespace inspect::diagnosis {

namespace {

std::string outcome_text(const AddressTried& tried, double timeout) {
    switch (tried.outcome) {
        case ConnectOutcome::connected: return "connected";
        case ConnectOutcome::refused: return "refused";
        case ConnectOutcome::timed_out: return timeout > 0 ? "no answer in " + seconds_text(timeout) : "no answer";
        case ConnectOutcome::unreachable: return "no route";
        case ConnectOutcome::other: return tried.reason.empty() ? "failed" : tried.reason;
    }
    return "";
}

EvidenceRow addresses_row(const Attempt& attempt) {
    EvidenceRow row{"addresses tried", attempt.addresses.empty() ? "none" : "", "", {}};
    for (const auto& tried : attempt.addresses)
        row.values.push_back(tried.address + "  " + outcome_text(tried, attempt.timeout_seconds));
    return row;
}

// A refusal is an answer and says more than silence; silence says more than having no route.
ConnectOutcome telling_outcome(const Attempt& attempt) {
    for (const auto outcome : {ConnectOutcome::refused, ConnectOutcome::timed_out})
        if (std::ranges::any_of(attempt.addresses, [&](const auto& tried) { return tried.outcome == outcome; }))
            return outcome;
    return ConnectOutcome::unreachable;
}

// "2001:db8::7" of "[2001:db8::7]:443".
std::string host_of(std::string_view address) {
    address = address.substr(0, address.rfind(':'));
    if (address.starts_with('[') && address.ends_with(']')) address = address.substr(1, address.size() - 2);
    return std::string(address);
}

// " at 203.0.113.7:443", the address with that outcome; " at any of 3 addresses" when all had the
// same one.
std::string where(const Context& context, ConnectOutcome outcome) {
    const auto& tried = context.attempt.addresses;
    if (tried.size() > 1 && std::ranges::all_of(tried, [&](const auto& each) { return each.outcome == outcome; }))
        return fmt::format(" at any of {} addresses", tried.size());
    const auto found = std::ranges::find(tried, outcome, &AddressTried::outcome);
    return found == tried.end() || found->address == context.target() ? "" : " at " + shorten(found->address, 45);
}

Problem refused(const Context& context) {
    Problem problem = problem_of(Code::connection_refused);
    const std::string at = where(context, ConnectOutcome::refused);
    problem.title = fmt::format("{} refused the connection{}", shorten(context.target(), 60), at);
    problem.detail =
        fmt::format("The machine answered, and said that nothing listens on port {}.", context.peer_port());
    problem.fixes = {
        {Actor::server,
         fmt::format(
             "Start the service, and check that it listens on port {} of the address that clients reach, not only on loopback.",
             context.peer_port()),
         fmt::format("ss -ltnp 'sport = :{}'", context.peer_port())},
        {Actor::client,
         context.attempt.check ? "Check the port, and see whether it opens from here."
                               : "Check the port in your URL, and see whether it opens from here without the proxy.",
         fmt::format("nc -vz {} {}", shell_word(context.peer_host()), context.peer_port())},
        {Actor::client, "If the server runs in a container or a VM, publish its port to this machine.", ""}};
    return problem;
}

Problem timed_out(const Context& context) {
    const Attempt& attempt = context.attempt;
    Problem problem = problem_of(Code::connection_timeout);
    const std::string at = where(context, ConnectOutcome::timed_out);
    problem.title = attempt.timeout_seconds > 0
                        ? fmt::format("{} did not answer within {}{}", shorten(context.target(), 50),
                                      seconds_text(attempt.timeout_seconds), at)
                        : fmt::format("{} did not answer{}", shorten(context.target(), 60), at);
    problem.detail =
        "Not even a refusal came back. A firewall that drops packets, a wrong address or a machine that is off look like this.";
    problem.fixes = {
        {Actor::network,
         fmt::format("Let port {} through the firewalls and security groups between here and the server.",
                     context.peer_port()),
         fmt::format("nc -vz -w 5 {} {}", shell_word(context.peer_host()), context.peer_port())},
        attempt.address_given()
            ? Fix{Actor::client,
                  fmt::format("Check your {}: the address may be wrong; and that a VPN that the server needs is on.",
                              attempt.address_option),
                  ""}
            : Fix{Actor::client,
                  "Check that DNS gives the address you expect, and that a VPN that the server needs is on.",
                  "getent ahosts " + shell_word(attempt.host)},
        {Actor::client, "If the server is only slow, give it more time.", "whytls proxy --connect-timeout 30"}};
    return problem;
}

Problem unreachable(const Context& context) {
    Problem problem = problem_of(Code::network_unreachable);
    const auto& tried = context.attempt.addresses;
    problem.title =
        tried.empty()
            ? fmt::format("{} has no address to connect to", shorten(context.target(), 80))
            : fmt::format("{} cannot be reached from here: no route to {}", shorten(context.target(), 50),
                          tried.size() == 1 ? tried.front().address : fmt::format("any of {} addresses", tried.size()));
    if (!tried.empty() && tried.front().outcome == ConnectOutcome::other && !tried.front().reason.empty())
        problem.title = fmt::format("no connection to {} could be opened: {}", shorten(context.target(), 50),
                                    shorten(tried.front().reason, 40));
    problem.detail = "This machine's own network said no, before any packet reached the server.";
    problem.fixes = {
        {Actor::network, "Connect this machine to a network, or to the VPN, that reaches the server.",
         "ip route get " + shell_word(tried.empty() ? context.attempt.host : host_of(tried.front().address))},
        context.attempt.address_given()
            ? Fix{Actor::client,
                  fmt::format("Check your {}: this machine must have a route to the address it gives.",
                              context.attempt.address_option),
                  ""}
            : Fix{Actor::client, "If only IPv6 addresses failed, use the server's IPv4 address.",
                  "whytls proxy --resolve " +
                      shell_word(fmt::format("{}:{}:IPV4-ADDRESS", context.attempt.host, context.attempt.port))}};
    return problem;
}

}  // namespace

std::string Context::target() const { return endpoint(attempt.host, attempt.port); }

std::string Context::peer() const {
    if (!attempt.address_given() || attempt.addresses.empty()) return target();
    const auto found = std::ranges::find(attempt.addresses, ConnectOutcome::connected, &AddressTried::outcome);
    return found == attempt.addresses.end() ? attempt.addresses.front().address : found->address;
}

std::string Context::peer_host() const { return attempt.address_given() ? host_of(peer()) : attempt.host; }

std::uint16_t Context::peer_port() const {
    const std::string connected = peer();
    std::uint16_t port = attempt.port;
    std::from_chars(connected.data() + connected.rfind(':') + 1, connected.data() + connected.size(), port);
    return port;
}

namespace {

std::uint16_t port_of(std::string_view target) {
    std::uint16_t port = 443;
    if (const auto colon = target.rfind(':'); colon != std::string_view::npos && !target.ends_with(']'))
        std::from_chars(target.data() + colon + 1, target.data() + target.size(), port);
    return port;
}

// The addresses of --resolve, each without a port of its own.
std::string without_ports(std::string_view addresses) {
    std::string result;
    while (!addresses.empty()) {
        const std::string_view each = addresses.substr(0, addresses.find(','));
        addresses.remove_prefix(std::min(addresses.size(), each.size() + 1));
        const bool bracketed = each.starts_with('[');
        const bool bare_v6 = !bracketed && std::ranges::count(each, ':') > 1;
        const std::size_t end = bracketed ? each.find(']') : bare_v6 ? std::string_view::npos : each.find(':');
        result +=
            (result.empty() ? "" : ",") + std::string(each.substr(0, bracketed && end < each.size() ? end + 1 : end));
    }
    return result;
}

// --resolve says where one port of a host is. For another port the address stays, and the port that
// was given with it is not that one's.
std::vector<GivenOption> given_for_port(const Attempt& attempt, std::uint16_t port) {
    std::vector<GivenOption> given = attempt.given;
    for (GivenOption& option : given) {
        if (option.name != "--resolve") continue;
        const std::string_view value(option.value);
        const std::size_t host_end = value.find(':', value.starts_with('[') ? value.find(']') : 0);
        const std::size_t port_end = value.find(':', std::min(value.size(), host_end + 1));
        if (port_end == std::string_view::npos) continue;
        const std::string_view host = value.substr(0, host_end);
        const std::string_view of_port = value.substr(host_end + 1, port_end - host_end - 1);
        const bool same = certs::parse_host(host.starts_with('+') ? host.substr(1) : host).text == attempt.host;
        if (same && of_port == std::to_string(attempt.port))
            option.value = fmt::format("{}:{}:{}", host, port, without_ports(value.substr(port_end + 1)));
    }
    return given;
}

std::string check_of(const Context& context, const std::string& target, std::string_view protocol, bool named) {
    const Attempt& attempt = context.attempt;
    const std::uint16_t port = target == attempt.host ? 443 : port_of(target);
    std::string options =
        as_words(port == attempt.port ? attempt.given : given_for_port(attempt, port),
                 {"--starttls", named ? "" : "--servername", "--listen", "--reverse", "--listen-tls", "--allow-remote",
                  "--allow-anonymous", "--proxy-auth", "--ca-dir", attempt.check ? "" : "--config"});
    // A client of the proxy may name another host in its ClientHello than the one that it asked
    // for.
    if (named && context.server_name().empty() && context.asked_name() != attempt.host)
        options += " --servername " + shell_word(context.asked_name());
    return fmt::format("whytls check{} {}{}", protocol.empty() ? "" : fmt::format(" --starttls {}", protocol),
                       shell_word(target), options);
}

}  // namespace

std::string_view Context::server_name() const {
    const auto given = std::ranges::find(attempt.given, "--servername", &GivenOption::name);
    return given == attempt.given.end() ? std::string_view() : given->value;
}

Fix Context::check_server_name(std::string_view what) const {
    return {Actor::client,
            fmt::format("Check your --servername {}: {}; without it the host's own name is asked for.",
                        shorten(server_name(), 80), what),
            check_of(*this, attempt.port == 443 ? attempt.host : target(),
                     attempt.starttls ? starttls::name(*attempt.starttls) : "", false)};
}

const std::string& Context::asked_name() const { return attempt.sni.empty() ? attempt.host : attempt.sni; }

namespace {

std::string s_client_with(const Context& context, std::string_view protocol, std::string_view sni,
                          std::string_view options) {
    return fmt::format("openssl s_client -connect {}{}{}{} </dev/null", shell_word(context.peer()),
                       protocol.empty() ? "" : fmt::format(" -starttls {}", protocol),
                       sni.empty() ? " -noservername" : " -servername " + shell_word(sni), options);
}

std::string_view upgrade_of(const Attempt& attempt) {
    return attempt.starttls ? starttls::name(*attempt.starttls) : "";
}

}  // namespace

std::string Context::s_client(std::string_view options) const {
    return s_client_with(*this, upgrade_of(attempt), attempt.sni, options);
}

std::string Context::s_client_upgraded(std::string_view protocol) const {
    return s_client_with(*this, protocol, attempt.sni, "");
}

std::string Context::s_client_unnamed() const { return s_client_with(*this, upgrade_of(attempt), "", ""); }

std::string Context::file() const {
    const auto& file = attempt.verified_file;
    return !file || file->name.empty() || file->name == "-" ? "chain.pem" : file->name;
}

std::string Context::whose() const {
    if (!attempt.host.empty() || chain.empty()) return attempt.host;
    const certs::Description& leaf = chain.front().description;
    std::string called = short_name(leaf.subject);
    if (!called.empty() || leaf.names.empty()) return called;
    return shown_name(leaf.names.front().substr(leaf.names.front().find(':') + 1));
}

std::string Context::check_command(const std::string& target, std::string_view protocol) const {
    // A name given for this host says nothing about another.
    return check_of(*this, target, protocol, target.starts_with(attempt.host) || target == this->target());
}

std::string Context::curl_url(bool tls, std::string_view path) const {
    const std::string root = url_of(tls ? asked_name() : attempt.host, attempt.port, tls);
    return shell_word(root.substr(0, root.size() - 1).append(path));
}

std::string Context::curl_to(bool tls, std::string_view path) const {
    const std::string named = tls ? endpoint(asked_name(), attempt.port) : target();
    std::string options = named == peer() ? "" : " --connect-to " + shell_word(named + ":" + peer());
    // curl takes one file, which replaces the system's roots.
    const auto is_trust = [](const GivenOption& option) {
        return option.name == "--trust" || option.name == "--add-trust";
    };
    const auto trust = std::ranges::find_if(attempt.given, is_trust);
    if (std::ranges::count_if(attempt.given, is_trust) == 1 && trust->name == "--trust")
        options += " --cacert " + shell_word(trust->value);
    return options + " " + curl_url(tls, path);
}

std::string Context::curl_again(bool tls) const {
    constexpr std::size_t longest = 200;
    const std::string_view path =
        attempt.path.starts_with('/') && attempt.path.size() <= longest ? std::string_view(attempt.path) : "/";
    // curl would take these for a pattern of several URLs.
    const std::string_view as_it_is = path.find_first_of("[]{}") != path.npos ? " -g" : "";
    return fmt::format("curl --noproxy '*' -v{}{}", as_it_is, curl_to(tls, path));
}

Problem explain_dns(const Context& context, const DnsFailure& failure) {
    const std::string& host = context.attempt.host;
    Problem problem = problem_of(failure.not_found ? Code::dns_not_found : Code::dns_failed);
    if (failure.not_found) {
        problem.title = fmt::format("the host {} does not exist in DNS", shorten(host, 80));
        problem.detail = "The resolver of this machine knows no address for that name, so no connection was tried.";
        problem.fixes = {
            {Actor::client, "Check the spelling of the host in your URL or environment.",
             "getent ahosts " + shell_word(host)},
            {Actor::server, "Add an A, AAAA or CNAME record for the host; ask a public resolver whether it has spread.",
             "dig +short " + shell_word(host) + " @1.1.1.1"},
            {Actor::network, "If the name belongs to a private network, connect to its VPN or use its resolver.", ""},
            {Actor::client, "Until the record exists, tell whytls the address yourself.",
             "whytls proxy --resolve " + shell_word(fmt::format("{}:{}:ADDRESS", host, context.attempt.port))}};
    } else {
        problem.title = fmt::format("DNS gave no answer for {}: {}", shorten(host, 50),
                                    shorten(failure.reason.empty() ? "the resolver failed" : failure.reason, 40));
        problem.detail =
            "The resolver did not say whether the name exists; the fault is the resolver's, the zone's servers' or the network's.";
        problem.fixes = {
            {Actor::network, "Check that this machine's resolver works; /etc/resolv.conf names it.",
             "getent ahosts example.com; cat /etc/resolv.conf"},
            {Actor::server, "Check the zone's name servers and its DNSSEC signatures.",
             "dig +trace " + shell_word(host)},
            {Actor::client, "Meanwhile, tell whytls the address yourself.",
             "whytls proxy --resolve " + shell_word(fmt::format("{}:{}:ADDRESS", host, context.attempt.port))}};
    }
    problem.evidence = {{"asked for", host, "", {}},
                        {"resolver's answer", failure.reason.empty() ? "no such name" : failure.reason, "", {}}};
    return problem;
}

Problem explain_connect(const Context& context) {
    const ConnectOutcome outcome = telling_outcome(context.attempt);
    Problem problem = outcome == ConnectOutcome::refused     ? refused(context)
                      : outcome == ConnectOutcome::timed_out ? timed_out(context)
                                                             : unreachable(context);
    problem.evidence = {{"asked for", context.target(), "", {}}, addresses_row(context.attempt)};
    return problem;
}

namespace {

// A loop without a parent proxy: two reverse listeners, or servers that do the same, lead to each
// other.
Problem explain_marked_loop(const Context& context, const ProxyLoop& failure) {
    constexpr std::size_t most = 200;
    Problem problem = problem_of(Code::proxy_loop);
    problem.title = fmt::format("the request for {} goes in a circle: it has passed this whytls before",
                                shorten(context.target(), 45));
    problem.detail =
        "Its CDN-Loop field holds the name that this process gives itself while many requests to near servers are under way. So what it was "
        "sent to leads back here: two reverse listeners at each other, or a server that passes on to whytls.";
    problem.evidence = {{"asked for", context.target(), "", {}},
                        {"CDN-Loop of the request", shorten(failure.marks, most), "RFC 8586", {}}};
    problem.fixes = {
        {Actor::client,
         "Give one of those in the circle the address of the server that is meant: --reverse of whytls, or the "
         "other's setting for its upstream.",
         "whytls proxy --reverse URL"}};
    return problem;
}

// A gateway's rule took what whytls itself sends for what its clients send.
Problem explain_redirected_loop(const Context& context) {
    Problem problem = problem_of(Code::proxy_loop);
    problem.title =
        fmt::format("whytls's own connection to {} was redirected back to whytls", shorten(context.target(), 50));
    problem.detail =
        "The rule that redirects clients' connections to --transparent applies to those of whytls too. It must leave out the user that "
        "whytls runs as.";
    problem.evidence = {{"asked for", context.target(), "", {}}, addresses_row(context.attempt)};
    problem.fixes = {{Actor::client,
                      "Run whytls as a user of its own, and exempt that user before the rule that redirects.",
                      "iptables -t nat -I OUTPUT -m owner --uid-owner whytls -j RETURN"}};
    return problem;
}

}  // namespace

Problem explain_proxy_loop(const Context& context, const ProxyLoop& failure) {
    Problem problem = problem_of(Code::proxy_loop);
    if (failure.redirected) return explain_redirected_loop(context);
    if (!failure.marks.empty()) return explain_marked_loop(context, failure);
    if (!failure.via.empty()) {
        problem.title = fmt::format("proxies lead in a circle: the request for {} has passed this whytls before",
                                    shorten(context.target(), 45));
        problem.detail =
            "Its Via field holds the name that this process gives itself towards its parent proxy, so that proxy leads back here.";
        // What was added last is at the end.
        constexpr std::size_t most = 200;
        const std::string via =
            failure.via.size() > most ? "…" + failure.via.substr(failure.via.size() - most) : failure.via;
        problem.evidence = {{"asked for", context.target(), "", {}},
                            {"Via of the request", via, "RFC 9110 §7.6.3", {}}};
        problem.fixes = {
            {Actor::client, "Start one of the proxies in the circle without a parent: whytls without --upstream-proxy.",
             ""},
            {Actor::client, "If that server is reached without the other proxy, exempt it.",
             "whytls proxy --upstream-proxy http://PROXY:PORT --no-proxy " + shell_word(context.attempt.host)}};
        return problem;
    }
    problem.title =
        fmt::format("{} is this proxy itself; passing the request on would never end", shorten(context.target(), 60));
    problem.detail = "The client uses whytls as its proxy and asks for whytls's own address.";
    problem.evidence = {{"asked for", context.target(), "", {}}, addresses_row(context.attempt)};
    problem.fixes = {{Actor::client, "Ask for the server you mean; whytls's own page is at http://why.tls/.",
                      "curl -x " + shell_word("http://" + context.target()) + " http://why.tls/"},
                     {Actor::client, "Exempt the address from the proxy, if another server should be there.",
                      "export NO_PROXY=" + shell_word(context.attempt.host)}};
    return problem;
}

std::optional<Problem> explain_own_certificate(const Context& context) {
    const auto& verdict = context.attempt.verdict;
    if (context.provider == nullptr || context.provider->kind != Provider::Kind::whytls ||
        context.attempt.verified_file || !verdict || !context.attempt.parent.empty())
        return std::nullopt;
    const auto distrusted = [&](const certs::Finding& finding) {
        return mends(*context.provider, code_of(finding.code));
    };
    if (std::ranges::none_of(verdict->problems, distrusted)) return std::nullopt;
    Problem problem = problem_of(Code::proxy_loop);
    problem.step = "trust";  // connected all the same: the certificate gave it away
    problem.title = fmt::format("a whytls answered in place of {}: the certificate was made by its local CA",
                                shorten(context.target(), 50));
    problem.detail = "The request came back to this proxy, or another whytls stands on the way and decrypts it too.";
    problem.evidence = {{"issuer", context.chain.front().description.issuer, "", {}}, addresses_row(context.attempt)};
    problem.fixes = {
        {Actor::client,
         "See where the host's name leads: an entry in the hosts file or a --resolve may point at the proxy.",
         "getent ahosts " + shell_word(context.attempt.host)},
        {Actor::client,
         "If another whytls is meant to be there, trust its CA: `whytls ca export >whytls-ca.pem` writes it there.",
         "whytls proxy --add-trust whytls-ca.pem"}};
    return problem;
}

}  // namespace inspect::diagnosis
