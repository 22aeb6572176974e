#include "certs/der_writer.h"

#include "tests/support/catch.h"

using namespace certs;

namespace {

constexpr Time midnight(std::int64_t days) { return {days * day}; }

}  // namespace

TEST_CASE("a length takes the fewest octets that hold it") {
    CHECK(hex(der_octet_string(ByteVector(127))).starts_with("047f00"));
    CHECK(hex(der_octet_string(ByteVector(128))).starts_with("04818000"));
    CHECK(hex(der_octet_string(ByteVector(255))).starts_with("0481ff00"));
    CHECK(hex(der_octet_string(ByteVector(256))).starts_with("0482010000"));
    CHECK(hex(der_octet_string(ByteVector(65'536))).starts_with("048301000000"));
}

TEST_CASE("an integer is two's complement without a superfluous octet") {
    CHECK(hex(der_integer(0)) == "020100");
    CHECK(hex(der_integer(127)) == "02017f");
    CHECK(hex(der_integer(128)) == "02020080");
    CHECK(hex(der_integer(256)) == "02020100");
    CHECK(hex(der_integer(-1)) == "0201ff");
    CHECK(hex(der_integer(-128)) == "020180");
    CHECK(hex(der_integer(-129)) == "0202ff7f");
}

TEST_CASE("an unsigned magnitude stays non-negative and loses its leading zeros") {
    CHECK(hex(der_unsigned(ByteVector{0x80})) == "02020080");
    CHECK(hex(der_unsigned(ByteVector{0, 0, 0x7f})) == "02017f");
    CHECK(hex(der_unsigned(ByteVector{0, 0})) == "020100");
    CHECK(hex(der_unsigned({})) == "020100");
}

TEST_CASE("an object identifier joins its first two arcs and spreads large ones over octets of seven bits") {
    CHECK(hex(der_oid("2.5.29.17")) == "0603551d11");
    CHECK(hex(der_oid("1.2.840.113549.1.1.11")) == "06092a864886f70d01010b");
    CHECK(hex(der_oid("2.999.0")) == "0603883700");
    CHECK(hex(der_oid("1.3.16384")) == "06042b818000");
}

TEST_CASE("named bits end with the last one that is set") {
    CHECK(hex(der_named_bits(std::vector<unsigned>{0})) == "03020780");
    CHECK(hex(der_named_bits(std::vector<unsigned>{5, 6})) == "03020106");
    CHECK(hex(der_named_bits(std::vector<unsigned>{8})) == "0303070080");
    CHECK(hex(der_named_bits({})) == "030100");
}

TEST_CASE("a set lists its elements in ascending order") {
    const std::vector<ByteVector> elements{der_integer(300), der_integer(2), der_integer(1)};
    CHECK(hex(der_set_of(elements)) == "310a0201010201020202012c");
    CHECK(hex(der_sequence_of(elements)) == "300a0202012c020102020101");
}

TEST_CASE("a date is a UTCTime through 2049 and a GeneralizedTime from 2050 on") {
    CHECK(as_text(der_time({2'524'607'999})) ==
          "\x17\x0d"
          "491231235959Z");
    CHECK(as_text(der_time({2'524'608'000})) ==
          "\x18\x0f"
          "20500101000000Z");
    CHECK(as_text(der_time(midnight(-7'305))) ==
          "\x17\x0d"
          "500101000000Z");
    CHECK(as_text(der_time(midnight(-7'306))) ==
          "\x18\x0f"
          "19491231000000Z");
    CHECK(as_text(der_generalized_time({951'786'123})) ==
          "\x18\x0f"
          "20000229010203Z");
    CHECK(as_text(der_utc_time({2'524'608'000})) ==
          "\x17\x0d"
          "500101000000Z");
}

TEST_CASE("context tags are constructed or primitive as asked") {
    CHECK(hex(der_context(3, der_null())) == "a3020500");
    CHECK(hex(der_context_primitive(2, as_bytes("a.example"))) == "8209612e6578616d706c65");
}

TEST_CASE("an absent part of a sequence leaves no trace") {
    CHECK(hex(der_sequence({der_boolean(true), {}, der_boolean(false)})) == "30060101ff010100");
    CHECK(hex(der_sequence({})) == "3000");
    CHECK(hex(der_bit_string(ByteVector{0xf0}, 4)) == "030204f0");
    CHECK(hex(der_text(TextTag::printable, "DE")) == "13024445");
}
