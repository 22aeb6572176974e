// A client that speaks SOCKS 5 (RFC 1928) to a forward listener. Part of connection.h.
#include "inspect/before_tls/socks.h"
#include "inspect/report/print/lines.h"
#include "proxy/client/connection.h"
#include "proxy/io/clock.h"
#include "proxy/settings/credentials.h"

namespace proxy {

namespace http = inspect::http;
namespace socks = inspect::http::socks;
namespace diagnosis = inspect::diagnosis;

// The client's next message; nullopt when none comes, or what comes is not a message.
template <typename Message>
io::Task<std::optional<Message>> Connection::receive_socks(std::expected<Message, socks::Incomplete> (*parse)(certs::Bytes)) {
    for (;;) {
        auto message = parse(client_.buffered());
        if (message) {
            client_.consume(message->used);
            co_return std::move(*message);
        }
        if (message.error() == socks::Incomplete::malformed) {
            refuse_socks();
            co_return std::nullopt;
        }
        const auto more = co_await client_.fill();
        if (!more || *more == 0) co_return std::nullopt;
    }
}

void Connection::refuse_socks() {
    diagnosis::Attempt attempt;
    attempt.time = io::now();
    attempt.failure =
        diagnosis::RequestRejected{http::MessageError::not_http, std::string(certs::as_text(client_.buffered()).substr(0, 1))};
    say_of_client(diagnosis::explain(attempt));
}

// Agrees on a method and, with --proxy-auth, authenticates the client.
io::Task<bool> Connection::admit_socks() {
    const auto greeting = co_await receive_socks(socks::parse_greeting);
    if (!greeting) co_return false;
    const auto& expected = settings_.proxy_auth;
    const bool possible = expected ? greeting->password : greeting->none;
    const socks::Method method = !possible ? socks::Method::refused : expected ? socks::Method::password : socks::Method::none;
    if (!co_await client_.write(certs::as_bytes(socks::method_choice(method)))) co_return false;
    if (!possible) {
        if (expected) say_of_client(diagnosis::explain(refusal(diagnosis::NotAuthorized{false, diagnosis::NotAuthorized::Way::socks})));
        co_await client_.linger(linger_time);
        co_return false;
    }
    if (!expected) co_return true;
    const auto given = co_await receive_socks(socks::parse_credentials);
    if (!given) co_return false;
    client_.socket().clear_deadline();
    const Turn turn = co_await await_turn();
    if (turn == Turn::gone) co_return false;
    client_.socket().set_deadline(settings_.handshake_timeout);
    const bool accepted = turn == Turn::come && matches(*expected, given->user, given->password);
    if (turn == Turn::come && !accepted) services_.guesses.wrong(Guesses::name_of(client_ip()), io::clock_ms());
    if (!accepted) say_of_client(diagnosis::explain(refusal(diagnosis::NotAuthorized{true, diagnosis::NotAuthorized::Way::socks})));
    const bool answered = (co_await client_.write(certs::as_bytes(socks::credentials_answer(accepted)))).has_value();
    if (!accepted) co_await client_.linger(linger_time);
    co_return accepted&& answered;
}

io::Task<> Connection::serve_socks() {
    client_.socket().set_deadline(settings_.handshake_timeout);
    request_began_ = io::clock_ms();
    if (!co_await admit_socks()) co_return;
    const auto request = co_await receive_socks(socks::parse_request);
    client_.socket().clear_deadline();
    if (!request) co_return;
    socks::Reply reply = request->refused;
    if (reply == socks::Reply::succeeded && !co_await begin_tunnel(request->target, "")) reply = failure_reply();
    if (!co_await client_.write(certs::as_bytes(socks::reply(reply)))) co_return;
    if (reply == socks::Reply::succeeded) co_return co_await serve_tunnel();
    co_await client_.linger(linger_time);
}

// Why a tunnel that is to pass unchanged could not be opened.
socks::Reply Connection::failure_reply() const {
    const diagnosis::Attempt& attempt = upstream_->attempt;
    if (std::holds_alternative<diagnosis::DnsFailure>(attempt.failure)) return socks::Reply::host_unreachable;
    if (attempt.addresses.empty()) return socks::Reply::failure;
    switch (attempt.addresses.back().outcome) {
        case diagnosis::ConnectOutcome::refused: return socks::Reply::connection_refused;
        case diagnosis::ConnectOutcome::unreachable: return socks::Reply::network_unreachable;
        default: return socks::Reply::host_unreachable;
    }
}

}  // namespace proxy
