#include "proxy/io/channel.h"

#include "proxy/io/clock.h"
#include "proxy/io/loop_state.h"

namespace proxy::io {

Channel::Channel(Socket socket)
    : socket_(std::move(socket)), plain_(socket_.loop().state().buffers), cipher_(socket_.loop().state().buffers) {}

Task<std::expected<std::size_t, IoError>> Channel::fill() {
    if (ended_) co_return 0;
    for (;;) {
        if (socket().had_its_turn()) {
            if (const auto turn = co_await socket().give_way(); !turn) co_return std::unexpected(turn.error());
        }
        if (!session_) {
            Read size = co_await socket_.read(plain_);
            ended_ = size && *size == 0;
            co_return size;
        }
        const auto decrypted = decrypt();
        if (!send_replies()) co_return std::unexpected(IoError{IoError::Kind::tls, 0});
        if (!decrypted || *decrypted > 0 || ended_) co_return decrypted;
        if (session_->unread() > 0) continue;
        Read size;
        if (carrier_)
            size = co_await carrier_->fill();
        else
            size = co_await socket_.read(cipher_);
        if (!feed(size)) co_return size;
    }
}

// Gives the session what was read, the end included. False when only the wait ended, not the
// connection.
bool Channel::feed(const Read& size) {
    using Kind = IoError::Kind;
    if (!size && size.error().kind != Kind::reset && size.error().kind != Kind::truncated &&
        size.error().kind != Kind::tls)
        return false;
    if (size && *size > 0)
        session_->feed(cipher().bytes());
    else
        session_->feed_end_of_file(!size);
    return true;
}

// Reading makes the session answer (a key update, a refused renegotiation), and perhaps no one is
// about to write. A peer that makes it answer without taking the answers is disconnected.
bool Channel::send_replies() {
    constexpr std::size_t most_unsent = 262'144;
    if (session_->output().empty()) return true;
    if (!writing_ && carrier_) {
        if (carrier_->session_->write(session_->output())) session_->sent(session_->output().size());
        return carrier_->send_replies();
    }
    if (!writing_) {
        if (const auto sent = socket_.try_write(session_->output())) session_->sent(*sent);
    }
    return session_->output().size() <= most_unsent;
}

bool Channel::is_quiet() {
    if (ended_ || !plain_.empty() || (session_ && session_->unread() > 0)) return false;
    return take_in() && plain_.empty();
}

// Takes in what is already here, through each session in turn: the outer one's plain text is the
// inner one's records. False when a peer has ended or failed, has sent half a record, or has sent
// so much that it may never end.
bool Channel::take_in() {
    // Two tickets and a key update have some hundred bytes.
    constexpr std::size_t most_said = 16'384;
    if (carrier_) {
        if (!carrier_->take_in()) return false;
    } else {
        const auto size = socket_.read_now(session_ ? cipher_ : plain_, most_said);
        if (!size || (*size && (**size == 0 || **size == most_said))) return false;
    }
    if (!session_ || cipher().empty()) return !session_ || !session_->inside_record();
    session_->feed(cipher().bytes());
    tls::ReadResult result = decrypt_once();
    while (result.state == tls::ReadState::data && !plain_.room().empty()) result = decrypt_once();
    return result.state == tls::ReadState::want_input && !session_->inside_record() && send_replies();
}

tls::ReadResult Channel::decrypt_once() {
    const tls::ReadResult result = session_->read(plain_.room());
    cipher().consume(cipher().bytes().size() - session_->unread());
    if (result.state == tls::ReadState::data) plain_.filled(result.size);
    plain_.release_if_empty();
    return result;
}

// As many records as are here, so that a bulk transfer is passed on in large pieces; but no more
// than fit into a turn.
std::expected<std::size_t, IoError> Channel::decrypt() {
    std::size_t total = 0;
    for (;;) {
        if (plain_.room().empty()) return total;
        const tls::ReadResult result = decrypt_once();
        if (result.state == tls::ReadState::data) total += result.size;
        if (result.state == tls::ReadState::data || result.state == tls::ReadState::more) {
            if (session_->unread() > 0 && socket().had_its_turn()) return total;
            continue;
        }
        if (total > 0 || result.state == tls::ReadState::want_input) return total;
        if (result.state == tls::ReadState::closed) {
            ended_ = true;
            return 0;
        }
        if (result.state == tls::ReadState::truncated) return std::unexpected(IoError{IoError::Kind::truncated, 0});
        return std::unexpected(
            IoError{IoError::Kind::tls, session_->failure() ? session_->failure()->library_code : 0});
    }
}

Task<std::expected<void, IoError>> Channel::write(certs::Bytes bytes) {
    if (!session_) co_return co_await socket_.write(bytes);
    // One piece at a time, so that the ciphertext that waits for a slow peer stays bounded.
    while (!bytes.empty()) {
        const std::size_t size = std::min(bytes.size(), block_size);
        if (!session_->write(bytes.first(size))) co_return std::unexpected(IoError{IoError::Kind::tls, 0});
        bytes = bytes.subspan(size);
        if (const auto flushed = co_await flush(); !flushed) co_return flushed;
    }
    co_return std::expected<void, IoError>{};
}

// What the system does not take at once moves to pending_: the session may append to its output
// during the wait.
Task<std::expected<void, IoError>> Channel::flush() {
    while (!writing_ && !session_->output().empty()) {
        if (!carrier_) {
            const auto written = socket_.try_write(session_->output());
            if (!written) co_return std::unexpected(written.error());
            session_->sent(*written);
        }
        const certs::Bytes rest = session_->output();
        if (rest.empty()) break;
        pending_.assign(rest.begin(), rest.end());
        session_->sent(rest.size());
        writing_ = true;
        std::expected<void, IoError> flushed;
        if (carrier_)
            flushed = co_await carrier_->write(pending_);
        else
            flushed = co_await socket_.write(pending_);
        writing_ = false;
        pending_ = certs::ByteVector();
        if (!flushed) co_return flushed;
    }
    co_return std::expected<void, IoError>{};
}

void Channel::start_tls(tls::Session session) {
    BufferPool& buffers = socket().loop().state().buffers;
    if (session_) {
        carrier_ = std::make_unique<Channel>(std::move(*this));
        plain_ = Buffer(buffers);
        cipher_ = Buffer(buffers);
    } else {
        cipher_ = std::exchange(plain_, Buffer(buffers));
    }
    session_.emplace(std::move(session));
    if (!cipher().empty()) session_->feed(cipher().bytes());
}

Task<std::expected<void, tls::HandshakeFailure>> Channel::handshake() {
    const auto timed_out = [this] {
        tls::HandshakeFailure failure = session_->failure().value_or(tls::HandshakeFailure{});
        failure.kind = tls::FailureKind::timeout;
        failure.reached = session_->reached();
        return std::unexpected(std::move(failure));
    };
    for (;;) {
        const tls::Progress progress = session_->handshake();
        cipher().consume(cipher().bytes().size() - session_->unread());
        (void)co_await flush();  // the next read shows that the peer is gone
        if (socket().timed_out()) co_return timed_out();
        if (progress == tls::Progress::done) co_return std::expected<void, tls::HandshakeFailure>{};
        if (progress == tls::Progress::failed)
            co_return std::unexpected(session_->failure().value_or(tls::HandshakeFailure{}));

        if (socket().had_its_turn()) (void)co_await socket().give_way();
        Read size;
        if (carrier_)
            size = co_await carrier_->fill();
        else
            size = co_await socket_.read(cipher_);
        if (socket().timed_out()) co_return timed_out();
        if (!feed(size)) session_->feed_end_of_file(true);
    }
}

Task<> Channel::end(bool properly) {
    if (session_ && !session_->failure() && properly) {
        session_->send_close_notify();
        (void)co_await flush();
    }
    if (carrier_)
        co_await carrier_->end();
    else
        socket_.shut_down();
}

Task<> Channel::linger(double seconds, bool properly) {
    const double latest = clock_ms() + 5 * seconds * 1000;
    socket().set_deadline(seconds);
    co_await end(properly);
    for (;;) {
        plain_.consume(plain_.bytes().size());
        const auto more = co_await fill();
        if (!more || *more == 0 || clock_ms() > latest) break;
        socket().set_deadline(seconds);
    }
    close();
}

}  // namespace proxy::io
