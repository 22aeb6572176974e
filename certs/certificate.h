// An X.509 certificate (RFC 5280 §4.1), parsed strictly from DER into views of the bytes it owns. Knows what the
// certificate says; nothing of whether to believe it.
#pragma once

#include <array>
#include <cstddef>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "certs/bytes.h"
#include "certs/time.h"

namespace certs {

struct ParseError {
    std::string_view field;   // "tbsCertificate.validity.notBefore", a literal
    std::size_t offset = 0;   // bytes into the certificate
    std::string_view reason;  // a literal noun phrase
};

using Fingerprint = std::array<std::uint8_t, 32>;

// What a person reads of a certificate; every text is raw (unescaped) and bounded.
struct Description {
    std::string subject, issuer;     // RFC 4514; "" for an empty name
    std::vector<std::string> names;  // "DNS:…", "IP:…", "email:…", "URI:…", "dirName:…"; at most 100 …
    std::size_t names_total = 0;     // … of this many
    std::string serial;              // hexadecimal
    Time not_before, not_after;
    std::string key;                 // "EC P-256", "RSA 2048", "Ed25519"
    std::string signature;           // "ecdsa-with-SHA256", or a dotted OID
    std::string sha256;              // hexadecimal
    bool ca = false;                 // basicConstraints cA
};

// To be completed by its module: names, keys, extensions as views. A value: copies share the immutable bytes.
class Certificate {
public:
    // Copies `der`. Bounded by 1 MiB; refuses trailing bytes.
    static std::expected<Certificate, ParseError> parse(Bytes der);

    Bytes der() const;
    const Fingerprint& sha256() const;
};

Description describe(const Certificate& certificate);

// RFC 7468: the certificate as a PEM block with its line ends.
std::string to_pem(Bytes der);

}  // namespace certs
