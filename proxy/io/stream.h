// What a story reads from and writes to: a socket, in the clear or under TLS, with one buffer of what has arrived and is
// not yet consumed. Knows nothing of HTTP.
#pragma once

#include <expected>
#include <memory>
#include <optional>

#include "certs/bytes.h"
#include "proxy/io/socket.h"
#include "proxy/io/task.h"
#include "tls/session.h"

namespace proxy::io {

struct StreamError {
    enum class Kind { reset, closed, cancelled, truncated, tls, other } kind = Kind::other;
    int code = 0;
};

class Stream {
public:
    explicit Stream(Socket socket);
    Stream(Stream&&) noexcept = default;
    Stream& operator=(Stream&&) noexcept = default;

    // Waits for more bytes behind those in buffered(). 0 when the peer has ended its side (under TLS: with a
    // close_notify; end of file without one is `truncated`). Needs room: consume first when the buffer is full.
    Task<std::expected<std::size_t, StreamError>> fill();
    certs::Bytes buffered() const { return plain_.bytes(); }
    void consume(std::size_t size) { plain_.consume(size); }

    // Sends all of `bytes`, encrypted under TLS, and waits until the system has taken them.
    Task<std::expected<void, StreamError>> write(certs::Bytes bytes);

    // From here on TLS: what is buffered becomes its first ciphertext. Then handshake() drives it to its end: the error
    // is the session's own failure, or `timeout` when the socket's deadline closed it.
    void start_tls(tls::Session session);
    Task<std::expected<void, tls::HandshakeFailure>> handshake();
    bool is_tls() const { return session_.has_value(); }
    tls::Session& session() { return *session_; }

    // Ends our side: close_notify under TLS, then FIN. The peer's side stays readable.
    Task<> end();
    // end(), then reads away what still comes, for at most `seconds`, so that a reset does not overtake our last bytes.
    Task<> linger(double seconds);

    Socket& socket() { return socket_; }
    void close() { socket_.close(); }
    bool peer_ended() const { return ended_; }

private:
    Task<std::expected<void, StreamError>> flush();
    std::expected<std::size_t, StreamError> decrypt();

    Socket socket_;
    Buffer plain_;
    Buffer cipher_;
    std::optional<tls::Session> session_;
    certs::ByteVector pending_;  // ciphertext on its way
    bool writing_ = false;
    bool ended_ = false;
};

}  // namespace proxy::io
