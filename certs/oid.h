// Object identifiers as DER encodes them, constants for those that certificates use, and their
// printable names. Knows no meaning beyond a name.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "certs/bytes.h"

namespace certs {

// A view of an OBJECT IDENTIFIER's content octets.
struct Oid {
    Bytes content;
    friend bool operator==(const Oid& a, const Oid& b) { return std::ranges::equal(a.content, b.content); }
};

// "2.5.29.17"; arcs above 2^64-1 print as "?" so that hostile input stays bounded. At most 256
// characters.
std::string dotted(Oid oid);

// The usual short name ("CN", "serverAuth", "ecdsa-with-SHA256", "P-256", "basicConstraints"), or
// "" for an unknown one.
std::string_view short_name(Oid oid);

// short_name(), or dotted() when there is none.
std::string printable_name(Oid oid);

// An object identifier written in the source, encoded at compile time.
struct OidConstant {
    std::array<std::uint8_t, 16> bytes{};
    std::size_t size = 0;

    consteval OidConstant(const char* text) {  // NOLINT(google-explicit-constructor): reads as a literal
        std::uint64_t arcs[16] = {};
        std::size_t count = 0;
        for (; *text != 0; ++text) {
            if (*text == '.')
                ++count;
            else
                arcs[count] = arcs[count] * 10 + static_cast<std::uint64_t>(*text - '0');
        }
        append(arcs[0] * 40 + arcs[1]);
        for (std::size_t i = 2; i <= count; ++i) append(arcs[i]);
    }
    constexpr operator Oid() const { return {Bytes(bytes.data(), size)}; }  // NOLINT(google-explicit-constructor)

private:
    consteval void append(std::uint64_t arc) {
        int groups = 1;
        while (groups < 9 && (arc >> (7 * groups)) != 0) ++groups;
        while (groups-- > 0)
            bytes[size++] = static_cast<std::uint8_t>(((arc >> (7 * groups)) & 0x7F) | (groups > 0 ? 0x80 : 0));
    }
};

namespace oid {

// Extensions: RFC 5280 §4.2, RFC 6960 §4.2.2.2.1, RFC 6962 §3.3, RFC 7633 §4.
inline constexpr OidConstant subject_key_identifier{"2.5.29.14"}, key_usage{"2.5.29.15"}, subject_alt_name{"2.5.29.17"},
    issuer_alt_name{"2.5.29.18"}, basic_constraints{"2.5.29.19"}, name_constraints{"2.5.29.30"},
    crl_distribution_points{"2.5.29.31"}, certificate_policies{"2.5.29.32"}, policy_mappings{"2.5.29.33"},
    authority_key_identifier{"2.5.29.35"}, policy_constraints{"2.5.29.36"}, extended_key_usage{"2.5.29.37"},
    freshest_crl{"2.5.29.46"}, inhibit_any_policy{"2.5.29.54"}, authority_info_access{"1.3.6.1.5.5.7.1.1"},
    subject_info_access{"1.3.6.1.5.5.7.1.11"}, tls_feature{"1.3.6.1.5.5.7.1.24"}, ocsp_no_check{"1.3.6.1.5.5.7.48.1.5"},
    sct_list{"1.3.6.1.4.1.11129.2.4.2"}, precertificate_poison{"1.3.6.1.4.1.11129.2.4.3"},
    ms_application_policies{"1.3.6.1.4.1.311.21.10"};
// CRL extensions: RFC 5280 §5.2, §5.3.
inline constexpr OidConstant crl_number{"2.5.29.20"}, crl_reason{"2.5.29.21"}, delta_crl_indicator{"2.5.29.27"},
    issuing_distribution_point{"2.5.29.28"}, certificate_issuer{"2.5.29.29"};
// OCSP: RFC 6960 §4.2.1, §4.4.1.
inline constexpr OidConstant ocsp_basic{"1.3.6.1.5.5.7.48.1.1"}, ocsp_nonce{"1.3.6.1.5.5.7.48.1.2"};
// Access methods and policies.
inline constexpr OidConstant access_ocsp{"1.3.6.1.5.5.7.48.1"}, access_ca_issuers{"1.3.6.1.5.5.7.48.2"},
    any_policy{"2.5.29.32.0"};
// Purposes: RFC 5280 §4.2.1.12.
inline constexpr OidConstant any_purpose{"2.5.29.37.0"}, server_auth{"1.3.6.1.5.5.7.3.1"},
    client_auth{"1.3.6.1.5.5.7.3.2"}, ocsp_signing{"1.3.6.1.5.5.7.3.9"};
// Content types: RFC 5652 §4, §5.1, §8.
inline constexpr OidConstant data{"1.2.840.113549.1.7.1"}, signed_data{"1.2.840.113549.1.7.2"},
    encrypted_data{"1.2.840.113549.1.7.6"};
// What a PKCS #12 file contains: RFC 7292 §4.2.
inline constexpr OidConstant shrouded_key_bag{"1.2.840.113549.1.12.10.1.2"};
// Attributes of names: RFC 4519, RFC 5280 appendix A.
inline constexpr OidConstant common_name{"2.5.4.3"}, organization_name{"2.5.4.10"},
    email_address{"1.2.840.113549.1.9.1"};
// Keys: RFC 3279, RFC 5480, RFC 8410.
inline constexpr OidConstant rsa{"1.2.840.113549.1.1.1"}, rsa_pss{"1.2.840.113549.1.1.10"}, dsa{"1.2.840.10040.4.1"},
    ec_public_key{"1.2.840.10045.2.1"}, ed25519{"1.3.101.112"}, ed448{"1.3.101.113"}, p192{"1.2.840.10045.3.1.1"},
    p224{"1.3.132.0.33"}, p256{"1.2.840.10045.3.1.7"}, p384{"1.3.132.0.34"}, p521{"1.3.132.0.35"},
    secp256k1{"1.3.132.0.10"};
// Signatures and hashes.
inline constexpr OidConstant md2_rsa{"1.2.840.113549.1.1.2"}, md5_rsa{"1.2.840.113549.1.1.4"},
    sha1_rsa{"1.2.840.113549.1.1.5"}, sha224_rsa{"1.2.840.113549.1.1.14"}, sha256_rsa{"1.2.840.113549.1.1.11"},
    sha384_rsa{"1.2.840.113549.1.1.12"}, sha512_rsa{"1.2.840.113549.1.1.13"}, sha1_ecdsa{"1.2.840.10045.4.1"},
    sha224_ecdsa{"1.2.840.10045.4.3.1"}, sha256_ecdsa{"1.2.840.10045.4.3.2"}, sha384_ecdsa{"1.2.840.10045.4.3.3"},
    sha512_ecdsa{"1.2.840.10045.4.3.4"}, sha1_dsa{"1.2.840.10040.4.3"}, sha256_dsa{"2.16.840.1.101.3.4.3.2"},
    mgf1{"1.2.840.113549.1.1.8"}, sha1{"1.3.14.3.2.26"}, sha256{"2.16.840.1.101.3.4.2.1"},
    sha384{"2.16.840.1.101.3.4.2.2"}, sha512{"2.16.840.1.101.3.4.2.3"}, sha224{"2.16.840.1.101.3.4.2.4"};

}  // namespace oid

}  // namespace certs
