#include "proxy/upstream.h"

#include <algorithm>

#include "certs/verify.h"
#include "proxy/io/connector.h"
#include "proxy/io/resolver.h"

namespace proxy {

namespace diagnosis = inspect::diagnosis;

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

// Whether connecting there would reach this very proxy.
bool is_own_listener(const Services& services, const io::Address& address) {
    return std::ranges::any_of(services.listeners, [&](const io::Address& listener) {
        return listener.port() == address.port() && (listener == address || (listener.is_loopback() && address.reaches_loopback()));
    });
}

diagnosis::DnsFailure dns_failure(const io::ResolveError& error) { return {error.kind == io::ResolveError::Kind::not_found, error.reason}; }

}  // namespace

io::Task<> dial(Worker& worker, Upstream& upstream) {
    const Settings& settings = worker.services.settings;
    diagnosis::Attempt& attempt = upstream.attempt;
    attempt = {};
    attempt.host = upstream.origin.host;
    attempt.port = upstream.origin.port;
    attempt.tls = upstream.origin.tls;
    attempt.time = now();
    attempt.time_given = settings.at.has_value();
    attempt.trust_source = worker.services.trust.source();
    upstream.stream.reset();

    const double start = io::clock_ms();
    std::vector<io::Address> addresses;
    if (const ResolveRule* rule = settings.find_resolve(upstream.origin.host, upstream.origin.port)) {
        attempt.address_given = true;
        addresses.push_back(rule->address);
    } else {
        auto resolved = co_await io::resolve(worker.loop, upstream.origin.host, upstream.origin.port, settings.connect_timeout);
        attempt.timings.dns = io::clock_ms() - start;
        if (!resolved) {
            attempt.timeout_seconds = settings.connect_timeout;
            attempt.failure = dns_failure(resolved.error());
            co_return;
        }
        addresses = std::move(*resolved);
    }
    if (std::ranges::any_of(addresses, [&](const io::Address& address) { return is_own_listener(worker.services, address); })) {
        attempt.failure = diagnosis::ProxyLoop{};
        co_return;
    }

    const double connecting = io::clock_ms();
    auto connected = co_await io::connect(worker.loop, std::move(addresses), settings.connect_timeout);
    attempt.timings.connect = io::clock_ms() - connecting;
    for (const io::ConnectAttempt& each : connected.attempts) {
        if (each.outcome != io::ConnectAttempt::Outcome::abandoned) attempt.addresses.push_back(tried(each));
    }
    // The diagnosis reads the address in use from the end of the list.
    const auto winner = std::ranges::find(attempt.addresses, diagnosis::ConnectOutcome::connected, &diagnosis::AddressTried::outcome);
    if (winner != attempt.addresses.end()) std::rotate(winner, winner + 1, attempt.addresses.end());
    if (!connected.socket) {
        attempt.timeout_seconds = settings.connect_timeout;
        attempt.failure = diagnosis::ConnectFailure{};
        co_return;
    }
    upstream.stream.emplace(std::move(*connected.socket));
    upstream.responses = inspect::http::Parser::responses();
    upstream.used = false;
    upstream.reported = false;
}

io::Task<> secure(Worker& worker, Upstream& upstream) {
    if (!upstream.origin.tls || upstream.failed()) co_return;
    Services& services = worker.services;
    diagnosis::Attempt& attempt = upstream.attempt;
    attempt.sni = upstream.origin.sni;
    attempt.alpn = upstream.origin.alpn;

    tls::ClientParameters parameters;
    parameters.sni = upstream.origin.sni;
    parameters.alpn = upstream.origin.alpn;
    parameters.judge = [&services, name = upstream.origin.name](std::span<const certs::Bytes> chain, certs::Bytes) {
        return certs::verify({.served = chain, .trust = services.trust, .host = name, .at = services.verification_time()});
    };
    // Both the name that is verified and the host that is reached, or one would lend its exemption to the other.
    const auto exempt = [&](const std::string& host) { return matches_any(services.settings.insecure, host); };
    const bool by_address = io::Address::parse(upstream.origin.host, 0).has_value();
    parameters.accept_any = exempt(upstream.origin.name) && (by_address || exempt(upstream.origin.host));

    const double start = io::clock_ms();
    io::Stream& stream = *upstream.stream;
    stream.start_tls(tls::Session::client(services.client_context, std::move(parameters)));
    stream.socket().set_deadline(services.settings.handshake_timeout);
    auto done = co_await stream.handshake();
    stream.socket().clear_deadline();
    attempt.timings.handshake = io::clock_ms() - start;
    attempt.handshake = stream.session().handshake_info();
    attempt.verdict = stream.session().take_verdict();
    if (!done) {
        attempt.timeout_seconds = services.settings.handshake_timeout;
        attempt.failure = std::move(done.error());
        stream.close();
        upstream.stream.reset();
        co_return;
    }
    attempt.let_through = attempt.verdict && !attempt.verdict->accepted();
}

}  // namespace proxy
