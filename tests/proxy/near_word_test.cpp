#include "proxy/command/near_word.h"

#include "tests/support/catch.h"

using namespace proxy;

TEST_CASE("the nearest word is meant when fewer than three letters part it, and of a short word not all") {
    CHECK(near_word("--reslove", {"--redact", "--resolve", "--reverse"}) == "--resolve");
    CHECK(near_word("chekc", {"ca", "check", "explain"}) == "check");
    CHECK(near_word("sunshine", {"ca", "check", "explain"}).empty());
    CHECK(near_word("xy", {"ca"}).empty());
    CHECK(near_word(std::string(10'000, 'a'), {std::string(10'000, 'a')}).empty());
}
