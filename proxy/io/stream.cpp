#include "proxy/io/stream.h"

#include "proxy/io/loop_state.h"

namespace proxy::io {

namespace {

StreamError of(const IoError& error) {
    switch (error.kind) {
        case IoError::Kind::reset: return {StreamError::Kind::reset, error.code};
        case IoError::Kind::closed: return {StreamError::Kind::closed, error.code};
        case IoError::Kind::cancelled: return {StreamError::Kind::cancelled, error.code};
        case IoError::Kind::other: return {StreamError::Kind::other, error.code};
    }
    return {};
}

}  // namespace

Stream::Stream(Socket socket)
    : socket_(std::move(socket)), plain_(socket_.loop().state().buffers), cipher_(socket_.loop().state().buffers) {}

Task<std::expected<std::size_t, StreamError>> Stream::fill() {
    if (ended_) co_return 0;
    if (!session_) {
        const auto size = co_await socket_.read(plain_);
        if (!size) co_return std::unexpected(of(size.error()));
        ended_ = *size == 0;
        co_return *size;
    }
    for (;;) {
        const auto decrypted = decrypt();
        if (!decrypted || *decrypted > 0 || ended_) co_return decrypted;
        const auto size = co_await socket_.read(cipher_);
        if (!size && size.error().kind != IoError::Kind::reset) co_return std::unexpected(of(size.error()));
        if (!size || *size == 0) session_->feed_end_of_file(!size);
        else session_->feed(cipher_.bytes());
    }
}

// As many records as are here, so that a bulk transfer is passed on in large pieces.
std::expected<std::size_t, StreamError> Stream::decrypt() {
    std::size_t total = 0;
    for (;;) {
        const auto room = plain_.room();
        if (room.empty()) return total;
        const tls::ReadResult result = session_->read(room);
        cipher_.consume(cipher_.bytes().size() - session_->unread());
        if (result.state == tls::ReadState::data) {
            plain_.filled(result.size);
            total += result.size;
            continue;
        }
        plain_.release_if_empty();
        if (total > 0 || result.state == tls::ReadState::want_input) return total;
        if (result.state == tls::ReadState::closed) {
            ended_ = true;
            return 0;
        }
        if (result.state == tls::ReadState::truncated) return std::unexpected(StreamError{StreamError::Kind::truncated, 0});
        return std::unexpected(StreamError{StreamError::Kind::tls, session_->failure() ? session_->failure()->library_code : 0});
    }
}

Task<std::expected<void, StreamError>> Stream::write(certs::Bytes bytes) {
    if (!session_) {
        const auto written = co_await socket_.write(bytes);
        if (!written) co_return std::unexpected(of(written.error()));
        co_return std::expected<void, StreamError>{};
    }
    // A piece at a time, so that what waits encrypted for a slow peer stays bounded.
    while (!bytes.empty()) {
        const std::size_t size = std::min(bytes.size(), block_size);
        if (!session_->write(bytes.first(size))) co_return std::unexpected(StreamError{StreamError::Kind::tls, 0});
        bytes = bytes.subspan(size);
        if (const auto flushed = co_await flush(); !flushed) co_return flushed;
    }
    co_return std::expected<void, StreamError>{};
}

// What the system does not take at once moves to pending_: the session may append to its output while this waits.
Task<std::expected<void, StreamError>> Stream::flush() {
    while (!writing_ && !session_->output().empty()) {
        const auto written = socket_.try_write(session_->output());
        if (!written) co_return std::unexpected(of(written.error()));
        session_->sent(*written);
        const certs::Bytes rest = session_->output();
        if (rest.empty()) break;
        pending_.assign(rest.begin(), rest.end());
        session_->sent(rest.size());
        writing_ = true;
        const auto flushed = co_await socket_.write(pending_);
        writing_ = false;
        pending_ = {};
        if (!flushed) co_return std::unexpected(of(flushed.error()));
    }
    co_return std::expected<void, StreamError>{};
}

void Stream::start_tls(tls::Session session) {
    session_.emplace(std::move(session));
    cipher_ = std::exchange(plain_, Buffer(socket_.loop().state().buffers));
    if (!cipher_.empty()) session_->feed(cipher_.bytes());
}

Task<std::expected<void, tls::HandshakeFailure>> Stream::handshake() {
    const auto timed_out = [this] {
        tls::HandshakeFailure failure = session_->failure().value_or(tls::HandshakeFailure{});
        failure.kind = tls::FailureKind::timeout;
        return std::unexpected(std::move(failure));
    };
    for (;;) {
        const tls::Progress progress = session_->handshake();
        cipher_.consume(cipher_.bytes().size() - session_->unread());
        (void)co_await flush();  // that the peer is gone shows when it is read from
        if (socket_.timed_out()) co_return timed_out();
        if (progress == tls::Progress::done) co_return std::expected<void, tls::HandshakeFailure>{};
        if (progress == tls::Progress::failed) co_return std::unexpected(session_->failure().value_or(tls::HandshakeFailure{}));

        const auto size = co_await socket_.read(cipher_);
        if (socket_.timed_out()) co_return timed_out();
        if (size && *size > 0) session_->feed(cipher_.bytes());
        else session_->feed_end_of_file(!size);
    }
}

Task<> Stream::end() {
    if (session_ && !session_->failure()) {
        session_->send_close_notify();
        (void)co_await flush();
    }
    socket_.shut_down();
}

Task<> Stream::linger(double seconds) {
    socket_.set_deadline(seconds);
    co_await end();
    for (;;) {
        plain_.consume(plain_.bytes().size());
        const auto more = co_await fill();
        if (!more || *more == 0) break;
    }
    close();
}

}  // namespace proxy::io
