#include "inspect/http/keep_alive.h"

#include "tests/support/catch.h"

using namespace inspect::http;

namespace {

KeepAlive said(const std::vector<std::string>& lines) {
    Fields fields;
    for (const std::string& line : lines) fields.add("keep-alive", line);
    return keep_alive_of(fields);
}

}  // namespace

TEST_CASE("what Apache, nginx and Node say of their idle connections is read") {
    CHECK(said({"timeout=5, max=100"}) == KeepAlive{5, 100});
    CHECK(said({"timeout=60"}) == KeepAlive{60, std::nullopt});
    CHECK(said({"max=1"}) == KeepAlive{std::nullopt, 1});
    CHECK(said({}) == KeepAlive{});
    CHECK(keep_alive_of(Fields{}) == KeepAlive{});
}

TEST_CASE(
    "a parameter of Keep-Alive may be spelt in any case, with blanks or quotes, among others and on lines of its own") {
    CHECK(said({"MAX = 7,x, y=z ,Timeout=\"15\""}) == KeepAlive{15, 7});
    CHECK(said({"timeout=5", "max=9"}) == KeepAlive{5, 9});
    CHECK(said({"timeout=005,"}) == KeepAlive{5, std::nullopt});
}

TEST_CASE("of a parameter of Keep-Alive that is repeated the least counts") {
    CHECK(said({"timeout=5, timeout=3, max=2", "max=8"}) == KeepAlive{3, 2});
    CHECK(said({"timeout=x, timeout=3"}) == KeepAlive{3, std::nullopt});
}

TEST_CASE("a value of Keep-Alive that is no number says nothing, and one that is too large is the largest") {
    for (const std::string value : {"timeout", "timeout=", "timeout=-1", "timeout=+1", "timeout=1s", "timeout=1.5",
                                    "timeout=\"", "timeout=\"\"", "=5", "300"})
        CHECK(said({value}) == KeepAlive{});
    CHECK(said({"timeout=4294967295, max=99999999999999999999"}) == KeepAlive{4294967295U, 4294967295U});
}
