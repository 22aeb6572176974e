#include "tests/proxy/transcript.h"

using namespace proxy_test;

namespace {

std::string asks_for(std::string_view protocols) {
    return get("/", "Connection: Upgrade\r\nUpgrade: " + std::string(protocols) + "\r\n");
}
std::string switches_to(std::string_view protocol) {
    return "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: " + std::string(protocol) + "\r\n\r\n";
}

// A connection on which the other protocol has begun.
struct Switched {
    Transcript t;
    explicit Switched(std::string_view protocol = "x/1", const Conditions& conditions = {}) : t(conditions) {
        t.client(asks_for(protocol));
        t.server_sees(relayed(asks_for(protocol)));
        t.server(switches_to(protocol));
        t.client_sees(switches_to(protocol));
    }
};

// A 101 that is no answer to this request is reported as what it is, and no byte of the client's
// goes on to that server.
void is_no_switch(const std::string& asked, std::string_view response) {
    Transcript t;
    INFO(asked << response);
    t.client(asked);
    t.server_sees_head();
    t.server(response);
    t.client_is_told(502, "upstream_http_error");
    t.server_sees_end();
    t.client_is_still_open();
}

}  // namespace

TEST_CASE("a 101 to a protocol that was asked for opens the way for both sides' bytes (RFC 9110 §7.8)") {
    Switched s("websocket");
    s.t.server(std::string_view("\x81\x02hi", 4));
    s.t.client_sees(std::string_view("\x81\x02hi", 4));
    s.t.client(std::string_view("\0GET / HTTP/1.1\r\n\r\n", 19));
    s.t.server_sees(std::string_view("\0GET / HTTP/1.1\r\n\r\n", 19));
}

TEST_CASE("after a 101 nothing of HTTP says how long the connection stays (RFC 9110 §15.2.2)") {
    const std::string upgrade = "Upgrade: x/1\r\n", named = "Connection: Upgrade\r\n";
    for (const std::string& head :
         {"HTTP/1.1 101 S\r\n" + upgrade + "Connection: Upgrade, close\r\n", "HTTP/1.0 101 S\r\n" + named + upgrade,
          "HTTP/1.1 101 S\r\n" + named + upgrade + "Transfer-Encoding: identity\r\n",
          "HTTP/1.1 101 S\n" + named + upgrade}) {
        Transcript t;
        INFO(head);
        t.client(asks_for("x/1"));
        t.server_sees(relayed(asks_for("x/1")));
        t.server(head + "\r\nnew");
        t.client_sees(head.substr(0, head.find_first_of("\r\n")) + "\r\n" + named + upgrade + "\r\nnew");
        t.client("new");
        t.server_sees("new");
    }
}

TEST_CASE("bytes of the new protocol that come with the 101 are not lost (RFC 9110 §15.2.2)") {
    Transcript t;
    t.client(asks_for("x/1"));
    t.server_sees(relayed(asks_for("x/1")));
    t.server(switches_to("x/1") + "hello");
    t.client_sees(switches_to("x/1") + "hello");
}

TEST_CASE("what the client said after its request, before it saw the 101, is the new protocol's (RFC 9110 §7.8)") {
    Transcript t;
    t.client(asks_for("x/1") + "early");
    t.server_sees(relayed(asks_for("x/1")));
    t.server_sees_nothing();
    t.server(switches_to("x/1"));
    t.client_sees(switches_to("x/1"));
    t.server_sees("early");
}

TEST_CASE("each side's end passes by itself after a switch") {
    Switched s;
    s.t.client("last words");
    s.t.client_ends();
    s.t.server_sees("last words");
    s.t.server_sees_end();
    s.t.server("the answer");
    s.t.client_sees("the answer");
    s.t.server_ends();
    s.t.client_sees_end();
    CHECK(s.t.logged("status") == "101");
    CHECK(s.t.logged("request_bytes") == "10");
    CHECK(s.t.logged("response_bytes") == "10");
}

TEST_CASE("a reset after a switch is a reset for the other side") {
    Switched s;
    s.t.server_resets();
    s.t.client_sees_reset();
}

TEST_CASE("one of several protocols may be chosen, in any case (RFC 9110 §7.8)") {
    for (const auto& [offered, chosen] :
         {std::pair("tcp, websocket", "tcp"), std::pair("x/1, x/2", "x/2"), std::pair("websocket", "WebSocket")}) {
        Transcript t;
        t.client(asks_for(offered));
        t.server_sees(relayed(asks_for(offered)));
        t.server(switches_to(chosen));
        t.client_sees(switches_to(chosen));
    }
}

TEST_CASE("a server must not switch to a protocol that was not offered (RFC 9110 §7.8)") {
    is_no_switch(asks_for("websocket"), switches_to("h2c"));
    is_no_switch(asks_for("x/1"), switches_to("x/2"));
    is_no_switch(asks_for("x"), switches_to("x, y"));
}

TEST_CASE("a switch that nobody asked for is no tunnel: the next request does not go to that server (RFC 9110 §7.8)") {
    Transcript t;
    t.client(get() + "GET http://other.test/ HTTP/1.1\r\nHost: other.test\r\nCookie: secret\r\n\r\n");
    t.server_sees(relayed(get()));
    t.server(switches_to("x"));
    t.client_is_told(502, "upstream_http_error");
    t.server_sees_end();
    t.server_accepts();
    t.server_sees("GET / HTTP/1.1\r\nHost: other.test\r\nCookie: secret\r\n\r\n");
    t.server(ok("other"));
    t.client_sees(ok("other"));
}

TEST_CASE("a switch before the whole request was sent is none: what follows is still its body (RFC 9110 §7.8)") {
    Transcript t;
    const std::string head = post("Content-Length: 4\r\nConnection: Upgrade\r\nUpgrade: x\r\n");
    const std::string seen = post("Content-Length: 4\r\nConnection: Upgrade\r\nUpgrade: x\r\n");
    t.client(head + "bo");
    t.server_sees(relayed(seen) + "bo");
    t.server(switches_to("x"));
    CHECK(t.client_is_told(502, "upstream_http_error").announces_close());
    t.client_sees_end();
    t.server_sees_end();
}

TEST_CASE("a switch after a request with a body begins after that body (RFC 9110 §7.8)") {
    Transcript t;
    const std::string sent = post("Content-Length: 4\r\nConnection: Upgrade\r\nUpgrade: x\r\n", "body");
    t.client(sent + "new");
    t.server_sees(relayed(sent));
    t.server(switches_to("x"));
    t.client_sees(switches_to("x"));
    t.server_sees("new");
}

TEST_CASE("an offer that the server does not take leaves both connections to HTTP (RFC 9110 §7.8)") {
    Transcript t;
    t.client(asks_for("websocket"));
    t.server_sees(relayed(asks_for("websocket")));
    t.server(ok("no", "Connection: Upgrade\r\nUpgrade: other\r\n"));
    t.client_sees(ok("no"));
    t.serves();
}

TEST_CASE("an Upgrade that Connection does not name is not passed on (RFC 9110 §7.8)") {
    Transcript t;
    t.client(get("/", "Upgrade: websocket\r\n"));
    t.server_sees(relayed(get()));
    t.server(ok("hi"));
    t.client_sees(ok("hi"));
}

TEST_CASE("only HTTP/2 is taken out of what is offered, with its settings (RFC 9113 §3.1)") {
    Transcript t;
    t.client(get(
        "/", "Connection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABk\r\nUpgrade: websocket, H2C ,tcp\r\n"));
    t.server_sees(relayed(asks_for("websocket, tcp")));
    t.server(ok("hi"));
    t.client_sees(ok("hi"));
    t.client(get("/", "Connection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABk\r\nUpgrade: h2c\r\n"));
    t.server_sees(relayed(get()));
    t.server(ok("hi"));
    t.client_sees(ok("hi"));
}

TEST_CASE("an interim response may come before the 101 (RFC 9110 §15.2)") {
    Transcript t;
    t.client(asks_for("x/1"));
    t.server_sees(relayed(asks_for("x/1")));
    t.server("HTTP/1.1 103 Early Hints\r\n\r\n" + switches_to("x/1"));
    t.client_sees("HTTP/1.1 103 Early Hints\r\n\r\n" + switches_to("x/1"));
    t.client("new");
    t.server_sees("new");
}

TEST_CASE("after a switch, silence for the idle time-out ends both sides, and the log says who ended it") {
    Switched s("x/1", {.idle_timeout = 0.1});
    s.t.client_sees_reset();
    s.t.server_sees_end();
    CHECK(s.t.logged("ended_by") == "idle_timeout");
    CHECK(s.t.logged("code").empty());
}
