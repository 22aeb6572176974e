#include "inspect/http/websocket.h"

#include <fmt/format.h>

#include "tests/support/catch.h"

using namespace inspect::http;

namespace {

std::string length_of(std::size_t size, int mask_bit) {
    std::string result;
    const auto put = [&](std::size_t value) { result += static_cast<char>(value); };
    if (size < 126) {
        put(mask_bit | size);
    } else if (size < 0x1'0000) {
        put(mask_bit | 126);
        for (int shift = 8; shift >= 0; shift -= 8) put(size >> shift & 0xff);
    } else {
        put(mask_bit | 127);
        for (int shift = 56; shift >= 0; shift -= 8) put(size >> shift & 0xff);
    }
    return result;
}

// As a server sends it; `first` is the byte of FIN, RSV1 and the opcode.
std::string frame(int first, std::string_view payload) {
    return std::string(1, static_cast<char>(first)) + length_of(payload.size(), 0) + std::string(payload);
}

// As a client sends it.
std::string masked(int first, std::string_view payload) {
    constexpr std::string_view mask = "\x11\x22\x33\x44";
    std::string result = std::string(1, static_cast<char>(first)) + length_of(payload.size(), 0x80) + std::string(mask);
    for (std::size_t i = 0; i < payload.size(); ++i) result += static_cast<char>(payload[i] ^ mask[i % 4]);
    return result;
}

std::string told(const WebSocketFrames& frames) {
    const WebSocketTraffic& sent = frames.traffic();
    std::string result = fmt::format("{} frames, {} messages, {} bytes", sent.frames(), sent.messages, sent.bytes);
    if (sent.malformed) result += ", malformed";
    if (const auto& close = frames.close())
        result += fmt::format(", closed {} \"{}\"", close->code ? std::to_string(*close->code) : "-", close->reason);
    return result;
}

// The result for the bytes as a whole; it is checked to be the same when they are cut in two
// anywhere, and for single bytes.
std::string passed(WebSocketPeer sender, const std::string& bytes) {
    WebSocketFrames whole(sender);
    whole.take(certs::as_bytes(bytes));
    const std::size_t step = bytes.size() > 4096 ? 997 : 1;
    for (std::size_t at = 0; at <= bytes.size(); at += step) {
        WebSocketFrames cut(sender);
        cut.take(certs::as_bytes(bytes).first(at));
        cut.take(certs::as_bytes(bytes).subspan(at));
        CHECK(told(cut) == told(whole));
    }
    WebSocketFrames single(sender);
    for (const char byte : bytes) single.take(certs::as_bytes(std::string_view(&byte, 1)));
    CHECK(single.traffic() == whole.traffic());
    CHECK(single.close() == whole.close());
    return told(whole);
}

std::string from_server(const std::string& bytes) { return passed(WebSocketPeer::server, bytes); }
std::string from_client(const std::string& bytes) { return passed(WebSocketPeer::client, bytes); }

}  // namespace

TEST_CASE("WebSocket frames are counted by kind, messages with their last frame, however the bytes are cut") {
    const std::string bytes = frame(0x01, "he") + frame(0x89, "?") + frame(0x80, "llo") +
                              frame(0x82, std::string(126, 'x')) + frame(0x8a, "");
    CHECK(from_server(bytes) == "5 frames, 2 messages, 132 bytes");
    WebSocketFrames frames(WebSocketPeer::server);
    frames.take(certs::as_bytes(bytes));
    CHECK(
        frames.traffic() ==
        WebSocketTraffic{.text = 1, .binary = 1, .continuation = 1, .ping = 1, .pong = 1, .messages = 2, .bytes = 132});
    CHECK(from_server(frame(0x82, std::string(70'000, 'x'))) == "1 frames, 1 messages, 70000 bytes");
    CHECK(from_server(frame(0xc1, "deflated")) == "1 frames, 1 messages, 8 bytes");
    CHECK(from_server("") == "0 frames, 0 messages, 0 bytes");
}

TEST_CASE("a frame that has not come to its end counts by its bytes alone") {
    CHECK(from_server(frame(0x81, "hello").substr(0, 5)) == "0 frames, 0 messages, 3 bytes");
}

TEST_CASE("a close frame's code and reason are read, unmasked when a client sends them") {
    const std::string four_thousand =
        "\x0f\xa0"
        "gone fishing";
    CHECK(from_server(frame(0x88, four_thousand)) == R"(1 frames, 0 messages, 14 bytes, closed 4000 "gone fishing")");
    CHECK(from_client(masked(0x81, "hi") + masked(0x88, four_thousand)) ==
          R"(2 frames, 1 messages, 16 bytes, closed 4000 "gone fishing")");
    CHECK(from_client(masked(0x88, "")) == R"(1 frames, 0 messages, 0 bytes, closed - "")");
    const std::string longest = "\x03\xe8" + std::string(123, 'r');
    CHECK(from_server(frame(0x88, longest)).ends_with(std::string(123, 'r') + "\""));
}

TEST_CASE("what follows a close frame is not counted") {
    CHECK(from_server(frame(0x88, "") + frame(0x81, "more")) == R"(1 frames, 0 messages, 0 bytes, closed - "")");
}

TEST_CASE("bytes that are no frames end the counting") {
    const std::string good = frame(0x81, "hi"), counted = "1 frames, 1 messages, 2 bytes, malformed";
    CHECK(from_server(good + frame(0x83, "") + good) == counted);                        // a reserved opcode
    CHECK(from_server(good + frame(0xa1, "") + good) == counted);                        // RSV2
    CHECK(from_server(good + frame(0xc9, "") + good) == counted);                        // a compressed ping
    CHECK(from_server(good + frame(0x80, "") + good) == counted);                        // a continuation of nothing
    CHECK(from_server(good + frame(0x09, "") + good) == counted);                        // a fragment of a ping
    CHECK(from_server(good + frame(0x89, std::string(126, 'x')) + good) == counted);     // a long ping
    CHECK(from_server(good + frame(0x88, "x") + good) == counted);                       // half a close code
    CHECK(from_server(good + masked(0x81, "") + good) == counted);                       // a masked server
    CHECK(from_server(good + std::string("\x81\x7e\x00\x05", 4) + good) == counted);     // a length in too many bytes
    CHECK(from_server(good + "\x81\x7f\xff" + std::string(7, '\0') + good) == counted);  // 2^63 and more
    CHECK(from_server(good + "HTTP/1.1 500 Oops\r\n") == counted);
    // A message within a message.
    CHECK(from_server(frame(0x01, "a") + frame(0x81, "b")) == "1 frames, 0 messages, 1 bytes, malformed");
    // A client without a mask.
    CHECK(from_client(good) == "0 frames, 0 messages, 0 bytes, malformed");
}

TEST_CASE("of two close frames the first one says who closed, and why") {
    WebSocketConversation conversation;
    CHECK_FALSE(conversation.summary().closed_by);
    conversation.take(WebSocketPeer::server, certs::as_bytes(frame(0x88, "\x03\xe9")));
    conversation.take(WebSocketPeer::client, certs::as_bytes(masked(0x88, "\x03\xe8")));
    const WebSocketSummary summary = conversation.summary();
    CHECK(summary.closed_by == WebSocketPeer::server);
    CHECK(summary.close.code == 1001);
    CHECK(summary.client.close == 1);
    CHECK(summary.server.close == 1);
}
