#include "tls/certificate_request.h"

#include "certs/der_writer.h"
#include "tests/support/catch.h"
#include "tests/support/forge.h"

using namespace tls;
using namespace tests;

namespace {

std::string vector(std::size_t prefix, std::string_view content) {
    std::string made;
    for (std::size_t byte = prefix; byte-- > 0;) made += static_cast<char>(content.size() >> (8 * byte) & 0xFF);
    return made.append(content);
}
std::string bytes(const certs::ByteVector& der) { return std::string(certs::as_text(der)); }
std::string extension(std::string_view type, std::string_view content) {
    return std::string(type) + vector(2, content);
}

const std::string schemes = vector(2, "\x04\x03\x08\x07");
const std::string authorities_type("\0\x2f", 2), signatures_type("\0\x0d", 2);

std::string names(const std::vector<std::string>& common_names) {
    std::string list;
    for (const std::string& name : common_names) list += vector(2, bytes(common_name(name)));
    return vector(2, list);
}

// The message of each version.
std::string old(const std::string& authorities) { return vector(1, "\x01\x40") + schemes + authorities; }
std::string current(const std::string& authorities) {
    return vector(1, "") + vector(2, extension(signatures_type, schemes) + extension("\x12\x34", "?") +
                                         extension(authorities_type, authorities));
}

std::optional<CertificateRequest> read(const std::string& body, bool tls_1_3,
                                       std::vector<certs::ByteVector> offered = {}) {
    return read_certificate_request(certs::as_bytes(body), tls_1_3, offered);
}

}  // namespace

TEST_CASE("the CAs and the signatures that a server takes are read from both versions' messages") {
    for (const bool tls_1_3 : {false, true}) {
        const std::string list = names({"One", "Two"});
        const auto request = read(tls_1_3 ? current(list) : old(list), tls_1_3);
        REQUIRE(request);
        CHECK(request->authorities == std::vector<std::string>{"CN=One", "CN=Two"});
        CHECK(request->authorities_total == 2);
        CHECK(request->signatures == std::vector<std::uint16_t>{0x0403, 0x0807});
        CHECK_FALSE(request->names_issuer);
    }
}

TEST_CASE("without a list of CAs any will do") {
    CHECK(read(old(names({})), false)->authorities_total == 0);
    CHECK(read(vector(1, "") + vector(2, extension(signatures_type, schemes)), true)->authorities_total == 0);
}

TEST_CASE("a certificate fits when a CA of the list issued it or one of its issuers") {
    const Forged root = Forge::root("Root").self_signed(), ca = Forge::intermediate("CA").signed_by(root);
    const std::vector<certs::ByteVector> chain{Forge::leaf("me").signed_by(ca).der, ca.der};
    CHECK(read(old(names({"Other", "CA"})), false, chain)->names_issuer);
    CHECK(read(current(names({"Root"})), true, chain)->names_issuer);
    CHECK_FALSE(read(old(names({"me", "Other"})), false, chain)->names_issuer);
}

TEST_CASE("of a long list all are counted and looked at, and the first few kept") {
    std::vector<std::string> many(150, "Other");
    many.push_back("Root");
    const Forged root = Forge::root("Root").self_signed();
    const auto request = read(old(names(many)), false, {Forge::leaf("me").signed_by(root).der});
    REQUIRE(request);
    CHECK(request->authorities_total == 151);
    CHECK(request->authorities.size() == listed_authorities_most);
    CHECK(request->names_issuer);
}

TEST_CASE("a message that is cut anywhere is malformed") {
    for (const bool tls_1_3 : {false, true}) {
        const std::string whole = tls_1_3 ? current(names({"One"})) : old(names({"One"}));
        for (std::size_t size = 0; size < whole.size(); ++size) CHECK_FALSE(read(whole.substr(0, size), tls_1_3));
    }
}

TEST_CASE("a signature scheme without a name is told by its number") {
    CHECK(signature_scheme_name(0x0403) == "ecdsa_secp256r1_sha256");
    CHECK(signature_scheme_name(0x1234) == "0x1234");
}
