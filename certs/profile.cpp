#include "certs/profile.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace certs {

namespace {

class ProfileCheck {
public:
    explicit ProfileCheck(const Place& place)
        : certificate_(place.certificate), extensions_(place.certificate.extensions()), place_(place) {}

    std::vector<Finding> run() {
        serial();
        if (!certificate_.dates_are_usual()) {
            broken("RFC 5280 §4.1.2.5",
                   {"validity", readable(certificate_.not_before()) + " to " + readable(certificate_.not_after()),
                    "UTCTime through 2049, GeneralizedTime from 2050 on"});
        }
        signature_parameters();
        key_identifiers();
        constraints();
        policies();
        if (place_.role != Role::anchor) purposes();
        if (place_.role == Role::anchor) root();
        if (place_.role == Role::leaf) leaf();
        return std::move(findings_);
    }

private:
    void broken(std::string_view rule, RuleEvidence evidence) {
        findings_.push_back({Code::profile_violation, Severity::notice, place_.depth, std::move(evidence), rule});
    }
    // Includes a CA's certificate that serves as a server's own.
    bool is_ca() const { return place_.role != Role::leaf || certificate_.is_ca(); }

    void serial() {
        const Bytes serial = certificate_.serial();
        const bool zero = serial.size() == 1 && serial[0] == 0;
        if (serial.size() > 20 || serial[0] >= 0x80 || zero) {
            const std::string found = zero                ? "0"
                                      : serial[0] >= 0x80 ? "negative"
                                                          : std::to_string(serial.size()) + " bytes long";
            broken("RFC 5280 §4.1.2.2", {"serialNumber", found, "a positive number of at most 20 bytes"});
        }
    }

    void signature_parameters() {
        const AlgorithmIdentifier& algorithm = certificate_.signature_algorithm();
        if (!algorithm.parameters.empty() && short_name(algorithm.algorithm).starts_with("ecdsa-with-"))
            broken("RFC 5758 §3.2", {"signatureAlgorithm", algorithm_text(algorithm), "without parameters"});
    }

    void key_identifiers() {
        if (certificate_.authority_key_identifier().empty() && !certificate_.is_self_issued()) {
            broken("RFC 5280 §4.2.1.1", {"authorityKeyIdentifier", "absent", "present"});
        }
        if (is_ca() && certificate_.subject_key_identifier().empty())
            broken("RFC 5280 §4.2.1.2", {"subjectKeyIdentifier", "absent", "present in a CA's certificate"});
    }

    void constraints() {
        const auto& basic = extensions_.basic_constraints;
        if (basic && basic->ca && !extensions_.is_critical(oid::basic_constraints))
            broken("RFC 5280 §4.2.1.9", {"basicConstraints", "not critical", "critical in a CA's certificate"});
        if (is_ca() && certificate_.version() == 3 && !extensions_.key_usage)
            broken("RFC 5280 §4.2.1.3", {"keyUsage", "absent", "present in a CA's certificate"});
        const bool signs = !extensions_.key_usage || extensions_.key_usage->has(KeyUsageBit::key_cert_sign);
        if (basic && basic->path_length && (!basic->ca || !signs))
            broken("RFC 5280 §4.2.1.9", {"pathLenConstraint", std::to_string(*basic->path_length),
                                         "absent where the key may sign no certificates"});
        if (!extensions_.name_constraints) return;
        if (!certificate_.is_ca())
            broken("RFC 5280 §4.2.1.10", {"nameConstraints", "present", "in a CA's certificate alone"});
        if (!extensions_.is_critical(oid::name_constraints))
            broken("RFC 5280 §4.2.1.10", {"nameConstraints", "not critical", "critical"});
        const auto dotted_base = [](const GeneralName& base) {
            return base.kind == GeneralNameKind::dns && as_text(base.value).starts_with('.');
        };
        for (const auto* const list :
             {&extensions_.name_constraints->permitted, &extensions_.name_constraints->excluded}) {
            const auto found = std::ranges::find_if(*list, dotted_base);
            if (found == list->end()) continue;
            broken("RFC 5280 §4.2.1.10",
                   {"nameConstraints", text(*found).substr(0, 1024), "a host name that does not begin with a dot"});
            break;
        }
    }

    void policies() {
        for (const OidConstant* const wanted : {&oid::policy_constraints, &oid::inhibit_any_policy}) {
            const Extension* const found = extensions_.find(*wanted);
            if (found != nullptr && !found->critical)
                broken(wanted == &oid::policy_constraints ? "RFC 5280 §4.2.1.11" : "RFC 5280 §4.2.1.14",
                       {std::string(short_name(*wanted)), "not critical", "critical"});
        }
    }

    void root() {
        if (extensions_.extended_key_usage)
            broken("CA/Browser Forum BR §7.1.2.1.2", {"extKeyUsage", "present", "absent from a root"});
        const auto& authority = extensions_.authority_key_identifier;
        if (!authority || !certificate_.is_self_issued()) return;
        const bool other_key =
            !authority->key || !std::ranges::equal(*authority->key, certificate_.subject_key_identifier());
        if (other_key || !authority->issuer.empty() || authority->serial)
            broken("CA/Browser Forum BR §7.1.2.1.3",
                   {"authorityKeyIdentifier", other_key ? "another key's" : "with an issuer or a serial number",
                    "the root's own key identifier alone"});
    }

    // Whether it may take part in a handshake of some version of TLS (RFC 5246 §7.4.2).
    bool may_take_part() const {
        const auto& usage = extensions_.key_usage;
        return !usage || usage->has(KeyUsageBit::digital_signature) || usage->has(KeyUsageBit::key_encipherment) ||
               usage->has(KeyUsageBit::key_agreement);
    }

    void leaf() {
        if (certificate_.is_ca())
            broken("CA/Browser Forum BR §7.1.2.7.8",
                   {"basicConstraints", "those of a CA", "cA FALSE in a server's certificate"});
        else if (may_take_part() && extensions_.key_usage && extensions_.key_usage->has(KeyUsageBit::key_cert_sign))
            broken("RFC 5280 §4.2.1.3", {"keyUsage", "with keyCertSign", "without it where cA is FALSE"});
        if (!may_take_part())
            broken("RFC 8446 §4.4.2.2",
                   {"keyUsage", "without digitalSignature, keyEncipherment or keyAgreement", "with digitalSignature"});
        leaf_purposes();
        leaf_names();
        const PublicKey& key = certificate_.public_key();
        if ((key.kind == KeyKind::rsa || key.kind == KeyKind::rsa_pss) && key.bits % 8 != 0) {
            broken("CA/Browser Forum BR §6.1.5", {"subjectPublicKey", key.name(), "a modulus of whole bytes"});
        }
    }

    // In a CA's certificate the EKU limits what is below; programs differ in how they treat "any"
    // there.
    void purposes() {
        const auto& purposes = extensions_.extended_key_usage;
        const auto has = [&](Oid purpose) {
            return purposes && std::ranges::find(*purposes, purpose) != purposes->end();
        };
        if (!has(oid::any_purpose)) return;
        const bool by_name = has(oid::server_auth);
        broken(place_.role == Role::leaf ? "CA/Browser Forum BR §7.1.2.7.10" : "CA/Browser Forum BR §7.1.2.10.6",
               {"extKeyUsage", by_name ? "with anyExtendedKeyUsage" : "anyExtendedKeyUsage",
                "serverAuth by its own name"});
    }

    void leaf_purposes() {
        const auto& purposes = extensions_.extended_key_usage;
        if (!purposes || extensions_.is_critical(oid::extended_key_usage))
            broken("CA/Browser Forum BR §7.1.2.7.6",
                   {"extKeyUsage", purposes ? "critical" : "absent", "present, and not critical"});
    }

    void leaf_names() {
        if (!extensions_.subject_alt_names) return;
        const bool empty_subject = certificate_.subject().empty();
        if (empty_subject != extensions_.is_critical(oid::subject_alt_name)) {
            if (empty_subject)
                broken("RFC 5280 §4.2.1.6", {"subjectAltName", "not critical", "critical where the subject is empty"});
            else
                broken("CA/Browser Forum BR §7.1.2.7.12",
                       {"subjectAltName", "critical", "not critical where there is a subject"});
        }
        std::string_view underscore, suffix, odd;
        bool common_name_there = false;
        const std::string common_name = certificate_.subject().common_name();
        for (const GeneralName& name : *extensions_.subject_alt_names) {
            const std::string_view dns = name.kind == GeneralNameKind::dns ? as_text(name.value) : std::string_view{};
            if (dns.contains('_')) underscore = dns;
            if (name.kind == GeneralNameKind::dns && odd.data() == nullptr && !is_preferred_syntax(dns)) odd = dns;
            if (dns.starts_with("*.") && is_public_suffix(dns.substr(2))) suffix = dns;
            if (name.kind == GeneralNameKind::address)
                common_name_there = common_name_there || address_text(name.value) == common_name;
            else if (name.kind == GeneralNameKind::dns)
                common_name_there = common_name_there || dns == common_name;
        }
        if (!common_name.empty() && !common_name_there)
            broken("CA/Browser Forum BR §7.1.4.3",
                   {"commonName", common_name.substr(0, 1024), "one of the names in subjectAltName"});
        if (odd.data() != nullptr)
            broken("RFC 5280 §4.2.1.6",
                   {"subjectAltName", odd.empty() ? "an empty dNSName" : std::string(odd.substr(0, 1024)),
                    "host names in the preferred name syntax (RFC 1034 §3.5)"});
        if (!underscore.empty())
            broken("CA/Browser Forum BR §7.1.4.2",
                   {"subjectAltName", std::string(underscore.substr(0, 1024)), "host names without an underscore"});
        if (!suffix.empty())
            broken("CA/Browser Forum BR §3.2.2.6",
                   {"subjectAltName", std::string(suffix.substr(0, 1024)), "no wildcard right below a public suffix"});
    }

    // RFC 1034 §3.5, extended by RFC 1123 §2.1. A leading wildcard and underscores have rules of
    // their own.
    static bool is_preferred_syntax(std::string_view name) {
        if (name.starts_with("*.")) name.remove_prefix(2);
        if (name.empty() || name.size() > 253 || name.ends_with('.')) return false;
        std::size_t label = 0;
        for (const char character : name) {
            const char low = static_cast<char>(character >= 'A' && character <= 'Z' ? character + 32 : character);
            const bool fits = (low >= 'a' && low <= 'z') || (low >= '0' && low <= '9') || low == '-' || low == '_';
            if (character == '.' ? label == 0 : !fits || label == 63) return false;
            label = character == '.' ? 0 : label + 1;
        }
        return true;
    }

    // The regular part of the Public Suffix List: a top-level domain, and the usual second levels
    // below a country's.
    static bool is_public_suffix(std::string_view name) {
        const std::size_t dot = name.rfind('.');
        if (dot == std::string_view::npos) return true;
        if (name.size() - dot - 1 != 2) return false;
        static constexpr std::string_view second_levels[] = {"ac",  "co", "com", "edu", "gob", "gov", "gouv", "ltd",
                                                             "mil", "ne", "net", "nom", "or",  "org", "plc",  "sch"};
        return std::ranges::find(second_levels, name.substr(0, dot)) != std::end(second_levels);
    }

    const Certificate& certificate_;
    const Extensions& extensions_;
    const Place& place_;
    std::vector<Finding> findings_;
};

}  // namespace

std::vector<Finding> profile_findings(const Place& place) { return ProfileCheck(place).run(); }

void make_strict(std::vector<Finding>& findings) {
    for (Finding& finding : findings) {
        if (finding.code == Code::profile_violation) finding.severity = Severity::error;
    }
}

}  // namespace certs
