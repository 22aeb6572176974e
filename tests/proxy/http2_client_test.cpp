// A request over HTTP/2 as its client's stream shows it: transcripts of a scripted server, frame by
// frame, and what the stream makes of them.
#include <fmt/format.h>

#include <string>
#include <utility>
#include <vector>

#include "proxy/io/socket_pair.h"
#include "proxy/stream/http2_client.h"
#include "tests/proxy/worker_of_tests.h"

using namespace proxy;
using namespace proxy_test;
using inspect::diagnosis::Http2Ending;
using inspect::diagnosis::HttpFailure;
using inspect::http::RequestHead;

namespace {

using Lines = std::vector<std::pair<std::string, std::string>>;

// RFC 9113 §6.
enum Type : std::uint8_t {
    data = 0,
    headers = 1,
    rst_stream = 3,
    settings = 4,
    push_promise = 5,
    ping = 6,
    goaway = 7
};
constexpr int none = 0, end_stream = 1, end_headers = 4, whole = end_headers | end_stream;

std::string octets(std::uint64_t value, int count) {
    std::string text;
    while (count-- > 0) text += static_cast<char>(value >> (8 * count) & 0xff);
    return text;
}
std::string frame(Type type, int flags, std::uint32_t stream, std::string_view payload) {
    return octets(payload.size(), 3) + octets(type, 1) + octets(static_cast<std::uint64_t>(flags), 1) +
           octets(stream, 4) + std::string(payload);
}
// HPACK literals without Huffman code (RFC 7541 §6.2.2).
std::string head(int flags, const Lines& lines, std::uint32_t stream = 1) {
    std::string block;
    for (const auto& [name, value] : lines)
        block += octets(0, 1) + octets(name.size(), 1) + name + octets(value.size(), 1) + value;
    return frame(headers, flags, stream, block);
}
std::string content(std::string_view text, int flags = end_stream) { return frame(data, flags, 1, text); }
std::string reset(std::uint32_t code) { return frame(rst_stream, none, 1, octets(code, 4)); }
std::string goes_away(std::uint32_t last, std::uint32_t code, std::string_view words = "") {
    return frame(goaway, none, 0, octets(last, 4) + octets(code, 4) + std::string(words));
}
std::string setting(std::uint16_t name, std::uint32_t value) { return octets(name, 2) + octets(value, 4); }
std::string begins(const std::string& entries = "") { return frame(settings, none, 0, entries); }
const Lines ok = {{":status", "200"}};

struct Script {
    std::string answer;  // the server's frames, its SETTINGS included, once the request is there
    bool ends = false;   // … then its connection's end
    RequestHead request = {.method = "GET", .target = "/", .version = {}, .fields = {}};
    std::string upload = {};
    double deadline = 10;
    std::string then = {};  // what the server sends after it has heard of the client again
};

struct Seen {
    std::string heads, content, trailers;
    std::string end;  // "end", or why it was cut
    std::string upgrade, accept;
    std::string server_saw;
    HttpFailure failure;
    bool unprocessed = false, may_follow = false, answered = false, timed_out = false;
};

io::Task<> serve(io::Channel& peer, const Script& script, std::string& saw) {
    for (int heard = 0;; ++heard) {
        const auto more = co_await peer.fill();
        if (!more || *more == 0) co_return;
        saw += certs::as_text(peer.buffered());
        peer.consume(peer.buffered().size());
        if (heard == 1) (void)co_await peer.write(certs::as_bytes(script.then));
        if (heard > 0) continue;
        (void)co_await peer.write(certs::as_bytes(script.answer));
        if (script.ends) co_await peer.end();
    }
}

std::string fields_of(const inspect::http::Fields& fields) {
    std::string text;
    for (const auto& field : fields) text += fmt::format("{}: {};", field.name, field.value);
    return text;
}

io::Task<> receive(Http2Client& server, Seen& seen) {
    bool headed = true;
    int status = 0;
    while (headed && status < 200 && status != 101) {
        headed = co_await server.head();
        if (headed) seen.heads += fmt::format("{} ", status = server.response().status);
    }
    Arrival arrival = headed ? Arrival::more : Arrival::cut;
    Piece::Next next = Piece::Next::wait;
    while (status != 101 && arrival == Arrival::more && next != Piece::Next::end) {
        const Piece piece = server.body().here();
        next = piece.next;
        seen.content += certs::as_text(piece.bytes);
        server.body().consume();
        if (next == Piece::Next::wait) arrival = co_await server.body().more();
    }
    seen.end = arrival == Arrival::cut ? "cut" : status == 101 ? "switched" : "end";
    seen.trailers = fields_of(server.body().trailers());
    if (const auto field = server.response().fields.find("Upgrade")) seen.upgrade = *field;
    if (const auto field = server.response().fields.find("Sec-WebSocket-Accept")) seen.accept = *field;
}

io::Task<> play(WorkerOfTests& home, const Script& script, Seen& seen) {
    auto pair = io::socket_pair(home.worker.loop);
    REQUIRE(pair);
    io::Channel channel(std::move(pair->first)), peer(std::move(pair->second));
    Http2Connection connection(channel, inspect::http2::Session::client({}));
    io::Child running(connection.run());
    io::Child serving(serve(peer, script, seen.server_saw));
    if (script.request.fields.has("Upgrade")) (void)co_await connection.takes_connect_protocol(10);
    {
        Http2Client server(connection, "https", nullptr);
        const bool uploads = !script.upload.empty();
        co_await server.request(script.request, uploads);
        server.set_deadline(script.deadline);
        if (uploads) (void)co_await server.finish(certs::as_bytes(script.upload), {});
        co_await receive(server, seen);
        seen.failure = server.failure();
        seen.unprocessed = server.is_unprocessed();
        seen.may_follow = server.may_follow();
        seen.answered = server.has_answered();
        seen.timed_out = server.timed_out();
    }
    channel.close();
    co_await running.join();
    co_await serving.join();
}

Seen seen(const Script& script) {
    WorkerOfTests home;
    Seen result;
    run(play(home, script, result));
    home.worker.loop.run();
    return result;
}
Seen seen(const std::string& frames, bool ends = false) {
    return seen(Script{.answer = begins() + frames, .ends = ends});
}

std::string ending(const Seen& seen) {
    if (!seen.failure.http2) return "";
    const char* by[] = {"reset", "goaway", "breach", "no room"};
    return fmt::format("{} {:x}", by[static_cast<int>(seen.failure.http2->by)], seen.failure.http2->code);
}

}  // namespace

TEST_CASE("a response of a head alone is whole, and the connection carries another") {
    const Seen one = seen(head(whole, {{":status", "204"}}));
    CHECK(one.heads == "204 ");
    CHECK(one.end == "end");
    CHECK(one.may_follow);
}

TEST_CASE("content comes in pieces and ends with its stream") {
    CHECK(seen(head(end_headers, ok) + content("ab", none) + content("cd")).content == "abcd");
    CHECK(seen(head(end_headers, ok) + content("ab", none) + content("")).end == "end");
}

TEST_CASE("interim responses come before the final one, each as a head") {
    CHECK(seen(head(end_headers, {{":status", "103"}}) + head(end_headers, {{":status", "100"}}) + head(whole, ok))
              .heads == "103 100 200 ");
}

TEST_CASE("trailers end a response") {
    const Seen one = seen(head(end_headers, ok) + content("x", none) + head(whole, {{"x-sum", "1"}}));
    CHECK(one.end == "end");
    CHECK(one.trailers == "x-sum: 1;");
}

TEST_CASE("a reset before the response has the server's code, and is no answer") {
    const Seen one = seen(reset(0x2));
    CHECK(one.end == "cut");
    CHECK(ending(one) == "reset 2");
    CHECK(one.failure.kind == HttpFailure::Kind::closed);
    CHECK_FALSE(one.failure.body);
    CHECK_FALSE(one.unprocessed);
    CHECK_FALSE(one.answered);
    CHECK(one.may_follow);
}

TEST_CASE("a reset in a response tells how much of it had come, and what was announced") {
    const Seen one =
        seen(head(end_headers, {{":status", "200"}, {"content-length", "9"}}) + content("abc", none) + reset(0x8));
    CHECK(one.content == "abc");
    CHECK(ending(one) == "reset 8");
    REQUIRE(one.failure.body);
    CHECK(one.failure.body->bytes == 3);
    CHECK(one.failure.body->announced == 9);
}

TEST_CASE("REFUSED_STREAM says that the request was not processed (RFC 9113 §8.7)") {
    CHECK(seen(reset(0x7)).unprocessed);
    CHECK_FALSE(seen(reset(0xd)).unprocessed);
}

TEST_CASE("a GOAWAY below the stream says that it was not processed, and why the connection ends") {
    const Seen one = seen(goes_away(0, 0xb, "calm down"));
    CHECK(one.unprocessed);
    CHECK(ending(one) == "goaway b");
    CHECK(one.failure.http2->text == "calm down");
}

TEST_CASE("a GOAWAY above the stream lets it finish") {
    const Seen one = seen(goes_away(1, 0) + head(end_headers, ok) + content("all"));
    CHECK(one.content == "all");
    CHECK(one.end == "end");
}

TEST_CASE("an end of the connection cuts the response, and is no one's code") {
    const Seen one = seen(head(end_headers, ok) + content("ab", none), true);
    CHECK(one.end == "cut");
    CHECK(one.content == "ab");
    CHECK(ending(one).empty());
    CHECK(one.failure.kind == HttpFailure::Kind::closed);
    CHECK_FALSE(one.may_follow);
}

TEST_CASE("an end without a byte shows none") {
    const Seen one = seen(Script{.answer = "", .ends = true});
    CHECK(one.end == "cut");
    CHECK(one.failure.first_bytes.empty());
}

TEST_CASE("what is no HTTP/2 is shown by its first bytes") {
    const Seen one = seen(Script{.answer = "HTTP/1.1 400 Bad Request\r\n\r\n", .ends = true});
    CHECK(one.failure.kind == HttpFailure::Kind::not_http);
    CHECK(one.failure.first_bytes.starts_with("HTTP/1.1 400"));
}

TEST_CASE("a head without a status, or with one that is none, breaks its stream only") {
    for (const Lines& lines : {Lines{{"x", "y"}}, Lines{{":status", "abc"}}, Lines{{":status", "99"}},
                               Lines{{":status", "200"}, {":status", "200"}}, Lines{{":path", "/"}}}) {
        const Seen one = seen(head(whole, lines));
        CHECK(ending(one) == "breach 1");
        CHECK(one.failure.kind == HttpFailure::Kind::not_http);
        CHECK(one.may_follow);
    }
}

TEST_CASE("a field that is about HTTP/1.1's connection breaks its stream (RFC 9113 §8.2.2)") {
    CHECK(ending(seen(head(whole, {{":status", "200"}, {"connection", "close"}}))) == "breach 1");
    CHECK(ending(seen(head(whole, {{":status", "200"}, {"transfer-encoding", "chunked"}}))) == "breach 1");
}

TEST_CASE("a name in upper case breaks its stream (RFC 9113 §8.2.1)") {
    CHECK(ending(seen(head(whole, {{":status", "200"}, {"X-A", "b"}}))) == "breach 1");
}

TEST_CASE("content that is not as long as it says breaks its stream (RFC 9113 §8.1.1)") {
    const Lines three = {{":status", "200"}, {"content-length", "3"}};
    CHECK(ending(seen(head(end_headers, three) + content("ab"))) == "breach 1");
    CHECK(ending(seen(head(end_headers, three) + content("abcd"))) == "breach 1");
    CHECK(seen(head(end_headers, three) + content("abc")).end == "end");
}

TEST_CASE("101 has no place in HTTP/2 (RFC 9113 §8.6)") {
    CHECK(ending(seen(head(end_headers, {{":status", "101"}}))) == "breach 1");
}

TEST_CASE("a push that was not allowed ends the connection (RFC 9113 §8.4)") {
    const Seen one = seen(frame(push_promise, end_headers, 1, octets(2, 4)));
    CHECK(one.failure.http2.has_value());
    CHECK(one.failure.kind == HttpFailure::Kind::not_http);
    CHECK_FALSE(one.may_follow);
}

TEST_CASE("a block that cannot be decompressed ends the connection with COMPRESSION_ERROR") {
    CHECK(ending(seen(frame(headers, whole, 1, "\xff\xff\xff\xff\xff\xff"))) == "breach 9");
}

TEST_CASE("silence ends the stream at its deadline, and only that") {
    const Seen one = seen(Script{.answer = begins(), .deadline = 0.05});
    CHECK(one.timed_out);
    CHECK(one.failure.kind == HttpFailure::Kind::timed_out);
    CHECK(one.may_follow);
}

TEST_CASE("an upload goes with its end, and its response comes") {
    const Seen one = seen(Script{.answer = begins() + head(whole, ok),
                                 .request = {.method = "POST", .target = "/", .version = {}, .fields = {}},
                                 .upload = "hello"});
    CHECK(one.heads == "200 ");
    CHECK(one.server_saw.contains("hello"));
}

TEST_CASE("a server whose window is closed gets no content, and its answer is read all the same") {
    const Seen one = seen(Script{.answer = begins(setting(4, 0)) + head(whole, {{":status", "413"}}) + reset(0),
                                 .request = {.method = "POST", .target = "/", .version = {}, .fields = {}},
                                 .upload = std::string(100'000, 'x')});
    CHECK(one.heads == "413 ");
    CHECK(one.end == "end");
}

TEST_CASE("a PING is answered beside the response") {
    const Seen one = seen(frame(ping, none, 0, "opaque__") + head(end_headers, ok) + content("x"));
    CHECK(one.content == "x");
    CHECK(one.end == "end");
}

namespace {

RequestHead websocket() {
    RequestHead request{.method = "GET", .target = "/", .version = {}, .fields = {}};
    request.fields.add("Connection", "Upgrade");
    request.fields.add("Upgrade", "websocket");
    request.fields.add("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==");
    return request;
}

}  // namespace

TEST_CASE("an upgrade that the server takes is told as HTTP/1.1 tells it (RFC 8441 §5)") {
    const Seen one =
        seen(Script{.answer = begins(setting(8, 1)), .request = websocket(), .then = head(end_headers, ok)});
    CHECK(one.heads == "101 ");
    CHECK(one.upgrade == "websocket");
    CHECK(one.accept == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

TEST_CASE("an upgrade that the server does not take has its answer") {
    const Seen one = seen(
        Script{.answer = begins(setting(8, 1)), .request = websocket(), .then = head(whole, {{":status", "403"}})});
    CHECK(one.heads == "403 ");
    CHECK(one.upgrade.empty());
    CHECK(one.end == "end");
}

TEST_CASE("without the server's setting an upgrade is a plain GET (RFC 8441 §3)") {
    const Seen one = seen(Script{.answer = begins(), .request = websocket(), .then = head(whole, ok)});
    CHECK(one.heads == "200 ");
    CHECK(one.upgrade.empty());
}
