// Frames of HTTP/2 made by hand, and a session's answers to them as text, one line an event or a
// frame. Heads are HPACK literals without Huffman code (RFC 7541 §6.2.2).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "inspect/http/http2/session.h"

namespace http2_frames {

using Lines = std::vector<std::pair<std::string, std::string>>;

// RFC 9113 §6.
enum Type : std::uint8_t {
    data_frame = 0,
    headers_frame = 1,
    priority_frame = 2,
    rst_stream_frame = 3,
    settings_frame = 4,
    push_promise_frame = 5,
    ping_frame = 6,
    goaway_frame = 7,
    window_update_frame = 8,
    continuation_frame = 9,
};
enum Flag : std::uint8_t { no_flag = 0, end_stream = 1, ack = 1, end_headers = 4, padded = 8, priority_flag = 0x20 };

inline constexpr std::string_view magic = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";  // RFC 9113 §3.4

std::string number(std::uint64_t value, int octets);  // big-endian
std::string frame(std::uint8_t type, int flags, std::uint32_t stream, std::string_view payload);
std::string literal(std::string_view name, std::string_view value);
std::string block(const Lines& lines);
std::string headers(std::uint32_t stream, const Lines& lines, int flags = end_headers | end_stream);
std::string data(std::uint32_t stream, std::string_view content, int flags = end_stream);
std::string settings(const std::vector<std::pair<int, std::uint32_t>>& entries = {});
std::string settings_ack();
std::string window_update(std::uint32_t stream, std::uint32_t increment);
std::string rst_stream(std::uint32_t stream, std::uint32_t code);
std::string ping(std::string_view opaque = "opaque__", int flags = 0);
std::string goaway(std::uint32_t last, std::uint32_t code, std::string_view debug = {});

// GET https://a/ with these lines after its pseudo-header fields.
Lines get(const Lines& more = {});
Lines post(const Lines& more = {});

// "request 1 GET https /; ends", "data 1 abc", "reset 1 PROTOCOL_ERROR by us", "failed
// PROTOCOL_ERROR".
std::string text_of(const inspect::http2::Event& event);
std::string code_text(inspect::http2::ErrorCode code);

// Feeds `input` in pieces of `piece` octets (0: whole), gives back each stream's windows, drops the
// output into `output`. Data of one stream that follow each other are one line.
std::vector<std::string> play(inspect::http2::Session& session, std::string_view input, std::size_t piece,
                              std::string& output);

// Of frames that a session sent: "SETTINGS", "RST_STREAM 1 CANCEL", "GOAWAY 1 PROTOCOL_ERROR",
// "DATA 1 5 end".
std::vector<std::string> frames_in(std::string_view output);

}  // namespace http2_frames
