#include "proxy/command/near_word.h"

#include "tests/support/catch.h"

using namespace proxy;

TEST_CASE("the nearest word is meant when at most two letters part it, and one of a short word") {
    CHECK(near_word("--reslove", {"--redact", "--resolve", "--reverse"}) == "--resolve");
    CHECK(near_word("chekc", {"ca", "check", "explain"}) == "check");
    CHECK(near_word("sunshine", {"ca", "check", "explain"}).empty());
    CHECK(near_word("xy", {"ca"}).empty());
    CHECK(near_word("foo", {"log"}).empty());
    CHECK(near_word("--foo", {"--log"}).empty());
    CHECK(near_word("logs", {"ca", "log"}) == "log");
    CHECK(near_word("exce", {"ca", "exec", "log"}) == "exec");
    CHECK(near_word("lgo", {"lug", "log"}) == "log");
    CHECK(near_word("lgo", {"log", "logo"}) == "logo");
    CHECK(near_word(std::string(10'000, 'a'), {std::string(10'000, 'a')}).empty());
}
