#include "proxy/upstream/fetch.h"

#include <fmt/format.h>

#include "tests/proxy/worker_of_tests.h"

using namespace proxy;
using namespace proxy_test;

namespace {

using Body = std::expected<certs::ByteVector, FetchError>;

io::Task<> store_fetch(UpstreamContext& context, FetchRequest request, Site& site, Body& body) {
    body = co_await fetch(context, std::move(request));
    site.close();
}

// A site with these answers, and what a fetch from it returned.
struct Fetched {
    WorkerOfTests home;
    Site site;
    Body body;

    explicit Fetched(std::vector<std::string> answers) : site(home.worker, std::move(answers)) {}

    FetchRequest request(std::string_view path = "/ca.crt") const {
        return {.url = site.url(path),
                .accept = "application/pkix-cert",
                .body = {},
                .largest = 1000,
                .upstream = io::Reach::loopback,
                .seconds = 60};
    }
    Body fetch(FetchRequest wanted) {
        run(store_fetch(home.worker.clients.upstream, std::move(wanted), site, body));
        home.worker.loop.run();
        return body;
    }
    Body fetch() { return fetch(request()); }
};

Body fetched(std::vector<std::string> answers) { return Fetched(std::move(answers)).fetch(); }
std::string text(const Body& body) { return body ? std::string(certs::as_text(*body)) : "no body"; }
bool is(const Body& body, FetchError error) { return !body && body.error() == error; }
std::string ok(std::string_view body) {
    return fmt::format("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{}", body.size(), body);
}
std::string redirect(std::string_view where, int status = 302) {
    return fmt::format("HTTP/1.1 {} Moved\r\nLocation: {}\r\nContent-Length: 4\r\n\r\ngone", status, where);
}

}  // namespace

TEST_CASE("a document comes with a length, in chunks, until close, and behind interim responses") {
    CHECK(text(fetched({ok("hello")})) == "hello");
    CHECK(text(fetched(
              {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;x=1\r\nhel\r\n2\r\nlo\r\n0\r\nA: b\r\n\r\n"})) ==
          "hello");
    CHECK(text(fetched({"HTTP/1.0 200 OK\r\n\r\nhello"})) == "hello");
    CHECK(text(fetched({"HTTP/1.1 103 Early Hints\r\nA: b\r\n\r\n" + ok("hello")})) == "hello");
    CHECK(text(fetched({ok("")})).empty());
}

TEST_CASE("the request says who asks and what for, and nothing else") {
    Fetched one({ok("x")});
    one.fetch(one.request("/a/ca.crt?x=1"));
    CHECK(one.site.asked == std::vector<std::string>{fmt::format(
                                "GET /a/ca.crt?x=1 HTTP/1.1\r\nHost: {}\r\nUser-Agent: whytls/{}\r\nAccept: "
                                "application/pkix-cert\r\nConnection: close\r\n\r\n",
                                one.site.address().to_string(), WHYTLS_VERSION)});
}

TEST_CASE(
    "a body is posted as an OCSP request (RFC 6960 §A.1), again after a redirect, but not where 303 says to get something else") {
    Fetched one({redirect("/other", 307), ok("answer")});
    FetchRequest request = one.request();
    request.body = {'a', 's', 'k'};
    CHECK(text(one.fetch(request)) == "answer");
    REQUIRE(one.site.asked.size() == 2);
    CHECK(one.site.asked[1].starts_with("POST /other HTTP/1.1\r\n"));
    CHECK(one.site.asked[1].contains("Content-Type: application/ocsp-request\r\nContent-Length: 3\r\n"));
    Fetched other({redirect("/other", 303), ok("answer")});
    request.url = other.site.url();
    CHECK(is(other.fetch(request), FetchError::status));
}

TEST_CASE("redirects are followed three times, by path and by URL, and no further") {
    CHECK(text(fetched({redirect("/2"), redirect("/3#part", 301), redirect("/4", 308), ok("there")})) == "there");
    CHECK(text(fetched({redirect("/2", 303), ok("there")})) == "there");
    Fetched loop({redirect("/again")});
    CHECK(is(loop.fetch(), FetchError::redirects));
    CHECK(loop.site.asked.size() == 4);
}

TEST_CASE("a redirect leads nowhere but to http") {
    for (const auto* where : {"file:///etc/passwd", "https://ca.test/ca.crt", "//", "ftp://ca.test/", "relative",
                              "http://user@ca.test/", "http://", "javascript:1"}) {
        INFO(where);
        CHECK(is(fetched({redirect(where)}), FetchError::bad_url));
    }
    CHECK(is(fetched({redirect("")}), FetchError::status));
}

TEST_CASE("a URL that is not http is not followed") {
    for (const auto* url : {"https://127.0.0.1/", "file:///etc/passwd", "ldap://127.0.0.1/cn", "http:/127.0.0.1", "",
                            "127.0.0.1", "http://127.0.0.1/a b", "http://127.0.0.1/\r\nX: y", "HTTP//"}) {
        Fetched one({ok("x")});
        FetchRequest request = one.request();
        request.url = url;
        INFO(url);
        CHECK(is(one.fetch(request), FetchError::bad_url));
    }
    Fetched one({ok("x")});
    CHECK(is(one.fetch(one.request("/" + std::string(3000, 'x'))), FetchError::bad_url));
}

TEST_CASE("a document that is too large is refused, by what its length says and by what comes") {
    CHECK(is(fetched({"HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n…"}), FetchError::too_large));
    CHECK(is(fetched({"HTTP/1.1 200 OK\r\nContent-Length: 9223372036854775807\r\n\r\n…"}), FetchError::too_large));
    Fetched endless({"HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 200 OK\r\n∞"});
    CHECK(is(endless.fetch(), FetchError::too_large));
    CHECK(
        is(fetched({"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n400\r\n" + std::string(1024, 'x') + "\r\n…"}),
           FetchError::too_large));
}

TEST_CASE("a head or interim responses without end are refused") {
    CHECK(is(fetched({"HTTP/1.1 200 OK\r\nA: " + std::string(100'000, 'x') + "…"}), FetchError::not_http));
    CHECK(is(fetched({"HTTP/1.1 100 Continue\r\n\r\n∞"}), FetchError::not_http));
}

TEST_CASE("all of a fetch has one deadline: a body that trickles or never ends, and a server that says nothing") {
    for (const auto* answer : {"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n1…", "…", "HTTP/1.1 200 OK\r\nA: b…"}) {
        Fetched one({answer});
        FetchRequest request = one.request();
        request.seconds = 0.03;
        CHECK(is(one.fetch(request), FetchError::timed_out));
    }
}

TEST_CASE("a length that lies, and an end inside a head or a chunk, are no document") {
    CHECK(is(fetched({"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello"}), FetchError::closed));
    CHECK(is(fetched({"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel"}), FetchError::closed));
    CHECK(is(fetched({"HTTP/1.1 200 OK\r\nCont"}), FetchError::closed));
    CHECK(is(fetched({"HTTP/1.1 103 Early Hints\r\n\r\n"}), FetchError::closed));
    CHECK(text(fetched({"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhello"})) == "he");
}

TEST_CASE("what is not HTTP, and any status but 200, is no document") {
    CHECK(is(fetched({"SSH-2.0-OpenSSH_9.2\r\n"}), FetchError::not_http));
    CHECK(is(fetched({"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx"}), FetchError::not_http));
    CHECK(is(fetched({"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n…"}),
             FetchError::not_http));
    for (const auto* status :
         {"204 No Content", "206 Partial Content", "304 Not Modified", "404 Not Found", "500 Oops"})
        CHECK(is(fetched({fmt::format("HTTP/1.1 {}\r\nContent-Length: 0\r\n\r\n", status)}), FetchError::status));
}

TEST_CASE("an address that is not global is followed only for a server of its kind, however it is written") {
    for (const auto upstream : {io::Reach::global, io::Reach::private_use, io::Reach::link_local, io::Reach::none}) {
        Fetched one({ok("x")});
        FetchRequest request = one.request();
        request.upstream = upstream;
        CHECK(is(one.fetch(request), FetchError::forbidden));
        CHECK(one.site.asked.empty());
    }
    for (const auto* url :
         {"http://10.0.0.1/", "http://169.254.169.254/latest/meta-data", "http://[::ffff:192.168.0.1]/",
          "http://0.0.0.0/", "http://[::]/", "http://224.0.0.1/", "http://[fd00::1]/"}) {
        Fetched one({ok("x")});
        FetchRequest request = one.request();
        request.url = url;
        INFO(url);
        CHECK(is(one.fetch(request), FetchError::forbidden));
    }
}

TEST_CASE("each redirect's address is judged again") {
    CHECK(is(fetched({redirect("http://10.0.0.1/")}), FetchError::forbidden));
    CHECK(is(fetched({redirect("http://169.254.169.254/")}), FetchError::forbidden));
}

TEST_CASE("a name that leads to a forbidden address is not connected to") {
    Fetched one({ok("x")});
    FetchRequest request = one.request();
    request.url = fmt::format("http://localhost:{}/", one.site.address().port());
    request.upstream = io::Reach::global;
    CHECK(is(one.fetch(request), FetchError::forbidden));
    CHECK(one.site.asked.empty());
}

TEST_CASE("nothing is fetched from the proxy itself") {
    Fetched one({ok("x")});
    one.home.services.upstream.listeners.push_back(one.site.address());
    CHECK(is(one.fetch(), FetchError::forbidden));
    CHECK(one.site.asked.empty());
}

TEST_CASE("a refused connection is told apart") {
    Fetched one({ok("x")});
    const FetchRequest request = one.request();
    one.site.close();
    CHECK(is(one.fetch(request), FetchError::unreachable));
}
