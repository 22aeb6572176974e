#include "certs/oid.h"

namespace certs {

namespace {

struct Named {
    OidConstant oid;
    std::string_view name;
};

constexpr Named names[] = {
    {{"2.5.4.3"}, "CN"},
    {{"2.5.4.4"}, "SN"},
    {{"2.5.4.5"}, "serialNumber"},
    {{"2.5.4.6"}, "C"},
    {{"2.5.4.7"}, "L"},
    {{"2.5.4.8"}, "ST"},
    {{"2.5.4.9"}, "STREET"},
    {{"2.5.4.10"}, "O"},
    {{"2.5.4.11"}, "OU"},
    {{"2.5.4.12"}, "title"},
    {{"2.5.4.15"}, "businessCategory"},
    {{"2.5.4.17"}, "postalCode"},
    {{"2.5.4.42"}, "GN"},
    {{"2.5.4.43"}, "initials"},
    {{"2.5.4.44"}, "generationQualifier"},
    {{"2.5.4.46"}, "dnQualifier"},
    {{"2.5.4.65"}, "pseudonym"},
    {{"2.5.4.97"}, "organizationIdentifier"},
    {{"1.2.840.113549.1.9.1"}, "emailAddress"},
    {{"0.9.2342.19200300.100.1.1"}, "UID"},
    {{"0.9.2342.19200300.100.1.25"}, "DC"},
    {{"1.3.6.1.4.1.311.60.2.1.1"}, "jurisdictionL"},
    {{"1.3.6.1.4.1.311.60.2.1.2"}, "jurisdictionST"},
    {{"1.3.6.1.4.1.311.60.2.1.3"}, "jurisdictionC"},

    {oid::subject_key_identifier, "subjectKeyIdentifier"},
    {oid::key_usage, "keyUsage"},
    {oid::subject_alt_name, "subjectAltName"},
    {oid::issuer_alt_name, "issuerAltName"},
    {oid::basic_constraints, "basicConstraints"},
    {oid::name_constraints, "nameConstraints"},
    {oid::crl_distribution_points, "cRLDistributionPoints"},
    {oid::certificate_policies, "certificatePolicies"},
    {oid::policy_mappings, "policyMappings"},
    {oid::authority_key_identifier, "authorityKeyIdentifier"},
    {oid::policy_constraints, "policyConstraints"},
    {oid::extended_key_usage, "extKeyUsage"},
    {oid::freshest_crl, "freshestCRL"},
    {oid::inhibit_any_policy, "inhibitAnyPolicy"},
    {oid::authority_info_access, "authorityInfoAccess"},
    {oid::subject_info_access, "subjectInfoAccess"},
    {oid::tls_feature, "tlsFeature"},
    {oid::ocsp_no_check, "ocspNoCheck"},
    {oid::sct_list, "signedCertificateTimestampList"},
    {oid::precertificate_poison, "ctPrecertificatePoison"},
    {oid::ms_application_policies, "msApplicationPolicies"},
    {oid::crl_number, "cRLNumber"},
    {oid::crl_reason, "cRLReason"},
    {oid::delta_crl_indicator, "deltaCRLIndicator"},
    {oid::issuing_distribution_point, "issuingDistributionPoint"},
    {oid::certificate_issuer, "certificateIssuer"},
    {oid::any_policy, "anyPolicy"},

    {oid::any_purpose, "anyExtendedKeyUsage"},
    {oid::server_auth, "serverAuth"},
    {oid::client_auth, "clientAuth"},
    {{"1.3.6.1.5.5.7.3.3"}, "codeSigning"},
    {{"1.3.6.1.5.5.7.3.4"}, "emailProtection"},
    {{"1.3.6.1.5.5.7.3.8"}, "timeStamping"},
    {oid::ocsp_signing, "OCSPSigning"},
    {{"2.16.840.1.113730.4.1"}, "nsSGC"},
    {{"1.3.6.1.4.1.311.10.3.3"}, "msSGC"},

    {oid::rsa, "RSA"},
    {oid::rsa_pss, "RSASSA-PSS"},
    {oid::dsa, "DSA"},
    {oid::ec_public_key, "EC"},
    {oid::ed25519, "Ed25519"},
    {oid::ed448, "Ed448"},
    {oid::p192, "P-192"},
    {oid::p224, "P-224"},
    {oid::p256, "P-256"},
    {oid::p384, "P-384"},
    {oid::p521, "P-521"},
    {oid::secp256k1, "secp256k1"},
    {{"1.3.36.3.3.2.8.1.1.7"}, "brainpoolP256r1"},
    {{"1.3.36.3.3.2.8.1.1.11"}, "brainpoolP384r1"},
    {{"1.3.36.3.3.2.8.1.1.13"}, "brainpoolP512r1"},

    {oid::md2_rsa, "md2WithRSAEncryption"},
    {oid::md5_rsa, "md5WithRSAEncryption"},
    {oid::sha1_rsa, "sha1WithRSAEncryption"},
    {{"1.3.14.3.2.29"}, "sha1WithRSASignature"},
    {oid::sha224_rsa, "sha224WithRSAEncryption"},
    {oid::sha256_rsa, "sha256WithRSAEncryption"},
    {oid::sha384_rsa, "sha384WithRSAEncryption"},
    {oid::sha512_rsa, "sha512WithRSAEncryption"},
    {oid::sha1_ecdsa, "ecdsa-with-SHA1"},
    {oid::sha224_ecdsa, "ecdsa-with-SHA224"},
    {oid::sha256_ecdsa, "ecdsa-with-SHA256"},
    {oid::sha384_ecdsa, "ecdsa-with-SHA384"},
    {oid::sha512_ecdsa, "ecdsa-with-SHA512"},
    {oid::sha1_dsa, "dsa-with-SHA1"},
    {{"2.16.840.1.101.3.4.3.1"}, "dsa-with-SHA224"},
    {oid::sha256_dsa, "dsa-with-SHA256"},
    {oid::mgf1, "MGF1"},
    {{"1.2.840.113549.2.5"}, "MD5"},
    {oid::sha1, "SHA-1"},
    {oid::sha224, "SHA-224"},
    {oid::sha256, "SHA-256"},
    {oid::sha384, "SHA-384"},
    {oid::sha512, "SHA-512"},
};

}  // namespace

std::string dotted(Oid oid) {
    constexpr std::size_t longest = 256;
    std::string text;
    std::uint64_t arc = 0;
    bool overflow = false;
    bool first = true;
    for (const std::uint8_t byte : oid.content) {
        overflow = overflow || (arc >> 57) != 0;
        arc = (arc << 7) | (byte & 0x7F);
        if ((byte & 0x80) != 0) continue;
        if (first) {
            const std::uint64_t root = arc < 40 ? 0 : arc < 80 ? 1 : 2;
            text = std::to_string(root) + '.' + (overflow ? "?" : std::to_string(arc - root * 40));
        } else {
            text += '.';
            text += overflow ? "?" : std::to_string(arc);
        }
        if (text.size() > longest) return text.substr(0, longest);
        first = false;
        arc = 0;
        overflow = false;
    }
    return text;
}

std::string_view short_name(Oid oid) {
    for (const Named& named : names) {
        if (static_cast<Oid>(named.oid) == oid) return named.name;
    }
    return {};
}

std::string printable_name(Oid oid) {
    const std::string_view name = short_name(oid);
    return name.empty() ? dotted(oid) : std::string(name);
}

}  // namespace certs
