// RFC 9112 §9.3.1, §9.5: a server may close an idle connection at any time, also while a request is
// on its way to it.
#include "tests/proxy/transcript.h"

using namespace proxy_test;

namespace {

// A connection that has served a request, so that the next one may cross with its end.
void use_once(Transcript& t) { t.serves("/first"); }

// The server has the request and closes without sending a byte. The same request comes over another
// connection and is answered.
void is_sent_again(Transcript& t, const std::string& sent) {
    t.server_accepts();
    t.server_sees(relayed(sent));
    t.server(ok("done"));
    t.client_sees(ok("done"));
    CHECK(t.server_connections() == 2);
}

}  // namespace

TEST_CASE(
    "a request whose reused connection was closed before a byte of the answer is sent again over a fresh one (RFC 9112 §9.3.1)") {
    Transcript t;
    use_once(t);
    t.client(get("/a"));
    t.server_sees(relayed(get("/a")));
    t.server_ends();
    is_sent_again(t, get("/a"));
    CHECK(t.logged("repeated", 0).empty());
    CHECK(t.logged("repeated", 1) == "true");
}

TEST_CASE("a reset of a reused connection is no other than a close") {
    Transcript t;
    use_once(t);
    t.client(get("/a"));
    t.server_sees(relayed(get("/a")));
    t.server_resets();
    is_sent_again(t, get("/a"));
}

TEST_CASE("a POST is sent again with all of its body: a connection closed while idle has processed nothing") {
    Transcript t;
    use_once(t);
    const std::string sent = post("Content-Length: 2\r\n", "hi");
    t.client(sent);
    t.server_sees(relayed(sent));
    t.server_ends();
    is_sent_again(t, sent);
    CHECK(t.logged("request_bytes", 1) == "2");
}

TEST_CASE("a chunked body is sent again as it stood on the wire") {
    Transcript t;
    use_once(t);
    const std::string sent = post("Transfer-Encoding: chunked\r\n", "3;x=y\r\nabc\r\n0\r\nA: b\r\n\r\n");
    t.client(sent);
    t.server_sees(relayed(sent));
    t.server_ends();
    is_sent_again(t, sent);
}

TEST_CASE("a body whose rest the client still has goes on over the fresh connection") {
    Transcript t;
    use_once(t);
    const std::string head = post("Content-Length: 6\r\n");
    t.client(head + "abc");
    t.server_sees(relayed(head) + "abc");
    t.server_resets();
    t.server_accepts();
    t.server_sees(relayed(head) + "abc");
    t.client("def");
    t.server_sees("def");
    t.server(ok("done"));
    t.client_sees(ok("done"));
}

TEST_CASE(
    "a request that expects a 100 is sent again as far as it went, and goes on with the fresh connection's 100 (RFC 9110 §10.1.1)") {
    Transcript t;
    use_once(t);
    const std::string sent = post("Content-Length: 4\r\nExpect: 100-continue\r\n");
    t.client(sent);
    t.server_sees(relayed(sent));
    t.server_ends();
    t.server_accepts();
    t.server_sees(relayed(sent));
    t.server("HTTP/1.1 100 Continue\r\n\r\n");
    t.client_sees("HTTP/1.1 100 Continue\r\n\r\n");
    t.client("body");
    t.server_sees("body");
    t.server(ok("done"));
    t.client_sees(ok("done"));
}

TEST_CASE("of a request that is sent again nothing of the pipelined next one goes with it") {
    Transcript t;
    use_once(t);
    const std::string sent = post("Content-Length: 2\r\n", "hi");
    t.client(sent + get("/after"));
    t.server_sees(relayed(sent));
    t.server_ends();
    is_sent_again(t, sent);
    t.server_sees(relayed(get("/after")));
    t.server(ok("after"));
    t.client_sees(ok("after"));
}

TEST_CASE("a request for another protocol is sent again too, and may be granted then") {
    Transcript t;
    use_once(t);
    const std::string sent = get("/", "Connection: Upgrade\r\nUpgrade: x\r\n");
    t.client(sent);
    t.server_sees(relayed(sent));
    t.server_ends();
    t.server_accepts();
    t.server_sees(relayed(sent));
    const std::string_view granted = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n";
    t.server(granted);
    t.client_sees(granted);
    t.client("new");
    t.server_sees("new");
}

TEST_CASE("a request is sent again once: the second connection is a fresh one, and its end is a failure") {
    Transcript t;
    use_once(t);
    t.client(get("/a"));
    t.server_sees(relayed(get("/a")));
    t.server_ends();
    t.server_accepts();
    t.server_sees(relayed(get("/a")));
    t.server_ends();
    t.client_is_told(502, "upstream_closed");
    t.client_is_still_open();
    CHECK(t.server_connections() == 2);
}

TEST_CASE("a request over a fresh connection is not sent again: its server may have processed it") {
    Transcript t;
    t.client(get("/a"));
    t.server_sees(relayed(get("/a")));
    t.server_ends();
    t.client_is_told(502, "upstream_closed");
    CHECK(t.server_connections() == 1);
}

TEST_CASE("a request is not sent again when a byte of its answer has come") {
    Transcript t;
    use_once(t);
    t.client(post("Content-Length: 2\r\n", "hi"));
    t.server_sees(relayed(post("Content-Length: 2\r\n", "hi")));
    t.server("H");
    t.server_ends();
    t.client_is_told(502, "upstream_closed");
    CHECK(t.server_connections() == 1);
}

TEST_CASE("a request is not sent again when an interim response has come") {
    Transcript t;
    use_once(t);
    t.client(get("/a"));
    t.server_sees(relayed(get("/a")));
    t.server("HTTP/1.1 103 Early Hints\r\n\r\n");
    t.client_sees("HTTP/1.1 103 Early Hints\r\n\r\n");
    t.server_ends();
    t.client_is_told(502, "upstream_closed");
    CHECK(t.server_connections() == 1);
}

TEST_CASE("a body of more than 1 MiB is not sent again, and the answer says why") {
    Transcript t;
    use_once(t);
    const std::string body((1 << 20) + 1, 'x'), head = post("Content-Length: 1048577\r\n");
    t.client(head + body);
    t.server_sees(relayed(head) + body);
    t.server_resets();
    const Told told = t.client_is_told(502, "upstream_closed");
    CHECK(told.body.contains("1 MiB"));
    CHECK(t.server_connections() == 1);
}

TEST_CASE("a server that cannot be reached again is the failure that is told") {
    Transcript t;
    use_once(t);
    t.client(get("/a"));
    t.server_sees(relayed(get("/a")));
    t.server_is_gone();
    t.server_ends();
    t.client_is_told(502, "connection_refused");
    t.client_is_still_open();
}
