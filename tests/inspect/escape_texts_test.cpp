#include "inspect/report/print/escape.h"
#include "tests/inspect/diagnosis_cases.h"
#include "tests/support/catch.h"

using namespace inspect::report;

TEST_CASE("printable text is valid UTF-8 without controls, and bounded") {
    CHECK(printable("plain ä 测 🔒") == "plain ä 测 🔒");
    CHECK(printable("a\nb\x1b[m\x7f") == "a\uFFFDb\uFFFD[m\uFFFD");
    CHECK(printable("\xC2\x9B"
                    "31m") == "\uFFFD31m");                              // C1 CSI
    CHECK(printable("x\xE2\x80\xAEy\xE2\x81\xA9") == "x\uFFFDy\uFFFD");  // RLO, PDI
    CHECK(printable("\xC0\xAF") == "\uFFFD\uFFFD");                      // overlong
    CHECK(printable("\xED\xA0\x80") == "\uFFFD\uFFFD\uFFFD");            // a surrogate
    CHECK(printable("cut\xE2\x82") == "cut\uFFFD\uFFFD");
    CHECK(printable("abcdef", 6) == "abcdef");
    CHECK(printable("abcdefg", 6) == "abc…");
    CHECK(printable("ééééé", 6) == "é…");
    CHECK(printable("abc", 2).size() <= 2);
    for (const auto& text : tests::hostile_texts())
        for (const std::size_t limit : {0, 1, 2, 3, 4, 10, 100, 1024}) {
            CHECK(printable(text, limit).size() <= limit);
            CHECK(printable(printable(text, limit), limit) == printable(text, limit));
        }
}

TEST_CASE("text for HTML has no character that HTML gives a meaning") {
    CHECK(for_html("<a href=\"x\" id='y'>&") == "&lt;a href=&quot;x&quot; id=&#39;y&#39;&gt;&amp;");
    for (const auto& text : tests::hostile_texts()) CHECK(for_html(text).find_first_of("<>\"'") == std::string::npos);
}

TEST_CASE("text for a header is printable ASCII that a quoted string can hold") {
    CHECK(for_header("a\r\nb: \"c\"\\") == "a??b: ?c??");
    CHECK(for_header("é") == "?");
    CHECK(for_header("abcdef", 5) == "ab...");
    for (const auto& text : tests::hostile_texts()) {
        const std::string header = for_header(text);
        CHECK(header.size() <= 256);
        for (const char c : header) CHECK((c >= 0x20 && c < 0x7F && c != '"' && c != '\\'));
    }
}

TEST_CASE("JSON with escapes has the same value and nothing that a terminal obeys") {
    using inspect::report::with_escapes;
    CHECK(with_escapes(R"({"a":"plain é"})") == R"({"a":"plain é"})");
    CHECK(with_escapes("\"\x7f\xC2\x9b\xE2\x80\xAE\xF3\xA0\x80\x81\"") == R"("\u007f\u009b\u202e\udb40\udc01")");
}
