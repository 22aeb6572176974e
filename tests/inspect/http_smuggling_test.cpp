// Heads and bodies that two readers could understand differently. Each is refused, however it
// arrives.
#include <string>
#include <string_view>
#include <vector>

#include "inspect/http/http1/parser.h"
#include "tests/inspect/http_transcript.h"
#include "tests/support/catch.h"

using namespace inspect::http;
using http_transcript::play_every_way;

namespace {

struct Attempt {
    std::string_view what, text, error;
};

void check_refused(bool requests, const std::string& input, const Attempt& attempt) {
    INFO(attempt.what);
    const auto played = play_every_way(requests, input);
    CHECK(played.events.back() == "failed " + std::string(attempt.error));
}

std::string with_nul(std::string text) {
    for (char& c : text)
        if (c == '@') c = '\0';
    return text;
}

}  // namespace

TEST_CASE("a request whose length is ambiguous is refused") {
    const std::vector<Attempt> attempts{
        {"two lengths", "Content-Length: 4\r\nContent-Length: 5", "ambiguous_length"},
        {"an empty length", "Content-Length: ", "ambiguous_length"},
        {"a positive length", "Content-Length: +4", "ambiguous_length"},
        {"a negative length", "Content-Length: -4", "ambiguous_length"},
        {"a hexadecimal length", "Content-Length: 0x4", "ambiguous_length"},
        {"a length with a tail", "Content-Length: 4 4", "ambiguous_length"},
        {"a length in quotes", "Content-Length: \"4\"", "ambiguous_length"},
        {"a length beyond 64 bits", "Content-Length: 18446744073709551620", "ambiguous_length"},
        {"a length beyond 63 bits", "Content-Length: 9223372036854775808", "ambiguous_length"},
        {"chunked and then something", "Transfer-Encoding: chunked, gzip", "ambiguous_length"},
        {"chunked and then identity", "Transfer-Encoding: chunked, identity", "ambiguous_length"},
        {"a coding behind chunked in a field of its own", "Transfer-Encoding: chunked\r\nTransfer-Encoding: x",
         "ambiguous_length"},
        {"almost chunked", "Transfer-Encoding: xchunked", "ambiguous_length"},
        {"chunked with a parameter", "Transfer-Encoding: chunked;q=1", "ambiguous_length"},
        {"chunked in quotes", "Transfer-Encoding: \"chunked\"", "ambiguous_length"},
        {"a list that ends in nothing", "Transfer-Encoding: chunked,", "ambiguous_length"},
        {"a list that begins with nothing", "Transfer-Encoding: ,chunked", "ambiguous_length"},
        {"a vertical tab in a coding", "Transfer-Encoding: \vchunked", "bad_field"},
        {"a field hidden behind a bare CR", "X: y\rTransfer-Encoding: chunked", "bad_field"},
        {"a field hidden behind CR CR LF", "X: y\r\r\nTransfer-Encoding: chunked", "bad_field"},
        {"a NUL in a value", "X: y@z", "bad_field"},
        {"a NUL in a name", "X@: y", "bad_field"},
        {"a DEL in a value", "X: \x7f", "bad_field"},
        {"an escape in a value", "X: \x1b[31m", "bad_field"},
        {"a name with a byte beyond ASCII", "X\xc4: y", "bad_field"},
        {"a name with a bracket", "X(: y", "bad_field"},
        {"an empty name", ": y", "bad_field"},
        {"a line without a colon", "Content-Length 4", "bad_field"},
    };
    // In a response these are mended: RFC 9112 §2.2, §5.2, §5.1, §6.1, §6.3, RFC 9110 §8.6.
    const std::vector<Attempt> of_requests{
        {"both lengths", "Content-Length: 4\r\nTransfer-Encoding: chunked", "ambiguous_length"},
        {"both lengths, the other way round", "Transfer-Encoding: chunked\r\nContent-Length: 4", "ambiguous_length"},
        {"a folded coding", "Transfer-Encoding:\r\n chunked", "bad_field"},
        {"a folded length", "Content-Length: 4\r\n\t2", "bad_field"},
        {"the same length twice", "Content-Length: 4\r\nContent-Length: 4", "ambiguous_length"},
        {"a list of lengths", "Content-Length: 4, 4", "ambiguous_length"},
        {"white space before the colon of a length", "Content-Length : 4", "bad_field"},
        {"white space before the colon of a coding", "Transfer-Encoding\t: chunked", "bad_field"},
        {"identity and then chunked", "Transfer-Encoding: identity, chunked", "ambiguous_length"},
        {"chunked twice", "Transfer-Encoding: chunked, chunked", "ambiguous_length"},
        {"chunked in two fields", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", "ambiguous_length"},
        {"no chunked at all", "Transfer-Encoding: gzip", "ambiguous_length"},
        {"an empty transfer coding", "Transfer-Encoding: ", "ambiguous_length"},
        {"a field hidden behind a bare LF", "X: y\nTransfer-Encoding: chunked", "bad_field"},
    };
    for (const auto& list : {attempts, of_requests})
        for (const Attempt& attempt : list)
            check_refused(true,
                          with_nul("POST / HTTP/1.1\r\nHost: a\r\n" + std::string(attempt.text) + "\r\n\r\n0\r\n\r\n"),
                          attempt);
    for (const Attempt& attempt : attempts)
        check_refused(false,
                      with_nul("HTTP/1.1 200 OK\r\nServer: a\r\n" + std::string(attempt.text) + "\r\n\r\n0\r\n\r\n"),
                      attempt);
}

TEST_CASE("a request whose start line is ambiguous is refused") {
    const std::vector<Attempt> attempts{
        {"two spaces before the target", "GET  / HTTP/1.1", "bad_start_line"},
        {"two spaces behind the target", "GET /  HTTP/1.1", "bad_start_line"},
        {"a space behind the version", "GET / HTTP/1.1 ", "bad_start_line"},
        {"a space in the target", "GET /a b HTTP/1.1", "bad_start_line"},
        {"a tab for a space", "GET\t/ HTTP/1.1", "bad_start_line"},
        {"a second request in the target", "GET / HTTP/1.1\rGET /admin HTTP/1.1", "bad_start_line"},
        {"a bare LF", "GET / HTTP/1.1\nX: y", "bad_start_line"},
        {"a NUL in the target", "GET /@ HTTP/1.1", "bad_start_line"},
        {"a target beyond ASCII that is no UTF-8", "GET /\xe4 HTTP/1.1", "bad_start_line"},
        {"a fragment in the target", "GET /#x HTTP/1.1", "bad_start_line"},
        {"no target", "GET  HTTP/1.1", "bad_start_line"},
        {"no method", "GE(T / HTTP/1.1", "bad_start_line"},
        {"a lower-case protocol", "GET / http/1.1 HTTP/", "bad_start_line"},
        {"a version of three parts", "GET / HTTP/1.1.1", "bad_start_line"},
        {"a version of many digits", "GET / HTTP/1.01", "bad_start_line"},
        {"a version with a sign", "GET / HTTP/+1.1", "bad_start_line"},
    };
    for (const Attempt& attempt : attempts)
        check_refused(true, with_nul(std::string(attempt.text) + "\r\nHost: a\r\n\r\n"), attempt);
}

TEST_CASE("a request that does not say its host once is refused") {
    const std::vector<Attempt> attempts{
        {"none in HTTP/1.1", "GET / HTTP/1.1\r\n\r\n", "bad_host"},
        {"two", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "bad_host"},
        {"the same twice", "GET / HTTP/1.1\r\nHost: a\r\nhost: a\r\n\r\n", "bad_host"},
        {"two in HTTP/1.0", "GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n", "bad_host"},
        {"two in one", "GET / HTTP/1.1\r\nHost: a, b\r\n\r\n", "bad_host"},
        {"user information", "GET / HTTP/1.1\r\nHost: a%40b@c\r\n\r\n", "bad_host"},
        {"a path", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", "bad_host"},
        {"a space", "GET / HTTP/1.1\r\nHost: a b\r\n\r\n", "bad_host"},
    };
    for (const Attempt& attempt : attempts) check_refused(true, std::string(attempt.text), attempt);
    CHECK(play_every_way(true, "GET / HTTP/1.1\r\nHost: \r\n\r\n").events.back() == "closed");
}

TEST_CASE("HTTP/1.0 has no transfer coding, and a CONNECT has no body") {
    check_refused(true, "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                  {"request", "", "ambiguous_length"});
    check_refused(false, "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
                  {"response", "", "ambiguous_length"});
    check_refused(true, "CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\nContent-Length: 1\r\n\r\nx",
                  {"length", "", "ambiguous_length"});
    check_refused(true, "CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                  {"chunked", "", "ambiguous_length"});
}

TEST_CASE("a chunk that is not exactly the grammar is refused, and the bytes before it have passed") {
    const std::vector<Attempt> attempts{
        {"no size", "\r\nabc\r\n", "bad_chunk"},
        {"a size with a sign", "+3\r\nabc\r\n", "bad_chunk"},
        {"a size with 0x", "0x3\r\nabc\r\n", "bad_chunk"},
        {"a size with white space before it", " 3\r\nabc\r\n", "bad_chunk"},
        {"two sizes with white space between", "3 3\r\nabc\r\n", "bad_chunk"},
        {"a size of 17 digits", "00000000000000003\r\nabc\r\n", "bad_chunk"},
        {"a size that overflows", "fffffffffffffffff\r\nabc\r\n", "bad_chunk"},
        {"a bare LF behind the size", "3\nabc\r\n", "bad_chunk"},
        {"a bare CR behind the size", "3\rabc\r\n", "bad_chunk"},
        {"a bare LF in an extension", "3;x\nabc\r\n", "bad_chunk"},
        {"a bare CR in an extension", "3;x\ry\r\nabc\r\n", "bad_chunk"},
        {"a NUL in an extension", "3;@\r\nabc\r\n", "bad_chunk"},
        {"data longer than its size", "3\r\nabcd\r\n", "bad_chunk"},
        {"data without its CRLF", "3\r\nabc0\r\n\r\n", "bad_chunk"},
        {"a bare LF behind the data", "3\r\nabc\n0\r\n\r\n", "bad_chunk"},
        {"two bytes that are no CRLF behind the data", "3\r\nabcXY0\r\n\r\n", "bad_chunk"},
        {"a bare LF behind the last chunk", "0\n\r\n", "bad_chunk"},
        {"a bare LF to end the trailers", "0\r\n\n", "bad_field"},
        {"a trailer with white space before its colon", "0\r\nA : b\r\n\r\n", "bad_field"},
        {"a folded trailer", "0\r\nA: b\r\n c\r\n\r\n", "bad_field"},
    };
    // In a response such trailers are left out (RFC 9110 §6.5.1).
    const std::vector<Attempt> of_requests{
        {"a size with white space behind it", "3 \r\nabc\r\n", "bad_chunk"},
        {"a length among the trailers", "0\r\nContent-Length: 3\r\n\r\n", "ambiguous_length"},
        {"a coding among the trailers", "0\r\ntransfer-encoding: chunked\r\n\r\n", "ambiguous_length"},
        {"a host among the trailers", "0\r\nHost: b\r\n\r\n", "ambiguous_length"},
    };
    const std::string good = "2\r\nok\r\n",
                      request = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
    for (const Attempt& attempt : of_requests) check_refused(true, request + good + std::string(attempt.text), attempt);
    for (const Attempt& attempt : attempts) {
        const std::string body = good + with_nul(std::string(attempt.text));
        check_refused(true, request + body, attempt);
        const std::string response = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + body;
        check_refused(false, response, attempt);
        const std::string passed = play_every_way(false, response).passed;
        CHECK(passed.starts_with(good));
        CHECK(body.starts_with(passed));
    }
    check_refused(true,
                  "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1;" +
                      std::string(20'000, 'x').substr(0, 100) + "\n",
                  {"a bare LF in a long extension", "", "bad_chunk"});
    CHECK(http_transcript::play(
              true, {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1;" + std::string(20'000, 'x')})
              .events.back() == "failed bad_chunk");
}
