// Forges certificates for tests: right ones by default, wrong ones as asked, with every part of a
// certificate settable. A Forge is a value that describes a certificate; sign it and it becomes a
// Forged. It follows no rule that it is told to break.
//
//     const Forged root = Forge::root("Test Root").self_signed();
//     const Forged ca = Forge::intermediate("Test CA").signed_by(root);
//     const Forged leaf =
//         Forge::leaf("api.example.com").dates(days_later(-90), days_later(-1)).signed_by(ca);
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "certs/bytes.h"
#include "certs/certificate.h"
#include "certs/der_writer.h"
#include "certs/private_key.h"
#include "certs/time.h"

namespace tests {

// The moment that the default dates lie around: 2026-06-01 12:00:00 UTC.
inline constexpr certs::Time forge_time{1'780'315'200};
// Relative to it, or to any other moment.
constexpr certs::Time days_later(double days, certs::Time from = forge_time) {
    return {from.seconds + static_cast<std::int64_t>(days * certs::day)};
}

enum class KeyType { p256, p384, p521, rsa1024, rsa2048, rsa3072, ed25519 };

// A key from a pool that lives as long as the process: the same type and slot give the same key.
// RSA keys are slow to make, so each is made once. Slots 0 to 2 are what Forge's roots,
// intermediates and leaves use for RSA; their other keys are new each time.
const certs::PrivateKey& pooled_key(KeyType type, std::size_t slot);

// One attribute of a name: "CN", "O", "OU", "C", "L", "ST", "DC", "emailAddress", "serialNumber",
// or a dotted OID.
struct Attribute {
    std::string type, value;
    certs::TextTag tag = certs::TextTag::utf8;
};
// A Name (RFC 5280 §4.1.2.4) with one attribute per RDN; {} is the empty name.
certs::ByteVector name(const std::vector<Attribute>& attributes);
certs::ByteVector common_name(std::string_view text);

// GeneralNames (RFC 5280 §4.2.1.6). An address can also be given as bytes: with a wrong number of
// them, or as a mask for a name constraint: ip("10.0.0.0/8").
certs::ByteVector dns(std::string_view text);
certs::ByteVector email(std::string_view text);
certs::ByteVector uri(std::string_view text);
certs::ByteVector ip(std::string_view address);
certs::ByteVector ip(certs::Bytes raw);
certs::ByteVector directory(certs::Bytes name);
certs::ByteVector registered_id(std::string_view oid);
// "DNS:…", "IP:…", "email:…", "URI:…", "dirName:…" (a CN); nullopt for anything else.
std::optional<certs::ByteVector> general_name(std::string_view prefixed);

// RFC 5280 §4.2.1.3, by bit.
enum class Usage : unsigned {
    digital_signature,
    non_repudiation,
    key_encipherment,
    data_encipherment,
    key_agreement,
    key_cert_sign,
    crl_sign,
    encipher_only,
    decipher_only,
};

struct ForgedExtension {
    std::string oid;
    bool critical = false;
    certs::ByteVector value;  // what the OCTET STRING holds
};

// A signed certificate with its key.
struct Forged {
    certs::ByteVector der;
    certs::PrivateKey key;
    certs::ByteVector subject;                        // the Name
    std::optional<certs::ByteVector> key_identifier;  // its SKI

    std::string pem() const;
    // Parsed; throws when our parser refuses it.
    certs::Certificate certificate() const;
    operator certs::Bytes() const { return der; }  // NOLINT(google-explicit-constructor): reads as its bytes
};

class Forge {
public:
    // A root: CA, keyCertSign and cRLSign, SKI, no AKI, ten years. An intermediate: the same with
    // AKI and pathLen 0, five years.
    static Forge root(std::string_view common_name);
    static Forge intermediate(std::string_view common_name);
    // A TLS server: SAN of the host (DNS or IP), digitalSignature, serverAuth, SKI, AKI, CA:FALSE,
    // 90 days, of which 30 have passed.
    static Forge leaf(std::string_view host);

    Forge& subject(certs::ByteVector name);
    Forge& subject(const std::vector<Attribute>& attributes) { return subject(name(attributes)); }
    // Instead of the signer's subject.
    Forge& issuer(certs::ByteVector name);
    Forge& issuer(const std::vector<Attribute>& attributes) { return issuer(name(attributes)); }
    Forge& serial(std::int64_t number);
    Forge& serial(certs::ByteVector integer);  // an INTEGER element
    Forge& dates(certs::Time not_before, certs::Time not_after);
    Forge& dates(certs::ByteVector not_before, certs::ByteVector not_after);  // any two elements
    Forge& version(std::optional<int> number);                                // 1 to 3; nullopt leaves it out: 1

    Forge& key(KeyType type);
    Forge& key(certs::PrivateKey key);
    Forge& public_key_info(certs::ByteVector info);  // a SubjectPublicKeyInfo instead of the key's

    // Extensions. Each setter replaces what is there; no_… and without() leave it out.
    Forge& names(std::vector<certs::ByteVector> general_names, bool critical = false);
    Forge& no_names();
    Forge& basic_constraints(bool ca, std::optional<int> path_length = std::nullopt, bool critical = true);
    Forge& no_basic_constraints();
    Forge& key_usage(const std::vector<Usage>& usages, bool critical = true);
    Forge& no_key_usage();
    // "serverAuth", "clientAuth", "codeSigning", "emailProtection", "timeStamping", "OCSPSigning",
    // "any", or dotted.
    Forge& extended_key_usage(const std::vector<std::string>& purposes, bool critical = false);
    Forge& no_extended_key_usage();
    Forge& subject_key_identifier(std::optional<certs::ByteVector> identifier);
    Forge& authority_key_identifier(std::optional<certs::ByteVector> identifier);
    Forge& issuing_certificate_url(const std::vector<std::string>& urls, const std::vector<std::string>& ocsp = {});
    Forge& crl_url(const std::vector<std::string>& urls);
    // GeneralNames without a tag of their own, as in dns("example.com"), ip("10.0.0.0/8"),
    // directory(common_name("x")).
    Forge& name_constraints(const std::vector<certs::ByteVector>& permitted,
                            const std::vector<certs::ByteVector>& excluded, bool critical = true);
    Forge& policies(const std::vector<std::string>& oids, bool critical = false);
    Forge& policy_mappings(const std::vector<std::pair<std::string, std::string>>& issuer_to_subject,
                           bool critical = true);
    Forge& policy_constraints(std::optional<int> require_explicit, std::optional<int> inhibit_mapping,
                              bool critical = true);
    Forge& inhibit_any_policy(int skip, bool critical = true);
    Forge& must_staple();  // RFC 7633
    Forge& extension(ForgedExtension extension);
    Forge& duplicate(std::string_view oid);  // a second copy of the extension that is there
    Forge& without(std::string_view oid);
    Forge& without_extensions();

    // Signing, and what can be wrong with it.
    Forge& signature(certs::SignatureAlgorithm algorithm);
    Forge& signed_with(certs::PrivateKey key);                          // a key that is not the issuer's
    Forge& inner_algorithm(certs::ByteVector identifier);               // in the TBSCertificate
    Forge& outer_algorithm(certs::ByteVector identifier);               // beside the signature
    Forge& broken_signature();                                          // its last bit flipped
    Forge& change_tbs(std::function<void(certs::ByteVector&)> change);  // before it is signed
    Forge& change(std::function<void(certs::ByteVector&)> change);      // the whole certificate, after

    Forged self_signed() const;
    Forged signed_by(const Forged& issuer) const;

private:
    struct Signer;
    Forge(std::string_view common_name, std::size_t key_slot);
    std::optional<certs::ByteVector> own_identifier() const;
    certs::ByteVector serial() const;
    certs::ByteVector encoded_extensions(const Signer& signer) const;
    certs::ByteVector tbs(const Signer& signer, certs::Bytes algorithm) const;
    Forged sign(const Signer& signer) const;

    // An identifier that is derived from the keys unless it is set, to bytes or to none.
    struct Identifier {
        bool automatic = false;
        std::optional<certs::ByteVector> bytes;
    };

    certs::PrivateKey key_;
    std::size_t key_slot_;
    certs::ByteVector subject_;
    std::optional<certs::ByteVector> issuer_, serial_, public_key_info_, inner_algorithm_, outer_algorithm_;
    certs::ByteVector not_before_, not_after_;
    std::optional<int> version_ = 3;
    std::vector<ForgedExtension> extensions_;
    Identifier subject_key_, authority_key_;
    std::optional<certs::SignatureAlgorithm> algorithm_;
    std::optional<certs::PrivateKey> other_signer_;
    std::vector<std::string> duplicates_;
    bool broken_ = false;
    std::function<void(certs::ByteVector&)> change_tbs_, change_;
};

}  // namespace tests
