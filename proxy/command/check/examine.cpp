#include "proxy/command/check/examine.h"

#include <algorithm>

#include "inspect/diagnosis/wording.h"
#include "inspect/http/message.h"
#include "proxy/io/clock.h"
#include "proxy/io/loop.h"
#include "proxy/io/resolver.h"
#include "proxy/stream/http1_client.h"
#include "proxy/stream/http2_client.h"
#include "proxy/stream/http2_contact.h"
#include "proxy/stream/receive.h"
#include "proxy/upstream/experiments.h"
#include "proxy/upstream/start_tls.h"
#include "proxy/upstream/upstream.h"

namespace proxy {

namespace diagnosis = inspect::diagnosis;
namespace http = inspect::http;

namespace {

constexpr double response_time = 10;          // seconds for the whole response to the request
constexpr double longest_ping = 1;            // … until a PING is answered
constexpr std::size_t most_read = 1'048'576;  // bytes of its body

const ConnectTo* rule_for(const Examination& how, const CheckTarget& target) {
    const auto fits = [&](const ConnectTo& rule) {
        return (rule.asked.host.empty() || rule.asked.host == target.host) &&
               (rule.asked.port == 0 || rule.asked.port == target.port);
    };
    const auto found = std::ranges::find_if(how.connect_to, fits);
    return found == how.connect_to.end() ? nullptr : &*found;
}

// That a request is made in HTTP/1.1 is for us to choose, and a server may take HTTP/2 only.
bool is_our_choice(const Examination& how, const CheckTarget& target) {
    return !target.path.empty() && how.alpn.empty() && !how.starttls;
}

Destination destination_of(const Examination& how, const CheckTarget& target) {
    Destination destination{.host = target.host,
                            .port = target.port,
                            .tls = true,
                            .name = target.host,
                            .sni = "",
                            .alpn = {"h2", "http/1.1"}};
    if (!how.server_name.empty()) destination.name = how.server_name;
    if (!io::Address::parse(destination.name, 0)) destination.sni = destination.name;
    if (how.starttls) destination.alpn.clear();
    if (!target.path.empty()) destination.alpn = {"http/1.1"};  // in which the request will be made
    if (!how.alpn.empty()) destination.alpn = how.alpn;
    destination.or_http2 = is_our_choice(how, target);
    if (const ConnectTo* rule = rule_for(how, target)) {
        if (!rule->instead.host.empty()) destination.host = rule->instead.host;
        if (rule->instead.port != 0) destination.port = rule->instead.port;
    }
    return destination;
}

// RFC 8446 §4.4.2.4, §4.4.4: a server reports what it rejects in a client's Certificate or Finished
// only after the client's own side of the handshake is done. A bare end is an objection only from a
// server that asked for a certificate; otherwise it may be what the server does to idle clients.
io::Task<> hear_objection(io::Loop& loop, Upstream& upstream) {
    constexpr double least = 0.02, most = 1;  // seconds; `most` is for a server that wants a certificate (contract §1)
    io::Channel& channel = *upstream.channel;
    diagnosis::Attempt& attempt = upstream.attempt;
    const bool asked = attempt.handshake->certificate_requested;
    const double round_trips = 2 * attempt.timings.handshake.value_or(0) / 1000;
    io::Timer patience(loop);
    patience.start(asked ? most : std::clamp(round_trips, least, most),
                   [&channel] { channel.socket().stop_reading(); });
    const auto more = co_await channel.fill();
    // A server that speaks first has no objection.
    if ((more && *more > 0) || (!more && more.error().kind == io::IoError::Kind::cancelled)) co_return;
    const auto& refusal = channel.session().failure();
    tls::HandshakeFailure closed;
    closed.kind = tls::FailureKind::closed;
    closed.reached = tls::Milestone::done;
    closed.certificate_requested = asked;
    closed.certificate_sent = attempt.handshake->certificate_sent;
    if (asked || (refusal && refusal->alert_received)) attempt.failure = refusal.value_or(closed);
}

http::RequestHead request_for(const CheckTarget& target) {
    http::RequestHead head;
    head.method = "GET";
    head.target = target.path;
    head.fields.add("Host", http::authority({http::TargetForm::absolute, "https", target.host, target.port, ""}));
    head.fields.add("User-Agent", "whytls/" WHYTLS_VERSION);
    head.fields.add("Accept", "*/*");
    head.fields.add("Connection", "close");
    return head;
}

// A response that the proxy could not pass on fails the check, as it would fail the client.
void note_not_received(diagnosis::Attempt& attempt, const ClientStream& server,
                       const std::optional<tls::HandshakeFailure>& refusal) {
    // A bare end is about the request: an objection to the client would have come before it.
    if (refusal && refusal->kind != tls::FailureKind::reset && refusal->kind != tls::FailureKind::closed) {
        attempt.failure = *refusal;
        return;
    }
    diagnosis::HttpFailure failure = server.failure();
    if (!failure.body) attempt.response.reset();
    attempt.failure = std::move(failure);
}

// Receives the response to the one request of a check, and records what it shows.
io::Task<> receive(Upstream& upstream, const CheckTarget& target, ClientStream& server) {
    io::Channel& channel = *upstream.channel;
    diagnosis::Attempt& attempt = upstream.attempt;
    diagnosis::ResponseSeen& seen = attempt.response.emplace(diagnosis::ResponseSeen{.asked = target.path});
    if (const auto head = co_await receive_head(server); !head) {
        if (head.error() == NotReceived::timed_out) co_return;
        note_not_received(attempt, server, channel.session().failure());
        auto* failure = std::get_if<diagnosis::HttpFailure>(&attempt.failure);
        // It is HTTP, but no response to this request.
        if (failure && head.error() == NotReceived::interim) failure->kind = diagnosis::HttpFailure::Kind::not_http;
        co_return;
    }
    certs::ByteVector content;
    const auto whole = co_await receive_content(server, most_read, content);
    const http::ResponseHead& response = server.response();
    seen.status = response.status;
    const auto media = response.fields.find("Content-Type");
    seen.html = media && http::same_name(media->substr(0, 9), "text/html");
    seen.mended = server.mended();
    seen.bytes = attempt.http2 ? content.size() : upstream.responses.body_bytes();
    seen.surplus = whole && !attempt.http2 && !channel.buffered().empty();
    seen.no_close_notify = server.no_close_notify();
    seen.whole = whole || (whole.error() != NotReceived::too_large && whole.error() != NotReceived::timed_out);
    if (!whole && seen.whole) note_not_received(attempt, server, channel.session().failure());
}

io::Task<> request(Upstream& upstream, const CheckTarget& target, ClientStream& server) {
    server.set_deadline(response_time);
    upstream.attempt.request_sent = true;
    upstream.attempt.path = target.path;
    co_await server.request(request_for(target), false);
}

// A server that has agreed to no protocol may take HTTP/2 only, and have no alert for that (RFC 7301
// §3.2 wants one).
io::Task<> ask(const Examination& how, Upstream& upstream, const CheckTarget& target) {
    const bool unsure = is_our_choice(how, target) && upstream.attempt.handshake->alpn.empty();
    Http1Client server(*upstream.channel, upstream.responses,
                       {.unsure = unsure, .handshake = &*upstream.attempt.handshake});
    co_await request(upstream, target, server);
    co_await receive(upstream, target, server);
}

// RFC 9113 §3.4: the request may follow our preface without waiting for the server's.
io::Task<> speak_http2(UpstreamContext& context, Upstream& upstream, const CheckTarget& target) {
    diagnosis::Attempt& attempt = upstream.attempt;
    const double patience = context.services.settings.handshake_timeout;
    Http2Contact contact(context.loop, *upstream.channel);
    std::optional<Http2Client> server;
    if (!target.path.empty()) {
        server.emplace(contact.connection(), "https", &*attempt.handshake);
        co_await request(upstream, target, *server);
    }
    co_await contact.meet(patience);
    attempt.http2 = contact.seen(false);
    if (server && attempt.http2->end == diagnosis::Http2Seen::End::silent) {
        attempt.response = diagnosis::ResponseSeen{.asked = target.path};
    } else if (server) {
        co_await receive(upstream, target, *server);
        attempt.http2 = contact.seen(!upstream.failed());
    } else if (attempt.http2->end == diagnosis::Http2Seen::End::works) {
        co_await contact.hear_out(std::min(patience, longest_ping));
        attempt.http2 = contact.seen(false);
    }
    server.reset();
    co_await contact.end();
}

}  // namespace

Upstream upstream_of(const Examination& how, const Subject& subject) {
    Upstream upstream(destination_of(how, subject.target));
    upstream.chosen = subject.address;
    return upstream;
}

io::Task<> approach(UpstreamContext& context, const Examination& how, CheckTarget target, Upstream& upstream,
                    double patience) {
    co_await dial(context, upstream);
    diagnosis::Attempt& attempt = upstream.attempt;
    attempt.check = true;
    if (!upstream.failed()) {
        // Connected: from here on this is the server that was asked for, wherever it was found.
        if (rule_for(how, target) != nullptr) attempt.address_option = "--connect-to";
        attempt.host = target.host;
        attempt.port = target.port;
    } else if (rule_for(how, target) != nullptr && !attempt.waypoint) {
        attempt.waypoint = {diagnosis::Waypoint::Kind::given_address, diagnosis::endpoint(target.host, target.port)};
    }
    if (how.starttls && !upstream.failed()) co_await begin_start_tls(upstream, *how.starttls, patience);
}

io::Task<diagnosis::Diagnosis> examine(UpstreamContext& context, Examination how, Subject subject) {
    Upstream upstream = upstream_of(how, subject);
    const double patience = context.services.settings.handshake_timeout;
    do co_await approach(context, how, subject.target, upstream, patience);
    while (co_await secure(context, upstream));
    // Before a request, so that an end of the connection cannot be about the request.
    const auto& agreed = upstream.attempt.handshake;
    if (!upstream.failed() && (agreed->certificate_requested || agreed->version == "TLSv1.3"))
        co_await hear_objection(context.loop, upstream);
    if (!upstream.failed() && agreed->alpn == "h2")
        co_await speak_http2(context, upstream, subject.target);
    else if (!upstream.failed() && !subject.target.path.empty())
        co_await ask(how, upstream, subject.target);
    if (upstream.open()) {
        co_await upstream.channel->end();
        upstream.channel->close();
    }
    const auto* unanswered = std::get_if<diagnosis::HttpFailure>(&upstream.attempt.failure);
    if (unanswered && unanswered->perhaps_http2 && is_our_choice(how, subject.target)) {
        how.alpn = {"h2"};
        diagnosis::Diagnosis over_http2 = co_await examine(context, std::move(how), subject);
        if (over_http2.outcome != diagnosis::Outcome::failed && over_http2.http2) co_return over_http2;
    }
    const auto& seen = upstream.attempt.http2;
    if ((seen && seen->end != diagnosis::Http2Seen::End::works) || (unanswered && unanswered->perhaps_http2))
        co_await make_experiments(context, upstream.address, upstream.attempt);
    co_return diagnosis::explain(upstream.attempt);
}

io::Task<std::vector<Subject>> at_all_addresses(UpstreamContext& context, const Examination& how, CheckTarget target) {
    const Settings& settings = context.services.settings;
    const Destination destination = destination_of(how, target);
    std::vector<Subject> subjects;
    if (const ResolveRule* rule = settings.find_resolve(destination.host, destination.port)) {
        if (rule->addresses.size() > 1) {
            for (const io::Address& address : rule->addresses)
                subjects.push_back({target, ChosenAddress{.address = address, .canonical_name = "", .given = true}});
        }
    } else {
        const double start = io::clock_ms();
        const auto resolved =
            co_await io::resolve(context.loop, destination.host, destination.port, settings.connect_timeout);
        const double dns_ms = io::clock_ms() - start;
        if (resolved && resolved->addresses.size() > 1) {
            for (const io::Address& address : resolved->addresses)
                subjects.push_back({target, ChosenAddress{address, dns_ms, resolved->canonical_name, false}});
        }
    }
    if (subjects.empty()) subjects.push_back({target, std::nullopt});
    co_return subjects;
}

}  // namespace proxy
