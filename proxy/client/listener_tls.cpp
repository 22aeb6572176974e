// A client that speaks TLS to the listener itself: to a reverse listener with --listen-tls, or to a
// forward one as to an https:// proxy. Part of connection.h.
#include "inspect/diagnosis/explain/client_failure.h"
#include "proxy/client/connection.h"
#include "proxy/io/clock.h"

namespace proxy {

// Reads up to the end of the ClientHello.
io::Task<tls::Peek> Connection::peek_at_listener() {
    client_.socket().set_deadline(settings_.handshake_timeout);
    tls::PeekResult peeked = tls::peek_client_hello(client_.buffered());
    while (peeked.state == tls::Peek::need_more && client_.buffered().size() < io::block_size) {
        const auto more = co_await client_.fill();
        if (!more || *more == 0) co_return tls::Peek::need_more;
        peeked = tls::peek_client_hello(client_.buffered());
    }
    client_.socket().clear_deadline();
    if (peeked.state == tls::Peek::complete) take_hello(peeked.hello);
    co_return peeked.state == tls::Peek::need_more ? tls::Peek::not_tls : peeked.state;
}

std::string Connection::name_at_listener() { return sni_.empty() ? address_here().ip() : sni_; }

// The certificate is for the name that the client asks for, or else for the address that it
// connected to. False when there is no TLS.
io::Task<bool> Connection::accept_tls() {
    const tls::Peek peeked = co_await peek_at_listener();
    if (peeked == tls::Peek::not_tls) co_await answer_in_the_clear();
    co_return peeked == tls::Peek::complete&& co_await shake_hands(name_at_listener(), {"http/1.1"});
}

// The client used https:// for the URL of a listener that takes http://. It is told inside TLS,
// where it can read it. A client that does not trust the local CA leaves before, and then only
// stderr and the log report it.
io::Task<> Connection::refuse_tls() {
    inspect::diagnosis::Attempt attempt;
    attempt.time = io::now();
    attempt.proxy_address = address_here().to_string();
    inspect::diagnosis::RequestRejected seen;
    seen.first_bytes = std::string(certs::as_text(client_.buffered()).substr(0, 64));
    seen.at_reverse = true;
    attempt.failure = std::move(seen);
    const inspect::diagnosis::Diagnosis found = inspect::diagnosis::explain(attempt);
    say_of_client(found);
    if (co_await peek_at_listener() != tls::Peek::complete) co_return;
    if (!co_await handshake_with_client(name_at_listener(), {"http/1.1"})) co_return client_.close();
    inspect::http::RequestHead request;
    for (bool headed = false; !headed;) {
        const inspect::http::Step step = requests_.step(client_.buffered());
        client_.consume(step.used);
        headed = step.event == inspect::http::Event::head;
        if (headed) request = requests_.request();
        if (step.event == inspect::http::Event::failed) break;
        if (step.event != inspect::http::Event::more) continue;
        client_.socket().set_deadline(settings_.idle_timeout);
        const auto more = co_await client_.fill();
        if (!more || *more == 0) co_return client_.close();
    }
    const std::string wire = to_wire(diagnostic_answer(found, request, reader_of(settings_, attempt, request)), request, false);
    (void)co_await client_.write(certs::as_bytes(wire));
    co_await client_.linger(linger_time);
}

// The client speaks HTTP to the https port. The answer is in the clear too, as nginx answers it.
io::Task<> Connection::answer_in_the_clear() {
    tls::HandshakeFailure failure;
    failure.kind = tls::FailureKind::not_tls;
    failure.first_bytes = std::string(certs::as_text(client_.buffered()).substr(0, 512));
    inspect::diagnosis::Diagnosis found = report_client_failure(failure);
    found.status = 400;
    const inspect::http::RequestHead nothing;
    const std::string wire = to_wire(diagnostic_answer(found, nothing, Reader{.detail = settings_.detail}), nothing, false);
    (void)co_await client_.write(certs::as_bytes(wire));
    co_await client_.linger(linger_time);
}

}  // namespace proxy
