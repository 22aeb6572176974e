#include "certs/oid.h"

#include "tests/support/catch.h"

TEST_CASE("an object identifier written in the source has its DER encoding") {
    constexpr certs::OidConstant rsa{"1.2.840.113549.1.1.1"};
    CHECK(certs::hex(certs::Oid(rsa).content) == "2a864886f70d010101");
    CHECK(certs::hex(certs::Oid(certs::oid::subject_alt_name).content) == "551d11");
}

TEST_CASE("object identifiers print dotted, or by name where one is usual") {
    CHECK(certs::dotted(certs::oid::server_auth) == "1.3.6.1.5.5.7.3.1");
    CHECK(certs::printable_name(certs::oid::server_auth) == "serverAuth");
    constexpr certs::OidConstant unknown{"1.3.6.1.4.1.55738.666.1"};
    CHECK(certs::printable_name(unknown) == "1.3.6.1.4.1.55738.666.1");
    CHECK(certs::short_name(unknown).empty());
}

TEST_CASE("an arc beyond 64 bits prints as a question mark and long identifiers are cut") {
    const certs::ByteVector huge{0x2A, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F};
    CHECK(certs::dotted({huge}) == "1.2.?");
    const certs::ByteVector many(1000, 0x01);
    CHECK(certs::dotted({many}).size() <= 256);
}
