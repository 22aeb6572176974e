#include "certs/ocsp.h"

#include <algorithm>
#include <utility>

#include "certs/crl.h"
#include "certs/crypto.h"
#include "certs/der_writer.h"
#include "certs/document.h"

namespace certs {

namespace {

// OCSP times have only one form (RFC 6960 §4.2.1).
Time generalized_time(DerReader& reader) {
    if (!reader.at_end() && !reader.next_is(tag::generalized_time)) reader.fail("a GeneralizedTime was expected");
    return reader.time();
}

// Whether an extension is critical and not understood. The nonce is understood: none is requested,
// so none has to be compared.
bool read_critical_extensions(DerReader wrapper) {
    DerReader list = wrapper.sequence();
    wrapper.end();
    std::vector<Oid> seen;
    bool unknown = false;
    while (!list.at_end()) {
        DerReader extension = list.sequence();
        const Oid oid = extension.object_identifier();
        if (std::ranges::find(seen, oid) != seen.end()) extension.fail("an extension that appears twice");
        if (seen.size() == 64) extension.fail("more than 64 extensions", ParseFault::limit);
        seen.push_back(oid);
        const bool critical = extension.next_is(tag::boolean) && extension.boolean();
        extension.octet_string();
        extension.end();
        unknown = unknown || (critical && oid != oid::ocsp_nonce);
    }
    return unknown;
}

void read_certificate_id(DerReader reader, SingleResponse& response) {
    response.hash_algorithm = read_algorithm(reader).algorithm;
    response.issuer_name_hash = reader.octet_string();
    response.issuer_key_hash = reader.octet_string();
    response.serial = reader.integer();
    reader.end();
}

void read_revoked(DerReader reader, SingleResponse& response) {
    response.revoked_at = generalized_time(reader);
    if (reader.next_is(tag::context_constructed(0))) {
        DerReader reason = reader.enter(tag::context_constructed(0));
        response.reason = revocation_reason(reason.small_integer(255, tag::enumerated));
        reason.end();
    }
    reader.end();
}

void read_certificate_status(DerReader& reader, SingleResponse& response) {
    if (reader.next_is(tag::context_constructed(1))) {
        response.status = OcspCertStatus::revoked;
        return read_revoked(reader.enter(tag::context_constructed(1)), response);
    }
    response.status = reader.next_is(tag::context(0)) ? OcspCertStatus::good : OcspCertStatus::unknown;
    // Both are an IMPLICIT NULL.
    if (!reader.content(response.status == OcspCertStatus::good ? tag::context(0) : tag::context(2)).empty())
        reader.fail("a NULL without content was expected");
}

SingleResponse read_single_response(DerReader reader, DerContext& context) {
    SingleResponse response;
    context.field("singleResponse.certID");
    read_certificate_id(reader.sequence(), response);
    context.field("singleResponse.certStatus");
    read_certificate_status(reader, response);
    context.field("singleResponse.thisUpdate");
    response.this_update = generalized_time(reader);
    context.field("singleResponse.nextUpdate");
    if (reader.next_is(tag::context_constructed(0))) {
        DerReader inside = reader.enter(tag::context_constructed(0));
        response.next_update = generalized_time(inside);
        inside.end();
    }
    context.field("singleResponse.singleExtensions");
    if (reader.next_is(tag::context_constructed(1)))
        response.has_unknown_critical = read_critical_extensions(reader.enter(tag::context_constructed(1)));
    reader.end();
    return response;
}

std::optional<OcspStatus> status_of(std::uint32_t code) {
    if (code > 6 || code == 4) return std::nullopt;  // §4.2.1: "(4) is not used"
    return static_cast<OcspStatus>(code);
}

bool is_hash_of(Oid algorithm, Bytes hash, Bytes content) {
    if (algorithm == oid::sha1) return std::ranges::equal(hash, sha1(content));
    if (algorithm == oid::sha256) return std::ranges::equal(hash, sha256(content));
    if (algorithm == oid::sha384) return std::ranges::equal(hash, sha384(content));
    return algorithm == oid::sha512 && std::ranges::equal(hash, sha512(content));
}

}  // namespace

std::string_view name(OcspStatus status) {
    switch (status) {
        case OcspStatus::successful: return "successful";
        case OcspStatus::malformed_request: return "malformedRequest";
        case OcspStatus::internal_error: return "internalError";
        case OcspStatus::try_later: return "tryLater";
        case OcspStatus::signature_required: return "sigRequired";
        case OcspStatus::unauthorized: return "unauthorized";
    }
    std::unreachable();
}

struct OcspResponse::Parsed {
    ByteVector der;
    std::string source;
    OcspStatus status = OcspStatus::successful;
    Bytes tbs, signature;
    AlgorithmIdentifier signature_algorithm;
    std::optional<DistinguishedName> responder_name;
    std::optional<Bytes> responder_key_hash;
    std::vector<SingleResponse> responses;
    std::vector<Certificate> certificates;
    bool unknown_critical = false;

    void read(DerContext& context) {
        DerReader document(der, context);
        context.field("ocspResponse");
        DerReader outer = document.sequence();
        document.end();
        context.field("ocspResponse.responseStatus");
        const auto read_status = status_of(outer.small_integer(255, tag::enumerated));
        if (!read_status) outer.fail("a status of RFC 6960 was expected");
        status = read_status.value_or(OcspStatus::internal_error);
        context.field("ocspResponse.responseBytes");
        // §4.2.1: with an error condition "the responseBytes field is not set".
        if (status == OcspStatus::successful) read_response_bytes(outer.enter(tag::context_constructed(0)), context);
        outer.end();
    }

    void read_response_bytes(DerReader wrapper, DerContext& context) {
        DerReader inside = wrapper.sequence();
        wrapper.end();
        if (inside.object_identifier() != oid::ocsp_basic) inside.fail("the type id-pkix-ocsp-basic was expected");
        DerReader response(inside.octet_string(), context);
        inside.end();
        read_basic_response(response.sequence(), context);
        response.end();
    }

    void read_basic_response(DerReader reader, DerContext& context) {
        DerReader ahead = reader;
        tbs = ahead.element(tag::sequence).whole;
        read_data(reader.sequence(), context);
        context.field("basicResponse.signatureAlgorithm");
        signature_algorithm = read_algorithm(reader);
        context.field("basicResponse.signature");
        signature = reader.whole_bytes();
        context.field("basicResponse.certs");
        if (reader.next_is(tag::context_constructed(0))) {
            DerReader wrapper = reader.enter(tag::context_constructed(0));
            read_certificates(wrapper.sequence());
            wrapper.end();
        }
        reader.end();
    }

    void read_data(DerReader reader, DerContext& context) {
        context.field("responseData.version");
        if (reader.next_is(tag::context_constructed(0))) {
            DerReader version = reader.enter(tag::context_constructed(0));
            version.small_integer(0);
            version.end();
        }
        context.field("responseData.responderID");
        read_responder(reader);
        context.field("responseData.producedAt");
        generalized_time(reader);  // producedAt: thisUpdate and nextUpdate decide
        context.field("responseData.responses");
        DerReader list = reader.sequence();
        while (!list.at_end()) {
            context.field("responseData.responses");
            if (responses.size() == 1024) list.fail("more than 1,024 responses", ParseFault::limit);
            responses.push_back(read_single_response(list.sequence(), context));
        }
        context.field("responseData.responseExtensions");
        if (reader.next_is(tag::context_constructed(1)))
            unknown_critical = read_critical_extensions(reader.enter(tag::context_constructed(1)));
        reader.end();
    }

    void read_responder(DerReader& reader) {
        const bool by_name = reader.next_is(tag::context_constructed(1));
        DerReader inside = reader.enter(by_name ? tag::context_constructed(1) : tag::context_constructed(2));
        if (by_name)
            responder_name = DistinguishedName::read(inside);
        else
            responder_key_hash = inside.octet_string();
        inside.end();
    }

    void read_certificates(DerReader list) {
        for (std::size_t count = 0; !list.at_end(); ++count) {
            if (count == 16) list.fail("more than 16 certificates", ParseFault::limit);
            if (auto certificate = Certificate::parse(list.element(tag::sequence).whole))
                certificates.push_back(*std::move(certificate));
        }
    }
};

std::expected<OcspResponse, ParseError> OcspResponse::parse(Bytes der, std::string source) {
    // A response has about 500 bytes to 5 kB; Certificate::parse has the same bound.
    auto parsed = read_document<Parsed>(der, "ocspResponse", 1 << 20, "more than 1 MiB");
    if (!parsed) return std::unexpected(parsed.error());
    (*parsed)->source = std::move(source);
    return OcspResponse(*std::move(parsed));
}

OcspStatus OcspResponse::status() const { return parsed_->status; }
Bytes OcspResponse::tbs() const { return parsed_->tbs; }
const AlgorithmIdentifier& OcspResponse::signature_algorithm() const { return parsed_->signature_algorithm; }
Bytes OcspResponse::signature() const { return parsed_->signature; }
const std::optional<DistinguishedName>& OcspResponse::responder_name() const { return parsed_->responder_name; }
const std::optional<Bytes>& OcspResponse::responder_key_hash() const { return parsed_->responder_key_hash; }
const std::vector<SingleResponse>& OcspResponse::responses() const { return parsed_->responses; }
const std::vector<Certificate>& OcspResponse::certificates() const { return parsed_->certificates; }
bool OcspResponse::has_unknown_critical() const { return parsed_->unknown_critical; }
const std::string& OcspResponse::source() const { return parsed_->source; }

bool is_about(const SingleResponse& response, const Certificate& certificate, const Certificate& issuer) {
    return std::ranges::equal(response.serial, certificate.serial()) &&
           is_hash_of(response.hash_algorithm, response.issuer_key_hash, issuer.public_key().key) &&
           is_hash_of(response.hash_algorithm, response.issuer_name_hash, issuer.subject_der());
}

ByteVector ocsp_request(const Certificate& certificate, const Certificate& issuer) {
    const ByteVector algorithm = der_sequence({der_oid(oid::sha1), der_null()});
    // The serial number as the certificate spells it, whatever its sign.
    const ByteVector id = der_sequence({algorithm, der_octet_string(sha1(issuer.subject_der())),
                                        der_octet_string(sha1(issuer.public_key().key)),
                                        der_element(tag::integer, certificate.serial())});
    return der_sequence({der_sequence({der_sequence({der_sequence({id})})})});
}

}  // namespace certs
