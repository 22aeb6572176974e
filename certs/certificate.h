// An X.509 certificate (RFC 5280 §4.1), parsed strictly from DER into views of the bytes it owns.
// Knows what the certificate says, not whether to believe it.
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
#include "certs/der.h"
#include "certs/extensions.h"
#include "certs/name.h"
#include "certs/public_key.h"
#include "certs/time.h"

namespace certs {

using Fingerprint = std::array<std::uint8_t, 32>;

// A certificate for people to read; every text is raw (unescaped) and bounded.
struct Description {
    std::string subject, issuer;     // RFC 4514; "" for an empty name
    std::vector<std::string> names;  // "DNS:…", "IP:…", "email:…", "URI:…", "dirName:…"; at most 100
    std::size_t names_total = 0;     // how many there are
    std::string serial;              // hexadecimal; "-7f" when negative
    Time not_before, not_after;
    std::string key;        // "EC P-256", "RSA 2048", "Ed25519"
    std::string signature;  // "ecdsa-with-SHA256", or a dotted OID
    std::string sha256;     // hexadecimal
    bool ca = false;        // basicConstraints cA
};

// A value: copies share the immutable bytes. Every view that it returns lives as long as any copy.
class Certificate {
public:
    // Copies `der`. Bounded by 1 MiB; refuses trailing bytes. What breaks RFC 5280's rules for a CA
    // but is tolerated by every client (a serial number of zero, say) parses; profile.h reports it.
    static std::expected<Certificate, ParseError> parse(Bytes der);

    Bytes der() const;
    const Fingerprint& sha256() const;

    int version() const;                                     // 1, 2 or 3
    Bytes tbs() const;                                       // what is signed: the TBSCertificate with its header
    Bytes serial() const;                                    // two's complement, as encoded
    const AlgorithmIdentifier& signature_algorithm() const;  // RFC 5280 §4.1.1.2: both places that name it agree
    Bytes signature() const;
    const DistinguishedName& issuer() const;
    const DistinguishedName& subject() const;
    Bytes subject_der() const { return subject().der(); }
    Time not_before() const;
    Time not_after() const;
    bool dates_are_usual() const;  // RFC 5280 §4.1.2.5: UTCTime through 2049, GeneralizedTime from 2050 on
    const PublicKey& public_key() const;
    const Extensions& extensions() const;
    Bytes subject_key_identifier() const;    // empty when there is none
    Bytes authority_key_identifier() const;  // its key identifier; empty when there is none

    bool is_ca() const;                                         // basicConstraints with cA
    bool is_self_issued() const;                                // RFC 5280 §6.1: subject and issuer are the same name
    const std::vector<GeneralName>& subject_alt_names() const;  // empty when there are none

    bool operator==(const Certificate& other) const { return sha256() == other.sha256(); }

private:
    struct Parsed;
    explicit Certificate(std::shared_ptr<const Parsed> parsed) : parsed_(std::move(parsed)) {}
    std::shared_ptr<const Parsed> parsed_;
};

Description describe(const Certificate& certificate);

// The subject of what may be a certificate that parse() refuses, if it can be read; nullopt
// otherwise. It is for reports and proves nothing. A view of `der`.
std::optional<DistinguishedName> subject_at_least(Bytes der);

// RFC 7468: the certificate as a PEM block with its line ends.
std::string to_pem(Bytes der);

}  // namespace certs
