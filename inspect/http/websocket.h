// What passes on a WebSocket connection (RFC 6455 §5), summarised without holding it: frames are
// counted, and of their payload only the content of the close frame is kept, and where it is wanted
// the beginning of each message. Judges no message; bytes that are not frames end the counting and
// nothing else. Sans-IO.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "certs/bytes.h"

namespace inspect::http {

enum class WebSocketPeer { client, server };

// What one side has sent. A frame counts when it is complete, a message with its last frame;
// payload bytes count as they pass.
struct WebSocketTraffic {
    std::uint64_t text = 0, binary = 0, continuation = 0, ping = 0, pong = 0, close = 0;  // frames
    std::uint64_t messages = 0;                                                           // of text or binary data
    // Of payload, without the frames' heads.
    std::uint64_t bytes = 0;
    // Something came that is not a frame: it and what followed are not counted.
    bool malformed = false;
    bool operator==(const WebSocketTraffic&) const = default;

    std::uint64_t frames() const { return text + binary + continuation + ping + pong + close; }
};

// RFC 6455 §5.5.1. Both are what the sender says; the reason may be any bytes.
struct WebSocketClose {
    std::optional<std::uint16_t> code;
    std::string reason;  // at most 123 bytes
    bool operator==(const WebSocketClose&) const = default;
};

// A whole message, or a control frame.
struct WebSocketMessage {
    std::string_view kind;    // "text", "binary", "ping", "pong", "close"
    std::uint64_t size = 0;   // octets of payload
    std::string payload;      // its beginning, unmasked
    bool compressed = false;  // RFC 7692
    bool operator==(const WebSocketMessage&) const = default;
};

// One direction.
class WebSocketFrames {
public:
    explicit WebSocketFrames(WebSocketPeer sender) : sender_(sender) {}

    // From now on messages are kept, of each so many octets at most.
    void keep_messages(std::size_t octets) { most_kept_ = octets; }
    // Those that have become whole since the last call.
    std::vector<WebSocketMessage> take_messages() { return std::exchange(messages_, {}); }

    // The bytes as they pass, cut anywhere. Bytes after a close frame are no longer part of the
    // conversation and are not looked at.
    void take(certs::Bytes input);

    const WebSocketTraffic& traffic() const { return traffic_; }
    const std::optional<WebSocketClose>& close() const { return close_; }

private:
    enum class Kind : std::uint8_t {
        continuation = 0,
        text = 1,
        binary = 2,
        close = 8,
        ping = 9,
        pong = 10
    };  // RFC 6455 §5.2, the opcodes

    static constexpr std::size_t longest_head = 14;        // two bytes, a length of eight, a mask of four
    static constexpr std::uint64_t longest_control = 125;  // RFC 6455 §5.5

    void take_head(std::uint8_t byte);
    void take_payload(certs::Bytes piece);
    void end_frame();
    void keep_head();
    void keep_payload(certs::Bytes piece);
    void count();
    void read_close();

    Kind kind() const { return static_cast<Kind>(head_[0] & 0x0f); }
    bool is_final() const { return (head_[0] & 0x80) != 0; }
    bool is_control() const { return (head_[0] & 0x08) != 0; }
    bool begins_well() const;
    std::size_t length_size() const;
    std::size_t mask_size() const { return sender_ == WebSocketPeer::client ? 4 : 0; }
    std::optional<std::uint64_t> payload_size() const;

    WebSocketPeer sender_;
    WebSocketTraffic traffic_;
    std::optional<WebSocketClose> close_;
    std::array<std::uint8_t, longest_head> head_{};
    std::size_t head_size_ = 0;
    std::uint64_t size_ = 0;     // of the frame's payload
    std::uint64_t left_ = 0;     // … that has not come yet
    bool in_payload_ = false;    // the head is complete
    bool in_message_ = false;    // its last frame has not come yet
    std::string close_payload_;  // unmasked
    std::size_t most_kept_ = 0;
    WebSocketMessage message_, control_;  // under way
    std::vector<WebSocketMessage> messages_;
};

// Both directions, summarised at the end.
struct WebSocketSummary {
    WebSocketTraffic client, server;         // by who sent it
    std::optional<WebSocketPeer> closed_by;  // who sent a close frame first
    WebSocketClose close;                    // what it said
    bool broken = false;                     // the connection broke off; it was not ended
};

// Sec-WebSocket-Accept for a Sec-WebSocket-Key (RFC 6455 §4.2.2).
std::string websocket_accept(std::string_view key);

class WebSocketConversation {
public:
    void keep_messages(std::size_t octets) {
        client_.keep_messages(octets);
        server_.keep_messages(octets);
    }
    void take(WebSocketPeer sender, certs::Bytes input);
    std::vector<WebSocketMessage> take_messages(WebSocketPeer sender) {
        return (sender == WebSocketPeer::client ? client_ : server_).take_messages();
    }
    WebSocketSummary summary() const;

private:
    WebSocketFrames client_{WebSocketPeer::client}, server_{WebSocketPeer::server};
    std::optional<WebSocketPeer> closed_by_;
};

}  // namespace inspect::http
