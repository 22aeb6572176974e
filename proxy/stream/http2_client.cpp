#include "proxy/stream/http2_client.h"

#include "proxy/stream/refusal.h"

namespace proxy {

namespace http = inspect::http;
namespace http2 = inspect::http2;
namespace diagnosis = inspect::diagnosis;

Http2Client::Http2Client(Http2Connection& connection, std::string scheme, const tls::Handshake* handshake)
    : connection_(connection),
      scheme_(std::move(scheme)),
      handshake_(handshake),
      deadline_(connection.channel().socket().loop(),
                [this] { reset(connection_, stream_, http2::ErrorCode::cancel); }),
      used_before_(connection.has_served()) {}

Http2Client::~Http2Client() {
    if (!stream_.ended) reset(connection_, stream_, http2::ErrorCode::cancel);
    connection_.remove(stream_);
}

// Waits while as many streams are open as the server takes.
io::Task<> Http2Client::request(const http::RequestHead& head, bool has_content) {
    sends_content_ = has_content;
    for (;;) {
        if (connection_.has_ended() || stream_.reset) co_return;
        const auto opened = connection_.session().request(head, scheme_, !has_content);
        if (opened) {
            stream_.id = *opened;
            connection_.add(stream_);
            co_return connection_.changed();
        }
        if (opened.error() != http2::Session::NotOpened::no_room) {
            unsendable_ = opened.error() == http2::Session::NotOpened::unsendable;
            co_return;
        }
        co_await connection_.room.wait();
    }
}

io::Task<bool> Http2Client::finish(const http::Fields& trailers) {
    co_return proxy::finish(connection_, stream_, trailers);
}

// The rest of the content will not come.
io::Task<> Http2Client::end() {
    reset(connection_, stream_, http2::ErrorCode::cancel);
    co_return;
}

io::Task<bool> Http2Client::head() {
    if (stream_.id == 0) co_return false;
    while (stream_.heads.empty() && !stream_.reset && !stream_.ended) co_await stream_.came.wait();
    if (stream_.heads.empty()) co_return false;
    answered_ = true;
    response_ = std::move(stream_.heads.front());
    response_.version = {1, 1};
    stream_.heads.pop_front();
    co_return true;
}

void Http2Client::close() {
    closed_ = true;
    if (!stream_.ended) reset(connection_, stream_, http2::ErrorCode::cancel);
}

diagnosis::HttpFailure Http2Client::failure() const {
    using Kind = diagnosis::HttpFailure::Kind;
    diagnosis::HttpFailure failure;
    const bool by_us = stream_.reset && stream_.reset->by == http2::Reset::By::us;
    const bool malformed = connection_.failed() || (by_us && stream_.reset->malformed);
    failure.kind = timed_out() ? Kind::timed_out : malformed ? Kind::not_http : Kind::closed;
    failure.served_before = used_before_;
    failure.first_bytes = connection_.first_bytes();
    return failure;
}

std::optional<tls::HandshakeFailure> Http2Client::refusal() const {
    if (answered_ || !connection_.has_ended()) return std::nullopt;
    return refusal_of(connection_.channel(), handshake_, connection_.error(),
                      {.used_before = used_before_, .silent = connection_.first_bytes().empty() && !timed_out()});
}

}  // namespace proxy
