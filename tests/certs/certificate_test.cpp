#include "certs/certificate.h"

#include <fmt/format.h>
#include "certs/crypto.h"
#include "certs/pem.h"

#include "tests/support/catch.h"
#include "tests/support/forge.h"

namespace {

using tests::Forge;
using tests::Forged;

// "field: reason" when the parser refuses; "" when it does not.
std::string complaint(certs::Bytes der) {
    const auto certificate = certs::Certificate::parse(der);
    return certificate ? "" : std::string(certificate.error().field) + ": " + std::string(certificate.error().reason);
}
std::string complaint(const Forge& forge) { return complaint(certs::Bytes(forge.self_signed().der)); }

certs::ByteVector utf8(std::string_view text) { return certs::der_text(certs::TextTag::utf8, text); }

}  // namespace

TEST_CASE("a certificate tells what it says") {
    const Forged root = Forge::root("Test Root").self_signed();
    const certs::Certificate leaf = Forge::leaf("www.example.com").serial(0x1234).signed_by(root).certificate();
    CHECK(leaf.version() == 3);
    CHECK(certs::hex(leaf.serial()) == "1234");
    CHECK(leaf.issuer() == root.certificate().subject());
    CHECK_FALSE(leaf.is_ca());
    CHECK_FALSE(leaf.is_self_issued());
    CHECK(std::ranges::equal(leaf.authority_key_identifier(), root.certificate().subject_key_identifier()));
    CHECK(leaf.public_key().name() == "EC P-256");
    CHECK(leaf.extensions().key_usage->has(certs::KeyUsageBit::digital_signature));
    CHECK_FALSE(leaf.extensions().key_usage->has(certs::KeyUsageBit::key_cert_sign));
    REQUIRE(leaf.extensions().extended_key_usage);
    CHECK(leaf.extensions().extended_key_usage->front() == certs::oid::server_auth);
    CHECK(leaf.sha256() == certs::sha256(leaf.der()));
    CHECK(root.certificate().is_ca());
    CHECK(root.certificate().is_self_issued());
}

TEST_CASE("a description is what a person reads, with at most a hundred names of all") {
    std::vector<certs::ByteVector> names;
    for (int i = 0; i < 150; ++i) names.push_back(tests::dns(fmt::format("host{}.example", i)));
    const certs::Description description = certs::describe(
        Forge::leaf("host0.example").names(names).key(tests::KeyType::rsa2048).self_signed().certificate());
    CHECK(description.names.size() == 100);
    CHECK(description.names_total == 150);
    CHECK(description.names.front() == "DNS:host0.example");
    CHECK(description.key == "RSA 2048");
    CHECK(description.signature == "sha256WithRSAEncryption");
    CHECK(description.sha256.size() == 64);
    CHECK_FALSE(description.ca);
}

TEST_CASE("a serial number is described with its sign, whatever its length") {
    const auto described = [](std::int64_t number) {
        return certs::describe(Forge::leaf("a.test").serial(number).self_signed().certificate()).serial;
    };
    CHECK(described(0x1234) == "1234");
    CHECK(described(0) == "00");
    CHECK(described(-1) == "-01");
    CHECK(described(-127) == "-7f");
    CHECK(described(-256) == "-0100");
}

TEST_CASE("a certificate survives PEM") {
    const Forged leaf = Forge::leaf("a.example").self_signed();
    const auto blocks = certs::read_pem(certs::to_pem(leaf.der));
    REQUIRE(blocks);
    CHECK(certs::Certificate::parse(blocks->front().content) == leaf.certificate());
}

TEST_CASE("a certificate is copied without its bytes, and its views live as long as any copy") {
    std::optional<certs::Certificate> copy;
    {
        const certs::Certificate original = Forge::leaf("a.example").self_signed().certificate();
        copy = original;
        CHECK(copy->der().data() == original.der().data());
    }
    CHECK(certs::text(copy->subject_alt_names().front()) == "DNS:a.example");
}

TEST_CASE("trailing bytes, a cut or a megabyte too much are refused with the field") {
    Forged leaf = Forge::leaf("a.example").self_signed();
    certs::ByteVector longer = leaf.der;
    longer.push_back(0);
    CHECK(complaint(longer) == "certificate: nothing more was expected here");
    CHECK(complaint(certs::Bytes(leaf.der).first(leaf.der.size() - 1)) ==
          "certificate: the value is longer than what contains it");
    CHECK(complaint(certs::ByteVector((1 << 20) + 1, 0x30)) == "certificate: more than 1 MiB");
    CHECK(complaint(certs::Bytes{}) == "certificate: a value is missing");
}

TEST_CASE("no cut of a certificate is a certificate") {
    const Forged leaf = Forge::leaf("a.example").self_signed();
    for (std::size_t size = 0; size < leaf.der.size(); ++size)
        CHECK_FALSE(certs::Certificate::parse(certs::Bytes(leaf.der).first(size)));
}

TEST_CASE("extensions belong to version 3") {
    CHECK(complaint(Forge::leaf("a.example").version(2)) ==
          "tbsCertificate.extensions: version 3 was expected with it");
    CHECK(complaint(Forge::leaf("a.example").version(std::nullopt)) ==
          "tbsCertificate.extensions: version 3 was expected with it");
    CHECK(complaint(Forge::leaf("a.example").version(std::nullopt).without_extensions()).empty());
}

TEST_CASE("an extension that appears twice is refused") {
    CHECK(complaint(Forge::leaf("a.example").duplicate("2.5.29.17")) ==
          "tbsCertificate.extensions: an extension that appears twice");
}

TEST_CASE("the signature algorithm is the same inside and outside") {
    CHECK(complaint(Forge::leaf("a.example")
                        .outer_algorithm(certs::algorithm_identifier(certs::SignatureAlgorithm::rsa_sha256))) ==
          "signatureAlgorithm: the algorithm of tbsCertificate.signature was expected");
}

TEST_CASE("a date that is none names its field") {
    CHECK(complaint(Forge::leaf("a.example").dates(certs::der_time(tests::forge_time), utf8("tomorrow"))) ==
          "tbsCertificate.validity.notAfter: a time as YYMMDDHHMMSSZ or YYYYMMDDHHMMSSZ was expected");
}

TEST_CASE("malformed extensions are refused by name") {
    const auto with = [](const char* oid, certs::ByteVector value) {
        return complaint(Forge::leaf("a.example").extension({oid, false, std::move(value)}));
    };
    const certs::ByteVector empty = certs::der_sequence({});
    CHECK(with("2.5.29.17", empty) == "extensions.subjectAltName: at least one name was expected");
    CHECK(with("2.5.29.37", empty) == "extensions.extKeyUsage: at least one purpose was expected");
    CHECK(with("2.5.29.30", empty) == "extensions.nameConstraints: at least one subtree was expected");
    CHECK(with("1.3.6.1.5.5.7.1.1", empty) ==
          "extensions.authorityInfoAccess: at least one access description was expected");
    CHECK(with("2.5.29.17", certs::der_sequence({tests::ip(certs::ByteVector{1, 2, 3})})) ==
          "extensions.subjectAltName: an address of 4 or 16 bytes was expected");
    CHECK(with("2.5.29.19", certs::der_sequence({certs::der_integer(-1)})) ==
          "extensions.basicConstraints: an INTEGER out of range");
    CHECK(with("2.5.29.15", certs::der_octet_string({})) ==
          "extensions.keyUsage: a value of another type was expected");
    CHECK(with("1.2.3.4", {0xFF, 0xFF}).empty());  // an unknown extension may contain anything
}

TEST_CASE("a constraint's address has a mask, and the mask is a prefix") {
    const auto constrained = [](certs::ByteVector raw) {
        return complaint(Forge::root("R").name_constraints({tests::ip(raw)}, {}));
    };
    CHECK(constrained({10, 0, 0, 0, 255, 0, 0, 0}).empty());
    CHECK(constrained({10, 0, 0, 0}) == "extensions.nameConstraints: an address range of 8 or 32 bytes was expected");
    CHECK(constrained({10, 0, 0, 0, 255, 0, 255, 0}) ==
          "extensions.nameConstraints: a mask of leading ones was expected");
    CHECK(constrained({10, 0, 0, 0, 255, 250, 0, 0}) ==
          "extensions.nameConstraints: a mask of leading ones was expected");
}

TEST_CASE("a policy may appear once") {
    CHECK(complaint(Forge::leaf("a.example").policies({"1.2.3", "1.2.4", "1.2.3"})) ==
          "extensions.certificatePolicies: a policy that appears twice");
}

TEST_CASE("a key's numbers and points have the right form") {
    const auto with_key = [](certs::ByteVector algorithm, certs::ByteVector key) {
        return complaint(
            Forge::leaf("a.example").public_key_info(certs::der_sequence({algorithm, certs::der_bit_string(key)})));
    };
    const certs::ByteVector rsa = certs::der_sequence({certs::der_oid("1.2.840.113549.1.1.1"), certs::der_null()});
    CHECK(with_key(rsa, certs::der_sequence({certs::der_integer(-5), certs::der_integer(3)})) ==
          "tbsCertificate.subjectPublicKeyInfo.subjectPublicKey: a positive INTEGER was expected");
    const certs::ByteVector p256 =
        certs::der_sequence({certs::der_oid("1.2.840.10045.2.1"), certs::der_oid("1.2.840.10045.3.1.7")});
    CHECK(with_key(p256, certs::ByteVector(64, 4)) ==
          "tbsCertificate.subjectPublicKeyInfo.subjectPublicKey: a point of the curve's length was expected");
    CHECK(with_key(certs::der_sequence({certs::der_oid("1.2.3.4")}), {1, 2}).empty());
}

TEST_CASE("where servers and their documents are is read from a certificate") {
    const auto certificate = Forge::leaf("a.example")
                                 .issuing_certificate_url({"http://ca.example/ca.der"}, {"http://ocsp.example"})
                                 .crl_url({"http://ca.example/crl"})
                                 .must_staple()
                                 .self_signed()
                                 .certificate();
    const certs::Extensions& extensions = certificate.extensions();
    CHECK(extensions.ca_issuer_urls == std::vector<std::string_view>{"http://ca.example/ca.der"});
    CHECK(extensions.ocsp_urls == std::vector<std::string_view>{"http://ocsp.example"});
    REQUIRE(extensions.crl_distribution_points.size() == 1);
    CHECK(extensions.crl_distribution_points.front().urls == std::vector<std::string_view>{"http://ca.example/crl"});
    CHECK(extensions.tls_features == std::vector<std::uint16_t>{5});
}
