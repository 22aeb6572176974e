#include "certs/time.h"

#include "tests/support/catch.h"

using certs::parse_generalized_time;
using certs::parse_rfc3339;
using certs::parse_utc_time;
using certs::Time;

TEST_CASE("a moment prints as RFC 3339 and reads back the same, leap days and years before 1970 included") {
    for (const char* const text :
         {"1970-01-01T00:00:00Z", "2024-02-29T23:59:59Z", "2000-02-29T12:00:00Z", "1950-01-01T00:00:00Z",
          "0000-03-01T00:00:00Z", "9999-12-31T23:59:59Z", "2026-11-20T12:34:56Z"}) {
        const auto time = parse_rfc3339(text);
        REQUIRE(time);
        CHECK(certs::rfc3339(*time) == text);
    }
    CHECK(parse_rfc3339("2026-11-20T12:00:00Z")->seconds == 1'795'176'000);
    CHECK(certs::readable({0}) == "1970-01-01 00:00:00 UTC");
}

TEST_CASE("RFC 3339 with an offset, a fraction or only a date is understood") {
    CHECK(parse_rfc3339("2026-11-20T14:00:00+02:00") == parse_rfc3339("2026-11-20T12:00:00Z"));
    CHECK(parse_rfc3339("2026-11-20T06:30:00-05:30") == parse_rfc3339("2026-11-20T12:00:00Z"));
    CHECK(parse_rfc3339("2026-11-20T12:00:00.999Z") == parse_rfc3339("2026-11-20T12:00:00Z"));
    CHECK(parse_rfc3339("2026-11-20") == parse_rfc3339("2026-11-20T00:00:00Z"));
}

TEST_CASE("what is no date is refused") {
    for (const char* const text : {"", "2026", "2026-13-01", "2026-02-29", "2100-02-29", "2026-11-20T24:00:00Z",
                                   "2026-11-20T12:60:00Z", "2026-11-20T12:00:00", "2026-11-20T12:00:00.Z",
                                   "2026-11-20T12:00:00+2:00", "2026-11-20T12:00:00Zx", " 2026-11-20"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_rfc3339(text));
    }
}

TEST_CASE("UTCTime years from 50 on are in the 1900s") {
    CHECK(certs::rfc3339(*parse_utc_time("491231235959Z")) == "2049-12-31T23:59:59Z");
    CHECK(certs::rfc3339(*parse_utc_time("500101000000Z")) == "1950-01-01T00:00:00Z");
}

TEST_CASE("ASN.1 times have seconds, end in Z and exist") {
    CHECK(parse_generalized_time("20500101000000Z"));
    for (const char* const text :
         {"2611201200Z", "261120120000", "261120120000+0000", "261320120000Z", "260230120000Z", "26112012000aZ", ""}) {
        CAPTURE(text);
        CHECK_FALSE(parse_utc_time(text));
    }
    for (const char* const text : {"20261120120000.5Z", "20261120120000", "20261120120000+0100", "20260230120000Z"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_generalized_time(text));
    }
}
