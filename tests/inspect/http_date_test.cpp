#include "inspect/http/date.h"

#include "tests/support/catch.h"

using inspect::http::parse_date;

TEST_CASE("a Date field has one of three forms (RFC 9110 §5.6.7)") {
    const auto moment = certs::parse_rfc3339("1994-11-06T08:49:37Z");
    CHECK(parse_date("Sun, 06 Nov 1994 08:49:37 GMT") == moment);
    CHECK(parse_date("Sunday, 06-Nov-94 08:49:37 GMT") == moment);
    CHECK(parse_date("Sun Nov  6 08:49:37 1994") == moment);
    CHECK(parse_date("Monday, 01-Jun-26 00:00:00 GMT") == certs::parse_rfc3339("2026-06-01T00:00:00Z"));
}

TEST_CASE("what is no date is none, whatever it resembles") {
    for (const auto* text :
         {"", "now", "Sun, 31 Feb 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 UTC", "Sun, 06 Nov 1994 25:49:37 GMT",
          "Sun, 06 ovD 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 GMT ", "Sun, 6 Nov 1994 08:49:37 GMT",
          "1994-11-06T08:49:37Z", "Sun, aa Nov 1994 08:49:37 GMT"}) {
        INFO(text);
        CHECK_FALSE(parse_date(text));
    }
}
