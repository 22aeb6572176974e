// Chain and trust files in the shapes that programs save them in.
#include "certs/file_shape.h"

#include "certs/chain_file.h"
#include "certs/der_writer.h"
#include "certs/oid.h"
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
const Forged& leaf() {
    static const Forged forged = Forge::leaf("a.test").signed_by(root());
    return forged;
}
ByteVector bundle() {
    const ByteVector data = der_sequence({der_oid("1.2.840.113549.1.7.1")});
    const ByteVector none = der_element(tag::set, {});
    const ByteVector signed_data =
        der_sequence({der_integer(1), none, data, der_context(0, der_concatenation({leaf().der, root().der})), none});
    return der_sequence({der_oid(oid::signed_data), der_context(0, signed_data)});
}
std::string utf16(std::string_view text, bool little, bool mark) {
    std::string wide = !mark ? "" : little ? "\xFF\xFE" : "\xFE\xFF";
    for (const char c : text) wide += little ? std::string{c, '\0'} : std::string{'\0', c};
    return wide;
}
// How many certificates a chain file holds; 0 when it is refused.
std::size_t certificates(std::string_view file) {
    const auto chain = read_chain_file(file);
    return chain ? chain->certificates.size() : 0;
}
std::string without(std::string text, std::string_view part) {
    for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part)) text.erase(at, part.size());
    return text;
}

}  // namespace

TEST_CASE("UTF-16 text is read, with its byte order mark or without") {
    const std::string both = leaf().pem() + root().pem();
    for (const bool little : {true, false})
        for (const bool mark : {true, false}) CHECK(certificates(utf16(both, little, mark)) == 2);
    CHECK(certificates(utf16("# Zertifikat \xe4\r\n" + both, true, true)) == 2);
    CHECK(certificates("\xFF\xFE") == 0);
    CHECK(certificates("\xFF\xFE-") == 0);
}

TEST_CASE("base64 without BEGIN and END is read, of a certificate and of a PKCS #7 bundle") {
    const std::string base64 = encode_base64(leaf().der);
    CHECK(certificates(base64) == 1);
    CHECK(certificates(" \r\n" + base64.substr(0, 64) + "\r\n" + base64.substr(64) + "\r\n") == 1);
    CHECK(certificates(encode_base64(bundle())) == 2);
    CHECK(certificates(utf16(base64, true, true)) == 1);
    CHECK(certificates(base64 + "!") == 0);
    CHECK(certificates("hello") == 0);
}

TEST_CASE("a PKCS #7 bundle in PEM is read, whatever its label says it is, beside other certificates") {
    for (const std::string_view label : {"PKCS7", "CMS", "CERTIFICATE"})
        CHECK(certificates(write_pem(label, bundle())) == 2);
    CHECK(certificates(leaf().pem() + write_pem("PKCS7", bundle())) == 3);
    CHECK(certificates(write_pem("PKCS7", leaf().der)) == 0);
}

TEST_CASE("PEM that has lost line ends between or inside its blocks is read as if it had them") {
    const std::string both = leaf().pem() + root().pem();
    const std::string glued = without(leaf().pem(), "\n") + without(root().pem(), "\n");
    CHECK(certificates(glued) == 2);
    CHECK(certificates(leaf().pem().substr(0, leaf().pem().size() - 1) + root().pem()) == 2);
    CHECK(certificates(leaf().pem().substr(0, leaf().pem().size() - 1) + " " + root().pem()) == 2);
    const auto blocks = read_pem(leaf().pem().substr(0, leaf().pem().size() - 1) + root().pem());
    REQUIRE(blocks);
    CHECK(blocks->at(1).line == read_pem(both)->at(1).line - 1);
    // Text that mentions a mark is not a mark.
    CHECK(certificates("see -----BEGIN CERTIFICATE----- below\n" + leaf().pem()) == 1);
    CHECK(read_pem("-----BEGIN X-----\nAAAA-----END Y-----\n").error().line == 2);
}
