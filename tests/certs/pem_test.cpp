#include "certs/pem.h"

#include "tests/support/catch.h"

namespace {

const certs::ByteVector content{0x30, 0x03, 0x02, 0x01, 0x07};
constexpr const char* block = "-----BEGIN CERTIFICATE-----\nMAMCAQc=\n-----END CERTIFICATE-----\n";

std::string complaint(std::string_view text) {
    const auto blocks = certs::read_pem(text);
    return blocks ? "" : std::to_string(blocks.error().line) + ": " + std::string(blocks.error().reason);
}

}  // namespace

TEST_CASE("a PEM block is written with lines of 64 characters and reads back") {
    CHECK(certs::write_pem("CERTIFICATE", content) == block);
    for (std::size_t size = 0; size < 200; ++size) {
        certs::ByteVector bytes(size);
        for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::uint8_t>(i * 37);
        const auto blocks = certs::read_pem(certs::write_pem("X", bytes));
        REQUIRE(blocks);
        REQUIRE(blocks->size() == 1);
        CHECK(blocks->front().content == bytes);
    }
}

TEST_CASE("text around blocks is skipped, any line end is read, each block knows its line") {
    const std::string text =
        "subject: CN=x\r\n\r\n-----BEGIN CERTIFICATE-----\r\nMAMC\r\nAQc=\r\n-----END CERTIFICATE-----\r\n# next\n" +
        std::string(block);
    const auto blocks = certs::read_pem(text);
    REQUIRE(blocks);
    REQUIRE(blocks->size() == 2);
    CHECK(blocks->at(0).line == 3);
    CHECK(blocks->at(0).content == content);
    CHECK(blocks->at(1).line == 8);
    CHECK(blocks->at(1).content == content);
    CHECK(certs::read_pem("no block at all")->empty());
}

TEST_CASE("a byte order mark and an RFC 1421 header do not hide a block") {
    const auto blocks = certs::read_pem(
        "\xEF\xBB\xBF-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\nMAMCAQc=\n-----END RSA PRIVATE "
        "KEY-----\n");
    REQUIRE(blocks);
    REQUIRE(blocks->size() == 1);
    CHECK(blocks->front().label == "RSA PRIVATE KEY");
}

TEST_CASE("what is wrong in a PEM is told with its line") {
    CHECK(complaint("\n-----BEGIN CERTIFICATE-----\nMAMCAQc=\n") == "2: the block that begins here does not end");
    CHECK(complaint("-----BEGIN CERTIFICATE-----\nMAM!AQc=\n-----END CERTIFICATE-----\n") == "2: this is not base64");
    CHECK(complaint("-----BEGIN CERTIFICATE-----\nMAMCAQ\n-----END CERTIFICATE-----\n") ==
          "3: the base64 that ends here is cut off");
    CHECK(complaint("-----BEGIN CERTIFICATE-----\nMAMCAQc=\n-----END PRIVATE KEY-----\n") ==
          "3: the END line's label is not the BEGIN line's");
    CHECK(complaint("-----BEGIN A-----\nMAMC\n-----BEGIN B-----\n") == "3: a block begins inside another one");
}

TEST_CASE("base64 with bits left over, or data behind its padding, is refused") {
    certs::ByteVector out;
    CHECK(certs::decode_base64("MAMCAQc=", out));
    out.clear();
    CHECK_FALSE(certs::decode_base64("MAMCAQd=", out));
    CHECK_FALSE(certs::decode_base64("MAMCAQ=c", out));
    CHECK_FALSE(certs::decode_base64("M===", out));
}

TEST_CASE("behind a block that cannot be read, reading goes on") {
    const std::string good = certs::write_pem("A", certs::ByteVector{1, 2, 3});
    const std::string text =
        "-----BEGIN A-----\n*\n-----END A-----\n" + good + "-----BEGIN A-----\nAQID\n" + good + "-----BEGIN A-----\n";
    certs::PemReader reader(text);
    std::string seen;
    while (const auto block = reader.next())
        seen += *block ? fmt::format("{} ", (*block)->line) : fmt::format("{}! ", block->error().line);
    CHECK(seen == "2! 4 9! 9 12! ");
}
