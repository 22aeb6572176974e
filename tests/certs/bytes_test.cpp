#include "certs/bytes.h"

#include "tests/support/catch.h"

TEST_CASE("hexadecimal is lower case and has no separators") {
    const certs::ByteVector bytes{0x00, 0x0f, 0xAB};
    CHECK(certs::hex(bytes) == "000fab");
    CHECK(certs::hex({}).empty());
}
