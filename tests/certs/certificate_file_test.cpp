#include "certs/certificate_file.h"

#include "certs/der_writer.h"
#include "certs/pem.h"
#include "tests/support/catch.h"
#include "tests/support/forge.h"

using namespace certs;
using namespace tests;

namespace {

const Forged& root() {
    static const Forged forged = Forge::root("Root").self_signed();
    return forged;
}
const Forged& intermediate() {
    static const Forged forged = Forge::intermediate("CA").signed_by(root());
    return forged;
}

// A certs-only message (RFC 8551 §3.8); `certificates` is the content of [0].
ByteVector certs_only(const ByteVector& certificates, const ByteVector& type = der_oid(oid::signed_data)) {
    const ByteVector data = der_sequence({der_oid("1.2.840.113549.1.7.1")});
    const ByteVector none = der_element(tag::set, {});
    const ByteVector signed_data = der_sequence({der_integer(1), none, data, der_context(0, certificates), none});
    return der_sequence({type, der_context(0, signed_data)});
}
std::size_t count(Bytes file) { return read_certificates(file).size(); }

}  // namespace

TEST_CASE("an issuer is read from DER, from PEM with text around it, and from a certs-only message in either") {
    CHECK(read_certificates(root().der) == std::vector{root().certificate()});
    const std::string pem = "subject=Root\n" + root().pem() + intermediate().pem();
    CHECK(read_certificates(as_bytes(pem)) == std::vector{root().certificate(), intermediate().certificate()});
    const ByteVector both = certs_only(der_concatenation({root().der, intermediate().der}));
    CHECK(read_certificates(both) == std::vector{root().certificate(), intermediate().certificate()});
    CHECK(count(as_bytes(write_pem("PKCS7", both))) == 2);
}

TEST_CASE(
    "choices other than a certificate, and certificates that do not parse, are passed over in a certs-only message") {
    const ByteVector attribute = der_context(1, der_null());
    const ByteVector broken = der_sequence({der_null()});
    CHECK(count(certs_only(der_concatenation({attribute, broken, root().der}))) == 1);
}

TEST_CASE("what holds no certificate gives none") {
    CHECK(count({}) == 0);
    CHECK(count(as_bytes("<!doctype html><title>404</title>")) == 0);
    CHECK(count(as_bytes("-----BEGIN CERTIFICATE-----\nAAAA")) == 0);
    CHECK(count(as_bytes(write_pem("PRIVATE KEY", root().der))) == 0);
    CHECK(count(certs_only({})) == 0);
    CHECK(count(certs_only(root().der, der_oid("1.2.840.113549.1.7.3"))) == 0);
    ByteVector cut = certs_only(root().der);
    for (std::size_t size = 0; size < cut.size(); ++size) CHECK(count(Bytes(cut).first(size)) == 0);
}

TEST_CASE("of more than 64 certificates the first 64 are read") {
    std::string pem;
    for (int i = 0; i < 70; ++i) pem += root().pem();
    CHECK(count(as_bytes(pem)) == 64);
}
