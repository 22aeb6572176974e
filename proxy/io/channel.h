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

class Channel {
public:
    explicit Channel(Socket socket);
    Channel(Channel&&) noexcept = default;
    Channel& operator=(Channel&&) noexcept = default;

    // Waits for more bytes behind those in buffered(). 0 when the peer has ended its side (under TLS: with a
    // close_notify; end of file without one is `truncated`). Needs room: consume first when the buffer is full. However much a peer sends,
    // others get their turn in between.
    Task<std::expected<std::size_t, IoError>> fill();
    certs::Bytes buffered() const { return plain_.bytes(); }
    void consume(std::size_t size) { plain_.consume(size); }

    // Whether the peer has neither said anything, half a record included, nor ended since what was read last. Does not wait; of what a TLS
    // peer may say between messages (session tickets, key updates) a little is taken in, of a session inside another from either.
    bool is_quiet();

    // Sends all of `bytes`, encrypted under TLS, and waits until the system has taken them.
    Task<std::expected<void, IoError>> write(certs::Bytes bytes);

    // From here on TLS: what is buffered becomes its first ciphertext. Under TLS already (a client that speaks TLS to a proxy, and through
    // it to a server) the new session runs inside the old one. Then handshake() drives it to its end: the error
    // is the session's own failure, or `timeout` when the socket's deadline closed it.
    void start_tls(tls::Session session);
    Task<std::expected<void, tls::HandshakeFailure>> handshake();
    bool is_tls() const { return session_.has_value(); }
    tls::Session& session() { return *session_; }

    // Ends our side: close_notify under TLS, then FIN. The peer's side stays readable. Of a session that ended without one, so that its peer
    // can tell (RFC 8446 §6.1), `properly` is false.
    Task<> end(bool properly = true);
    // end(), then reads away what still comes, so that a reset does not overtake our last bytes: until nothing has come for `seconds`, and
    // for five times as long at most.
    Task<> linger(double seconds, bool properly = true);

    Socket& socket() { return carrier_ ? carrier_->socket() : socket_; }
    void close() { socket().close(); }
    bool peer_ended() const { return ended_; }

private:
    using Read = std::expected<std::size_t, IoError>;

    Task<std::expected<void, IoError>> flush();
    bool feed(const Read& size);
    Buffer& cipher() { return carrier_ ? carrier_->plain_ : cipher_; }
    std::expected<std::size_t, IoError> decrypt();
    tls::ReadResult decrypt_once();
    bool send_replies();
    bool take_in();

    std::unique_ptr<Channel>
        carrier_;  // the session that this one runs inside; it has the socket then, and its plain text is our ciphertext
    Socket socket_;
    Buffer plain_;
    Buffer cipher_;
    std::optional<tls::Session> session_;
    certs::ByteVector pending_;  // ciphertext on its way
    bool writing_ = false;
    bool ended_ = false;
};

}  // namespace proxy::io
