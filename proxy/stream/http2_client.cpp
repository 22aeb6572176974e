#include "proxy/stream/http2_client.h"

#include <charconv>
#include <utility>

#include "inspect/http/upgrade.h"
#include "inspect/http/websocket.h"
#include "proxy/stream/refusal.h"

namespace proxy {

namespace http = inspect::http;
namespace http2 = inspect::http2;
namespace diagnosis = inspect::diagnosis;

Http2Client::Http2Client(Http2Connection& connection, std::string scheme, const tls::Handshake* handshake)
    : connection_(connection),
      scheme_(std::move(scheme)),
      handshake_(handshake),
      used_before_(connection.has_served()) {}

Http2Client::~Http2Client() {
    if (!is_complete()) connection_.reset(stream_, http2::ErrorCode::cancel);
    connection_.remove(stream_);
}

// As many streams as the server takes may be open already, although there was room when this
// connection was chosen.
io::Task<> Http2Client::request(const http::RequestHead& head, bool has_content) {
    sends_content_ = has_content;
    if (connection_.has_ended()) co_return;
    // To switch is optional in HTTP/1.1, and CONNECT has no content (RFC 9110 §7.8, §9.3.6).
    const bool may_switch = connection_.connect_protocol() && head.method == "GET" && !has_content;
    const std::string offered = may_switch ? http::offered_protocols(head.fields) : "";
    if (http::is_token(offered)) protocol_ = offered;
    http::RequestHead without_key;
    if (const auto key = head.fields.find("Sec-WebSocket-Key"); key && !protocol_.empty()) {
        key_ = *key;
        without_key = head;
        without_key.fields.remove("Sec-WebSocket-Key");
    }
    const auto opened = connection_.session().request(key_.empty() ? head : without_key, scheme_,
                                                      !has_content && protocol_.empty(), protocol_);
    if (!opened) {
        not_opened_ = opened.error();
        co_return;
    }
    stream_.id = *opened;
    connection_.add(stream_);
    connection_.changed();
}

io::Task<bool> Http2Client::finish(certs::Bytes last, http::Fields trailers) {
    finished_ = co_await proxy::finish(connection_, stream_, last, std::move(trailers));
    co_return finished_;
}

// The rest of the content will not come.
io::Task<> Http2Client::end() {
    connection_.reset(stream_, http2::ErrorCode::cancel);
    co_return;
}

io::Task<bool> Http2Client::head() {
    if (stream_.id == 0) co_return false;
    while (stream_.heads.empty() && !stream_.reset && !stream_.ended) co_await stream_.came.wait();
    if (stream_.heads.empty()) co_return false;
    answered_ = true;
    response_ = std::move(stream_.heads.front());
    response_.version = {1, 1};
    stream_.heads.erase(stream_.heads.begin());
    if (!protocol_.empty() && response_.status >= 200 && response_.status < 300) tell_of_switch();
    co_return true;
}

void Http2Client::tell_of_switch() {
    response_.status = 101;
    response_.fields.add("Connection", "Upgrade");
    response_.fields.add("Upgrade", protocol_);
    if (!key_.empty()) response_.fields.add("Sec-WebSocket-Accept", http::websocket_accept(key_));
    sends_content_ = true;
}

void Http2Client::reset(http2::ErrorCode code) {
    closed_ = true;
    if (!is_complete()) connection_.reset(stream_, code);
}

// RFC 9113 §8.7. A stream above a GOAWAY's last one is reset with REFUSED_STREAM too.
bool Http2Client::is_unprocessed() const {
    if (stream_.id == 0) return not_opened_ != http2::Session::NotOpened::unsendable;
    return stream_.reset && stream_.reset->by == http2::Reset::By::peer &&
           stream_.reset->code == http2::ErrorCode::refused_stream;
}

std::optional<diagnosis::Http2Ending> Http2Client::ending() const {
    using By = diagnosis::Http2Ending::By;
    const auto& failed = connection_.failed();
    if (failed) return diagnosis::Http2Ending{By::breach, std::to_underlying(failed->code), failed->reason};
    if (not_opened_ == http2::Session::NotOpened::no_room)
        return diagnosis::Http2Ending{By::no_room, std::to_underlying(http2::ErrorCode::refused_stream), ""};
    if (not_opened_ == http2::Session::NotOpened::unsendable)
        return diagnosis::Http2Ending{By::breach, std::to_underlying(http2::ErrorCode::protocol_error),
                                      "the request has no form in HTTP/2"};
    const auto& goaway = connection_.goaway();
    const bool by_peer = stream_.reset && stream_.reset->by == http2::Reset::By::peer;
    const bool said_goaway = goaway && goaway->code != http2::ErrorCode::no_error;
    if (said_goaway && !(by_peer && stream_.reset->code != http2::ErrorCode::refused_stream))
        return diagnosis::Http2Ending{By::goaway, std::to_underlying(goaway->code), goaway->debug};
    if (by_peer) return diagnosis::Http2Ending{By::reset, std::to_underlying(stream_.reset->code), ""};
    if (stream_.breached)
        return diagnosis::Http2Ending{
            By::breach, std::to_underlying(stream_.reset->code),
            stream_.reset->malformed ? std::string(http2::name(*stream_.reset->malformed)) : ""};
    return std::nullopt;
}

diagnosis::HttpFailure Http2Client::failure() const {
    using Kind = diagnosis::HttpFailure::Kind;
    diagnosis::HttpFailure failure;
    failure.http2 = ending();
    const bool breach = failure.http2 && failure.http2->by == diagnosis::Http2Ending::By::breach;
    failure.kind = timed_out() ? Kind::timed_out : breach ? Kind::not_http : Kind::closed;
    failure.served_before = used_before_;
    failure.first_bytes = connection_.first_bytes();
    if (stream_.too_large > 0) {
        failure.kind = Kind::not_http;
        failure.error = http::MessageError::head_too_large;
        failure.fault.limit = stream_.too_large;
    }
    if (answered_ && response_.status >= 200)
        failure.body = {.bytes = stream_.received, .announced = announced_length()};
    return failure;
}

std::optional<std::uint64_t> Http2Client::announced_length() const {
    const auto text = response_.fields.find("Content-Length");
    std::uint64_t length = 0;
    if (!text || std::from_chars(text->data(), text->data() + text->size(), length).ec != std::errc())
        return std::nullopt;
    return length;
}

std::optional<tls::HandshakeFailure> Http2Client::refusal() const {
    if (answered_ || !connection_.has_ended()) return std::nullopt;
    return refusal_of(connection_.channel(), handshake_, connection_.error(),
                      {.used_before = used_before_, .silent = connection_.first_bytes().empty() && !timed_out()});
}

}  // namespace proxy
