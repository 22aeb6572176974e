// Bodies pass as they come and nothing of them is kept: a side that does not read holds up the side
// that sends.
#include <fmt/format.h>

#include "tests/proxy/transcript.h"

using namespace proxy_test;

namespace {

const std::string much(20'000'000, 'x');  // more than the system buffers for a connection
const std::string length = fmt::format("Content-Length: {}\r\n", much.size());

}  // namespace

TEST_CASE("a client that does not read holds up its server, and gets all when it reads again") {
    Transcript t;
    t.client_stops_reading();
    t.client(get());
    t.server_sees(relayed(get()));
    t.server(ok(much));
    t.server_is_held_up();
    t.client_reads_again();
    t.client_sees(ok(much));
    t.serves();
}

TEST_CASE("a server that does not read holds up its client, and gets all when it reads again") {
    Transcript t;
    t.client(post(length));
    t.server_sees(relayed(post(length)));
    t.server_stops_reading();
    t.client(much);
    t.client_is_held_up();
    t.server_reads_again();
    t.server_sees(much);
    t.server(ok("done"));
    t.client_sees(ok("done"));
    t.serves();
}

TEST_CASE("a client that does not read after a switch of protocols holds up its server") {
    Transcript t;
    const std::string sent = get("/", "Connection: Upgrade\r\nUpgrade: x\r\n");
    const std::string granted = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n";
    t.client(sent);
    t.server_sees(relayed(sent));
    t.server(granted);
    t.client_sees(granted);
    t.client_stops_reading();
    t.server(much);
    t.server_is_held_up();
    t.client_reads_again();
    t.client_sees(much);
}

TEST_CASE("an upload goes on while its response already comes, each at its own pace") {
    Transcript t;
    const std::string head = post("Transfer-Encoding: chunked\r\n"),
                      begun = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    t.client(head);
    t.server_sees(relayed(head));
    t.server(begun);
    t.client_sees(begun);
    for (const std::string_view piece : {"3\r\nabc\r\n", "2;x\r\nde\r\n", "0\r\nA: b\r\n\r\n"}) {
        t.client(piece);
        t.server_sees(piece);
        t.server(piece);
        t.client_sees(piece);
    }
    t.serves();
    CHECK(t.server_connections() == 1);
}

TEST_CASE(
    "what a client still sends after an answer that ends its connection is read away: no reset overtakes it (RFC 9112 §9.6)") {
    Transcript t;
    t.server_is_gone();
    const std::string body(3'000'000, 'x');  // more than the proxy reads and discards before the answer
    t.client(post(fmt::format("Content-Length: {}\r\n", body.size()), body));
    CHECK(t.client_is_told(502, "connection_refused").announces_close());
    t.client_sees_end();
}

TEST_CASE("the log tells each request with its URL, its status and the bytes of its bodies as on the wire") {
    Transcript t;
    const std::string sent = post("Transfer-Encoding: chunked\r\n", "3;x\r\nabc\r\n0\r\n\r\n");
    t.client(sent);
    t.server_sees(relayed(sent));
    t.server("HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n");
    t.client_sees("HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n");
    t.serves("/next?q");
    CHECK(t.requests_logged() == 2);
    CHECK(t.logged("method") == "POST");
    CHECK(t.logged("url") == "http://good.test/");
    CHECK(t.logged("status") == "404");
    CHECK(t.logged("request_bytes") == "15");
    CHECK(t.logged("response_bytes") == "11");
    CHECK(t.logged("code").empty());
    CHECK(t.logged("url", 1) == "http://good.test/next?q");
    CHECK(t.logged("request_bytes", 1) == "0");
}
