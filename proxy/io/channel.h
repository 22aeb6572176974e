// What a story reads from and writes to: a socket, in the clear or under TLS, with one buffer of
// bytes that have arrived and are not yet consumed. Knows nothing of HTTP.
#pragma once

#include <expected>
#include <memory>
#include <optional>
#include <utility>

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

    // Waits for more bytes, which are appended to buffered(). Returns 0 when the peer has ended its
    // side: under TLS with a close_notify (end of file without one is `truncated`). Needs room:
    // consume first when the buffer is full. However much a peer sends, others get their turn in
    // between.
    Task<std::expected<std::size_t, IoError>> fill();
    certs::Bytes buffered() const { return plain_.bytes(); }
    void consume(std::size_t size) { plain_.consume(size); }

    // Whether, since the last read, the peer has neither sent anything (half a record counts) nor
    // ended its side. Does not wait. Some of what a TLS peer may send between messages (session
    // tickets, key updates) is taken in; with a session inside another, from both.
    bool is_quiet();

    // Sends all of `bytes`, encrypted under TLS. Waits until the system has taken them.
    Task<std::expected<void, IoError>> write(certs::Bytes bytes);

    // Uses TLS from here on: what is buffered becomes its first ciphertext. If there is TLS already
    // (a client that speaks TLS to a proxy, and through it to a server), the new session runs
    // inside the old one. handshake() then drives the session's handshake to its end. Its error is
    // the session's own failure, or `timeout` when the socket's deadline closed it.
    void start_tls(tls::Session session);
    Task<std::expected<void, tls::HandshakeFailure>> handshake();
    bool is_tls() const { return session_.has_value(); }
    tls::Session& session() { return *session_; }

    // Ends our side: close_notify under TLS, then FIN. The peer's side stays readable. `properly`
    // is false for a session that ended without a close_notify, so that its peer can notice
    // (RFC 8446 §6.1).
    Task<> end(bool properly = true);
    // Calls end(), then reads and discards what still comes, so that a reset does not overtake our
    // last bytes. Stops when nothing has come for `seconds`, and after five times as long at most.
    [[gnu::noinline]] Task<> linger(double seconds, bool properly = true);

    Socket& socket() { return carrier_ ? carrier_->socket() : socket_; }
    const Socket& socket() const { return carrier_ ? std::as_const(*carrier_).socket() : socket_; }
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

    // The session that this one runs inside. It then has the socket, and its plain text is our
    // ciphertext.
    std::unique_ptr<Channel> carrier_;
    Socket socket_;
    Buffer plain_;
    Buffer cipher_;
    std::optional<tls::Session> session_;
    certs::ByteVector pending_;  // ciphertext to be sent
    bool writing_ = false;
    bool ended_ = false;
};

}  // namespace proxy::io
