// What verification found, as a value: every step asked of every certificate of the paths tried,
// with the two values that disagree where a step failed. No prose (inspect/diagnosis writes that),
// no opinion on what to do about it.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "certs/certificate.h"
#include "certs/time.h"

namespace certs {

// The certificate steps of the report, in its order (contract §4).
enum class Step {
    path,
    trust,
    signature,
    validity,
    revocation,
    issuer,
    name_constraints,
    policy,
    basic_constraints,
    key_usage,
    critical_extensions,
    hostname,
    strength,
};

enum class Status { pass, warn, fail, skip };

enum class Severity { error, warning, notice };

// Where a certificate of a path came from. Sources other than `served` and `trust_store` only
// explain: a path that needs one is refused.
enum class Provenance {
    served,
    aia,  // fetched from where the certificate below says
    trust_store,
    seen_before,     // in another handshake
    untrusted_file,  // handed in beside the chain (whytls verify --untrusted)
};

std::string_view name(Step step);  // "basic_constraints", as contract §4 spells it

// The certificate codes of contract §6 that verification itself can find. What needs more than the
// chain (clock_skew, inspected_by_middlebox, ct_missing …) is concluded in inspect/diagnosis.
enum class Code {
    hostname_mismatch,
    no_subject_alt_name,
    expired,
    not_yet_valid,
    self_signed,
    untrusted_root,
    missing_intermediate,
    unknown_issuer,
    bad_signature,
    weak_signature,
    weak_key,
    not_a_ca,
    issuer_key_usage,
    path_length,
    name_constraint,
    wrong_purpose,
    unknown_critical_extension,
    certificate_policy,
    path_too_complex,
    malformed_certificate,
    revoked,
    revocation_unavailable,
    must_staple_missing,
    // these never fail a connection:
    expires_soon,
    validity_too_long,
    chain_order,
    extra_certificates,
    root_served,
    // a rule of RFC 5280 or of the CA/Browser Forum that few clients enforce, if any; Finding::rule
    // says which
    profile_violation,
};

constexpr Code last_code = Code::profile_violation;

std::string_view name(Code code);  // "hostname_mismatch", as contract §6 spells it

// Why the nearest name in the certificate does not match the one asked for (RFC 9525 §6.3).
enum class NearMissReason {
    none,                 // nothing close
    wildcard_one_label,   // *.example.com against a.b.example.com
    wildcard_not_apex,    // *.example.com against example.com
    apex_not_subdomain,   // example.com against www.example.com
    partial_wildcard,     // api*.example.com never matches
    address_against_dns,  // an IP address was asked for, the certificate names hosts only
    dns_against_address,  // a host was asked for, the certificate names addresses only
    address_as_dns,       // the address is in a dNSName
    unicode_label,        // a U-label where an A-label is needed
    typo,                 // `distance` edits away
    subdomain_not_apex,   // www.example.com against example.com
    inner_wildcard,       // www.*.com: only the left-most label may be one
    broad_wildcard,       // *.com, or "*"
    mapped_address,       // ::ffff:192.0.2.1 against 192.0.2.1, or the other way round
    other_kind,           // the name is there as a URI, or as an e-mail address
    // A dNSName that contains the name asked for and something else (name_flaw.h), which makes it
    // another name:
    blank_around,       // " api.example.com"
    quotes_around,      // "'api.example.com'"
    type_inside,        // "DNS:api.example.com"
    several_in_one,     // "api.example.com, www.example.com"
    url,                // "https://api.example.com"
    path_inside,        // "api.example.com/v1"
    user_inside,        // "admin@api.example.com"
    port_inside,        // "api.example.com:8443"
    percent_encoded,    // "api%2Eexample.com"
    final_dot,          // "api.example.com."
    leading_dot,        // ".example.com" against www.example.com
    nul_inside,         // "api.example.com\0.example.org"
    unseen_characters,  // letters, or zero-width signs, that are not ASCII where ASCII is needed
    no_host_name,       // by its syntax, what was asked for is not a host name
};

struct NearMiss {
    std::string name;  // as in the certificate, unescaped
    NearMissReason reason = NearMissReason::none;
    std::size_t distance = 0;  // edits, for `typo`
    bool operator==(const NearMiss&) const = default;
};

// The two values that disagree, one struct per kind of disagreement. Text from certificates is raw
// here: whoever prints it escapes it.
struct NoEvidence {
    bool operator==(const NoEvidence&) const = default;
};
struct NameEvidence {
    std::string asked;               // as the verifier was asked, A-labels
    std::vector<std::string> names;  // "DNS:…", "IP:…", at most 100
    std::size_t names_total = 0;     // how many there are
    std::string common_name;         // the subject's last CN, "" when absent
    std::optional<NearMiss> nearest;
    bool operator==(const NameEvidence&) const = default;
};
struct DateEvidence {
    Time at, not_before, not_after;
    bool operator==(const DateEvidence&) const = default;
};
struct IssuerEvidence {  // who should have issued, and who was found
    std::string wanted;  // the issuer name that the child carries (RFC 4514)
    // The subject of the CA that was there instead; `wanted` again when only its key differs; ""
    // when there was none.
    std::string found;
    std::string aia_url;                   // where the child says its issuer can be fetched; "" when absent
    Provenance from = Provenance::served;  // of `found`: served, or an anchor of that name
    // If `found` has the wanted name: the key identifiers of the wanted issuer and of the one
    // found, in hexadecimal; "" when absent.
    std::string wanted_key = {},
                found_key = {};  // NOLINT(readability-redundant-member-init): aggregates may leave them out
    // If `found` has the wanted name: whether its key is of another kind than the one that made the
    // signature.
    bool found_other_kind = false;
    // If no certificate of the wanted name is at hand: the anchor that is likely above it, because
    // the child's authority key identifier names it (authorityCertIssuer), or because it has the
    // organisation of the wanted name; "" when there is none.
    std::string kin = {};       // NOLINT(readability-redundant-member-init)
    bool kin_named = false;     // by the authority key identifier
    std::size_t kin_count = 0;  // how many anchors could be it; `kin` is the first of them
    // The position in Verdict::served of a certificate of the wanted name that cannot be read.
    std::optional<std::size_t> unreadable = {};  // NOLINT(readability-redundant-member-init)
    bool operator==(const IssuerEvidence&) const = default;
};
struct ParseEvidence {
    std::string field;       // "tbsCertificate.validity.notBefore"
    std::size_t offset = 0;  // bytes into the certificate's DER
    std::string reason;      // what DER or RFC 5280 requires there, a short noun phrase
    ParseFault fault = ParseFault::structure;
    std::string subject = {};  // NOLINT(readability-redundant-member-init): RFC 4514, where it can be read all the same
    // What it is, when it is not a certificate at all (der_kind.h).
    std::string instead = {};  // NOLINT(readability-redundant-member-init)
    bool operator==(const ParseEvidence&) const = default;
};
struct PurposeEvidence {               // key usage and EKU: what is needed, what the certificate allows
    std::string needed;                // "serverAuth", "keyCertSign", "cA"
    std::vector<std::string> allowed;  // names or dotted OIDs; empty when the extension or the bit is absent
    bool operator==(const PurposeEvidence&) const = default;
};
struct LengthEvidence {
    std::size_t allowed = 0, found = 0;
    bool operator==(const LengthEvidence&) const = default;
};
struct ConstraintEvidence {
    std::string name;                     // the first offending name, "DNS:…"
    std::string constraint;               // what that one breaks: "permitted DNS:example.com", "excluded IP:10.0.0.0/8"
    std::string constrained_by = {};      // NOLINT(readability-redundant-member-init): the CA's subject (RFC 4514)
    std::vector<std::string> names = {};  // NOLINT(readability-redundant-member-init): all that offend, at most 100 …
    std::size_t names_total = 0;          // how many there are
    bool operator==(const ConstraintEvidence&) const = default;
};
// Why a key or a signature algorithm is not acceptable.
enum class AlgorithmFault {
    weak,            // a key too small, a hash with collisions; a signature that does not verify
    wrong_digest,    // a signature by the right key over something else: what was signed is altered
    wrong_key_kind,  // the algorithm is for another kind of key
    // that cannot be verified:
    unknown_algorithm,
    odd_parameters,
    // keys that no TLS server can use, or that cannot verify anything:
    unknown_key,
    signs_nothing,
    unknown_curve,
    explicit_curve,
    off_curve,
    broken_number,  // an RSA modulus or exponent that makes no key
    // that whytls does not read, though others do:
    beyond_limit,
};
struct AlgorithmEvidence {  // strength and signature: "RSA 1024" against "RSA 2048", "sha1WithRSAEncryption"
    std::string found, needed;
    AlgorithmFault fault = AlgorithmFault::weak;
    bool operator==(const AlgorithmEvidence&) const = default;
};
struct ExtensionEvidence {
    std::string oid, name;
    bool operator==(const ExtensionEvidence&) const = default;
};
struct RuleEvidence {  // a certificate profile's rule: "keyUsage", "absent", "present in a CA's certificate"
    std::string field, found, wanted;
    bool operator==(const RuleEvidence&) const = default;
};
struct ExtraEvidence {
    std::vector<std::size_t> positions;  // in Verdict::served
    bool operator==(const ExtraEvidence&) const = default;
};
enum class NoAnswer {       // why no answer about revocation could be used
    none,                   // there is one
    nothing_received,       // no list and no response was about the certificate
    names_no_source,        // nor does the certificate say where to ask
    not_yet_valid,          // thisUpdate is `at`
    out_of_date,            // since `at`
    bad_signature,          // or one that cannot be verified
    weak_signature,         // made with a hash that has collisions: the answer may be forged
    signer_not_authorised,  // the issuer did not authorise that key to speak for it
    responder_key_usage,    // the responder that it authorised has a key usage without digitalSignature
    unknown_critical,       // an extension that must be understood and is not
    some_reasons_only,      // RFC 5280 §5.2.5, onlySomeReasons
    delta_list,             // RFC 5280 §5.2.4: changes to a full list, which is not there
    indirect_list,          // RFC 5280 §5.2.5, indirectCRL: of several issuers, which are not distinguished here
    ca_certificates_only,   // the list's scope (RFC 5280 §5.2.5) does not include this certificate
    user_certificates_only,
    attribute_certificates_only,
    another_point,         // another of the issuer's distribution points; `reason` is the first that the list names
    of_another_issuer,     // the lists that were handed in are of issuers that this chain does not have
    about_another,         // the response that should be about this certificate is not
    unknown_to_responder,  // RFC 6960 §2.2, "unknown"
    refused_by_responder,  // `reason` is its status, "tryLater"
};
struct RevocationEvidence {
    Time at;             // when it was revoked, or NoAnswer's moment
    std::string reason;  // RFC 5280 §5.3.1's name, "" when absent; or what NoAnswer says
    std::string source;  // the CRL's or responder's URL, or "stapled response"
    NoAnswer why = NoAnswer::none;
    bool operator==(const RevocationEvidence&) const = default;
};

using Evidence = std::variant<NoEvidence, NameEvidence, DateEvidence, IssuerEvidence, ParseEvidence, PurposeEvidence,
                              LengthEvidence, ConstraintEvidence, AlgorithmEvidence, ExtensionEvidence, RuleEvidence,
                              ExtraEvidence, RevocationEvidence>;

struct Finding {
    Code code;
    Severity severity = Severity::error;
    std::optional<std::size_t> depth;  // 0 is the leaf; nullopt when it is about the chain as a whole
    Evidence evidence;
    std::string_view rule;  // "RFC 5280 §4.2.1.9", a literal
};

// One question asked of one certificate.
struct StepResult {
    Step step;
    std::size_t depth = 0;
    Status status = Status::skip;
    std::string_view rule;           // a literal; the source of the rule
    std::optional<Finding> finding;  // when failed or warned
};

struct PathCertificate {
    Certificate certificate;
    Provenance provenance = Provenance::served;
};

// Who said of a path's certificate that it is not revoked, and when.
struct GoodAnswer {
    std::size_t depth = 0;
    Time as_of;          // thisUpdate
    std::string source;  // as RevocationEvidence::source
    bool operator==(const GoodAnswer&) const = default;
};

// A candidate path, leaf first; its last certificate is the anchor when `anchored`.
struct Path {
    std::vector<PathCertificate> certificates;
    bool anchored = false;
    std::vector<StepResult> steps;  // in Step's order, then by depth; hostname only at depth 0
    std::vector<GoodAnswer> good_answers;
};

// A certificate as the server sent it.
struct Served {
    ByteVector der;
    std::optional<Certificate> certificate;  // absent when it could not be parsed, then:
    std::optional<ParseEvidence> malformed;
};

struct Verdict {
    std::vector<Served> served;     // in the order sent, at most 256
    std::size_t not_looked_at = 0;  // how many were sent after these
    std::vector<Path> paths;        // best first: the one that got furthest; empty when the leaf could not be parsed
    std::vector<Finding> problems;  // of the best path and of the chain as served; root cause first
    Time at;                        // the time verified at
    std::string host;               // the name verified for, A-labels or an address
    std::size_t anchors = 0;        // how many anchors were in force

    // Whether the path of `paths.front()` verifies: no problem is an error.
    bool accepted() const;
    // How many certificates were sent.
    std::size_t sent() const { return served.size() + not_looked_at; }
};

}  // namespace certs
