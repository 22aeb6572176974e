// A client that speaks TLS to the listener itself: to a reverse listener with --listen-tls, or to a forward one as to an https:// proxy. Part of connection.h.
#include "inspect/diagnosis/client_failure.h"
#include "proxy/connection.h"

namespace proxy {

// The certificate is for the name that the client asks for, else for the address that it connected to. False when there is no TLS.
io::Task<bool> Connection::accept_tls() {
    client_.socket().set_deadline(services_.settings.handshake_timeout);
    tls::PeekResult peeked = tls::peek_client_hello(client_.buffered());
    while (peeked.state == tls::Peek::need_more && client_.buffered().size() < io::block_size) {
        const auto more = co_await client_.fill();
        if (!more || *more == 0) co_return false;
        peeked = tls::peek_client_hello(client_.buffered());
    }
    client_.socket().clear_deadline();
    if (peeked.state != tls::Peek::complete) {
        co_await answer_in_the_clear();
        co_return false;
    }
    take_hello(peeked.hello);
    co_return co_await shake_hands(sni_.empty() ? address_here().ip() : sni_, {"http/1.1"});
}

// A client that speaks HTTP to the port of https, as nginx answers it: told in what it speaks.
io::Task<> Connection::answer_in_the_clear() {
    tls::HandshakeFailure failure;
    failure.kind = tls::FailureKind::not_tls;
    failure.first_bytes = std::string(certs::as_text(client_.buffered()).substr(0, 64));
    inspect::diagnosis::Diagnosis found = report_client_failure(failure);
    found.status = 400;
    const inspect::http::RequestHead nothing;
    const std::string wire = to_wire(diagnostic_answer(found, nothing, services_.settings.detail), nothing, false);
    (void)co_await client_.write(certs::as_bytes(wire));
    co_await client_.linger(linger_time);
}

}  // namespace proxy
