// A head that cannot be read is reported by its faulty line, without its secrets.
#include "inspect/diagnosis/shown_line.h"

#include "inspect/diagnosis/diagnosis.h"
#include "inspect/http/http1/parser.h"
#include "inspect/report/render.h"
#include "tests/support/catch.h"

using namespace inspect;
using namespace inspect::diagnosis;

namespace {

http::Fault fault_of(http::Parser parser, std::string_view text) {
    for (;;) {
        const http::Step step = parser.step(certs::as_bytes(text));
        text.remove_prefix(step.used);
        if (step.event == http::Event::failed) return parser.fault();
        REQUIRE((step.event != http::Event::more || !text.empty()));
        REQUIRE(step.event != http::Event::end);
    }
}
http::Fault in_response(std::string_view lines) {
    return fault_of(http::Parser::responses(), "HTTP/1.1 200 OK\r\n" + std::string(lines) + "\r\n\r\n");
}
http::Fault in_request(std::string_view lines) {
    return fault_of(http::Parser::requests(), "GET / HTTP/1.1\r\nHost: a\r\n" + std::string(lines) + "\r\n\r\n");
}

// Everything that is reported about it, in every form.
std::string told(const Attempt& attempt) {
    const Diagnosis found = explain(attempt);
    return report::text(found, report::Detail::full) + report::html(found, report::Detail::full) +
           report::json(found, report::Detail::full) + report::sentence(found);
}
std::string told_of_response(http::MessageError error, std::string first_bytes, http::Fault fault) {
    Attempt attempt;
    attempt.host = "app.test";
    attempt.failure = HttpFailure{HttpFailure::Kind::not_http, error, std::move(first_bytes), std::move(fault)};
    return told(attempt);
}
std::string told_of_request(http::MessageError error, http::Fault fault) {
    Attempt attempt;
    attempt.host = "app.test";
    attempt.failure = RequestRejected{.error = error, .first_bytes = "", .fault = std::move(fault)};
    return told(attempt);
}

}  // namespace

TEST_CASE("the faulty line is named by its number and shown, its bytes written so that they can be seen") {
    const http::Fault junk =
        in_response("A: b\r\nlang=English; userStatus=ok; sessionID=UserId=1; pg=000Server: GoAhead-Webs");
    CHECK(junk.line == 3);
    CHECK(junk.previous == "A");
    CHECK(shown_line(junk) == "lang=English; userStatus=ok; sessionID=***; pg=000Server: GoAhead-Webs");
    CHECK(describe(junk) == "line 3 of the head has characters before its colon that no field's name may hold");

    const http::Fault nul = in_response(std::string_view("X-Name: f\xfcr\0b", 14));
    CHECK(shown_line(nul) == "X-Name: f\\xfcr\\x00…");
    CHECK(describe(nul) == "line 2 of the head holds the byte 0x00, NUL");
    CHECK(describe(in_response("no colon here")) == "line 2 of the head has no colon");
    CHECK(describe(in_response(": value")) == "line 2 of the head has no name before its colon");
    CHECK(describe(in_response("A: b\rC: d")) == "line 2 of the head holds the byte 0x0d, a CR without its LF");
    CHECK(describe(in_request("A: b\nC: d")) == "line 3 of the head holds the byte 0x0a, a LF without its CR");
    CHECK(describe(in_request("A: b\r\n c")) == "line 4 of the head begins with a blank, as a folded line");
    CHECK(describe(in_response("A: b\r\n c\r\n d\r\nbad line")) == "line 5 of the head has no colon");
    CHECK(describe(in_response(" X-A: b\r\nC: d")) == "line 2 of the head begins with a blank, as a folded line");
    for (const std::size_t size : {100, 600}) {
        const std::string long_name = "bad name " + std::string(size, 'x') + ": b";
        CHECK(describe(in_response(long_name)) ==
              "line 2 of the head has characters before its colon that no field's name may hold");
        CHECK(describe(in_response("no colon " + std::string(size, 'x'))) == "line 2 of the head has no colon");
    }
    CHECK(shown_line(in_response("A: b\r\nSet-Cookie")) == "Set-Cookie");
    CHECK(shown_line(in_response("A: b\rC: d")) == "A: b\\x0d…");
    CHECK(shown_line(in_response("X-A: \x1b[31m")) == "X-A: \\x1b…");
}

TEST_CASE("a field that is no length, or empty, is told as that and not as two that disagree") {
    const auto told_of_length = [](const std::string& value) {
        http::Parser parser = http::Parser::responses();
        const std::string head = "HTTP/1.1 200 OK\r\nContent-Length:" + value + "\r\n\r\n";
        REQUIRE(parser.step(certs::as_bytes(head)).event == http::Event::failed);
        return told_of_response(parser.error(), head, parser.fault());
    };
    for (const std::string value : {"+3", "-3", "0x3", "3 3"}) {
        const std::string text = told_of_length(" " + value);
        CHECK(text.contains("is not valid HTTP: Content-Length is " + value + ", which is no length"));
        CHECK_FALSE(text.contains("ambiguous"));
    }
    CHECK(told_of_length(" " + std::string(23, '9')).contains("which is larger than any body can be"));
    CHECK(told_of_length("").contains("Content-Length is empty"));
    CHECK(told_of_length(" 3\r\nContent-Length: 4")
              .contains("the body's length is ambiguous (Content-Length is 3 and 4)"));
}

TEST_CASE("an empty line before a response is told, and blanks that stand together are seen") {
    const std::string before =
        told_of_response(http::MessageError::not_http, "\r\nHTTP/1.1 200 OK\r\nSet-Cookie: SECRET\r\n", {});
    CHECK(before.contains("an empty line stands before it"));
    CHECK(before.contains("\\x0d\\x0aHTTP/1.1 200 OK"));
    CHECK_FALSE(before.contains("Check that this port serves HTTP"));
    CHECK_FALSE(before.contains("SECRET"));
    CHECK(told_of_response(http::MessageError::bad_start_line, "HTTP/1.1  200 OK\r\n", {})
              .contains("HTTP/1.1\\x20\\x20200 OK"));
}

TEST_CASE("no part of a cookie or of credentials is told, however the line is malformed") {
    using namespace std::string_literals;
    for (const std::string& lines : {"Set-Cookie: sid=SECRET\x01"s,
                                     "SET-COOKIE: a=SECRET\nB: c"s,
                                     "Set-Cookie sid=SECRET; Path=/"s,
                                     "Set-Cookie"s + "=SECRET"s,
                                     "Set Cookie: sid=SECRET"s,
                                     "Set-Coo kie: sid=SECRET"s,
                                     "S\xc3\xa9t-Cookie\xc3\xa9: sid=SECRET"s,
                                     "set-cookie2 : a=SECRET\x7f"s,
                                     "Cookie: a=b; c=SECRET\x01"s,
                                     "COOKIE sid=SECRET"s,
                                     "cOOkie\t: x=SECRET\x01"s,
                                     "Authorization Bearer SECRET"s,
                                     "Authorization: Basic SECRET\x01"s,
                                     "Proxy-Authorization: Basic SECRET\x01"s,
                                     "proxy_authorization : Digest SECRET\x01"s,
                                     "Author ization: SECRET\x01"s,
                                     "Authorisation: SECRET\x01"s,
                                     "WWW Authorization=SECRET"s,
                                     "X-Auth-Token: SECRET\x01"s,
                                     "X Api Key: SECRET"s,
                                     "X-Api-Key SECRET"s,
                                     "Location /back?code=SECRET&key=SECRET&sig=SECRET"s,
                                     "X-Auth-Token\tSECRET\x01"s,
                                     "x_csrf_token  SECRET SECRET"s,
                                     "Bearer SECRET"s,
                                     "x Bearer SECRET"s,
                                     "{\"password\":\"SECRET\"}"s,
                                     "<b>SECRET</b>"s,
                                     "user=ann&password=SECRET"s,
                                     "Cookie: a=b\r\n SECRET"s,
                                     "Set-Cookie: a=b;\r\nSECRET; Path=/"s,
                                     "Set-Cookie: a=b\r\nSECRET x: c"s,
                                     "Authorization: Bearer\r\nSECRET"s,
                                     "Authorization: Bearer\r\n\tSECRET\x01"s,
                                     "session=SECRET; x"s,
                                     "a b eyJhbGciOiJIUzI1NiIsInR5cCI6SECRET"s,
                                     "Set-Cookie: a=SECRET\r\nHost : \x01"s}) {
        INFO(lines);
        for (const bool request : {false, true}) {
            http::Parser parser = request ? http::Parser::requests() : http::Parser::responses();
            const std::string head =
                (request ? "GET / HTTP/1.1\r\nHost: a\r\n" : "HTTP/1.1 200 OK\r\n") + lines + "\r\n\r\n";
            std::string_view left = head;
            http::Event event = http::Event::more;
            while ((event = parser.step(certs::as_bytes(left)).event) == http::Event::more) break;
            if (event != http::Event::failed) continue;  // a folded line of a response is none of these
            const std::string text = request ? told_of_request(parser.error(), parser.fault())
                                             : told_of_response(parser.error(), head.substr(0, 512), parser.fault());
            CHECK_FALSE(text.contains("SECRET"));
        }
    }
}

TEST_CASE(
    "a head over the limit is named as too large, with --max-header and what fills it, and none of that is shown") {
    const std::string cookies =
        "Set-Cookie: a=SECRET" + std::string(600, 'v') + "\r\nset-cookie: b=SECRET" + std::string(600, 'v') + "\r\n";
    const http::Fault fault =
        fault_of(http::Parser::responses({.head = 1024, .trailers = 1024}), "HTTP/1.1 200 OK\r\n" + cookies);
    CHECK(fault.limit == 1024);
    REQUIRE_FALSE(fault.largest.empty());
    CHECK(fault.largest.front().fields == 2);
    const std::string text =
        told_of_response(http::MessageError::head_too_large, "HTTP/1.1 200 OK\r\n" + cookies, fault);
    CHECK(text.contains(
        "The response of app.test:443 is too large for whytls: the head is larger than 1 KiB (--max-header)"));
    CHECK(text.contains("whytls proxy --max-header 4K"));
    CHECK(text.contains("whytls proxy --passthrough app.test"));
    CHECK(text.contains("Set-Cookie: "));
    CHECK_FALSE(text.contains("not valid HTTP"));
    CHECK_FALSE(text.contains("SECRET"));

    const http::Fault large =
        fault_of(http::Parser::requests({.head = 1024, .trailers = 1024}),
                 "GET /?token=SECRET HTTP/1.1\r\nHost: a\r\nCookie: SECRET" + std::string(2000, 'v'));
    const std::string request = told_of_request(http::MessageError::head_too_large, large);
    CHECK(request.contains("The request to app.test was not passed on: the head is larger than 1 KiB (--max-header)"));
    CHECK(request.contains("delete those of this host"));
    CHECK_FALSE(request.contains("SECRET"));
}

TEST_CASE("a length that is ambiguous is shown by the fields that disagree") {
    const http::Fault fault = in_response("Content-Length: 3\r\nSet-Cookie: SECRET\r\nTransfer-Encoding: gzip");
    const std::string text = told_of_response(http::MessageError::ambiguous_length, "HTTP/1.1 200 OK", fault);
    CHECK(text.contains("Content-Length"));
    CHECK(text.contains("gzip"));
    CHECK_FALSE(text.contains("SECRET"));
}

TEST_CASE("what comes in the place of a response is shown as a greeting, but not when it looks like a body") {
    CHECK(
        told_of_response(http::MessageError::not_http, "SSH-2.0-OpenSSH_9.2\r\n", {}).contains("SSH-2.0-OpenSSH_9.2"));
    for (const std::string_view body :
         {"{\"id\":\"SECRET\"}", "<html>SECRET", "name=SECRET&b=c", "Set-Cookie: sid=SECRET\r\n", "--x\r\nSECRET"})
        CHECK_FALSE(told_of_response(http::MessageError::not_http, std::string(body), {}).contains("SECRET"));
}
