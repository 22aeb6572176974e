#include "proxy/command/near_word.h"

#include "tests/support/catch.h"

using namespace proxy;

TEST_CASE("the edits between two words are the letters put in, left out or changed") {
    CHECK(edits("", "") == 0);
    CHECK(edits("resolve", "resolve") == 0);
    CHECK(edits("resolve", "reslove") == 2);
    CHECK(edits("listn", "listen") == 1);
    CHECK(edits("", "abc") == 3);
}

TEST_CASE("the nearest word is meant when fewer than three letters part it, and of a short word not all") {
    CHECK(near_word("--reslove", {"--redact", "--resolve", "--reverse"}) == "--resolve");
    CHECK(near_word("chekc", {"ca", "check", "explain"}) == "check");
    CHECK(near_word("sunshine", {"ca", "check", "explain"}).empty());
    CHECK(near_word("xy", {"ca"}).empty());
    CHECK(near_word(std::string(10'000, 'a'), {std::string(10'000, 'a')}).empty());
}
