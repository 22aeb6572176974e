#include "proxy/client/socks.h"

#include "inspect/before_tls/socks.h"
#include "proxy/client/connect_tunnel.h"
#include "proxy/client/record.h"
#include "proxy/client/request/refusals.h"
#include "proxy/io/clock.h"

namespace proxy {

namespace http = inspect::http;
namespace socks = inspect::http::socks;
namespace diagnosis = inspect::diagnosis;

namespace {

void refuse(Client& client) {
    diagnosis::Attempt attempt;
    attempt.time = io::now();
    attempt.failure = diagnosis::RequestRejected{http::MessageError::not_http,
                                                 std::string(certs::as_text(client.channel.buffered()).substr(0, 1))};
    report_unanswered(client, diagnosis::explain(attempt));
}

void report_no_password(Client& client, bool tried) {
    report_unanswered(client, diagnosis::explain(refused(
                                  client, diagnosis::NotAuthorized{tried, diagnosis::NotAuthorized::Way::socks})));
}

// The client's next message; nullopt when none comes, or what comes is not a message.
template <typename Message>
io::Task<std::optional<Message>> receive(Client& client,
                                         std::expected<Message, socks::Incomplete> (*parse)(certs::Bytes)) {
    for (;;) {
        auto message = parse(client.channel.buffered());
        if (message) {
            client.channel.consume(message->used);
            co_return std::move(*message);
        }
        if (message.error() == socks::Incomplete::malformed) {
            refuse(client);
            co_return std::nullopt;
        }
        const auto more = co_await client.channel.fill();
        if (!more || *more == 0) co_return std::nullopt;
    }
}

// Agrees on a method and, with --proxy-auth, authenticates the client.
io::Task<bool> admit(Client& client, Admission& admission) {
    io::Channel& channel = client.channel;
    const auto greeting = co_await receive(client, socks::parse_greeting);
    if (!greeting) co_return false;
    const bool guarded = client.settings().proxy_auth.has_value();
    const bool possible = guarded ? greeting->password : greeting->none;
    const socks::Method method = !possible ? socks::Method::refused
                                 : guarded ? socks::Method::password
                                           : socks::Method::none;
    if (!co_await channel.write(certs::as_bytes(socks::method_choice(method)))) co_return false;
    if (!possible) {
        if (guarded) report_no_password(client, false);
        co_await channel.linger(linger_time);
        co_return false;
    }
    if (!guarded) co_return true;
    const auto given = co_await receive(client, socks::parse_credentials);
    if (!given) co_return false;
    channel.socket().clear_deadline();
    const Admission::Verdict verdict = co_await admission.check(given->user, given->password);
    if (verdict == Admission::Verdict::gone) co_return false;
    channel.socket().set_deadline(client.settings().handshake_timeout);
    const bool accepted = verdict == Admission::Verdict::checked && admission.is_admitted();
    if (!accepted) report_no_password(client, true);
    const bool answered = (co_await channel.write(certs::as_bytes(socks::credentials_answer(accepted)))).has_value();
    if (!accepted) co_await channel.linger(linger_time);
    co_return accepted&& answered;
}

// Why a tunnel that is to pass unchanged could not be opened.
socks::Reply failure_reply(const diagnosis::Attempt& attempt) {
    if (std::holds_alternative<diagnosis::DnsFailure>(attempt.failure)) return socks::Reply::host_unreachable;
    if (attempt.addresses.empty()) return socks::Reply::failure;
    switch (attempt.addresses.back().outcome) {
        case diagnosis::ConnectOutcome::refused: return socks::Reply::connection_refused;
        case diagnosis::ConnectOutcome::unreachable: return socks::Reply::network_unreachable;
        default: return socks::Reply::host_unreachable;
    }
}

}  // namespace

io::Task<bool> open_socks_tunnel(Client& client, Admission& admission) {
    client.channel.socket().set_deadline(client.settings().handshake_timeout);
    client.began_ms = io::clock_ms();
    if (!co_await admit(client, admission)) co_return false;
    const auto request = co_await receive(client, socks::parse_request);
    client.channel.socket().clear_deadline();
    if (!request) co_return false;
    socks::Reply reply = request->refused;
    if (reply == socks::Reply::succeeded && !co_await begin_tunnel(client, request->target, "", "1.1"))
        reply = failure_reply(client.upstream().attempt);
    if (!co_await client.channel.write(certs::as_bytes(socks::reply(reply)))) co_return false;
    if (reply == socks::Reply::succeeded) co_return true;
    co_await client.channel.linger(linger_time);
    co_return false;
}

}  // namespace proxy
