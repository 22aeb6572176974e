#include "certs/edit_distance.h"

#include <string>

#include "tests/support/catch.h"

using certs::edit_distance;

TEST_CASE("the edits between two words are the characters put in, left out or changed") {
    CHECK(edit_distance("", "", 3) == 0);
    CHECK(edit_distance("resolve", "resolve", 3) == 0);
    CHECK(edit_distance("resolve", "reslove", 3) == 2);
    CHECK(edit_distance("listn", "listen", 3) == 1);
    CHECK(edit_distance("", "abc", 3) == 3);
}

TEST_CASE("more edits than are asked about count as one more") {
    CHECK(edit_distance("", "abc", 2) == 3);
    CHECK(edit_distance("sunshine", "check", 3) == 4);
    CHECK(edit_distance("abcdef", "uvwxyz", 2) == 3);
    CHECK(edit_distance("a", "b", 0) == 1);
    CHECK(edit_distance("same", "same", 0) == 0);
    CHECK(edit_distance(std::string(10'000, 'a'), "b" + std::string(10'000, 'a'), 2) == 1);
}
