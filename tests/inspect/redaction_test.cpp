#include "inspect/report/redaction.h"

#include "tests/support/catch.h"

using inspect::report::redacted;

TEST_CASE("the values of redacted parameters are masked, however their names are written") {
    const std::vector<std::string> names = {"api_key", "pass word"};
    CHECK(redacted("https://a.test/x?api_key=s1&q=1&API_KEY=s2", names) == "https://a.test/x?api_key=***&q=1&API_KEY=***");
    CHECK(redacted("/x?a%70i%5Fkey=s1&pass+word=s2&pass%20word=s3", names) == "/x?a%70i%5Fkey=***&pass+word=***&pass%20word=***");
    CHECK(redacted("/x?q=1;api_key=s1#api_key=s2", names) == "/x?q=1;api_key=***");
    CHECK(redacted("/x?api_key=s1?s1;s1='s1'&y=2", names) == "/x?api_key=***&y=2");
    CHECK(redacted("/x?next=https://b.test/?api_key=s1", names) == "/x?next=https://b.test/?api_key=***");
    CHECK(redacted("/api_key=1?api_key&xapi_key=2&api_key%=3", names) == "/api_key=1?api_key&xapi_key=2&api_key%=3");
    CHECK(redacted("/x?api_key=s1", {}) == "/x?api_key=s1");
}

TEST_CASE("user information is masked in every URL, with a scheme or without") {
    CHECK(redacted("https://dev:s1@a.test/b@c?d=e@f", {}) == "https://***@a.test/b@c?d=e@f");
    CHECK(redacted("https://dev:s@1@a.test", {}) == "https://***@a.test");
    CHECK(redacted("/https://dev:s1@a.test/", {}) == "/https://***@a.test/");
    CHECK(redacted("https://a.test/?u=http://dev:s1@b.test/", {}) == "https://a.test/?u=http://***@b.test/");
    CHECK(redacted("dev:s1@a.test:443", {}) == "***@a.test:443");
    CHECK(redacted("https://a.test/b@c", {}) == "https://a.test/b@c");
    CHECK(redacted("@", {}) == "***@");
}

TEST_CASE("of a request's first bytes the target alone changes, and a binary protocol stays what it is") {
    CHECK(redacted("GET http://u:s1@a.test/?k=s2 HTTP/1.1\r\nHost: a.test\r\n", {"k"}) ==
          "GET http://***@a.test/?k=*** HTTP/1.1\r\nHost: a.test\r\n");
    const std::string hello("\x16\x03\x01\x02@\x00 x\x7f@y", 11);
    CHECK(redacted(hello, {"k"}) == hello);
}
