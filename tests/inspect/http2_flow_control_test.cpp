// A client's and a server's session: windows (RFC 9113 §5.2), and whose turn it is.
#include <algorithm>
#include <ranges>

#include "tests/inspect/http2_pair.h"

using namespace http2_pair;

TEST_CASE("a slow reader holds its own stream only") {
    Options small;
    small.stream_window = 1'000;
    Pair pair(small);
    open(pair);
    open(pair);
    pair.client.consumes = false;
    const std::string slow = bytes_of(5'000, 1), quick = bytes_of(200'000, 2);
    auto& server = pair.server.session;
    CHECK(server.respond(1, response(200), false));
    CHECK(server.respond(3, response(200), false));
    CHECK(server.offer(1, certs::as_bytes(slow), true) == Session::Offer::waiting);
    pair.run();
    CHECK(pair.client.content[1] == slow.substr(0, 1'000));
    CHECK(server.offer(3, certs::as_bytes(quick), true) == Session::Offer::waiting);
    // Stream 3 is read, stream 1 is not.
    std::size_t given = 0;
    for (int i = 0; i < 500 && pair.client.content[3].size() < quick.size(); ++i) {
        pair.run();
        pair.client.session.consumed(3, pair.client.content[3].size() - given);
        given = pair.client.content[3].size();
    }
    CHECK(pair.client.content[3] == quick);
    CHECK(pair.client.content[1].size() == 1'000);
    CHECK(pair.server.taken() ==
          Strings{"request 1 GET https / host=a; ends", "request 3 GET https / host=a; ends", "writable 3"});
    for (std::size_t read = 0; read < slow.size(); read = pair.client.content[1].size()) {
        pair.client.session.consumed(1, pair.client.content[1].size() - read);
        if (read == 0) pair.client.session.consumed(1, 0);
        pair.client.consumes = true;
        pair.client.session.consumed(1, 1'000);
        pair.run();
        if (pair.client.content[1].size() == slow.size()) break;
    }
    CHECK(pair.client.content[1] == slow);
    CHECK(pair.server.taken() == Strings{"writable 1"});
}

TEST_CASE("what no one consumes stops at the stream's window, and the connection's stays open") {
    Pair pair;
    pair.client.consumes = false;
    const std::string content = bytes_of(100'000, 3);
    // More in sum than a connection's window of 64 KiB would let pass.
    for (StreamId stream = 1; stream < 80; stream += 2) {
        CHECK(open(pair) == stream);
        CHECK(pair.server.session.respond(stream, response(200), false));
        CHECK(pair.server.session.offer(stream, certs::as_bytes(content), true) == Session::Offer::waiting);
        pair.run();
        CHECK(pair.client.content[stream].size() == 65'536);
    }
}

TEST_CASE("a window that is widened lets more pass") {
    Pair pair;
    pair.client.consumes = false;
    const std::string content = bytes_of(300'000, 4);
    open(pair);
    CHECK(pair.server.session.respond(1, response(200), false));
    CHECK(pair.server.session.offer(1, certs::as_bytes(content), true) == Session::Offer::waiting);
    pair.run();
    CHECK(pair.client.content[1].size() == 65'536);
    pair.client.session.widen(1, 200'000);
    pair.run();
    CHECK(pair.client.content[1].size() == 200'000);
    pair.client.session.widen(1, 1'000);
    pair.client.session.widen(1, 1U << 20);
    pair.run();
    CHECK(pair.client.content[1] == content);
}

TEST_CASE("padding counts in the windows, and is given back at once") {
    auto session = Session::server({});
    std::string output;
    using namespace http2_frames;
    std::string input = std::string(magic) + settings() + headers(1, post(), end_headers);
    play(session, input, 0, output);
    output.clear();
    // 400 frames of 1 octet and 255 of padding: some 100 KB, of a window of 64 KiB.
    for (int i = 0; i < 400; ++i) {
        const auto events = play(session,
                                 frame(data_frame, padded, 1,
                                       "\xff"
                                       "x" +
                                           std::string(255, '\0')),
                                 0, output);
        REQUIRE(events == Strings{"data 1 x"});
    }
    CHECK(output.find("WINDOW") == std::string::npos);
    CHECK(!session.is_over());
}

TEST_CASE("output holds some 64 KiB of content, and the rest waits with its caller") {
    Pair pair;
    open(pair);
    pair.client.session.widen(1, 4U << 20);
    pair.client.consumes = true;
    pair.run();
    const std::string content = bytes_of(1'000'000, 5);
    CHECK(pair.server.session.respond(1, response(200), false));
    CHECK(pair.server.session.offer(1, certs::as_bytes(content), true) == Session::Offer::waiting);
    CHECK(pair.server.session.output().size() < 65'536 + 16'384 + 100);
    CHECK(pair.server.session.offer(1, certs::as_bytes("x"), false) == Session::Offer::gone);
    pair.run();
    CHECK(pair.client.content[1] == content);
    CHECK(pair.server.taken().back() == "writable 1");
}

TEST_CASE("streams that have content take turns, whatever priority their client asks for, RFC 9218") {
    Pair pair;
    for (const std::string_view wish : {"", "u=0", "u=7", "u=3, i"}) {
        inspect::http::RequestHead head = request("GET");
        if (!wish.empty()) head.fields.add("priority", wish);
        const auto stream = pair.client.session.request(head, "https", true);
        REQUIRE(stream);
        pair.client.session.widen(*stream, 4U << 20);
    }
    pair.client.consumes = true;
    pair.run();
    const std::string content = bytes_of(65'536, 5);
    for (const StreamId stream : {1, 3, 5, 7}) CHECK(pair.server.session.respond(stream, response(200), false));
    std::map<StreamId, std::size_t> passed;
    for (int turn = 0; turn < 100; ++turn) {
        for (const StreamId stream : {1, 3, 5, 7}) pair.server.session.offer(stream, certs::as_bytes(content), false);
        pair.pass(pair.server, pair.client, pair.to_client);
        pair.server.take();
    }
    for (const StreamId stream : {1, 3, 5, 7}) passed[stream] = pair.client.content[stream].size();
    const auto [least, most] = std::ranges::minmax(passed | std::views::values);
    CHECK(least > 500'000);
    CHECK(most - least <= 2 * content.size());
}

TEST_CASE("200 streams at once carry what each was given") {
    for (const std::size_t piece : {0U, 1'000U}) {
        Options many;
        many.max_concurrent_streams = 200;
        Pair pair(many, many, piece);
        std::map<StreamId, std::string> contents;
        for (unsigned i = 0; i < 200; ++i) {
            const auto stream = pair.client.session.request(request("POST"), "https", false);
            REQUIRE(stream);
            contents[*stream] = bytes_of(i * 701, i);
        }
        CHECK(pair.client.session.request(request(), "https", true).error() == Session::NotOpened::no_room);
        for (const auto& [stream, content] : contents)
            pair.client.session.offer(stream, certs::as_bytes(content), true);
        pair.run();
        for (const auto& [stream, content] : contents) {
            CHECK(pair.server.content[stream] == content);
            CHECK(pair.server.session.respond(stream, response(200), false));
            pair.server.session.offer(stream, certs::as_bytes(content), true);
        }
        pair.run();
        for (const auto& [stream, content] : contents) CHECK(pair.client.content[stream] == content);
        CHECK(std::ranges::count_if(pair.client.events,
                                    [](const std::string& event) { return event.starts_with("end "); }) == 200);
        CHECK(pair.client.session.can_request());
    }
}
