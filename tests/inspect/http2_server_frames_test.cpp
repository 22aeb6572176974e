// What a server of HTTP/2 makes of frames, by section of RFC 9113 (and RFC 7541). Each case is
// played whole, octet by octet and in odd pieces.
#include <string>
#include <string_view>
#include <vector>

#include "tests/inspect/http2_cases.h"
#include "tests/inspect/http2_frames.h"
#include "tests/support/catch.h"

using namespace http2_frames;
using http2_cases::Case;
using inspect::http2::Options;
using inspect::http2::Session;

namespace {

const std::string head = headers(1, get());
const std::string open_head = headers(1, post(), end_headers);
constexpr std::string_view got = "request 1 GET https / host=a; ends";

std::string preface() { return std::string(magic) + settings(); }

std::string with_reserved_bit(std::string bytes) {
    bytes[5] = static_cast<char>(bytes[5] | '\x80');
    return bytes;
}

std::string raw_headers(std::string_view bytes, std::uint32_t stream = 1) {
    return frame(headers_frame, end_headers | end_stream, stream, bytes);
}

std::vector<Case> of_connections() {
    static const std::string full_frame =
        "request 1 POST https / host=a | data 1 " + std::string(16'384, 'a') + " | end 1";
    static const std::string long_debug = "goaway 0 INTERNAL_ERROR " + std::string(512, 'x');
    return {
        {"3.4", "an empty SETTINGS frame completes the preface", "", ""},
        {"4.1", "a frame of unknown type is ignored", frame(0xbe, 0xff, 0, "whatever") + head, got},
        {"4.1", "a frame of unknown type on a stream is ignored", head + frame(0xbe, 0, 1, "whatever"), got},
        {"4.1", "undefined flags are ignored", frame(ping_frame, 0xfe, 0, "opaque__") + head, got, "PING ack"},
        {"4.1", "the reserved bit is ignored", with_reserved_bit(head), got},
        {"4.2", "DATA of 2^14 octets is taken", open_head + data(1, std::string(16'384, 'a')), full_frame},
        {"4.2", "a frame above SETTINGS_MAX_FRAME_SIZE is refused", open_head + data(1, std::string(16'385, 'a')),
         "request 1 POST https / host=a | failed FRAME_SIZE_ERROR"},
        {"4.2", "HEADERS above SETTINGS_MAX_FRAME_SIZE is refused", raw_headers(std::string(16'385, 'a')),
         "failed FRAME_SIZE_ERROR"},
        {"4.2", "SETTINGS above SETTINGS_MAX_FRAME_SIZE is refused",
         frame(settings_frame, 0, 0, std::string(16'386, '\0')), "failed FRAME_SIZE_ERROR"},
        {"4.2", "an unknown frame above SETTINGS_MAX_FRAME_SIZE is refused",
         frame(0xbe, 0, 0, std::string(16'385, 'a')), "failed FRAME_SIZE_ERROR"},
        {"4.3", "a field block that cannot be decoded is a COMPRESSION_ERROR", raw_headers("\x80"),
         "failed COMPRESSION_ERROR"},
        {"4.3", "a field block interrupted by another stream's HEADERS",
         headers(1, get(), end_stream) + headers(3, get()), "failed PROTOCOL_ERROR"},
        {"4.3", "a field block interrupted by PING", headers(1, get(), end_stream) + ping(), "failed PROTOCOL_ERROR"},
        {"4.3", "a field block interrupted by an unknown frame", headers(1, get(), end_stream) + frame(0xbe, 0, 1, ""),
         "failed PROTOCOL_ERROR"},
        {"5.4.1", "nothing is read after a connection error", frame(ping_frame, 0, 1, "opaque__") + head,
         "failed PROTOCOL_ERROR"},
        {"5.5", "an unknown setting is ignored", settings({{0xff, 1}}) + head,
         "settings 4294967295 false | request 1 GET https / host=a; ends", "SETTINGS ack"},
        {"6.5", "SETTINGS on a stream", frame(settings_frame, 0, 1, ""), "failed PROTOCOL_ERROR"},
        {"6.5", "SETTINGS with ACK and a payload", frame(settings_frame, ack, 0, number(0, 6)),
         "failed FRAME_SIZE_ERROR"},
        {"6.5", "SETTINGS whose length is no multiple of 6", frame(settings_frame, 0, 0, "abc"),
         "failed FRAME_SIZE_ERROR"},
        {"6.5", "an ACK that was not waited for", settings_ack() + settings_ack() + settings_ack(),
         "failed PROTOCOL_ERROR"},
        {"6.5.2", "SETTINGS_ENABLE_PUSH of 2", settings({{2, 2}}), "failed PROTOCOL_ERROR"},
        {"6.5.2", "SETTINGS_ENABLE_PUSH of 1 from a client", settings({{2, 1}}) + head,
         "settings 4294967295 false | request 1 GET https / host=a; ends"},
        {"6.5.2", "SETTINGS_INITIAL_WINDOW_SIZE above 2^31-1", settings({{4, 0x80000000}}),
         "failed FLOW_CONTROL_ERROR"},
        {"6.5.2", "SETTINGS_MAX_FRAME_SIZE below 2^14", settings({{5, 16'383}}), "failed PROTOCOL_ERROR"},
        {"6.5.2", "SETTINGS_MAX_FRAME_SIZE above 2^24-1", settings({{5, 16'777'216}}), "failed PROTOCOL_ERROR"},
        {"6.5.2", "SETTINGS_MAX_FRAME_SIZE of 2^24-1", settings({{5, 16'777'215}}), "settings 4294967295 false"},
        {"6.5.2", "SETTINGS_HEADER_TABLE_SIZE of 0", settings({{1, 0}}) + head,
         "settings 4294967295 false | request 1 GET https / host=a; ends"},
        {"6.5.3", "SETTINGS are acknowledged", settings({{3, 7}}), "settings 7 false", "SETTINGS ack"},
        {"6.5.3", "of a setting given twice the last counts", settings({{3, 7}, {3, 9}}), "settings 9 false"},
        {"RFC 8441 3", "SETTINGS_ENABLE_CONNECT_PROTOCOL of 2", settings({{8, 2}}), "failed PROTOCOL_ERROR"},
        {"RFC 9218 2.1", "SETTINGS_NO_RFC7540_PRIORITIES of 2", settings({{9, 2}}), "failed PROTOCOL_ERROR"},
        {"6.6", "PUSH_PROMISE from a client", frame(push_promise_frame, end_headers, 1, number(2, 4) + block(get())),
         "failed PROTOCOL_ERROR"},
        {"6.6", "PUSH_PROMISE on an open stream",
         open_head + frame(push_promise_frame, end_headers, 1, number(2, 4) + block(get())),
         "request 1 POST https / host=a | failed PROTOCOL_ERROR"},
        {"6.7", "PING is answered with the same octets", ping("12345678"), "", "PING ack"},
        {"6.7", "PING with ACK is not answered", ping("12345678", ack), "pong 3132333435363738"},
        {"6.7", "PING on a stream", frame(ping_frame, 0, 1, "opaque__"), "failed PROTOCOL_ERROR"},
        {"6.7", "PING of 7 octets", ping("1234567"), "failed FRAME_SIZE_ERROR"},
        {"6.7", "PING of 9 octets", ping("123456789"), "failed FRAME_SIZE_ERROR"},
        {"6.8", "GOAWAY on a stream", frame(goaway_frame, 0, 1, number(0, 8)), "failed PROTOCOL_ERROR"},
        {"6.8", "GOAWAY below 8 octets", frame(goaway_frame, 0, 0, number(0, 7)), "failed FRAME_SIZE_ERROR"},
        {"6.8", "GOAWAY with debug data", goaway(0, 0xb, "too fast"), "goaway 0 ENHANCE_YOUR_CALM too fast"},
        {"6.8", "GOAWAY with a code that no one knows", goaway(0, 0xff), "goaway 0 0xff "},
        {"6.8", "debug data is kept up to 512 octets", goaway(0, 2, std::string(9'000, 'x')), long_debug},
        {"6.8", "the last stream must not rise", open_head + goaway(0, 0) + goaway(2, 0),
         "request 1 POST https / host=a | goaway 0 NO_ERROR  | failed PROTOCOL_ERROR"},
        {"6.9", "WINDOW_UPDATE of 0 on the connection", window_update(0, 0), "failed PROTOCOL_ERROR"},
        {"6.9", "WINDOW_UPDATE of 3 octets", frame(window_update_frame, 0, 0, "abc"), "failed FRAME_SIZE_ERROR"},
        {"6.9", "WINDOW_UPDATE of 5 octets", frame(window_update_frame, 0, 0, "abcde"), "failed FRAME_SIZE_ERROR"},
        {"6.9", "the reserved bit of an increment is ignored", window_update(0, 0x80000001) + head, got},
        {"6.9.1", "a connection window above 2^31-1", window_update(0, 0x7fffffff), "failed FLOW_CONTROL_ERROR"},
        {"6.9.1", "a connection window above 2^31-1, in steps",
         window_update(0, 0x40000000) + window_update(0, 0x40000000), "failed FLOW_CONTROL_ERROR"},
        {"6.9.1", "a connection window of 2^31-1", window_update(0, 0x7fffffff - 65'535) + head, got},
        {"6.10", "CONTINUATION without HEADERS", frame(continuation_frame, end_headers, 1, block(get())),
         "failed PROTOCOL_ERROR"},
        {"6.10", "CONTINUATION after END_HEADERS", open_head + frame(continuation_frame, end_headers, 1, ""),
         "request 1 POST https / host=a | failed PROTOCOL_ERROR"},
        {"6.10", "CONTINUATION on stream 0",
         headers(1, get(), end_stream) + frame(continuation_frame, end_headers, 0, ""), "failed PROTOCOL_ERROR"},
        {"6.10", "CONTINUATION on another stream",
         headers(1, get(), end_stream) + frame(continuation_frame, end_headers, 3, ""), "failed PROTOCOL_ERROR"},
        {"6.10", "CONTINUATION after DATA",
         open_head + data(1, "abc", 0) + frame(continuation_frame, end_headers, 1, ""),
         "request 1 POST https / host=a | data 1 abc | failed PROTOCOL_ERROR"},
        // nghttp2 takes no last stream that a client opens; RFC 9113 §6.8 allows 2^31-1 to one that
        // ends gracefully.
        {"6.8", "GOAWAY with a last stream that is no server's", goaway(0x7fffffff, 0), "failed PROTOCOL_ERROR"},
    };
}

std::vector<Case> of_streams() {
    static const std::string after_reset =
        "request 1 POST https / host=a | request 3 POST https / host=a | reset 1 CANCEL by peer | "
        "request 7 GET https / host=a; ends";
    const std::string three_streams =
        headers(1, post(), end_headers) + headers(3, post(), end_headers) + headers(5, post(), end_headers);
    return {
        {"5.1", "DATA on an idle stream", data(1, "x"), "failed PROTOCOL_ERROR"},
        {"5.1", "RST_STREAM on an idle stream", rst_stream(1, 8), "failed PROTOCOL_ERROR"},
        {"5.1", "WINDOW_UPDATE on an idle stream", window_update(1, 1), "failed PROTOCOL_ERROR"},
        {"5.1", "CONTINUATION on an idle stream", frame(continuation_frame, end_headers, 1, ""),
         "failed PROTOCOL_ERROR"},
        {"5.1", "PRIORITY on an idle stream is ignored", frame(priority_frame, 0, 1, number(0, 5)) + head, got},
        {"5.1", "DATA after END_STREAM", head + data(1, "x"),
         "request 1 GET https / host=a; ends | failed STREAM_CLOSED"},
        {"5.1", "DATA after END_STREAM in DATA", open_head + data(1, "x") + data(1, "y"),
         "request 1 POST https / host=a | data 1 x | end 1 | failed STREAM_CLOSED"},
        {"5.1", "HEADERS after END_STREAM", head + head, "request 1 GET https / host=a; ends | failed STREAM_CLOSED"},
        {"5.1", "WINDOW_UPDATE after END_STREAM", head + window_update(1, 100), got},
        {"5.1", "RST_STREAM after END_STREAM", head + rst_stream(1, 8),
         "request 1 GET https / host=a; ends | reset 1 CANCEL by peer"},
        {"5.1", "PRIORITY after END_STREAM", head + frame(priority_frame, 0, 1, number(0, 5)), got},
        {"5.1", "DATA after RST_STREAM", open_head + rst_stream(1, 8) + data(1, "x"),
         "request 1 POST https / host=a | reset 1 CANCEL by peer | failed STREAM_CLOSED"},
        {"5.1", "HEADERS after RST_STREAM", open_head + rst_stream(1, 8) + head,
         "request 1 POST https / host=a | reset 1 CANCEL by peer | failed STREAM_CLOSED"},
        {"5.1", "WINDOW_UPDATE after RST_STREAM", open_head + rst_stream(1, 8) + window_update(1, 1),
         "request 1 POST https / host=a | reset 1 CANCEL by peer"},
        {"5.1", "PRIORITY after RST_STREAM", open_head + rst_stream(1, 8) + frame(priority_frame, 0, 1, number(0, 5)),
         "request 1 POST https / host=a | reset 1 CANCEL by peer"},
        {"5.1.1", "a request on stream 0", headers(0, get()), "failed PROTOCOL_ERROR"},
        {"5.1.1", "a request on an even stream", headers(2, get()), "failed PROTOCOL_ERROR"},
        // RFC 9113 says PROTOCOL_ERROR; a stream that was left out is not told from one that is closed.
        {"5.1.1", "a stream below one that was opened", headers(5, get()) + headers(3, get()),
         "request 5 GET https / host=a; ends | failed STREAM_CLOSED"},
        {"5.1.1", "streams may be left out", headers(5, get()) + headers(9, get()),
         "request 5 GET https / host=a; ends | request 9 GET https / host=a; ends"},
        {"5.1.1", "the highest stream", headers(0x7fffffff, get()), "request 2147483647 GET https / host=a; ends"},

        {"5.1.2", "streams above SETTINGS_MAX_CONCURRENT_STREAMS are refused before its ACK, and their blocks decoded",
         three_streams + rst_stream(1, 8) + headers(7, get()), after_reset, "RST_STREAM 5 REFUSED_STREAM"},
        {"5.1.2", "trailers on a stream that was refused", three_streams + headers(5, {{"x", "y"}}),
         "request 1 POST https / host=a | request 3 POST https / host=a"},
        {"5.1.2", "DATA on a stream that was refused", three_streams + data(5, "abc"),
         "request 1 POST https / host=a | request 3 POST https / host=a"},
        // RFC 9113 §5.4.1 lets a stream error be a connection error; nghttp2 does so.
        {"5.1.2", "streams above SETTINGS_MAX_CONCURRENT_STREAMS after its ACK", settings_ack() + three_streams,
         "request 1 POST https / host=a | request 3 POST https / host=a | failed PROTOCOL_ERROR"},
        {"5.3.1", "PRIORITY that depends on itself is ignored",
         open_head + frame(priority_frame, 0, 1, number(1, 4) + "x"), "request 1 POST https / host=a"},
        {"5.3.2", "HEADERS with a priority",
         frame(headers_frame, end_headers | end_stream | priority_flag, 1, number(3, 4) + "x" + block(get())), got},
        {"5.3.2", "HEADERS that depend on themselves (RFC 7540 5.3.1)",
         frame(headers_frame, end_headers | end_stream | priority_flag, 1, number(1, 4) + "x" + block(get())),
         "failed PROTOCOL_ERROR"},
        {"6.1", "DATA on stream 0", data(0, "x"), "failed PROTOCOL_ERROR"},
        {"6.1", "padding is left out",
         open_head + frame(data_frame, end_stream | padded, 1,
                           "\x04"
                           "abc" +
                               std::string(4, '\0')),
         "request 1 POST https / host=a | data 1 abc | end 1"},
        {"6.1", "padding as long as the payload",
         open_head + frame(data_frame, end_stream | padded, 1,
                           "\x04"
                           "abc"),
         "request 1 POST https / host=a | failed PROTOCOL_ERROR"},
        {"6.1", "a padded frame without octets", open_head + frame(data_frame, end_stream | padded, 1, ""),
         "request 1 POST https / host=a | failed FRAME_SIZE_ERROR"},
        {"6.1", "DATA that is padding",
         open_head + frame(data_frame, end_stream | padded, 1, std::string(1, 4) + std::string(4, '\0')),
         "request 1 POST https / host=a | end 1"},
        {"6.1", "padding that is not zero is ignored",
         open_head + frame(data_frame, end_stream | padded, 1,
                           "\x02"
                           "abc!!"),
         "request 1 POST https / host=a | data 1 abc | end 1"},
        {"6.1", "an empty DATA frame ends the stream", open_head + data(1, ""),
         "request 1 POST https / host=a | end 1"},
        {"6.2", "HEADERS with padding",
         frame(headers_frame, end_headers | end_stream | padded, 1, "\x02" + block(get()) + std::string(2, 0)), got},
        {"6.2", "HEADERS with padding above the payload",
         frame(headers_frame, end_headers | end_stream | padded, 1, "\xff" + block(get())), "failed PROTOCOL_ERROR"},
        {"6.2", "HEADERS with priority and too few octets",
         frame(headers_frame, end_headers | end_stream | priority_flag, 1, "abc"), "failed FRAME_SIZE_ERROR"},
        {"6.2", "a head in HEADERS and CONTINUATION",
         frame(headers_frame, end_stream, 1, block(get()).substr(0, 9)) +
             frame(continuation_frame, 0, 1, block(get()).substr(9, 7)) +
             frame(continuation_frame, end_headers, 1, block(get()).substr(16)),
         got},
        {"6.2", "an empty CONTINUATION",
         frame(headers_frame, end_stream, 1, block(get())) + frame(continuation_frame, end_headers, 1, ""), got},
        {"6.3", "PRIORITY on stream 0", frame(priority_frame, 0, 0, number(0, 5)), "failed PROTOCOL_ERROR"},
        {"6.3", "PRIORITY of 4 octets", open_head + frame(priority_frame, 0, 1, number(0, 4)),
         "request 1 POST https / host=a | failed FRAME_SIZE_ERROR"},
        {"6.4", "RST_STREAM on stream 0", rst_stream(0, 8), "failed PROTOCOL_ERROR"},
        {"6.4", "RST_STREAM of 3 octets", open_head + frame(rst_stream_frame, 0, 1, "abc"),
         "request 1 POST https / host=a | failed FRAME_SIZE_ERROR"},
        {"6.4", "RST_STREAM of 5 octets", open_head + frame(rst_stream_frame, 0, 1, "abcde"),
         "request 1 POST https / host=a | failed FRAME_SIZE_ERROR"},
        {"6.4", "RST_STREAM with a code that no one knows", open_head + rst_stream(1, 0xabc),
         "request 1 POST https / host=a | reset 1 0xabc by peer"},
        {"6.4", "RST_STREAM with NO_ERROR", open_head + rst_stream(1, 0),
         "request 1 POST https / host=a | reset 1 NO_ERROR by peer"},
        // As above: nghttp2 ends the connection.
        {"6.9", "WINDOW_UPDATE of 0 on a stream", open_head + window_update(1, 0),
         "request 1 POST https / host=a | failed PROTOCOL_ERROR"},
        {"6.9.1", "a stream's window above 2^31-1", open_head + window_update(1, 0x7fffffff),
         "request 1 POST https / host=a | reset 1 FLOW_CONTROL_ERROR by us", "RST_STREAM 1 FLOW_CONTROL_ERROR"},
        {"6.9.2", "a stream's window above 2^31-1 by SETTINGS",
         open_head + window_update(1, 0x7fffffff - 65'535) + settings({{4, 65'536}}),
         "request 1 POST https / host=a | settings 4294967295 false | reset 1 FLOW_CONTROL_ERROR by us"},
        {"8.1", "DATA after trailers", open_head + headers(1, {{"x", "y"}}) + data(1, "x"),
         "request 1 POST https / host=a | trailers 1 x=y | failed STREAM_CLOSED"},
        {"8.1", "trailers without END_STREAM", open_head + data(1, "abc", 0) + headers(1, {{"x", "y"}}, end_headers),
         "request 1 POST https / host=a | data 1 abc | reset 1 PROTOCOL_ERROR by us"},
        {"8.1", "content and trailers", open_head + data(1, "abc", 0) + headers(1, {{"grpc-status", "0"}}),
         "request 1 POST https / host=a | data 1 abc | trailers 1 grpc-status=0"},
        {"8.1", "trailers without content", open_head + headers(1, {{"x", "y"}}),
         "request 1 POST https / host=a | trailers 1 x=y"},
        {"8.1", "an empty trailer section", open_head + headers(1, {}), "request 1 POST https / host=a | trailers 1"},
    };
}

}  // namespace

TEST_CASE("a server of HTTP/2 reads frames about the connection as RFC 9113 says") {
    for (const Case& one : of_connections()) http2_cases::check(one, [] { return Session::server({}); }, preface());
}

TEST_CASE("a server of HTTP/2 reads frames about streams as RFC 9113 says") {
    Options options;
    options.max_concurrent_streams = 2;
    for (const Case& one : of_streams()) http2_cases::check(one, [&] { return Session::server(options); }, preface());
}
