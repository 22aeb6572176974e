#include "certs/ocsp.h"

#include "certs/crypto.h"
#include "certs/der_writer.h"
#include "tests/support/catch.h"
#include "tests/support/forge_ocsp.h"

using namespace certs;
using namespace tests;

namespace {

const Forged& ca() {
    static const Forged forged = Forge::root("CA").self_signed();
    return forged;
}
const Forged& leaf() {
    static const Forged forged = Forge::leaf("www.example.com").serial(7).signed_by(ca());
    return forged;
}
const Forged& responder() {
    static const Forged forged = Forge::leaf("ocsp.example")
                                     .extended_key_usage({"OCSPSigning"})
                                     .extension({"1.3.6.1.5.5.7.48.1.5", false, der_null()})
                                     .signed_by(ca());
    return forged;
}
std::string complaint(const ByteVector& der) {
    const auto response = OcspResponse::parse(der);
    return response ? "" : std::string(response.error().field) + ": " + std::string(response.error().reason);
}

}  // namespace

TEST_CASE("a response tells what it says") {
    const auto response = OcspResponse::parse(
        ResponseForge{.status = OcspCertStatus::revoked, .reason = 1}.about(leaf(), ca()), "a source");
    REQUIRE(response);
    CHECK(response->status() == OcspStatus::successful);
    CHECK(response->source() == "a source");
    REQUIRE(response->responder_name());
    CHECK(*response->responder_name() == ca().certificate().subject());
    CHECK_FALSE(response->responder_key_hash());
    CHECK_FALSE(response->has_unknown_critical());
    REQUIRE(response->responses().size() == 1);
    const SingleResponse& single = response->responses().front();
    CHECK(single.status == OcspCertStatus::revoked);
    CHECK(single.revoked_at == days_later(-2));
    CHECK(single.reason == "keyCompromise");
    CHECK(single.this_update == days_later(-1));
    CHECK(single.next_update == days_later(6));
    CHECK(verify_signature(ca().certificate().public_key(), response->signature_algorithm(), response->tbs(),
                           response->signature()) == SignatureResult::good);
}

TEST_CASE("a good and an unknown status, a missing next update and a revocation without a reason are read") {
    CHECK(OcspResponse::parse(ResponseForge{}.about(leaf(), ca()))->responses().front().status == OcspCertStatus::good);
    const auto unknown =
        OcspResponse::parse(ResponseForge{.status = OcspCertStatus::unknown, .next_update = {}}.about(leaf(), ca()));
    CHECK(unknown->responses().front().status == OcspCertStatus::unknown);
    CHECK_FALSE(unknown->responses().front().next_update);
    const auto revoked = OcspResponse::parse(ResponseForge{.status = OcspCertStatus::revoked}.about(leaf(), ca()));
    CHECK(revoked->responses().front().reason.empty());
}

TEST_CASE("a responder is named by its key's hash as well, and its certificates are handed out as far as they parse") {
    const ByteVector der = ResponseForge{.by_key_hash = true, .responder = responder()}.about(leaf(), ca());
    const auto response = OcspResponse::parse(der);
    REQUIRE(response);
    CHECK_FALSE(response->responder_name());
    REQUIRE(response->responder_key_hash());
    CHECK(hex(*response->responder_key_hash()) == hex(sha1(responder().certificate().public_key().key)));
    CHECK(response->certificates() == std::vector{responder().certificate()});

    Forged unreadable = leaf();
    unreadable.der = der_sequence({der_null()});
    CHECK(OcspResponse::parse(ResponseForge{.enclosed = {unreadable, leaf()}}.about(leaf(), ca()))->certificates() ==
          std::vector{leaf().certificate()});
}

TEST_CASE("a response that is not successful parses and says nothing else") {
    for (const auto& [status, text] : {std::pair{OcspStatus::malformed_request, "malformedRequest"},
                                       {OcspStatus::internal_error, "internalError"},
                                       {OcspStatus::try_later, "tryLater"},
                                       {OcspStatus::signature_required, "sigRequired"},
                                       {OcspStatus::unauthorized, "unauthorized"}}) {
        const auto response = OcspResponse::parse(ResponseForge{.response_status = status}.about(leaf(), ca()));
        REQUIRE(response);
        CHECK(name(response->status()) == text);
        CHECK(response->responses().empty());
        CHECK(response->tbs().empty());
    }
}

TEST_CASE("critical extensions that are not understood are remembered, the nonce is understood") {
    const ForgedExtension strange{"1.2.3.4", true, {0x05, 0x00}}, harmless{"1.2.3.4", false, {0x05, 0x00}};
    const ForgedExtension nonce{"1.3.6.1.5.5.7.48.1.2", true, der_octet_string(ByteVector(16))};
    CHECK(OcspResponse::parse(ResponseForge{.extensions = {strange}}.about(leaf(), ca()))->has_unknown_critical());
    CHECK_FALSE(OcspResponse::parse(ResponseForge{.extensions = {harmless, nonce}}.about(leaf(), ca()))
                    ->has_unknown_critical());
    const auto single = OcspResponse::parse(ResponseForge{.single_extensions = {strange}}.about(leaf(), ca()));
    CHECK_FALSE(single->has_unknown_critical());
    CHECK(single->responses().front().has_unknown_critical);
}

TEST_CASE("malformed responses are refused with the field") {
    const auto outer = [](std::uint8_t status, const ByteVector& rest) {
        return der_sequence({der_element(0x0A, Bytes(&status, 1)), rest});
    };
    CHECK(complaint({0x30, 0x00}) == "ocspResponse.responseStatus: a value is missing");
    CHECK(complaint(outer(4, {})) == "ocspResponse.responseStatus: a status of RFC 6960 was expected");
    CHECK(complaint(outer(7, {})) == "ocspResponse.responseStatus: a status of RFC 6960 was expected");
    CHECK(complaint(outer(3, der_null())) == "ocspResponse.responseBytes: nothing more was expected here");
    CHECK(complaint(outer(0, {})) == "ocspResponse.responseBytes: a value is missing");
    CHECK(complaint(outer(0, der_context(0, der_sequence({der_oid("1.2.3"), der_octet_string({})})))) ==
          "ocspResponse.responseBytes: the type id-pkix-ocsp-basic was expected");
    ByteVector more = ResponseForge{}.about(leaf(), ca());
    more.push_back(0);
    CHECK(complaint(more) == "ocspResponse: nothing more was expected here");
    CHECK(complaint(ResponseForge{.copies = 1025}.about(leaf(), ca())) ==
          "responseData.responses: more than 1,024 responses");
    CHECK(complaint(ResponseForge{.enclosed = std::vector<Forged>(17, leaf())}.about(leaf(), ca())) ==
          "basicResponse.certs: more than 16 certificates");
    CHECK(complaint(ByteVector((1 << 20) + 1)) == "ocspResponse: more than 1 MiB");
}

TEST_CASE("a response cut off anywhere is refused inside its bytes") {
    const ByteVector whole = ResponseForge{.responder = responder()}.about(leaf(), ca());
    for (std::size_t size = 0; size < whole.size(); ++size) {
        const auto response = OcspResponse::parse(Bytes(whole).first(size));
        REQUIRE_FALSE(response);
        CHECK(response.error().offset <= size);
    }
}

TEST_CASE("a response is about the certificate of that serial number, that issuer name and that issuer key alone") {
    const Certificate certificate = leaf().certificate(), issuer = ca().certificate();
    const auto about = [&](const ResponseForge& forge, const Certificate& by) {
        return is_about(OcspResponse::parse(forge.about(leaf(), ca()))->responses().front(), certificate, by);
    };
    CHECK(about({}, issuer));
    CHECK(about({.id_by_sha256 = true}, issuer));
    CHECK_FALSE(about({.serial = 8}, issuer));
    CHECK_FALSE(about({}, Forge::root("CA").self_signed().certificate()));
    CHECK_FALSE(about({}, Forge::root("Other CA").key(ca().key).self_signed().certificate()));
}

TEST_CASE("a request names the certificate by SHA-1 and carries no nonce") {
    const Certificate certificate = leaf().certificate(), issuer = ca().certificate();
    const ByteVector request = ocsp_request(certificate, issuer);
    const ByteVector id = der_sequence({der_sequence({der_oid("1.3.14.3.2.26"), der_null()}),
                                        der_octet_string(sha1(issuer.subject_der())),
                                        der_octet_string(sha1(issuer.public_key().key)), der_integer(7)});
    CHECK(hex(request) == hex(der_sequence({der_sequence({der_sequence({der_sequence({id})})})})));
}
