#include "proxy/log/repeats.h"

#include "tests/support/catch.h"

using proxy::Repeats;

namespace {

std::string said(Repeats& repeats, std::string_view line, std::int64_t at, std::string_view key = "host code",
                 std::int64_t pause = Repeats::minute) {
    return repeats.admit(std::string(key), std::string(line), {at}, pause).value_or("");
}

}  // namespace

TEST_CASE("the first of a kind is said at once, those of the same minute are counted") {
    Repeats repeats;
    CHECK(said(repeats, "a is broken", 1000) == "a is broken");
    for (int i = 0; i < 49; ++i) CHECK(said(repeats, "a is broken", 1001).empty());
    CHECK(said(repeats, "b is broken", 1001, "another") == "b is broken");
    CHECK(repeats.due({1059}).empty());
    CHECK(repeats.due({1060}) == std::vector<std::string>{"a is broken (49 more times)"});
    CHECK(repeats.due({1200}).empty());
}

TEST_CASE("one that comes behind its minute carries the count of those before it") {
    Repeats repeats;
    CHECK(said(repeats, "a is broken", 1000) == "a is broken");
    CHECK(said(repeats, "a is broken", 1030).empty());
    CHECK(said(repeats, "a is broken, still", 1060) == "a is broken, still (1 more time)");
    CHECK(said(repeats, "a is broken", 1119).empty());
}

TEST_CASE("a count that was told begins another minute") {
    Repeats repeats;
    said(repeats, "a", 0);
    said(repeats, "a", 1);
    CHECK(repeats.due({60}).size() == 1);
    CHECK(said(repeats, "a", 61).empty());
    CHECK(repeats.due({119}).empty());
    CHECK(repeats.due({120}).size() == 1);
}

TEST_CASE("a remark with a longer pause is not counted") {
    Repeats repeats;
    CHECK(said(repeats, "a remark", 0, "host", Repeats::day) == "a remark");
    CHECK(said(repeats, "a remark", 3600, "host", Repeats::day).empty());
    CHECK(repeats.due({7200}).empty());
    CHECK(repeats.due({Repeats::day}).empty());
    CHECK(said(repeats, "a remark", Repeats::day, "host", Repeats::day) == "a remark");
}

TEST_CASE("hosts without end are not remembered without end, and what was not said is counted") {
    Repeats repeats;
    for (int i = 0; i < 4096; ++i) CHECK_FALSE(said(repeats, "x", 0, std::to_string(i)).empty());
    for (int i = 0; i < 10; ++i) CHECK(said(repeats, "x", 0, "more " + std::to_string(i)).empty());
    CHECK(repeats.due({1}) == std::vector<std::string>{"10 more failures of other hosts and clients"});
    CHECK(repeats.due({61}).empty());
    CHECK(said(repeats, "x", 61, "new") == "x");
}
