#include "certs/extensions.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace certs {

namespace {

// No list in a real certificate comes near this many entries; the limit bounds what a hostile one
// makes us keep.
constexpr std::size_t most_entries = 4096;

constexpr OidConstant cps_pointer{"1.3.6.1.5.5.7.2.1"}, user_notice{"1.3.6.1.5.5.7.2.2"};

// §4.2.1.10: "encoded in the style of RFC 4632 (CIDR)": the second half is a run of ones, then
// zeros.
bool is_prefix_mask(Bytes range) {
    bool ended = false;
    for (const std::uint8_t byte : range.subspan(range.size() / 2)) {
        if ((ended && byte != 0) || (static_cast<std::uint8_t>(~byte) & (static_cast<std::uint8_t>(~byte) + 1)) != 0)
            return false;
        ended = ended || byte != 0xFF;
    }
    return true;
}

class ExtensionReader {
public:
    ExtensionReader(Extensions& out, DerContext& context) : out_(out), context_(context) {}

    void read(const Extension& extension) {
        DerReader value(extension.value, context_);
        for (const Known& known : known_) {
            if (static_cast<Oid>(known.oid) != extension.oid) continue;
            context_.field(known.field);
            (this->*known.read)(value);
            value.end();
            return;
        }
    }

private:
    struct Known {
        OidConstant oid;
        std::string_view field;
        void (ExtensionReader::*read)(DerReader&);
    };

    void basic_constraints(DerReader& value) {
        DerReader inside = value.sequence();
        BasicConstraints result;
        // DEFAULT FALSE written out is a DER error that old CAs made by the million; it cannot
        // mislead anyone.
        if (inside.next_is(tag::boolean)) result.ca = inside.boolean();
        if (!inside.at_end()) result.path_length = inside.small_integer(std::numeric_limits<std::uint32_t>::max());
        inside.end();
        out_.basic_constraints = result;
    }

    void key_usage(DerReader& value) { out_.key_usage = KeyUsage{value.bit_string()}; }

    void extended_key_usage(DerReader& value) {
        DerReader inside = value.sequence();
        if (inside.at_end()) inside.fail("at least one purpose was expected");
        out_.extended_key_usage.emplace();
        while (!inside.at_end()) {
            check_count(inside, out_.extended_key_usage->size());
            out_.extended_key_usage->push_back(inside.object_identifier());
        }
    }

    void subject_alt_name(DerReader& value) {
        DerReader inside = value.sequence();
        if (inside.at_end()) inside.fail("at least one name was expected");
        out_.subject_alt_names = read_general_names(inside, context_);
    }

    void issuer_alt_name(DerReader& value) { read_general_names(value.sequence(), context_); }

    void authority_key_identifier(DerReader& value) {
        DerReader inside = value.sequence();
        AuthorityKeyIdentifier result;
        if (inside.next_is(tag::context(0))) result.key = inside.content(tag::context(0));
        if (inside.next_is(tag::context_constructed(1)))
            result.issuer = read_general_names(inside.enter(tag::context_constructed(1)), context_);
        if (inside.next_is(tag::context(2))) result.serial = inside.content(tag::context(2));
        inside.end();
        out_.authority_key_identifier = std::move(result);
    }

    void subject_key_identifier(DerReader& value) { out_.subject_key_identifier = value.octet_string(); }

    // §4.2.1.10: minimum is always 0 and maximum always absent; DER omits a DEFAULT.
    std::vector<GeneralName> subtrees(DerReader reader) {
        std::vector<GeneralName> bases;
        while (!reader.at_end()) {
            check_count(reader, bases.size());
            DerReader subtree = reader.sequence();
            bases.push_back(read_general_name(subtree, context_, true));
            if (!context_.failed() && bases.back().kind == GeneralNameKind::address &&
                !is_prefix_mask(bases.back().value)) {
                subtree.fail("a mask of leading ones was expected");
            }
            subtree.end();
        }
        return bases;
    }

    void name_constraints(DerReader& value) {
        DerReader inside = value.sequence();
        NameConstraints result;
        if (inside.next_is(tag::context_constructed(0)))
            result.permitted = subtrees(inside.enter(tag::context_constructed(0)));
        if (inside.next_is(tag::context_constructed(1)))
            result.excluded = subtrees(inside.enter(tag::context_constructed(1)));
        inside.end();
        if (result.permitted.empty() && result.excluded.empty()) value.fail("at least one subtree was expected");
        out_.name_constraints = std::move(result);
    }

    void certificate_policies(DerReader& value) {
        DerReader inside = value.sequence();
        if (inside.at_end()) inside.fail("at least one policy was expected");
        out_.policies.emplace();
        while (!inside.at_end()) {
            check_count(inside, out_.policies->size());
            DerReader information = inside.sequence();
            PolicyInformation policy{information.object_identifier()};
            if (!information.at_end()) {
                DerReader qualifiers = information.sequence();
                while (!qualifiers.at_end()) {
                    DerReader qualifier = qualifiers.sequence();
                    const Oid kind = qualifier.object_identifier();
                    if (kind != cps_pointer && kind != user_notice) policy.has_unknown_qualifier = true;
                    qualifier.element();
                    qualifier.end();
                }
            }
            information.end();
            out_.policies->push_back(policy);
        }
        // §4.2.1.4: "A certificate policy OID MUST NOT appear more than once".
        auto by_oid = *out_.policies;
        const auto less = [](const PolicyInformation& a, const PolicyInformation& b) {
            return std::ranges::lexicographical_compare(a.policy.content, b.policy.content);
        };
        std::ranges::sort(by_oid, less);
        if (std::ranges::adjacent_find(by_oid, [](const auto& a, const auto& b) { return a.policy == b.policy; }) !=
            by_oid.end()) {
            value.fail("a policy that appears twice");
        }
    }

    void policy_mappings(DerReader& value) {
        DerReader inside = value.sequence();
        if (inside.at_end()) inside.fail("at least one mapping was expected");
        out_.policy_mappings.emplace();
        while (!inside.at_end()) {
            check_count(inside, out_.policy_mappings->size());
            DerReader pair = inside.sequence();
            const Oid issuer = pair.object_identifier();
            const Oid subject = pair.object_identifier();
            pair.end();
            out_.policy_mappings->push_back({issuer, subject});
        }
    }

    // SkipCerts counts certificates; a number that does not fit into 32 bits cannot be such a
    // count.
    std::uint32_t skip_certificates(DerReader& reader, std::uint8_t wanted) {
        return reader.small_integer(std::numeric_limits<std::uint32_t>::max(), wanted);
    }

    void policy_constraints(DerReader& value) {
        DerReader inside = value.sequence();
        if (inside.at_end()) inside.fail("at least one member was expected");
        PolicyConstraints result;
        if (inside.next_is(tag::context(0))) result.require_explicit = skip_certificates(inside, tag::context(0));
        if (inside.next_is(tag::context(1))) result.inhibit_mapping = skip_certificates(inside, tag::context(1));
        inside.end();
        out_.policy_constraints = result;
    }

    void inhibit_any_policy(DerReader& value) { out_.inhibit_any_policy = skip_certificates(value, tag::integer); }

    void authority_info_access(DerReader& value) {
        DerReader inside = value.sequence();
        if (inside.at_end()) inside.fail("at least one access description was expected");
        std::size_t count = 0;
        while (!inside.at_end()) {
            check_count(inside, count++);
            DerReader description = inside.sequence();
            const Oid method = description.object_identifier();
            const GeneralName location = read_general_name(description, context_);
            description.end();
            if (location.kind != GeneralNameKind::uri) continue;
            if (method == oid::access_ocsp) out_.ocsp_urls.push_back(as_text(location.value));
            if (method == oid::access_ca_issuers) out_.ca_issuer_urls.push_back(as_text(location.value));
        }
    }

    void crl_distribution_points(DerReader& value) {
        DerReader inside = value.sequence();
        if (inside.at_end()) inside.fail("at least one distribution point was expected");
        while (!inside.at_end()) {
            check_count(inside, out_.crl_distribution_points.size());
            DerReader point = inside.sequence();
            DistributionPoint result;
            if (point.next_is(tag::context_constructed(0))) {
                DerReader where = point.enter(tag::context_constructed(0));
                if (where.next_is(tag::context_constructed(0)))
                    result.full_name = read_general_names(where.enter(tag::context_constructed(0)), context_);
                else
                    where.element(tag::context_constructed(1));
                where.end();
            }
            if (point.next_is(tag::context(1))) result.reasons = point.bit_string(tag::context(1));
            if (point.next_is(tag::context_constructed(2)))
                result.crl_issuer = read_general_names(point.enter(tag::context_constructed(2)), context_);
            point.end();
            for (const GeneralName& name : result.full_name) {
                if (name.kind == GeneralNameKind::uri) result.urls.push_back(as_text(name.value));
            }
            out_.crl_distribution_points.push_back(std::move(result));
        }
    }

    void tls_feature(DerReader& value) {
        DerReader inside = value.sequence();
        while (!inside.at_end()) {
            check_count(inside, out_.tls_features.size());
            out_.tls_features.push_back(static_cast<std::uint16_t>(inside.small_integer(0xFFFF)));
        }
    }

    void sct_list(DerReader& value) { out_.sct_list = value.octet_string(); }

    static void check_count(DerReader& reader, std::size_t count) {
        if (count == most_entries) reader.fail("more than 4096 entries", ParseFault::limit);
    }

    static constexpr Known known_[] = {
        {oid::basic_constraints, "extensions.basicConstraints", &ExtensionReader::basic_constraints},
        {oid::key_usage, "extensions.keyUsage", &ExtensionReader::key_usage},
        {oid::extended_key_usage, "extensions.extKeyUsage", &ExtensionReader::extended_key_usage},
        {oid::subject_alt_name, "extensions.subjectAltName", &ExtensionReader::subject_alt_name},
        {oid::issuer_alt_name, "extensions.issuerAltName", &ExtensionReader::issuer_alt_name},
        {oid::authority_key_identifier, "extensions.authorityKeyIdentifier",
         &ExtensionReader::authority_key_identifier},
        {oid::subject_key_identifier, "extensions.subjectKeyIdentifier", &ExtensionReader::subject_key_identifier},
        {oid::name_constraints, "extensions.nameConstraints", &ExtensionReader::name_constraints},
        {oid::certificate_policies, "extensions.certificatePolicies", &ExtensionReader::certificate_policies},
        {oid::policy_mappings, "extensions.policyMappings", &ExtensionReader::policy_mappings},
        {oid::policy_constraints, "extensions.policyConstraints", &ExtensionReader::policy_constraints},
        {oid::inhibit_any_policy, "extensions.inhibitAnyPolicy", &ExtensionReader::inhibit_any_policy},
        {oid::authority_info_access, "extensions.authorityInfoAccess", &ExtensionReader::authority_info_access},
        {oid::crl_distribution_points, "extensions.cRLDistributionPoints", &ExtensionReader::crl_distribution_points},
        {oid::tls_feature, "extensions.tlsFeature", &ExtensionReader::tls_feature},
        {oid::sct_list, "extensions.signedCertificateTimestampList", &ExtensionReader::sct_list},
    };

    Extensions& out_;
    DerContext& context_;
};

}  // namespace

std::string_view name(KeyUsageBit bit) {
    constexpr std::string_view names[] = {"digitalSignature", "nonRepudiation", "keyEncipherment",
                                          "dataEncipherment", "keyAgreement",   "keyCertSign",
                                          "cRLSign",          "encipherOnly",   "decipherOnly"};
    return names[static_cast<std::size_t>(bit)];
}

const Extension* Extensions::find(Oid oid) const {
    const auto found = std::ranges::find(all, oid, &Extension::oid);
    return found == all.end() ? nullptr : &*found;
}

Extensions read_extensions(DerReader& reader, DerContext& context) {
    constexpr std::size_t most_extensions = 256;  // finding duplicates is quadratic
    Extensions result;
    context.field("tbsCertificate.extensions");
    DerReader list = reader.sequence();
    if (list.at_end()) list.fail("at least one extension was expected");
    ExtensionReader values(result, context);
    while (!list.at_end()) {
        context.field("tbsCertificate.extensions");
        if (result.all.size() == most_extensions) list.fail("more than 256 extensions", ParseFault::limit);
        DerReader inside = list.sequence();
        Extension extension;
        extension.oid = inside.object_identifier();
        if (result.find(extension.oid) != nullptr) inside.fail("an extension that appears twice");
        if (inside.next_is(tag::boolean)) extension.critical = inside.boolean();
        extension.value = inside.octet_string();
        inside.end();
        if (context.failed()) break;
        result.all.push_back(extension);
        values.read(extension);
    }
    return result;
}

}  // namespace certs
