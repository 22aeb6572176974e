#include "inspect/http/websocket.h"

#include <algorithm>
#include <span>

#include "certs/crypto.h"
#include "certs/pem.h"

namespace inspect::http {

namespace {

std::uint64_t big_endian(std::span<const std::uint8_t> bytes) {
    std::uint64_t value = 0;
    for (const std::uint8_t byte : bytes) value = value << 8 | byte;
    return value;
}

}  // namespace

std::string websocket_accept(std::string_view key) {
    const std::string text = std::string(key) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    return certs::encode_base64(certs::sha1(certs::as_bytes(text)));
}

void WebSocketFrames::take(certs::Bytes input) {
    while (!input.empty() && !traffic_.malformed && !close_) {
        std::size_t taken = 1;
        if (in_payload_) {
            taken = static_cast<std::size_t>(std::min<std::uint64_t>(left_, input.size()));
            take_payload(input.first(taken));
        } else {
            take_head(input.front());
        }
        input = input.subspan(taken);
        if (in_payload_ && left_ == 0) end_frame();
    }
}

void WebSocketFrames::take_head(std::uint8_t byte) {
    head_[head_size_++] = byte;
    if (head_size_ < 2) return;
    if (head_size_ == 2 && !begins_well()) {
        traffic_.malformed = true;
        return;
    }
    if (head_size_ < 2 + length_size() + mask_size()) return;
    const auto size = payload_size();
    traffic_.malformed = !size;
    in_payload_ = size.has_value();
    size_ = left_ = size.value_or(0);
    if (size && most_kept_ > 0) keep_head();
}

// RFC 6455 §5.2 to §5.5. RSV1 is permessage-deflate's (RFC 7692 §6), on the first frame of a
// message.
bool WebSocketFrames::begins_well() const {
    const bool rsv1 = (head_[0] & 0x40) != 0, other_reserved = (head_[0] & 0x30) != 0, masked = (head_[1] & 0x80) != 0;
    if (other_reserved || masked != (sender_ == WebSocketPeer::client)) return false;
    switch (kind()) {
        case Kind::continuation: return in_message_ && !rsv1;
        case Kind::text:
        case Kind::binary: return !in_message_;
        case Kind::close:
        case Kind::ping:
        case Kind::pong: return is_final() && !rsv1 && (head_[1] & 0x7f) <= longest_control;
    }
    return false;
}

std::size_t WebSocketFrames::length_size() const {
    const int length = head_[1] & 0x7f;
    return length == 126 ? 2 : length == 127 ? 8 : 0;
}

// RFC 6455 §5.2: in the fewest bytes that hold it, and below 2^63. A close frame's code takes two
// bytes or is missing.
std::optional<std::uint64_t> WebSocketFrames::payload_size() const {
    const std::size_t bytes = length_size();
    const std::uint64_t size = bytes == 0 ? head_[1] & 0x7f : big_endian(std::span(head_).subspan(2, bytes));
    const std::uint64_t least = bytes == 0 ? 0 : bytes == 2 ? 126 : 0x1'0000;
    if (size < least || size >> 63 != 0 || (kind() == Kind::close && size == 1)) return std::nullopt;
    return size;
}

void WebSocketFrames::take_payload(certs::Bytes piece) {
    if (kind() == Kind::close) {
        for (const std::uint8_t byte : piece) {
            const std::uint8_t mask = mask_size() == 0 ? 0 : head_[head_size_ - 4 + close_payload_.size() % 4];
            close_payload_ += static_cast<char>(byte ^ mask);
        }
    }
    if (most_kept_ > 0) keep_payload(piece);
    left_ -= piece.size();
    traffic_.bytes += piece.size();
}

void WebSocketFrames::keep_head() {
    constexpr auto word = [](Kind kind) -> std::string_view {
        switch (kind) {
            case Kind::text: return "text";
            case Kind::ping: return "ping";
            case Kind::pong: return "pong";
            case Kind::close: return "close";
            case Kind::binary:
            case Kind::continuation: break;
        }
        return "binary";
    };
    if (kind() == Kind::continuation) return;
    (is_control() ? control_ : message_) = {word(kind()), 0, {}, (head_[0] & 0x40) != 0};
}

void WebSocketFrames::keep_payload(certs::Bytes piece) {
    WebSocketMessage& kept = is_control() ? control_ : message_;
    const std::size_t room = most_kept_ - std::min(most_kept_, kept.payload.size());
    std::uint64_t at = size_ - left_;
    for (const std::uint8_t byte : piece.first(std::min(room, piece.size()))) {
        const std::uint8_t mask = mask_size() == 0 ? 0 : head_[head_size_ - 4 + at++ % 4];
        kept.payload += static_cast<char>(byte ^ mask);
    }
    kept.size += piece.size();
}

void WebSocketFrames::end_frame() {
    count();
    if (kind() == Kind::close) read_close();
    if (most_kept_ > 0 && is_final()) messages_.push_back(std::exchange(is_control() ? control_ : message_, {}));
    if (!is_control()) {
        in_message_ = !is_final();
        if (is_final()) ++traffic_.messages;
    }
    in_payload_ = false;
    head_size_ = 0;
}

void WebSocketFrames::count() {
    switch (kind()) {
        case Kind::continuation: ++traffic_.continuation; break;
        case Kind::text: ++traffic_.text; break;
        case Kind::binary: ++traffic_.binary; break;
        case Kind::close: ++traffic_.close; break;
        case Kind::ping: ++traffic_.ping; break;
        case Kind::pong: ++traffic_.pong; break;
    }
}

void WebSocketFrames::read_close() {
    close_.emplace();
    if (close_payload_.empty()) return;
    close_->code = static_cast<std::uint16_t>(big_endian(certs::as_bytes(close_payload_).first(2)));
    close_->reason = close_payload_.substr(2);
}

void WebSocketConversation::take(WebSocketPeer sender, certs::Bytes input) {
    WebSocketFrames& frames = sender == WebSocketPeer::client ? client_ : server_;
    frames.take(input);
    if (!closed_by_ && frames.close()) closed_by_ = sender;
}

WebSocketSummary WebSocketConversation::summary() const {
    WebSocketSummary result;
    result.client = client_.traffic();
    result.server = server_.traffic();
    result.closed_by = closed_by_;
    if (closed_by_) result.close = *(*closed_by_ == WebSocketPeer::client ? client_ : server_).close();
    return result;
}

}  // namespace inspect::http
