#include "certs/sct.h"

#include "tests/support/catch.h"
#include "tests/support/forge_sct.h"

using namespace certs;
using namespace tests;

namespace {

std::string reason(const ByteVector& list) {
    const auto read = read_sct_list(list);
    return read ? "" : std::string(read.error().reason);
}

}  // namespace

TEST_CASE("a list of timestamps is read with each log's name, time and signature") {
    const ByteVector list = sct_list({sct('A'), sct('B')});
    const auto read = read_sct_list(list);
    REQUIRE(read);
    REQUIRE(read->size() == 2);
    CHECK(as_text(read->at(0).log_id) == std::string(32, 'A'));
    CHECK(as_text(read->at(1).log_id) == std::string(32, 'B'));
    CHECK(read->at(0).version == 0);
    CHECK(read->at(0).milliseconds == sct_milliseconds);
    CHECK(read->at(0).extensions.empty());
    CHECK_FALSE(read->at(0).signature.empty());
}

TEST_CASE("a timestamp of an unknown version is stepped over, not refused") {
    const ByteVector list = sct_list({ByteVector{7, 1, 2, 3}, sct('A')});
    const auto read = read_sct_list(list);
    REQUIRE(read);
    REQUIRE(read->size() == 2);
    CHECK(read->at(0).version == 7);
    CHECK(read->at(0).log_id.empty());
}

TEST_CASE("a list without an entry, with an empty one, or with bytes left over is refused") {
    CHECK(reason({}) == "a list that does not end here");
    CHECK(reason({0, 0}) == "at least one timestamp");
    CHECK(reason({0, 2, 0, 0}) == "a list that does not end here");
    ByteVector long_list = sct_list({sct('A')});
    long_list.push_back(0);
    CHECK(reason(long_list) == "nothing more");
    ByteVector long_entry = sct('A');
    long_entry.push_back(0);
    CHECK(reason(sct_list({long_entry})) == "nothing more");
}

TEST_CASE("a list cut anywhere is refused, and the place lies inside it") {
    const ByteVector list = sct_list({sct('A'), sct('B')});
    for (std::size_t size = 0; size < list.size(); ++size) {
        const auto read = read_sct_list(Bytes(list).first(size));
        REQUIRE_FALSE(read);
        CHECK(read.error().offset <= size);
    }
}
