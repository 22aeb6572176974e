#include "proxy/upstream/upstream.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "inspect/report/print/escape.h"
#include "proxy/io/clock.h"
#include "proxy/io/connector.h"
#include "proxy/io/resolver.h"
#include "proxy/upstream/experiments.h"
#include "proxy/upstream/parent_proxy.h"
#include "proxy/upstream/resuming.h"
#include "proxy/upstream/second_opinion.h"
#include "proxy/upstream/via.h"

namespace proxy {

namespace diagnosis = inspect::diagnosis;
namespace http = inspect::http;

namespace {

diagnosis::AddressTried tried(const io::ConnectAttempt& attempt) {
    using From = io::ConnectAttempt::Outcome;
    using To = diagnosis::ConnectOutcome;
    const auto outcome = [&] {
        switch (attempt.outcome) {
            case From::connected: return To::connected;
            case From::refused: return To::refused;
            case From::timed_out: return To::timed_out;
            case From::unreachable: return To::unreachable;
            case From::other:
            case From::abandoned: return To::other;
        }
        return To::other;
    };
    return {attempt.address.to_string(), outcome(), attempt.reason};
}

void fail(Upstream& upstream, tls::HandshakeFailure failure) {
    upstream.attempt.failure = std::move(failure);
    if (upstream.channel) upstream.channel->close();
    upstream.channel.reset();
}

// The failure of a session whose verdict is bad inside the handshake.
tls::HandshakeFailure certificate_failure() {
    tls::HandshakeFailure failure;
    failure.kind = tls::FailureKind::certificate;
    failure.reached = tls::Milestone::done;
    return failure;
}

// Whether our verdict ended the handshake.
bool was_refused(const diagnosis::Attempt& attempt) {
    const auto* failure = std::get_if<tls::HandshakeFailure>(&attempt.failure);
    return failure && failure->kind == tls::FailureKind::certificate && attempt.verdict && !attempt.verdict->accepted();
}

// RFC 7301 §3.2.
bool shares_no_protocol(const diagnosis::Attempt& attempt) {
    constexpr int no_application_protocol = 120;
    const auto* failure = std::get_if<tls::HandshakeFailure>(&attempt.failure);
    return failure && failure->alert_received == no_application_protocol;
}

// A server that was offered h2 alone agreed to nothing.
bool refused_http2(const Upstream& upstream, bool done) {
    const auto& handshake = upstream.attempt.handshake;
    return done ? handshake && handshake->alpn != "h2" : shares_no_protocol(upstream.attempt);
}

diagnosis::DnsFailure dns_failure(const io::ResolveError& error) {
    return {error.kind == io::ResolveError::Kind::not_found, error.reason};
}

}  // namespace

namespace {

void begin(const UpstreamServices& services, Upstream& upstream) {
    diagnosis::Attempt& attempt = upstream.attempt;
    attempt = {};
    attempt.host = upstream.destination.host;
    attempt.port = upstream.destination.port;
    attempt.tls = upstream.destination.tls;
    attempt.time = io::now();
    attempt.time_given = services.settings.at.has_value();
    upstream.keyring = services.keyring.get();
    attempt.trust_source = upstream.keyring->trust.source();
    attempt.given = services.settings.given;
    attempt.runs_command = services.settings.runs_command;
    for (std::size_t i = services.listeners.size(); i-- > 0;)  // the first that is a proxy
        if (services.settings.listen[i].is_proxy()) attempt.proxy_address = services.listeners[i].to_string();
    attempt.ca_file = services.ca_file;
    upstream.channel.reset();
    upstream.near_end.reset();
    upstream.to_resume.reset();
    if (upstream.address) upstream.before = upstream.address;  // it is dialled again, for a second handshake
    upstream.address.reset();
    upstream.forwarder = nullptr;
}

void start_over(Upstream& upstream, io::Channel channel, const inspect::http::Limits& limits) {
    upstream.channel.emplace(std::move(channel));
    upstream.responses = inspect::http::Parser::responses(limits);
    upstream.opened = io::clock_ms();
    upstream.reuse = Reuse(upstream.opened);
    upstream.used = false;
    upstream.reported = false;
}

// A server that the clients themselves have started, in a network of their own. Nothing is tried
// where there is no such network, or the address is none of its.
io::Task<io::Connected> connect_near(UpstreamContext& context, Upstream& upstream, std::vector<io::Address> addresses) {
    upstream.is_near = false;
    std::erase_if(addresses, [](const io::Address& address) { return !address.is_loopback(); });
    if (!context.services.near_network || addresses.empty() || upstream.attempt.address_given())
        co_return io::Connected{};
    auto connected = co_await io::connect(context.loop, std::move(addresses), context.services.settings.connect_timeout,
                                          context.services.near_network);
    upstream.is_near = connected.socket.has_value();
    co_return connected;
}

// The server's addresses: those given, else those that DNS has. nullopt, with the reason in the
// attempt, when it has none.
io::Task<std::optional<std::vector<io::Address>>> addresses_of(UpstreamContext& context, Upstream& upstream) {
    const Settings& settings = context.services.settings;
    const std::string& host = upstream.destination.host;
    const std::uint16_t port = upstream.destination.port;
    diagnosis::Attempt& attempt = upstream.attempt;
    if (upstream.chosen) {
        attempt.timings.dns = upstream.chosen->dns_ms;
        attempt.canonical_name = upstream.chosen->canonical_name;
        if (upstream.chosen->given) attempt.address_option = "--resolve";
        co_return std::vector{upstream.chosen->address};
    }
    if (upstream.destination.at) co_return std::vector{*upstream.destination.at};
    if (const ResolveRule* rule = settings.find_resolve(host, port)) {
        attempt.address_option = "--resolve";
        co_return rule->addresses;
    }
    const double start = io::clock_ms();
    auto resolved = co_await io::resolve(context.loop, host, port, settings.connect_timeout);
    attempt.timings.dns = io::clock_ms() - start;
    if (!resolved) {
        attempt.timeout_seconds = settings.connect_timeout;
        attempt.failure = dns_failure(resolved.error());
        co_return std::nullopt;
    }
    if (upstream.before && keep_as_public(resolved->addresses, *upstream.before)) {
        context.services.notices.tell(
            "rebound " + host,
            fmt::format("{} now has an address that is less public than {}, where the tunnel to it led "
                        "before (DNS rebinding?): that address was not used",
                        inspect::report::for_terminal(host, 300), upstream.before->ip()));
    }
    attempt.canonical_name = std::move(resolved->canonical_name);
    co_return std::move(resolved->addresses);
}

// Resolves and connects. On failure the attempt has the reason.
io::Task<> reach(UpstreamContext& context, Upstream& upstream) {
    const Settings& settings = context.services.settings;
    diagnosis::Attempt& attempt = upstream.attempt;
    auto found = co_await addresses_of(context, upstream);
    if (!found) co_return;
    std::vector<io::Address> addresses = *std::move(found);
    if (std::ranges::any_of(addresses,
                            [&](const io::Address& address) { return context.services.is_own_listener(address); })) {
        attempt.failure = diagnosis::ProxyLoop{};
        co_return;
    }

    const double connecting = io::clock_ms();
    auto connected = co_await connect_near(context, upstream, addresses);
    if (!connected.socket)
        connected = co_await io::connect(context.loop, std::move(addresses), settings.connect_timeout);
    attempt.timings.connect = io::clock_ms() - connecting;
    for (const io::ConnectAttempt& each : connected.attempts) {
        if (each.outcome != io::ConnectAttempt::Outcome::abandoned) attempt.addresses.push_back(tried(each));
    }
    // The diagnosis reads the address in use from the end of the list.
    const auto winner =
        std::ranges::find(attempt.addresses, diagnosis::ConnectOutcome::connected, &diagnosis::AddressTried::outcome);
    if (winner != attempt.addresses.end()) std::rotate(winner, winner + 1, attempt.addresses.end());
    if (!connected.socket) {
        attempt.timeout_seconds = settings.connect_timeout;
        attempt.failure = diagnosis::ConnectFailure{};
        co_return;
    }
    upstream.address = connected.socket->peer();
    if (const auto near = connected.socket->local(); near && upstream.address && settings.takes_redirected())
        upstream.near_end.emplace(context.services.near_ends, *near, *upstream.address);
    start_over(upstream, io::Channel(std::move(*connected.socket)), settings.limits);
}

// The parent proxy is a server too.
Destination destination_of(const ParentProxy& parent) {
    Destination destination{
        .host = parent.host, .port = parent.port, .tls = parent.tls, .name = parent.host, .sni = "", .alpn = {}};
    destination.strict = true;
    if (!parent.tls) return destination;
    if (!io::Address::parse(parent.host, 0)) destination.sni = parent.host;
    destination.alpn = {"http/1.1"};
    return destination;
}

// Reaches the parent, ready for a request. On failure the attempt is only about the parent.
io::Task<std::optional<io::Channel>> reach_parent(UpstreamContext& context, Upstream& upstream,
                                                  const ParentProxy& parent, std::string target) {
    diagnosis::Attempt& attempt = upstream.attempt;
    Upstream first(destination_of(parent));
    do {
        begin(context.services, first);
        co_await reach(context, first);
    } while (co_await secure(context, first));
    if (first.failed()) {
        attempt = std::move(first.attempt);
        attempt.waypoint = {diagnosis::Waypoint::Kind::parent, std::move(target)};
    }
    attempt.parent = authority(parent);
    attempt.parent_tls = parent.tls;
    upstream.near_end = std::move(first.near_end);
    co_return std::move(first.channel);
}

// Goes through the parent; only the parent resolves the server's name and connects to it.
io::Task<> dial_through(UpstreamContext& context, Upstream& upstream, const ParentProxy& parent) {
    const Settings& settings = context.services.settings;
    const Destination& destination = upstream.destination;
    diagnosis::Attempt& attempt = upstream.attempt;
    const std::string target =
        http::authority({http::TargetForm::authority, "", destination.host, destination.port, ""});
    auto channel = co_await reach_parent(context, upstream, parent, target);
    if (upstream.failed()) co_return;
    const ResolveRule* rule = destination.at ? nullptr : settings.find_resolve(destination.host, destination.port);
    if (rule != nullptr) attempt.address_option = "--resolve";
    // With a request in absolute form, the parent would resolve the name, against --resolve.
    if (destination.plain_requests && rule == nullptr) {
        upstream.forwarder = &parent;
        start_over(upstream, *std::move(channel), settings.limits);
        co_return;
    }
    const double start = io::clock_ms();
    auto refusal =
        co_await open_tunnel(*channel, parent,
                             destination.at ? destination.at->to_string()
                             : rule         ? rule->addresses.front().to_string()
                                            : target,
                             destination.via.empty() ? via_of("", "1.1", context.services.pseudonym) : destination.via,
                             settings.connect_timeout);
    attempt.timings.connect = io::clock_ms() - start;
    if (!refusal) {
        start_over(upstream, *std::move(channel), settings.limits);
        co_return;
    }
    attempt.timeout_seconds = settings.connect_timeout;
    attempt.failure = upstream.came_back() ? diagnosis::Failure(diagnosis::ProxyLoop{.redirected = true})
                                           : diagnosis::Failure(*std::move(refusal));
    channel->close();
}

}  // namespace

bool keep_as_public(std::vector<io::Address>& addresses, const io::Address& before) {
    const auto removed =
        std::erase_if(addresses, [&](const io::Address& address) { return address.reach() > before.reach(); });
    if (addresses.empty()) addresses.push_back(before);
    return removed > 0;
}

std::string Destination::server() const { return fmt::format("{} {} {}", host, port, sni); }

io::Task<> dial(UpstreamContext& context, Upstream& upstream) {
    begin(context.services, upstream);
    const Destination& destination = upstream.destination;
    if (const ParentProxy* parent = parent_for(context.services.settings, destination.host, destination.port))
        co_await dial_through(context, upstream, *parent);
    else
        co_await reach(context, upstream);
}

namespace {

// Whether this handshake shows the client certificate that is set for an origin.
enum class Showing {
    none,     // there is none, or it is never shown to this server
    at_once,  // the verdict inside the handshake decides, and is complete
    vouched,  // only for a certificate whose revocation was checked a moment ago
    later,    // in another handshake, when this one's verdict is complete
};

Showing showing_of(UpstreamContext& context, Upstream& upstream, bool accept_any) {
    const Settings& settings = context.services.settings;
    const ClientCertificate* own = upstream.keyring->find_client_certificate(upstream.destination.name);
    if (own == nullptr) return Showing::none;
    std::string_view& withheld_by = (upstream.attempt.client_certificate = own->shown)->withheld_by;
    if (accept_any) withheld_by = "--insecure";
    if (accept_any) return Showing::none;
    if (settings.revocation != Revocation::soft && settings.revocation != Revocation::hard) return Showing::at_once;
    // Servers with the same name may have several certificates, and none of them need be the one
    // that was met last.
    constexpr unsigned most_meetings = 7;
    if (upstream.meetings >= most_meetings) withheld_by = "--revocation";
    if (upstream.meetings++ >= most_meetings) return Showing::none;
    return context.vouched.knows(upstream.destination.name, io::now()) ? Showing::vouched : Showing::later;
}

// Whether the server waits for our certificate, or waited for it before it ended a handshake whose
// verdict was good.
bool wants_certificate(const diagnosis::Attempt& attempt) {
    if (!attempt.handshake || !attempt.handshake->certificate_requested || !attempt.verdict ||
        !attempt.verdict->accepted())
        return false;
    using enum tls::FailureKind;
    const auto* failure = std::get_if<tls::HandshakeFailure>(&attempt.failure);
    return failure == nullptr || failure->kind == alert || failure->kind == closed || failure->kind == reset;
}

// --insecure must match both the name that is verified and the host that is reached; otherwise one
// would lend its exemption to the other. A parent gets no exemption: it receives a password, and
// learns every server; nor does a collector, which learns them too.
bool accepts_any(const Settings& settings, const Destination& destination) {
    const auto exempt = [&](const std::string& host) { return matches_any(settings.insecure, host); };
    const bool by_address = io::Address::parse(destination.host, 0).has_value();
    return !destination.strict && exempt(destination.name) && (by_address || exempt(destination.host));
}

// Does the handshake and records what was seen; false when it failed.
io::Task<bool> shake_hands(const UpstreamServices& services, Upstream& upstream, tls::ClientParameters parameters) {
    diagnosis::Attempt& attempt = upstream.attempt;
    const double start = io::clock_ms();
    io::Channel& channel = *upstream.channel;
    parameters.key_log = services.key_log.sink();
    channel.start_tls(tls::Session::client(services.client_context, std::move(parameters)));
    channel.socket().set_deadline(services.settings.handshake_timeout);
    auto done = co_await channel.handshake();
    channel.socket().clear_deadline();
    attempt.timings.handshake = io::clock_ms() - start;
    attempt.handshake = channel.session().handshake_info();
    attempt.verdict = channel.session().take_verdict();
    if (done) co_return true;
    attempt.timeout_seconds = services.settings.handshake_timeout;
    fail(upstream, std::move(done.error()));
    co_return false;
}

// Whether another handshake is to offer what this one did not. A server that is remembered for h2
// may have changed since.
bool offers_another(UpstreamServices& services, Upstream& upstream, bool done) {
    if (!upstream.http2_only) return upstream.http2_only = !done && shares_no_protocol(upstream.attempt);
    const bool changed = refused_http2(upstream, done) && services.http2_only.forget(upstream.destination.server());
    if (changed && upstream.channel) upstream.channel->close();
    upstream.http2_only = !changed;
    return changed;
}

// After a handshake that failed.
io::Task<> find_out_why(UpstreamContext& context, Upstream& upstream, Inquiry& inquiry) {
    diagnosis::Attempt& attempt = upstream.attempt;
    if (was_refused(attempt)) attempt.issuers_sought = co_await find_missing_issuer(context, inquiry, *attempt.verdict);
    if (!upstream.is_near) co_await make_experiments(context, upstream.address, attempt);
}

// What the handshake offers, without a client certificate and a judge.
tls::ClientParameters offer_of(UpstreamServices& services, Upstream& upstream) {
    const Destination& destination = upstream.destination;
    const std::vector<std::string> http2{"h2"};
    upstream.http2_only |= destination.or_http2 && services.http2_only.holds(destination.server(), io::clock_ms());
    diagnosis::Attempt& attempt = upstream.attempt;
    attempt.sni = destination.sni;
    attempt.alpn = upstream.http2_only ? http2 : destination.alpn;
    attempt.versions = {services.settings.tls_min, services.settings.tls_max};
    tls::ClientParameters parameters;
    parameters.sni = destination.sni;
    parameters.alpn = attempt.alpn;
    parameters.ask_for_staple = asks_for_staple(services.settings);
    parameters.accept_any = accepts_any(services.settings, destination);
    return parameters;
}

}  // namespace

io::Task<bool> secure(UpstreamContext& context, Upstream& upstream) {
    if (!upstream.destination.tls || upstream.failed()) co_return false;
    UpstreamServices& services = context.services;
    diagnosis::Attempt& attempt = upstream.attempt;
    tls::ClientParameters parameters = offer_of(services, upstream);
    const bool accept_any = parameters.accept_any;
    const Showing showing = showing_of(context, upstream, accept_any);
    if (showing == Showing::at_once || showing == Showing::vouched)
        parameters.identity = &upstream.keyring->find_client_certificate(upstream.destination.name)->identity;
    Inquiry inquiry;
    inquiry.keyring = upstream.keyring;
    inquiry.name = upstream.destination.name;
    if (upstream.address) inquiry.upstream = upstream.address->reach();
    std::optional<certs::Verdict> not_vouched;
    // Called only inside the handshake, which ends before this function does.
    parameters.judge = [&](std::span<const certs::Bytes> chain, certs::Bytes staple) {
        certs::Verdict verdict = inquiry.judge_with_staple(context, chain, staple);
        if (showing != Showing::vouched || !verdict.accepted() ||
            context.vouched.holds(inquiry.name, verdict.paths.front(), io::now()))
            return verdict;
        not_vouched = std::move(verdict);
        return certs::Verdict();  // which refuses
    };

    Resuming resuming(context, upstream, accept_any);
    parameters.resume = resuming.session();
    const bool done = co_await shake_hands(services, upstream, std::move(parameters));
    if (!done && resuming.gives_up()) co_return true;
    if (done) resuming.adopt(inquiry);
    attempt.staple = inquiry.staple;
    const bool meet_again = not_vouched || (showing == Showing::later && wants_certificate(attempt));
    if (not_vouched) attempt.verdict = std::move(not_vouched);
    if (upstream.destination.or_http2 && offers_another(services, upstream, done)) co_return true;
    if (!done && upstream.came_back()) {
        attempt.failure = diagnosis::ProxyLoop{.redirected = true};
        co_return false;
    }
    if (!done && !meet_again) {
        co_await find_out_why(context, upstream, inquiry);
        co_return false;
    }
    if (done && upstream.address) note_accepted(context, *upstream.address, attempt);
    if (attempt.verdict->accepted()) co_await ask_revocation(context, inquiry, *attempt.verdict);
    attempt.revocation_left_out = inquiry.left_out;
    if (attempt.verdict->accepted()) {
        const certs::Path& path = attempt.verdict->paths.front();
        attempt.root_of_system = upstream.keyring->trust.is_of_system(path.certificates.back().certificate);
        services.intermediates.remember(path);
        const bool judged_by_former = !services.keyring.is(upstream.keyring);
        if (!meet_again && !judged_by_former) {
            resuming.leave();
            co_return false;
        }
        if (meet_again) context.vouched.remember(inquiry.name, path, io::now());
        if (upstream.channel) upstream.channel->close();
        co_return true;
    }
    if (accept_any)
        attempt.let_through = true;
    else
        fail(upstream, certificate_failure());
    co_return false;
}

}  // namespace proxy
