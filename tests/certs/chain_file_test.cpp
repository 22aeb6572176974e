#include "certs/chain_file.h"

#include <algorithm>

#include "tests/support/catch.h"
#include "tests/support/forge.h"

using namespace certs;
using namespace tests;

namespace {

const Forged& root() {
    static const Forged forged = Forge::root("Root").self_signed();
    return forged;
}
const Forged& ca() {
    static const Forged forged = Forge::intermediate("CA").signed_by(root());
    return forged;
}
const Forged& leaf() {
    static const Forged forged = Forge::leaf("www.example.com").signed_by(ca());
    return forged;
}

ChainFileError refused(std::string_view text) {
    const auto file = read_chain_file(text);
    REQUIRE_FALSE(file);
    return file.error();
}

}  // namespace

TEST_CASE("a chain file holds PEM certificates among text and keys, or one as DER") {
    const auto bundle =
        read_chain_file("subject=www\n" + leaf().pem() + leaf().key.pem() + "\n# the issuer\n" + ca().pem());
    REQUIRE(bundle);
    CHECK(bundle->certificates == std::vector<ByteVector>{leaf().der, ca().der});
    CHECK(bundle->private_keys == 1);
    const auto der =
        read_chain_file(std::string_view(reinterpret_cast<const char*>(leaf().der.data()), leaf().der.size()));
    REQUIRE(der);
    CHECK(der->certificates == std::vector<ByteVector>{leaf().der});
}

TEST_CASE("DER and PEM may stand behind one another, as cat puts them") {
    const auto binary = [](const Forged& one) { return std::string(one.der.begin(), one.der.end()); };
    const std::vector<ByteVector> both{leaf().der, ca().der};
    for (const std::string& text :
         {binary(leaf()) + binary(ca()), binary(leaf()) + ca().pem(), leaf().pem() + binary(ca()),
          binary(leaf()) + "\n" + ca().pem() + "text\n", "text\n" + leaf().pem() + "\n" + binary(ca()) + "\r\n"}) {
        const auto file = read_chain_file(text);
        REQUIRE(file);
        CHECK(file->certificates == both);
        CHECK(file->holds_der);
    }
    const auto three = read_chain_file(leaf().pem() + binary(ca()) + root().pem());
    REQUIRE(three);
    CHECK(three->certificates.size() == 3);
    CHECK_FALSE(read_chain_file(leaf().pem())->holds_der);
}

TEST_CASE("what stands behind DER and is neither DER nor PEM is refused, with its size and the command that mends it") {
    const std::string one(leaf().der.begin(), leaf().der.end()), other(ca().der.begin(), ca().der.end());
    for (const std::string& rest : {other.substr(0, 100), std::string("hello")}) {
        const auto error = refused(one + rest);
        CHECK(error.reason.starts_with("holds 1 certificate, and behind it " + std::to_string(rest.size()) +
                                       " bytes that are neither"));
        CHECK(error.reason.contains("openssl x509 -inform DER"));
    }
    CHECK(refused(leaf().pem() + other.substr(0, 100)).reason.contains("100 bytes that are neither"));
    const std::size_t lines = static_cast<std::size_t>(std::ranges::count(one, '\n'));
    CHECK(refused(one + "-----BEGIN CERTIFICATE-----\n!!!\n-----END CERTIFICATE-----\n").line > lines);
    // A certificate that is cut off is judged when there is nothing else: the report says where it
    // breaks.
    const auto cut = read_chain_file(one.substr(0, 100));
    REQUIRE(cut);
    CHECK(cut->certificates.front().size() == 100);
}

TEST_CASE("a file without a certificate says what it holds instead, and where") {
    CHECK(refused("").reason == "is empty");
    CHECK(refused(" \r\n").reason == "is empty");
    CHECK(refused("hello\n").reason == "holds no certificate, neither PEM nor DER");
    const auto request =
        refused("text\n-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n");
    CHECK(request.line == 2);
    CHECK(request.reason == "holds a CERTIFICATE REQUEST and no certificate");
    CHECK(refused("-----BEGIN PKCS7-----\nAAAA\n-----END PKCS7-----\n").reason.contains("openssl pkcs7 -print_certs"));
    CHECK(refused(leaf().pem() + "-----BEGIN CERTIFICATE-----\n!!!\n-----END CERTIFICATE-----\n").line > 2);
}

TEST_CASE("what takes less than 128 bytes of DER is recognised too, and no text is taken for it") {
    const auto text = [](const ByteVector& der) { return std::string(der.begin(), der.end()); };
    const ByteVector curve = der_oid("1.2.840.10045.3.1.7"), ed25519 = der_sequence({der_oid("1.3.101.112")});
    const ByteVector secret = der_octet_string(ByteVector(32, 1));
    CHECK(refused(text(der_sequence(
                      {der_sequence({der_oid("1.2.840.10045.2.1"), curve}), der_bit_string(ByteVector(65, 4))})))
              .reason == "is a public key in DER and no certificate");
    CHECK(refused(text(der_sequence({ed25519, der_bit_string(ByteVector(32, 4))}))).reason ==
          "is a public key in DER and no certificate");
    CHECK(refused(text(der_sequence({der_integer(0), ed25519, secret}))).reason ==
          "is a private key (PKCS #8) in DER and no certificate");
    CHECK(refused(text(der_sequence({der_integer(1), secret, der_context(0, curve)}))).reason ==
          "is a private key (SEC 1) in DER and no certificate");
    CHECK(refused(text(curve)).reason == "is the name of a curve (EC parameters) in DER and no certificate");
    for (const std::string& other :
         {"00" + std::string(48, 'x'), std::string("06"), "0" + std::string(1, '\x02') + "ab"})
        CHECK(refused(other).reason == "holds no certificate, neither PEM nor DER");
}

TEST_CASE("the label of a PEM block is told without what could steer a terminal, and not whole when it is long") {
    const std::string label = "\x1b[31mRED\x07" + std::string(100, 'X');
    const auto error = refused("-----BEGIN " + label + "-----\nAAAA\n-----END " + label + "-----\n");
    CHECK(error.reason.contains("?[31mRED?"));
    CHECK(std::ranges::all_of(error.reason, [](char letter) { return letter >= ' ' && letter <= '~'; }));
    CHECK(error.reason.size() < 100);
}

TEST_CASE("the server's own certificate is the first, unless it issued another and one alone issued none") {
    CHECK(leaf_position({leaf().der, ca().der, root().der}) == 0);
    CHECK(leaf_position({root().der, ca().der, leaf().der}) == 2);
    CHECK(leaf_position({ca().der, leaf().der}) == 1);
    CHECK(leaf_position({root().der}) == 0);
    CHECK(leaf_position({ca().der, root().der}) == 0);
    CHECK(leaf_position({ByteVector{0x30, 0x00}, leaf().der, ca().der}) == 0);
    const Forged other = Forge::leaf("other.example").signed_by(ca());
    CHECK(leaf_position({ca().der, leaf().der, other.der}) == 0);
}
