// The second half of hostname.h: what a mismatch looks like.
#include <algorithm>
#include <array>
#include <cstdlib>
#include <string>
#include <vector>

#include "certs/edit_distance.h"
#include "certs/hostname.h"
#include "certs/name_flaw.h"

namespace certs {

namespace {

// More than two edits make another name, not a typing error.
constexpr std::size_t most_edits = 2;

std::string_view next_label(std::string_view& name) {
    const std::string_view label = name.substr(0, name.find('.'));
    name.remove_prefix(std::min(label.size() + 1, name.size()));
    return label;
}

// Whether `pattern` with one '*' for any characters is `text`.
bool glob_matches(std::string_view pattern, std::string_view text) {
    const std::size_t star = pattern.find('*');
    if (star == std::string_view::npos) return pattern == text;
    const std::string_view head = pattern.substr(0, star);
    const std::string_view tail = pattern.substr(star + 1);
    return text.size() >= head.size() + tail.size() && text.starts_with(head) && text.ends_with(tail);
}

// Why a name with a misplaced '*' does not match a host that it would otherwise cover; both in
// lower case.
NearMissReason wrong_wildcard(std::string_view pattern, std::string_view host) {
    if (pattern == "*") return NearMissReason::broad_wildcard;
    if (std::ranges::count(pattern, '.') != std::ranges::count(host, '.')) return NearMissReason::none;
    const bool inner = pattern.substr(std::min(pattern.find('.'), pattern.size())).contains('*');
    while (!pattern.empty() || !host.empty())
        if (!glob_matches(next_label(pattern), next_label(host))) return NearMissReason::none;
    return inner ? NearMissReason::inner_wildcard : NearMissReason::partial_wildcard;
}

NearMiss compare_wildcard(NearMiss miss, std::string_view base, std::string_view host) {
    const std::size_t dot = host.find('.');
    if (host == base)
        miss.reason = NearMissReason::wildcard_not_apex;
    else if (is_below(host, base))
        miss.reason = dot != std::string_view::npos && host.substr(dot + 1) == base
                          ? NearMissReason::broad_wildcard
                          : NearMissReason::wildcard_one_label;
    else if (dot != std::string_view::npos) {
        miss.distance = edit_distance(base, host.substr(dot + 1), most_edits);
        if (miss.distance <= most_edits) miss.reason = NearMissReason::typo;
    }
    return miss;
}

NearMiss compare_dns(const std::string& as_presented, const Host& asked) {
    NearMiss miss{as_presented, NearMissReason::none};
    const std::string presented = lowered(as_presented);
    const std::string_view host = asked.text;
    if (const auto flaw = name_flaw(as_presented, asked)) {
        miss.reason = *flaw;
    } else if (presented.starts_with("*.") && !presented.substr(2).contains('*')) {
        miss = compare_wildcard(std::move(miss), std::string_view(presented).substr(2), host);
    } else if (presented.contains('*')) {
        miss.reason = wrong_wildcard(presented, host);
    } else if (is_below(host, presented)) {
        // A certificate for a registry's own name is not near to anything.
        if (presented.contains('.')) miss.reason = NearMissReason::apex_not_subdomain;
    } else if (is_below(presented, host)) {
        miss.reason = NearMissReason::subdomain_not_apex;
    } else {
        // No one types a NUL by mistake.
        const bool typed = std::ranges::none_of(presented, [](char c) { return (c >= 0 && c < ' ') || c == '\x7f'; });
        miss.distance = typed ? edit_distance(presented, host, most_edits) : most_edits + 1;
        if (miss.distance > 0 && miss.distance <= most_edits) miss.reason = NearMissReason::typo;
    }
    if (miss.reason != NearMissReason::typo) miss.distance = 0;
    return miss;
}

bool is_mapped(Bytes longer, Bytes shorter) {
    constexpr std::array<std::uint8_t, 12> prefix = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};  // RFC 4291 §2.5.5.2
    return longer.size() == 16 && shorter.size() == 4 && std::ranges::equal(longer.first(12), prefix) &&
           std::ranges::equal(longer.subspan(12), shorter);
}

NearMiss compare_address(Bytes presented, const Host& host) {
    NearMiss miss{address_text(presented), NearMissReason::none};
    if (!host.is_address) {
        miss.reason = NearMissReason::dns_against_address;
    } else if (is_mapped(presented, host.address) || is_mapped(host.address, presented)) {
        miss.reason = NearMissReason::mapped_address;
    } else if (const std::size_t distance = edit_distance(miss.name, host.text, most_edits); distance <= most_edits) {
        miss.reason = NearMissReason::typo;
        miss.distance = distance;
    }
    return miss;
}

// Compares the host of a URI; an e-mail address only if it is a host name without a user.
NearMiss compare_other_kind(const GeneralName& name, const Host& host) {
    const std::string value(as_text(name.value).substr(0, 1024));
    const bool is_email = name.kind == GeneralNameKind::email;
    const Host inside = parse_host(value);
    const bool same = is_email ? inside.is_address == host.is_address && inside.text == host.text
                               : name_flaw(value, host).has_value();
    return {text(name).substr(0, 1024), same ? NearMissReason::other_kind : NearMissReason::none};
}

// The order in which reasons are worth reporting: what is nearer to a match first.
int weight(const NearMiss& miss) {
    switch (miss.reason) {
        case NearMissReason::wildcard_one_label:
        case NearMissReason::wildcard_not_apex: return 1;
        case NearMissReason::apex_not_subdomain:
        case NearMissReason::subdomain_not_apex: return 2;
        case NearMissReason::typo: return 2 + static_cast<int>(miss.distance);
        case NearMissReason::address_against_dns:
        case NearMissReason::dns_against_address: return 8;
        case NearMissReason::none: return 9;
        default: return 0;  // the name itself, written wrongly
    }
}

std::optional<NearMiss> nearest(const std::vector<GeneralName>& names, const Host& host) {
    // A person looks at the nearest few names; the nearest of the first thousand are near enough.
    constexpr std::size_t most_compared = 1000;
    std::optional<NearMiss> best;
    const auto consider = [&](NearMiss miss) {
        if (miss.reason != NearMissReason::none && (!best || weight(miss) < weight(*best))) best = std::move(miss);
    };
    for (std::size_t i = 0; i < std::min(names.size(), most_compared); ++i) {
        const GeneralName& name = names[i];
        if (name.kind == GeneralNameKind::dns) {
            std::string presented(as_text(name.value).substr(0, 1024));
            if (!host.is_address)
                consider(compare_dns(presented, host));
            else
                consider({presented, name_flaw(presented, host).value_or(NearMissReason::address_against_dns)});
        } else if (name.kind == GeneralNameKind::address) {
            consider(compare_address(name.value, host));
        } else if (name.kind == GeneralNameKind::uri || name.kind == GeneralNameKind::email) {
            consider(compare_other_kind(name, host));
        }
    }
    // "only hosts" and "only addresses" are true only if there is no name of the kind asked for.
    const GeneralNameKind wanted = host.is_address ? GeneralNameKind::address : GeneralNameKind::dns;
    if (best && weight(*best) == 8 && std::ranges::find(names, wanted, &GeneralName::kind) != names.end()) best.reset();
    return best;
}

}  // namespace

NameEvidence name_evidence(const Certificate& certificate, const Host& host) {
    constexpr std::size_t most_names = 100;
    NameEvidence evidence;
    evidence.asked = host.text;
    evidence.common_name = certificate.subject().common_name().substr(0, 1024);
    for (const GeneralName& name : certificate.subject_alt_names()) {
        if (name.kind != GeneralNameKind::dns && name.kind != GeneralNameKind::address) continue;
        ++evidence.names_total;
        if (evidence.names.size() < most_names) evidence.names.push_back(text(name).substr(0, 1024));
    }
    evidence.nearest = nearest(certificate.subject_alt_names(), host);
    return evidence;
}

}  // namespace certs
