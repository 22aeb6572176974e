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

    {{"1.3.101.110"}, "X25519"},
    {{"1.3.101.111"}, "X448"},
    {{"1.2.840.113549.1.1.7"}, "RSAES-OAEP"},
    {{"1.2.840.113549.1.3.1"}, "Diffie-Hellman (PKCS #3)"},
    {{"1.2.840.10046.2.1"}, "Diffie-Hellman (X9.42)"},
    {{"1.3.132.1.12"}, "ECDH"},
    {{"1.3.132.1.13"}, "ECMQV"},
    {{"1.2.643.2.2.19"}, "GOST R 34.10-2001"},
    {{"1.2.643.7.1.1.1.1"}, "GOST R 34.10-2012 (256 bits)"},
    {{"1.2.643.7.1.1.1.2"}, "GOST R 34.10-2012 (512 bits)"},
    {{"1.2.643.2.2.3"}, "GOST R 34.11-94 with GOST R 34.10-2001"},
    {{"1.2.643.7.1.1.3.2"}, "GOST R 34.10-2012 (256 bits) with Streebog"},
    {{"1.2.643.7.1.1.3.3"}, "GOST R 34.10-2012 (512 bits) with Streebog"},
    {{"1.2.156.10197.1.301"}, "SM2"},
    {{"1.2.156.10197.1.501"}, "SM2 with SM3"},
    {{"2.16.840.1.101.3.4.3.17"}, "ML-DSA-44"},
    {{"2.16.840.1.101.3.4.3.18"}, "ML-DSA-65"},
    {{"2.16.840.1.101.3.4.3.19"}, "ML-DSA-87"},
    {{"2.16.840.1.101.3.4.4.1"}, "ML-KEM-512"},
    {{"2.16.840.1.101.3.4.4.2"}, "ML-KEM-768"},
    {{"2.16.840.1.101.3.4.4.3"}, "ML-KEM-1024"},
    {{"2.16.840.1.101.3.4.3.20"}, "SLH-DSA-SHA2-128s"},
    {{"2.16.840.1.101.3.4.3.21"}, "SLH-DSA-SHA2-128f"},
    {{"2.16.840.1.101.3.4.3.22"}, "SLH-DSA-SHA2-192s"},
    {{"2.16.840.1.101.3.4.3.23"}, "SLH-DSA-SHA2-192f"},
    {{"2.16.840.1.101.3.4.3.24"}, "SLH-DSA-SHA2-256s"},
    {{"2.16.840.1.101.3.4.3.25"}, "SLH-DSA-SHA2-256f"},
    {{"1.3.132.0.1"}, "sect163k1"},
    {{"1.3.132.0.8"}, "secp160r1"},
    {{"1.3.132.0.9"}, "secp160k1"},
    {{"1.3.132.0.31"}, "secp192k1"},
    {{"1.3.132.0.32"}, "secp224k1"},
    {{"1.3.132.0.16"}, "sect283k1"},
    {{"1.3.132.0.17"}, "sect283r1"},
    {{"1.3.132.0.36"}, "sect409k1"},
    {{"1.3.132.0.37"}, "sect409r1"},
    {{"1.3.132.0.38"}, "sect571k1"},
    {{"1.3.132.0.39"}, "sect571r1"},
    {{"1.3.36.3.3.2.8.1.1.5"}, "brainpoolP224r1"},
    {{"1.3.36.3.3.2.8.1.1.9"}, "brainpoolP320r1"},

    {oid::md2_rsa, "md2WithRSAEncryption"},
    {{"1.2.840.113549.1.1.3"}, "md4WithRSAEncryption"},
    {{"1.3.36.3.3.1.2"}, "rsaSignatureWithripemd160"},
    {{"2.16.840.1.101.3.4.3.13"}, "id-rsassa-pkcs1-v1_5-with-sha3-224"},
    {{"2.16.840.1.101.3.4.3.14"}, "id-rsassa-pkcs1-v1_5-with-sha3-256"},
    {{"2.16.840.1.101.3.4.3.15"}, "id-rsassa-pkcs1-v1_5-with-sha3-384"},
    {{"2.16.840.1.101.3.4.3.16"}, "id-rsassa-pkcs1-v1_5-with-sha3-512"},
    {{"2.16.840.1.101.3.4.3.10"}, "id-ecdsa-with-sha3-256"},
    {{"1.2.840.113549.1.1.15"}, "sha512-224WithRSAEncryption"},
    {{"1.2.840.113549.1.1.16"}, "sha512-256WithRSAEncryption"},
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
    {{"2.16.840.1.101.3.4.2.5"}, "SHA-512/224"},
    {{"2.16.840.1.101.3.4.2.6"}, "SHA-512/256"},
    {{"2.16.840.1.101.3.4.2.8"}, "SHA3-256"},
    {{"2.16.840.1.101.3.4.2.9"}, "SHA3-384"},
    {{"2.16.840.1.101.3.4.2.10"}, "SHA3-512"},
    {{"2.16.840.1.101.3.4.2.11"}, "SHAKE128"},
    {{"2.16.840.1.101.3.4.2.12"}, "SHAKE256"},
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
