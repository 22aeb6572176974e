// What a client of HTTP/2 makes of frames, by section of RFC 9113. It has sent GET on stream 1,
// HEAD on 5, and on 3 the head of a POST. Each case is played whole, octet by octet and in odd
// pieces.
#include <string>
#include <vector>

#include "tests/inspect/http2_cases.h"
#include "tests/inspect/http2_frames.h"
#include "tests/support/catch.h"

using namespace http2_frames;
using http2_cases::Case;
using inspect::http2::Session;

namespace {

Session client() {
    auto session = Session::client({});
    inspect::http::RequestHead head{.method = "GET", .target = "/", .version = {}, .fields = {}};
    head.fields.add("Host", "a");
    REQUIRE(session.request(head, "https", true) == 1);
    head.method = "POST";
    REQUIRE(session.request(head, "https", false) == 3);
    head.method = "HEAD";
    REQUIRE(session.request(head, "https", true) == 5);
    return session;
}

Lines status(std::string_view code, const Lines& more = {}) {
    Lines lines{{":status", std::string(code)}};
    lines.insert(lines.end(), more.begin(), more.end());
    return lines;
}

std::string response(std::uint32_t stream, const Lines& lines, bool ends = true) {
    return headers(stream, lines, ends ? end_headers | end_stream : end_headers);
}

std::vector<Case> of_connections() {
    return {
        {"3.4", "an empty SETTINGS frame is the server's preface", "", ""},
        {"4.1", "a frame of unknown type is ignored", frame(0x21, 0xff, 1, "whatever"), ""},
        {"4.2", "a frame above SETTINGS_MAX_FRAME_SIZE", frame(0x21, 0, 0, std::string(16'385, 'x')),
         "failed FRAME_SIZE_ERROR"},
        {"4.3", "a field block that cannot be decoded",
         frame(headers_frame, end_headers, 1, "\xff\xff\xff\xff\xff\xff\xff"), "failed COMPRESSION_ERROR"},
        {"4.3", "a field block interrupted by DATA", headers(1, status("200"), 0) + data(1, "x"),
         "failed PROTOCOL_ERROR"},
        {"6.5", "SETTINGS on a stream", frame(settings_frame, 0, 1, ""), "failed PROTOCOL_ERROR"},
        {"6.5", "SETTINGS whose length is no multiple of 6", frame(settings_frame, 0, 0, "abcd"),
         "failed FRAME_SIZE_ERROR"},
        {"6.5.2", "SETTINGS_ENABLE_PUSH of 1 from a server", settings({{2, 1}}), "failed PROTOCOL_ERROR"},
        {"6.5.2", "SETTINGS_ENABLE_PUSH of 0 from a server", settings({{2, 0}}), "settings 4294967295 false"},
        {"6.5.2", "SETTINGS_INITIAL_WINDOW_SIZE above 2^31-1", settings({{4, 0xffffffff}}),
         "failed FLOW_CONTROL_ERROR"},
        {"6.5.2", "SETTINGS_MAX_FRAME_SIZE of 0", settings({{5, 0}}), "failed PROTOCOL_ERROR"},
        {"6.5.2", "SETTINGS_MAX_CONCURRENT_STREAMS below what is open", settings({{3, 1}}), "settings 1 false"},
        {"6.5.3", "an ACK that was not waited for", settings_ack() + settings_ack(), "failed PROTOCOL_ERROR"},
        {"RFC 8441 3", "SETTINGS_ENABLE_CONNECT_PROTOCOL", settings({{8, 1}}), "settings 4294967295 true"},
        {"RFC 8441 3", "SETTINGS_ENABLE_CONNECT_PROTOCOL taken back", settings({{8, 1}}) + settings({{8, 0}}),
         "settings 4294967295 true | failed PROTOCOL_ERROR"},
        {"6.6", "PUSH_PROMISE", frame(push_promise_frame, end_headers, 1, number(2, 4) + block(get())),
         "failed PROTOCOL_ERROR"},
        {"6.6", "PUSH_PROMISE after the ACK of our SETTINGS",
         settings_ack() + frame(push_promise_frame, end_headers, 1, number(2, 4) + block(get())),
         "failed PROTOCOL_ERROR"},
        {"6.6", "PUSH_PROMISE on stream 0", frame(push_promise_frame, end_headers, 0, number(2, 4) + block(get())),
         "failed PROTOCOL_ERROR"},
        {"6.7", "PING is answered", ping(), "", "PING ack"},
        {"6.7", "PING of 6 octets", ping("123456"), "failed FRAME_SIZE_ERROR"},
        {"6.8", "GOAWAY above what is open", goaway(5, 0, "bye"), "goaway 5 NO_ERROR bye"},
        {"6.8", "GOAWAY: streams above the last were not processed", goaway(1, 0),
         "goaway 1 NO_ERROR  | reset 3 REFUSED_STREAM by peer | reset 5 REFUSED_STREAM by peer"},
        {"6.8", "GOAWAY: the streams below go on", goaway(1, 0) + response(1, status("200")),
         "goaway 1 NO_ERROR  | reset 3 REFUSED_STREAM by peer | reset 5 REFUSED_STREAM by peer | response 1 200; ends"},
        {"6.8", "GOAWAY: frames of streams that were given up are ignored",
         goaway(1, 0) + response(5, status("200")) + data(3, "x"),
         "goaway 1 NO_ERROR  | reset 3 REFUSED_STREAM by peer | reset 5 REFUSED_STREAM by peer"},
        {"6.8", "a notice, then the end", goaway(0x7fffffff, 0) + goaway(3, 0),
         "goaway 2147483647 NO_ERROR  | goaway 3 NO_ERROR  | reset 5 REFUSED_STREAM by peer"},
        {"6.8", "the last stream must not rise", goaway(3, 0) + goaway(5, 0),
         "goaway 3 NO_ERROR  | reset 5 REFUSED_STREAM by peer | failed PROTOCOL_ERROR"},
        {"6.8", "GOAWAY with a last stream that is the server's own", goaway(2, 0), "failed PROTOCOL_ERROR"},
        {"6.9", "WINDOW_UPDATE of 0 on the connection", window_update(0, 0), "failed PROTOCOL_ERROR"},
        {"6.9.1", "a connection window above 2^31-1", window_update(0, 0x7fffffff), "failed FLOW_CONTROL_ERROR"},
        {"6.10", "CONTINUATION without HEADERS", frame(continuation_frame, end_headers, 1, ""),
         "failed PROTOCOL_ERROR"},
    };
}

std::vector<Case> of_streams() {
    return {
        {"5.1", "a response on an idle stream", response(7, status("200")), "failed PROTOCOL_ERROR"},
        {"5.1", "DATA on an idle stream", data(7, "x"), "failed PROTOCOL_ERROR"},
        {"5.1", "WINDOW_UPDATE on an idle stream", window_update(7, 1), "failed PROTOCOL_ERROR"},
        {"5.1", "RST_STREAM on an idle stream", rst_stream(7, 8), "failed PROTOCOL_ERROR"},
        {"5.1", "HEADERS on a closed stream", response(1, status("200")) + response(1, status("200")),
         "response 1 200; ends | failed STREAM_CLOSED"},
        {"5.1", "DATA on a closed stream", response(1, status("200")) + data(1, "x"),
         "response 1 200; ends | failed STREAM_CLOSED"},
        {"5.1", "WINDOW_UPDATE on a closed stream", response(1, status("200")) + window_update(1, 1),
         "response 1 200; ends"},
        {"5.1", "RST_STREAM on a closed stream", response(1, status("200")) + rst_stream(1, 0), "response 1 200; ends"},
        {"5.1.1", "a response on an even stream that no one promised", response(2, status("200")),
         "failed PROTOCOL_ERROR"},
        {"5.1.1", "a response on stream 0", response(0, status("200")), "failed PROTOCOL_ERROR"},
        {"6.1", "DATA on stream 0", data(0, "x"), "failed PROTOCOL_ERROR"},
        {"6.1", "padding as long as the payload",
         response(1, status("200"), false) + frame(data_frame, padded, 1,
                                                   "\x05"
                                                   "abc"),
         "response 1 200 | failed PROTOCOL_ERROR"},
        {"6.4", "RST_STREAM in place of a response", rst_stream(1, 2), "reset 1 INTERNAL_ERROR by peer"},
        {"6.4", "RST_STREAM inside a response",
         response(1, status("200"), false) + data(1, "abc", 0) + rst_stream(1, 0xd),
         "response 1 200 | data 1 abc | reset 1 HTTP_1_1_REQUIRED by peer"},
        {"6.4", "RST_STREAM of 0 octets", frame(rst_stream_frame, 0, 1, ""), "failed FRAME_SIZE_ERROR"},
        {"6.9.1", "a stream's window above 2^31-1", window_update(3, 0x7fffffff), "reset 3 FLOW_CONTROL_ERROR by us",
         "RST_STREAM 3 FLOW_CONTROL_ERROR"},
        {"8.1", "a response without content", response(1, status("204")), "response 1 204; ends"},
        {"8.1", "a response with content",
         response(1, status("200", {{"content-length", "3"}}), false) + data(1, "abc"),
         "response 1 200 content-length=3 | data 1 abc | end 1"},
        {"8.1", "a response before the request is complete", response(3, status("413")), "response 3 413; ends"},
        {"8.1", "a whole response, then RST_STREAM of NO_ERROR", response(3, status("413")) + rst_stream(3, 0),
         "response 3 413; ends | reset 3 NO_ERROR by peer"},
        {"8.1", "interim responses",
         response(1, status("100"), false) + response(1, status("103", {{"link", "</a>"}}), false) +
             response(1, status("200")),
         "response 1 100 | response 1 103 link=</a> | response 1 200; ends"},
        {"8.1", "an interim response that ends the stream", response(1, status("103")), "reset 1 PROTOCOL_ERROR by us"},
        {"8.1", "an interim response, then DATA", response(1, status("100"), false) + data(1, "x"),
         "response 1 100 | reset 1 PROTOCOL_ERROR by us"},
        {"8.1", "DATA before a response", data(1, "x"), "failed PROTOCOL_ERROR"},
        {"8.1", "trailers", response(1, status("200"), false) + data(1, "abc", 0) + headers(1, {{"grpc-status", "0"}}),
         "response 1 200 | data 1 abc | trailers 1 grpc-status=0"},
        {"8.1", "trailers without END_STREAM",
         response(1, status("200"), false) + headers(1, {{"x", "y"}}, end_headers),
         "response 1 200 | reset 1 PROTOCOL_ERROR by us"},
        {"8.1", "trailers with :status", response(1, status("200"), false) + response(1, status("200")),
         "response 1 200 | reset 1 PROTOCOL_ERROR by us"},
        {"8.1.1", "content below Content-Length",
         response(1, status("200", {{"content-length", "4"}}), false) + data(1, "abc"),
         "response 1 200 content-length=4 | data 1 abc | reset 1 PROTOCOL_ERROR by us"},
        {"8.1.1", "content above Content-Length",
         response(1, status("200", {{"content-length", "2"}}), false) + data(1, "ab", 0) + data(1, "c"),
         "response 1 200 content-length=2 | data 1 ab | reset 1 PROTOCOL_ERROR by us"},
        {"8.1.1", "no content where Content-Length has some", response(1, status("200", {{"content-length", "2"}})),
         "reset 1 PROTOCOL_ERROR by us"},
        {"8.1.1", "trailers before Content-Length is reached",
         response(1, status("200", {{"content-length", "4"}}), false) + data(1, "abc", 0) + headers(1, {{"x", "y"}}),
         "response 1 200 content-length=4 | data 1 abc | reset 1 PROTOCOL_ERROR by us"},
        {"8.1.1", "the Content-Length of a response to HEAD", response(5, status("200", {{"content-length", "400"}})),
         "response 5 200 content-length=400; ends"},
        {"8.1.1", "content in a response to HEAD",
         response(5, status("200", {{"content-length", "3"}}), false) + data(5, "abc"),
         "response 5 200 content-length=3 | reset 5 PROTOCOL_ERROR by us"},
        {"8.1.1", "the Content-Length of a 304", response(1, status("304", {{"content-length", "400"}})),
         "response 1 304 content-length=400; ends"},
        {"8.1.1", "content in a 204", response(1, status("204"), false) + data(1, "abc"),
         "response 1 204 | reset 1 PROTOCOL_ERROR by us"},
        {"8.2.1", "an upper-case name", response(1, status("200", {{"X-y", "z"}})), "reset 1 PROTOCOL_ERROR by us"},
        {"8.2.1", "a name with a colon", response(1, status("200", {{"x:y", "z"}})), "reset 1 PROTOCOL_ERROR by us"},
        {"8.2.1", "a name with a space", response(1, status("200", {{"x y", "z"}})), "reset 1 PROTOCOL_ERROR by us"},
        {"8.2.1", "an empty name", response(1, status("200", {{"", "z"}})), "reset 1 PROTOCOL_ERROR by us"},
        {"8.2.1", "CR LF in a value", response(1, status("200", {{"x", "a\r\nset-cookie: b"}})),
         "reset 1 PROTOCOL_ERROR by us"},
        {"8.2.1", "NUL in a value", response(1, status("200", {{"x", std::string("a\0b", 3)}})),
         "reset 1 PROTOCOL_ERROR by us"},
        {"8.2.1", "white space before a value", response(1, status("200", {{"x", " a"}})),
         "reset 1 PROTOCOL_ERROR by us"},
        {"8.2.1", "white space after a value", response(1, status("200", {{"x", "a\t"}})),
         "reset 1 PROTOCOL_ERROR by us"},
        {"8.2.2", "Connection", response(1, status("200", {{"connection", "close"}})), "reset 1 PROTOCOL_ERROR by us"},
        {"8.2.2", "Transfer-Encoding", response(1, status("200", {{"transfer-encoding", "chunked"}})),
         "reset 1 PROTOCOL_ERROR by us"},
        {"8.2.2", "Upgrade", response(1, status("200", {{"upgrade", "h2c"}})), "reset 1 PROTOCOL_ERROR by us"},
        {"8.2.2", "Keep-Alive", response(1, status("200", {{"keep-alive", "timeout=5"}})),
         "reset 1 PROTOCOL_ERROR by us"},
        {"8.3", "a pseudo-header field of requests", response(1, status("200", {{":path", "/"}})),
         "reset 1 PROTOCOL_ERROR by us"},
        {"8.3", "an unknown pseudo-header field", response(1, status("200", {{":version", "2"}})),
         "reset 1 PROTOCOL_ERROR by us"},
        {"8.3", "a pseudo-header field after a field", response(1, {{"x", "y"}, {":status", "200"}}),
         "reset 1 PROTOCOL_ERROR by us"},
        {"8.3.2", "no :status", response(1, {{"x", "y"}}), "reset 1 PROTOCOL_ERROR by us"},
        {"8.3.2", "two :status", response(1, status("200", {{":status", "200"}})), "reset 1 PROTOCOL_ERROR by us"},
        {"8.3.2", "a :status of two digits", response(1, status("20")), "reset 1 PROTOCOL_ERROR by us"},
        {"8.3.2", "a :status of four digits", response(1, status("2000")), "reset 1 PROTOCOL_ERROR by us"},
        {"8.3.2", "a :status that is no number", response(1, status("2x0")), "reset 1 PROTOCOL_ERROR by us"},
        {"8.3.2", "a :status below 100", response(1, status("099")), "reset 1 PROTOCOL_ERROR by us"},
        {"8.3.2", "an empty :status", response(1, status("")), "reset 1 PROTOCOL_ERROR by us"},
        {"8.6", "101 (Switching Protocols)", response(1, status("101"), false), "reset 1 PROTOCOL_ERROR by us"},
    };
}

}  // namespace

TEST_CASE("a client of HTTP/2 reads frames about the connection as RFC 9113 says") {
    for (const Case& one : of_connections()) http2_cases::check(one, client, settings());
}

TEST_CASE("a client of HTTP/2 reads frames about streams as RFC 9113 says") {
    for (const Case& one : of_streams()) http2_cases::check(one, client, settings());
}

TEST_CASE("a client of HTTP/2 takes nothing before the server's SETTINGS, HTTP/1 included (3.4)") {
    for (const std::string& input : {ping(), std::string("HTTP/1.1 400 Bad Request\r\n\r\n"), settings_ack()}) {
        auto session = client();
        std::string output;
        const auto lines = play(session, input, 0, output);
        REQUIRE(lines.size() == 1);
        CHECK(lines.front() == "failed PROTOCOL_ERROR");
    }
}
