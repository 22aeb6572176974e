// What a server's CertificateRequest says (RFC 5246 §7.4.4, RFC 8446 §4.3.2): whose client
// certificates it accepts, and which signatures. Knows the lists, and whether a certificate fits
// them; decides nothing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "certs/bytes.h"

namespace tls {

struct CertificateRequest {
    std::vector<std::string> authorities;        // RFC 4514; at most listed_authorities_most
    std::size_t authorities_total = 0;           // how many there are; 0 when any CA will do
    std::vector<std::uint16_t> signatures = {};  // SignatureScheme (RFC 8446 §4.2.3); at most 64
    bool names_issuer = false;                   // one of them issued a certificate of the chain that was offered
    bool operator==(const CertificateRequest&) const = default;
};

// Kept as long as the connection, so not all: web servers that trust a whole store name 150 and
// more.
constexpr std::size_t listed_authorities_most = 20;

// Reads the message's body. `offered` is the client's chain (DER), empty when there is none.
// nullopt when the body is malformed.
std::optional<CertificateRequest> read_certificate_request(certs::Bytes body, bool tls_1_3,
                                                           std::span<const certs::ByteVector> offered);

// "ecdsa_secp256r1_sha256"; "0x1234" for one without a name.
std::string signature_scheme_name(std::uint16_t scheme);

}  // namespace tls
