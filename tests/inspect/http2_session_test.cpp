// A client's and a server's session: messages, trailers, interim responses, resets, tunnels, the end.
#include "tests/inspect/http2_pair.h"

using namespace http2_pair;
using http2_frames::frames_in;
using inspect::http::Fields;

TEST_CASE("a request and a response pass, with interim responses and trailers, however they are cut") {
    for (const std::size_t piece : {0U, 1U, 2U, 13U}) {
        Pair pair({}, {}, piece);
        auto& [client, server, cut, to_client, to_server] = pair;
        const auto stream =
            client.session.request(request("POST", {{"X-A", "b"}, {"Connection", "close"}}), "https", false);
        REQUIRE(stream == 1);
        CHECK(client.session.offer(1, certs::as_bytes("hello"), false) == Session::Offer::taken);
        CHECK(client.session.finish(1));
        pair.run();
        CHECK(server.taken() == Strings{"request 1 POST https / host=a x-a=b", "end 1"});
        CHECK(server.content[1] == "hello");
        CHECK(server.session.interim(1, response(100)));
        CHECK(server.session.interim(1, response(103, {{"Link", "</b>"}})));
        CHECK(server.session.respond(1, response(200, {{"Content-Type", "x/y"}}), false));
        CHECK(server.session.offer(1, certs::as_bytes("world"), false) == Session::Offer::taken);
        Fields trailers;
        trailers.add("Grpc-Status", "0");
        CHECK(server.session.finish(1, trailers));
        pair.run();
        CHECK(client.taken() == Strings{"response 1 100", "response 1 103 link=</b>", "response 1 200 content-type=x/y",
                                        "trailers 1 grpc-status=0"});
        CHECK(client.content[1] == "world");
        CHECK(server.taken().empty());
    }
}

TEST_CASE("a message without content ends with its head, and its last octets with their frame") {
    Pair pair;
    open(pair);
    CHECK(pair.server.session.respond(1, response(204), true));
    pair.run();
    CHECK(pair.client.taken() == Strings{"response 1 204; ends"});
    open(pair);
    CHECK(pair.server.session.respond(3, response(200), false));
    pair.to_client.clear();
    CHECK(pair.server.session.offer(3, certs::as_bytes("abc"), true) == Session::Offer::taken);
    pair.run();
    CHECK(frames_in(pair.to_client) == Strings{"HEADERS 3", "DATA 3 3 end"});
    open(pair);
    CHECK(pair.server.session.respond(5, response(200), false));
    CHECK(pair.server.session.offer(5, {}, true) == Session::Offer::taken);
    pair.run();
    CHECK(pair.client.taken() == Strings{"response 3 200", "end 3", "response 5 200", "end 5"});
}

TEST_CASE("trailers without content follow their head at once") {
    Pair pair;
    open(pair);
    pair.to_client.clear();
    Fields trailers;
    trailers.add("grpc-status", "14");
    CHECK(pair.server.session.respond(1, response(200), false));
    CHECK(pair.server.session.finish(1, trailers));
    pair.run();
    CHECK(frames_in(pair.to_client) == Strings{"HEADERS 1", "HEADERS 1 end"});
    CHECK(pair.client.taken() == Strings{"response 1 200", "trailers 1 grpc-status=14"});
}

TEST_CASE("a reset passes with its code, and ends what was offered") {
    Pair pair;
    open(pair, false, "POST");
    const std::string content = bytes_of(200'000, 6);
    pair.server.consumes = false;
    CHECK(pair.client.session.offer(1, certs::as_bytes(content), true) == Session::Offer::waiting);
    pair.run();
    pair.server.taken();
    pair.server.session.reset(1, ErrorCode::cancel);
    pair.run();
    CHECK(pair.client.taken() == Strings{"reset 1 CANCEL by peer"});
    CHECK(pair.server.taken().empty());
    CHECK(pair.client.session.offer(1, certs::as_bytes("x"), true) == Session::Offer::gone);
    CHECK(!pair.client.session.finish(1));
    CHECK(!pair.server.session.respond(1, response(200), true));
    open(pair);
    pair.server.taken();
    pair.client.session.reset(3, ErrorCode::enhance_your_calm);
    pair.client.session.reset(3, ErrorCode::cancel);
    pair.run();
    CHECK(pair.server.taken() == Strings{"reset 3 ENHANCE_YOUR_CALM by peer"});
    CHECK(pair.client.taken().empty());
}

TEST_CASE("no event of a stream comes after its reset, though more had been fed") {
    Pair pair;
    open(pair, false, "POST");
    pair.client.session.offer(1, certs::as_bytes("abc"), false);
    pair.client.session.finish(1);
    const std::string bytes(certs::as_text(pair.client.session.output()));
    Session& server = pair.server.session;
    server.feed(certs::as_bytes(bytes));
    const auto first = server.next();
    REQUIRE(first);
    server.reset(1, ErrorCode::cancel);
    while (const auto event = server.next()) CHECK(http2_frames::text_of(*event).empty());
}

TEST_CASE("a whole response may end a request that goes on") {
    Pair pair;
    open(pair, false, "POST");
    CHECK(pair.server.session.respond(1, response(413), true));
    pair.server.session.reset(1, ErrorCode::no_error);
    pair.run();
    CHECK(pair.client.taken() == Strings{"response 1 413; ends", "reset 1 NO_ERROR by peer"});
}

TEST_CASE("a second head, content before a head, and content after the end are not sent") {
    Pair pair;
    open(pair);
    auto& server = pair.server.session;
    CHECK(server.offer(1, certs::as_bytes("x"), true) == Session::Offer::gone);
    CHECK(!server.finish(1));
    CHECK(!server.interim(1, response(200)));
    CHECK(!server.interim(1, response(101)));
    CHECK(!server.respond(1, response(103), false));
    CHECK(!server.respond(3, response(200), true));
    CHECK(server.respond(1, response(200), false));
    CHECK(!server.respond(1, response(200), false));
    CHECK(!server.interim(1, response(100)));
    CHECK(server.finish(1));
    CHECK(!server.finish(1));
    CHECK(server.offer(1, certs::as_bytes("x"), true) == Session::Offer::gone);
    CHECK(pair.client.session.request(request("A B"), "https", true).error() == Session::NotOpened::unsendable);
    CHECK(!pair.client.session.respond(1, response(200), true));
    CHECK(pair.server.session.request(request(), "https", true).error() == Session::NotOpened::closing);
}

TEST_CASE("GOAWAY says which streams were processed; the others may be sent again") {
    Pair pair;
    open(pair);
    // Not yet with the server:
    REQUIRE(pair.client.session.request(request(), "https", true) == 3);
    pair.server.session.goaway(ErrorCode::no_error, "later");
    pair.pass(pair.server, pair.client, pair.to_client);
    CHECK(pair.client.taken() == Strings{"goaway 1 NO_ERROR later", "reset 3 REFUSED_STREAM by peer"});
    CHECK(!pair.client.session.can_request());
    CHECK(pair.client.session.request(request(), "https", true).error() == Session::NotOpened::closing);
    CHECK(!pair.server.session.is_over());
    CHECK(pair.server.session.respond(1, response(200), false));
    CHECK(pair.server.session.offer(1, certs::as_bytes("abc"), true) == Session::Offer::taken);
    pair.run();
    CHECK(pair.client.taken() == Strings{"response 1 200", "end 1"});
    CHECK(pair.server.taken() == Strings{"request 1 GET https / host=a; ends"});
    CHECK(pair.server.session.is_over());
    CHECK(pair.client.session.is_over());
}

TEST_CASE("GOAWAY with an error ends the session that sends it, with at most 512 octets of reason") {
    Pair pair;
    open(pair);
    pair.server.taken();
    pair.server.session.goaway(ErrorCode::enhance_your_calm, std::string(2'000, 'x'));
    CHECK(pair.server.session.is_over());
    pair.run();
    CHECK(pair.client.taken() == Strings{"goaway 1 ENHANCE_YOUR_CALM " + std::string(512, 'x')});
    CHECK(pair.server.taken().empty());
    CHECK(!pair.server.session.respond(1, response(200), true));
    CHECK(pair.server.session.offer(1, certs::as_bytes("x"), true) == Session::Offer::gone);
}

TEST_CASE("PING comes back with what it carried") {
    Pair pair;
    pair.client.session.ping(0x0123456789abcdef);
    pair.run();
    CHECK(pair.client.taken() == Strings{"pong 123456789abcdef"});
    CHECK(pair.server.taken().empty());
}

TEST_CASE("extended CONNECT opens a tunnel both ways, RFC 8441") {
    Options allowing;
    allowing.connect_protocol = true;
    Pair pair({}, allowing);
    auto& client = pair.client.session;
    REQUIRE(client.request(request("GET", {{"Upgrade", "websocket"}}), "https", false, "websocket") == 1);
    pair.run();
    CHECK(pair.server.taken() == Strings{"request 1 CONNECT https / as websocket host=a"});
    CHECK(pair.server.session.respond(1, response(200), false));
    CHECK(pair.server.session.offer(1, certs::as_bytes("ping"), false) == Session::Offer::taken);
    CHECK(client.offer(1, certs::as_bytes("pong"), false) == Session::Offer::taken);
    pair.run();
    CHECK(pair.client.content[1] == "ping");
    CHECK(pair.server.content[1] == "pong");
    CHECK(client.finish(1));
    pair.run();
    CHECK(pair.server.taken() == Strings{"end 1"});
}

TEST_CASE("CONNECT opens a tunnel to its authority, RFC 9113 8.5") {
    Pair pair;
    RequestHead connect{.method = "CONNECT", .target = "b:443", .version = {}, .fields = {}};
    REQUIRE(pair.client.session.request(connect, "https", false) == 1);
    pair.client.session.offer(1, certs::as_bytes("hello"), false);
    pair.run();
    CHECK(pair.server.taken() == Strings{"request 1 CONNECT  b:443 host=b:443"});
    CHECK(pair.server.content[1] == "hello");
    CHECK(pair.server.session.respond(1, response(200), false));
    CHECK(pair.server.session.offer(1, certs::as_bytes("world"), true) == Session::Offer::taken);
    pair.run();
    CHECK(pair.client.content[1] == "world");
}

TEST_CASE("a head above the limit is reported as such, and its stream can still be answered") {
    Options little;
    little.head = 2'000;
    little.trailers = 1'000;
    Pair pair({}, little);
    auto& client = pair.client.session;
    REQUIRE(client.request(request("GET", {{"X", std::string(3'000, 'x')}}), "https", true) == 1);
    pair.run();
    CHECK(pair.server.taken() == Strings{"too large 1"});
    CHECK(pair.server.session.respond(1, response(431), true));
    pair.run();
    CHECK(pair.client.taken() == Strings{"response 1 431; ends"});
    REQUIRE(client.request(request("POST"), "https", false) == 3);
    Fields trailers;
    trailers.add("x", std::string(1'500, 'x'));
    CHECK(client.finish(3, trailers));
    pair.run();
    CHECK(pair.server.taken() == Strings{"request 3 POST https / host=a", "too large 3"});
    // Its neighbours are as before.
    REQUIRE(client.request(request(), "https", true) == 5);
    pair.run();
    CHECK(pair.server.taken() == Strings{"request 5 GET https / host=a; ends"});
}

TEST_CASE("a head of 64 KiB passes in CONTINUATION frames") {
    Pair pair;
    std::vector<inspect::http::Field> fields;
    for (int i = 0; i < 60; ++i)
        fields.push_back({"x-" + std::to_string(i), bytes_of(1'000, static_cast<unsigned>(i))});
    REQUIRE(pair.client.session.request(request("GET", fields), "https", true) == 1);
    pair.run();
    const auto events = pair.server.taken();
    REQUIRE(events.size() == 1);
    CHECK(events.front().size() > 60'000);
    CHECK(pair.to_server.size() > 32'768);
}
