// A certificate's extensions (RFC 5280 §4.2) as views: those that path validation or a diagnosis
// needs are decoded; the others are kept with their criticality. Knows what they say, not whether
// it is obeyed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "certs/bytes.h"
#include "certs/der.h"
#include "certs/name.h"
#include "certs/oid.h"

namespace certs {

struct Extension {
    Oid oid;
    bool critical = false;
    Bytes value;  // the OCTET STRING's content
};

// RFC 5280 §4.2.1.9.
struct BasicConstraints {
    bool ca = false;
    std::optional<std::uint32_t> path_length;
};

// RFC 5280 §4.2.1.3; the numbers are the bits.
enum class KeyUsageBit {
    digital_signature,
    non_repudiation,
    key_encipherment,
    data_encipherment,
    key_agreement,
    key_cert_sign,
    crl_sign,
    encipher_only,
    decipher_only
};
std::string_view name(KeyUsageBit bit);  // "keyCertSign"

struct KeyUsage {
    DerBits bits;
    bool has(KeyUsageBit bit) const { return bits.at(static_cast<std::size_t>(bit)); }
};

// RFC 5280 §4.2.1.1.
struct AuthorityKeyIdentifier {
    std::optional<Bytes> key;
    std::vector<GeneralName> issuer;  // empty when absent
    std::optional<Bytes> serial;
};

// RFC 5280 §4.2.1.10. A base is a GeneralName (an address with its mask).
struct NameConstraints {
    std::vector<GeneralName> permitted, excluded;
};

// RFC 5280 §4.2.1.4, §4.2.1.5, §4.2.1.11.
struct PolicyInformation {
    Oid policy;
    bool has_unknown_qualifier = false;  // one that is neither a CPS pointer nor a user notice
};
struct PolicyMapping {
    Oid issuer, subject;
};
struct PolicyConstraints {
    std::optional<std::uint32_t> require_explicit, inhibit_mapping;
};

// RFC 5280 §4.2.1.13: one point; `urls` are the URIs of its full name. A name relative to the
// issuer's is not kept.
struct DistributionPoint {
    std::vector<std::string_view> urls;
    std::vector<GeneralName> full_name;
    std::optional<DerBits> reasons;
    std::vector<GeneralName> crl_issuer;
};

struct Extensions {
    std::vector<Extension> all;  // in their order
    std::optional<BasicConstraints> basic_constraints;
    std::optional<KeyUsage> key_usage;
    std::optional<std::vector<Oid>> extended_key_usage;
    std::optional<std::vector<GeneralName>> subject_alt_names;
    std::optional<AuthorityKeyIdentifier> authority_key_identifier;
    std::optional<Bytes> subject_key_identifier;
    std::optional<NameConstraints> name_constraints;
    std::optional<std::vector<PolicyInformation>> policies;
    std::optional<std::vector<PolicyMapping>> policy_mappings;
    std::optional<PolicyConstraints> policy_constraints;
    std::optional<std::uint32_t> inhibit_any_policy;
    std::vector<std::string_view> ocsp_urls, ca_issuer_urls;  // RFC 5280 §4.2.2.1
    std::vector<DistributionPoint> crl_distribution_points;
    std::vector<std::uint16_t> tls_features;  // RFC 7633; 5 is must-staple
    std::optional<Bytes> sct_list;            // RFC 6962 §3.3, the TLS-encoded SignedCertificateTimestampList

    const Extension* find(Oid oid) const;  // nullptr when absent
    bool is_critical(Oid oid) const {
        const Extension* const found = find(oid);
        return found != nullptr && found->critical;
    }
};

// Reads Extensions (the SEQUENCE OF): at most 256, none twice (§4.2), each known one well formed.
Extensions read_extensions(DerReader& reader, DerContext& context);

}  // namespace certs
