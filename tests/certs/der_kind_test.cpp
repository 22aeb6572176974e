#include "certs/der_kind.h"

#include "certs/private_key.h"
#include "tests/support/catch.h"
#include "tests/support/forge.h"
#include "tests/support/forge_crl.h"
#include "tests/support/forge_ocsp.h"

using namespace certs;
using namespace tests;

namespace {

std::string_view noun(const ByteVector& der) { return der_kind(der).noun; }
ByteVector sequence_of_integers(std::size_t count) {
    return der_sequence_of(std::vector<ByteVector>(count, der_integer(5)));
}

}  // namespace

TEST_CASE("keys in DER are told by their outermost structure, private ones as private") {
    const ByteVector algorithm = der_sequence({der_oid("1.2.840.10045.2.1"), der_oid("1.2.840.10045.3.1.7")});
    const ByteVector bytes = der_octet_string(ByteVector(32, 1));
    for (const ByteVector& key :
         {der_sequence({der_integer(0), algorithm, bytes}), der_sequence({der_integer(1), bytes}),
          sequence_of_integers(9), sequence_of_integers(6), der_sequence({algorithm, bytes})}) {
        CHECK(der_kind(key).noun.contains("private key"));
        CHECK(der_kind(key).private_key);
    }
    CHECK(noun(der_sequence({algorithm, der_bit_string(ByteVector(65, 4))})) == "a public key");
    CHECK(noun(sequence_of_integers(2)).contains("public key"));
}

TEST_CASE("lists, requests, responses and bundles are told from certificates") {
    const Forged root = Forge::root("R").self_signed(), leaf = Forge::leaf("a.example").signed_by(root);
    CHECK(noun(ListForge{}.signed_by(root)) == "a certificate revocation list (CRL)");
    CHECK(noun(ResponseForge{}.about(leaf, root)) == "an OCSP response");
    CHECK(noun(ocsp_request(leaf.certificate(), root.certificate())) == "an OCSP request");
    const Certificate certificate = leaf.certificate();
    const Bytes info = certificate.public_key().der;
    const ByteVector name = common_name("x"), key(info.begin(), info.end());
    const ByteVector algorithm = der_sequence({der_oid("1.2.840.10045.4.3.2")});
    for (const ByteVector& attributes : {ByteVector{}, der_context(0, {})})
        CHECK(noun(der_sequence({der_sequence({der_integer(0), name, key, attributes}), algorithm,
                                 der_bit_string(ByteVector(8, 1))})) == "a certificate signing request (PKCS #10)");
    CHECK(noun(der_sequence({der_oid(oid::signed_data), der_context(0, der_sequence({der_integer(1)}))})) ==
          "a PKCS #7 bundle");
    CHECK(noun({0x30, 0x80, 0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07, 0x02, 0xA0, 0x80}) ==
          "a PKCS #7 bundle");
    CHECK(noun(der_sequence({der_integer(3), der_sequence({der_oid(oid::data)})})) == "a PKCS #12 file");
}

TEST_CASE("a certificate, and what is no DER, is no other kind") {
    const Forged root = Forge::root("R").self_signed();
    CHECK(noun(root.der).empty());
    CHECK(noun(Forge::root("R").version(std::nullopt).without_extensions().self_signed().der).empty());
    CHECK(noun({}).empty());
    CHECK(noun({0x30, 0x82}).empty());
    for (std::size_t cut = 0; cut < root.der.size(); ++cut)
        CHECK(noun(ByteVector(root.der.begin(), root.der.begin() + static_cast<std::ptrdiff_t>(cut))).empty());
}
