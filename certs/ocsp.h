// OCSP (RFC 6960, profiled by RFC 5019) as data: parses a response strictly, makes a request. Knows
// what a response says, not whether it is genuine or about a certificate of the path (revocation.h
// checks that), nor where responses come from.
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "certs/certificate.h"

namespace certs {

// RFC 6960 §4.2.1, OCSPResponseStatus.
enum class OcspStatus {
    successful = 0,
    malformed_request = 1,
    internal_error = 2,
    try_later = 3,
    signature_required = 5,
    unauthorized = 6
};
std::string_view name(OcspStatus status);  // "tryLater", as the RFC spells it

// The source of a response that came in the handshake.
inline constexpr std::string_view stapled_response = "stapled response";

enum class OcspCertStatus { good, revoked, unknown };

// RFC 6960 §4.2.1, SingleResponse with its CertID (§4.1.1).
struct SingleResponse {
    Oid hash_algorithm;
    Bytes issuer_name_hash, issuer_key_hash, serial;
    OcspCertStatus status = OcspCertStatus::unknown;
    Time revoked_at;          // when revoked
    std::string_view reason;  // RFC 5280 §5.3.1's name, "" when absent
    Time this_update;
    std::optional<Time> next_update;
    bool has_unknown_critical = false;
};

// A value: copies share the immutable bytes.
class OcspResponse {
public:
    // Copies `der`; `source` says where it is from, a URL or "stapled response". Bounded by 1 MiB,
    // 1,024 single responses and 16 certificates. A response whose status is not `successful`
    // parses and contains nothing else.
    static std::expected<OcspResponse, ParseError> parse(Bytes der, std::string source = {});

    OcspStatus status() const;
    Bytes tbs() const;  // ResponseData with its header: what is signed
    const AlgorithmIdentifier& signature_algorithm() const;
    Bytes signature() const;
    // The signer, by name or by the SHA-1 of the key (§4.2.2.3): one of them is present.
    const std::optional<DistinguishedName>& responder_name() const;
    const std::optional<Bytes>& responder_key_hash() const;
    const std::vector<SingleResponse>& responses() const;
    const std::vector<Certificate>& certificates() const;  // only those that parse
    bool has_unknown_critical() const;                     // in the response as a whole: then it says nothing
    const std::string& source() const;

private:
    struct Parsed;
    explicit OcspResponse(std::shared_ptr<const Parsed> parsed) : parsed_(std::move(parsed)) {}
    std::shared_ptr<const Parsed> parsed_;
};

// Whether that single response is about `certificate`, issued by `issuer` (CertIDs by SHA-1,
// SHA-256, SHA-384 or SHA-512).
bool is_about(const SingleResponse& response, const Certificate& certificate, const Certificate& issuer);

// The last second at which a single response counts: its nextUpdate, or a day when it has none,
// plus the tolerance for clocks.
Time counts_until(const SingleResponse& response);

// An OCSPRequest for one certificate: a SHA-1 CertID, no nonce (RFC 5019 §2.1.1), so that
// responders can answer from their caches.
ByteVector ocsp_request(const Certificate& certificate, const Certificate& issuer);

}  // namespace certs
