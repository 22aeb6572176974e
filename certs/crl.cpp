#include "certs/crl.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "certs/der_writer.h"
#include "certs/document.h"

namespace certs {

std::string_view revocation_reason(std::uint32_t code) {
    constexpr std::array<std::string_view, 11> names{
        "unspecified",   "keyCompromise",        "cACompromise",    "affiliationChanged",
        "superseded",    "cessationOfOperation", "certificateHold", "",
        "removeFromCRL", "privilegeWithdrawn",   "aACompromise"};
    return code < names.size() ? names[code] : std::string_view{};
}

namespace {

struct Entry {
    Bytes serial;
    Time at;
    std::string_view reason;
    bool unknown_critical = false;
};

// §5.3: one member of revokedCertificates.
Entry read_entry(DerReader& list, DerContext& context) {
    DerReader inside = list.sequence();
    Entry entry;
    entry.serial = inside.integer();
    entry.at = inside.time();
    if (!inside.at_end()) {
        DerReader extensions = inside.sequence();
        while (!extensions.at_end()) {
            DerReader extension = extensions.sequence();
            const Oid oid = extension.object_identifier();
            const bool critical = extension.next_is(tag::boolean) && extension.boolean();
            const Bytes value = extension.octet_string();
            extension.end();
            if (oid == oid::crl_reason) {
                DerReader reader(value, context);
                entry.reason = revocation_reason(reader.small_integer(255, tag::enumerated));
            } else if (critical) {
                entry.unknown_critical = true;
            }
        }
    }
    inside.end();
    return entry;
}

IssuingDistributionPoint read_distribution_point(DerReader& value, DerContext& context) {
    IssuingDistributionPoint point;
    DerReader inside = value.sequence();
    if (inside.next_is(tag::context_constructed(0))) {
        DerReader where = inside.enter(tag::context_constructed(0));
        if (where.next_is(tag::context_constructed(0)))
            point.full_name = read_general_names(where.enter(tag::context_constructed(0)), context);
        else {
            where.element(tag::context_constructed(1));
            point.has_relative_name = true;
        }
        where.end();
    }
    const auto flag = [&](std::uint8_t number) {
        if (!inside.next_is(tag::context(number))) return false;
        const Bytes content = inside.content(tag::context(number));
        if (content.size() != 1 || (content[0] != 0 && content[0] != 0xFF))
            inside.fail("a BOOLEAN that is neither 00 nor FF", ParseFault::encoding);
        return content.size() == 1 && content[0] == 0xFF;
    };
    point.only_user_certificates = flag(1);
    point.only_ca_certificates = flag(2);
    if (inside.next_is(tag::context(3))) {
        inside.bit_string(tag::context(3));
        point.only_some_reasons = true;
    }
    point.indirect = flag(4);
    point.only_attribute_certificates = flag(5);
    inside.end();
    return point;
}

}  // namespace

struct Crl::Parsed {
    ByteVector der;
    std::string source;
    Bytes tbs, signature, entries;
    AlgorithmIdentifier signature_algorithm;
    DistinguishedName issuer;
    Time this_update;
    std::optional<Time> next_update;
    std::optional<IssuingDistributionPoint> distribution_point;
    bool delta = false, number = false, unknown_critical = false;

    void read(DerContext& context) {
        DerReader document(der, context);
        context.field("certificateList");
        DerReader outer = document.sequence();
        document.end();
        DerReader ahead = outer;
        tbs = ahead.element(tag::sequence).whole;
        const AlgorithmIdentifier inner = read_tbs(outer.sequence(), context);
        context.field("signatureAlgorithm");
        signature_algorithm = read_algorithm(outer);
        if (!std::ranges::equal(signature_algorithm.der, inner.der))
            context.fail(signature_algorithm.der.data(), "the algorithm of tbsCertList.signature was expected");
        context.field("signatureValue");
        signature = outer.whole_bytes();
        outer.end();
    }

    AlgorithmIdentifier read_tbs(DerReader reader, DerContext& context) {
        context.field("tbsCertList.version");
        const bool version_2 = reader.next_is(tag::integer);
        if (version_2 && reader.small_integer(1) != 1) reader.fail("version 2 was expected");
        context.field("tbsCertList.signature");
        const AlgorithmIdentifier inner = read_algorithm(reader);
        context.field("tbsCertList.issuer");
        issuer = DistinguishedName::read(reader);
        context.field("tbsCertList.thisUpdate");
        this_update = reader.time();
        context.field("tbsCertList.nextUpdate");
        if (reader.next_is(tag::utc_time) || reader.next_is(tag::generalized_time)) next_update = reader.time();
        context.field("tbsCertList.revokedCertificates");
        if (reader.next_is(tag::sequence)) {
            DerReader list = reader.sequence();
            entries = list.rest();
            while (!list.at_end()) unknown_critical = read_entry(list, context).unknown_critical || unknown_critical;
        }
        context.field("tbsCertList.crlExtensions");
        if (reader.next_is(tag::context_constructed(0))) {
            if (!version_2) reader.fail("version 2 was expected with it");
            DerReader wrapper = reader.enter(tag::context_constructed(0));
            read_extensions(wrapper.sequence(), context);
            wrapper.end();
        }
        reader.end();
        return inner;
    }

    void read_extensions(DerReader list, DerContext& context) {
        std::vector<Oid> seen;
        while (!list.at_end()) {
            DerReader inside = list.sequence();
            const Oid oid = inside.object_identifier();
            if (std::ranges::find(seen, oid) != seen.end()) inside.fail("an extension that appears twice");
            if (seen.size() == 64) inside.fail("more than 64 extensions", ParseFault::limit);
            seen.push_back(oid);
            const bool critical = inside.next_is(tag::boolean) && inside.boolean();
            DerReader value(inside.octet_string(), context);
            inside.end();
            if (oid == oid::issuing_distribution_point) {
                distribution_point = read_distribution_point(value, context);
                value.end();
            } else if (oid == oid::delta_crl_indicator) {
                delta = true;
            } else {
                number = number || oid == oid::crl_number;
                // §5.2.3: the number is never critical. A list in which it is critical is not
                // understood, as with any other extension.
                unknown_critical = unknown_critical || critical;
            }
        }
    }
};

std::expected<Crl, ParseError> Crl::parse(Bytes der, std::string source) {
    // The largest public lists have about 20 MB.
    auto parsed = read_document<Parsed>(der, "certificateList", 64 << 20, "more than 64 MiB");
    if (!parsed) return std::unexpected(parsed.error());
    (*parsed)->source = std::move(source);
    return Crl(*std::move(parsed));
}

const DistinguishedName& Crl::issuer() const { return parsed_->issuer; }
Time Crl::this_update() const { return parsed_->this_update; }
std::optional<Time> Crl::next_update() const { return parsed_->next_update; }
Bytes Crl::tbs() const { return parsed_->tbs; }
const AlgorithmIdentifier& Crl::signature_algorithm() const { return parsed_->signature_algorithm; }
Bytes Crl::signature() const { return parsed_->signature; }
const std::optional<IssuingDistributionPoint>& Crl::distribution_point() const { return parsed_->distribution_point; }
bool Crl::is_delta() const { return parsed_->delta; }
bool Crl::has_number() const { return parsed_->number; }
bool Crl::has_unknown_critical() const { return parsed_->unknown_critical; }
const std::string& Crl::source() const { return parsed_->source; }

std::optional<RevokedEntry> Crl::find(Bytes serial) const {
    // Every entry was read once, and DER has only one encoding of a number: the first bytes of an
    // entry show whether it is the one.
    const ByteVector wanted = der_element(tag::integer, serial);
    DerContext context(parsed_->der);
    DerReader list(parsed_->entries, context);
    while (!list.at_end()) {
        const DerElement element = list.element(tag::sequence);
        if (element.content.size() < wanted.size() ||
            std::memcmp(element.content.data(), wanted.data(), wanted.size()) != 0)
            continue;
        DerReader found(element.whole, context);
        const Entry entry = read_entry(found, context);
        return RevokedEntry{entry.at, entry.reason};
    }
    return std::nullopt;
}

}  // namespace certs
