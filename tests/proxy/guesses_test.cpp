// Wrong passwords slow down the client that gives them, over all of its connections.
#include "proxy/services/guesses.h"

#include "tests/support/catch.h"

using proxy::Guesses;

TEST_CASE("a few wrong passwords cost nothing, then each try waits for its turn, right or wrong") {
    Guesses guesses;
    for (int i = 0; i < 3; ++i) {
        CHECK(guesses.turn("192.0.2.1", 1'000) == 0);
        guesses.wrong("192.0.2.1", 1'000);
    }
    CHECK(guesses.turn("192.0.2.1", 1'000) == 1'000);
    CHECK(guesses.turn("192.0.2.1", 1'500) == 1'500);
    CHECK(guesses.turn("192.0.2.2", 1'500) == 0);
    CHECK(guesses.turn("192.0.2.1", 9'000) == 0);
}

TEST_CASE("so many tries at once that one would wait longer than ten seconds are not looked at") {
    Guesses guesses;
    for (int i = 0; i < 3; ++i) guesses.wrong("192.0.2.1", 0);
    int turns = 0;
    for (int i = 0; i < 1'000; ++i) turns += guesses.turn("192.0.2.1", 0).has_value() ? 1 : 0;
    CHECK(turns == 10);
    CHECK(guesses.turn("192.0.2.1", 5'000).has_value());
}

TEST_CASE("a minute after the last wrong password all is forgotten") {
    Guesses guesses;
    for (int i = 0; i < 5; ++i) guesses.wrong("192.0.2.1", 0);
    CHECK(guesses.turn("192.0.2.1", 60'000) == 0);
    guesses.wrong("192.0.2.1", 60'000);
    CHECK(guesses.turn("192.0.2.1", 60'000) == 0);
}

TEST_CASE("the addresses of one IPv6 network are one client") {
    CHECK(Guesses::name_of("2001:db8::1") == Guesses::name_of("2001:db8::ffff:1"));
    CHECK(Guesses::name_of("2001:db8::1") != Guesses::name_of("2001:db8:0:1::1"));
    CHECK(Guesses::name_of("[2001:db8::1]") == Guesses::name_of("2001:db8::2"));
    CHECK(Guesses::name_of("::ffff:192.0.2.1") != Guesses::name_of("::ffff:192.0.2.2"));
    CHECK(Guesses::name_of("192.0.2.1") != Guesses::name_of("192.0.2.2"));
}

TEST_CASE("whoever has many addresses does not grow the memory") {
    Guesses guesses;
    for (int i = 0; i < 25'000; ++i) guesses.wrong(std::to_string(i), 0);
    CHECK(guesses.turn("24999", 0) == 0);
}
