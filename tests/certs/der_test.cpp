#include "certs/der.h"

#include "tests/support/catch.h"

namespace {

using certs::ByteVector;
using certs::DerContext;
using certs::DerReader;

// The error from reading one element of these bytes; "" when there is none.
std::string complaint(const ByteVector& bytes) {
    DerContext context(bytes);
    DerReader reader(bytes, context);
    reader.element();
    reader.end();
    return context.failed() ? std::string(context.error()->reason) : std::string();
}

template <typename Read>
bool reads(const ByteVector& bytes, Read read) {
    DerContext context(bytes);
    DerReader reader(bytes, context);
    read(reader);
    reader.end();
    return !context.failed();
}

}  // namespace

TEST_CASE("lengths are definite and minimal") {
    CHECK(complaint({0x04, 0x01, 0xAA}).empty());
    CHECK(complaint({0x30, 0x80, 0x00, 0x00}) == "an indefinite length, which DER forbids");
    CHECK(complaint({0x04, 0x81, 0x01, 0xAA}) == "a length that is not minimal");
    ByteVector padded{0x04, 0x82, 0x00, 0x80};
    padded.resize(4 + 0x80);
    CHECK(complaint(padded) == "a length that is not minimal");
    CHECK(complaint({0x04, 0x85, 0x01, 0x00, 0x00, 0x00, 0x00}) == "a length of more than four bytes");
    CHECK(complaint({0x04, 0x02, 0xAA}) == "the value is longer than what contains it");
    CHECK(complaint({0x04, 0x82, 0x01}) == "the value is cut off");
    CHECK(complaint({0x1F, 0x20, 0x00}) == "a tag number above 30, which nothing in RFC 5280 has");
    CHECK(complaint({0x04, 0x00, 0x00}) == "nothing more was expected here");
    CHECK(complaint({}) == "a value is missing");
}

TEST_CASE("a BOOLEAN is 00 or FF") {
    const auto boolean = [](DerReader& reader) { reader.boolean(); };
    CHECK(reads({0x01, 0x01, 0xFF}, boolean));
    CHECK(reads({0x01, 0x01, 0x00}, boolean));
    CHECK_FALSE(reads({0x01, 0x01, 0x01}, boolean));
    CHECK_FALSE(reads({0x01, 0x00}, boolean));
    CHECK_FALSE(reads({0x01, 0x02, 0xFF, 0xFF}, boolean));
}

TEST_CASE("an INTEGER is minimal, and where a positive one is wanted it is one") {
    const auto integer = [](DerReader& reader) { reader.integer(); };
    const auto positive = [](DerReader& reader) { reader.positive_integer(); };
    CHECK(reads({0x02, 0x01, 0x80}, integer));
    CHECK_FALSE(reads({0x02, 0x00}, integer));
    CHECK_FALSE(reads({0x02, 0x02, 0x00, 0x7F}, integer));
    CHECK_FALSE(reads({0x02, 0x02, 0xFF, 0x80}, integer));
    CHECK(reads({0x02, 0x02, 0x00, 0x80}, positive));
    CHECK_FALSE(reads({0x02, 0x01, 0x80}, positive));
    CHECK_FALSE(reads({0x02, 0x01, 0x00}, positive));
}

TEST_CASE("a small INTEGER is within its range") {
    const auto small = [](DerReader& reader) { reader.small_integer(300); };
    CHECK(reads({0x02, 0x02, 0x01, 0x2C}, small));
    CHECK_FALSE(reads({0x02, 0x02, 0x01, 0x2D}, small));
    CHECK_FALSE(reads({0x02, 0x01, 0xFF}, small));
    CHECK_FALSE(reads({0x02, 0x06, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00}, small));
}

TEST_CASE("a BIT STRING's unused bits are there and zero") {
    const auto bits = [](DerReader& reader) { reader.bit_string(); };
    CHECK(reads({0x03, 0x02, 0x05, 0xA0}, bits));
    CHECK(reads({0x03, 0x01, 0x00}, bits));
    CHECK_FALSE(reads({0x03, 0x00}, bits));
    CHECK_FALSE(reads({0x03, 0x01, 0x01}, bits));
    CHECK_FALSE(reads({0x03, 0x02, 0x08, 0x00}, bits));
    CHECK_FALSE(reads({0x03, 0x02, 0x05, 0xA1}, bits));
    CHECK_FALSE(reads({0x03, 0x02, 0x05, 0xA0}, [](DerReader& reader) { reader.whole_bytes(); }));
}

TEST_CASE("an OBJECT IDENTIFIER's arcs are minimal and complete") {
    const auto oid = [](DerReader& reader) { reader.object_identifier(); };
    CHECK(reads({0x06, 0x03, 0x55, 0x1D, 0x11}, oid));
    CHECK_FALSE(reads({0x06, 0x00}, oid));
    CHECK_FALSE(reads({0x06, 0x02, 0x55, 0x80}, oid));
    CHECK_FALSE(reads({0x06, 0x03, 0x55, 0x80, 0x01}, oid));
}

TEST_CASE("the first error is kept with its field and offset, and ends every reader of the document") {
    const ByteVector bytes{0x30, 0x06, 0x02, 0x01, 0x05, 0x01, 0x01, 0x07};
    DerContext context(bytes);
    DerReader reader(bytes, context);
    DerReader inside = reader.sequence();
    context.field("first");
    inside.integer();
    context.field("second");
    CHECK_FALSE(inside.boolean());
    context.field("third");
    inside.fail("a later one");
    REQUIRE(context.failed());
    CHECK(context.error()->field == "second");
    CHECK(context.error()->offset == 5);
    CHECK(context.error()->reason == "a BOOLEAN that is neither 00 nor FF");
    CHECK(inside.at_end());
    CHECK(reader.at_end());
}

TEST_CASE("nesting is bounded") {
    ByteVector bytes;
    for (int depth = 0; depth < 40; ++depth) {
        bytes.insert(bytes.begin(), {0x30, static_cast<std::uint8_t>(bytes.size())});
    }
    DerContext context(bytes);
    DerReader reader(bytes, context);
    for (int depth = 0; depth < 40; ++depth) reader = reader.sequence();
    REQUIRE(context.failed());
    CHECK(context.error()->reason == "nesting that is too deep");
}
