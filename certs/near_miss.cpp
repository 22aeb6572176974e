// The second half of hostname.h: what a mismatch looks like.
#include <algorithm>
#include <array>
#include <cstdlib>
#include <string>
#include <vector>

#include "certs/hostname.h"

namespace certs {

namespace {

// Edits beyond two are another name, not a slip of the finger.
constexpr std::size_t most_edits = 2;

// Levenshtein's distance, or most_edits + 1 when it is more. Only what lies within most_edits of the diagonal can matter (Ukkonen), so that
// the cost grows with the length, not with its square.
std::size_t edit_distance(std::string_view a, std::string_view b) {
    constexpr std::size_t too_far = most_edits + 1, longest = 253;
    if (std::max(a.size(), b.size()) - std::min(a.size(), b.size()) > most_edits || a.size() > longest) return too_far;
    std::array<std::size_t, longest + most_edits + 2> row{};
    std::ranges::fill(row, too_far);
    for (std::size_t j = 0; j <= std::min(b.size(), most_edits); ++j) row[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        const std::size_t first = i > most_edits ? i - most_edits : 1;
        const std::size_t last = std::min(b.size(), i + most_edits);
        std::size_t diagonal = row[first - 1];
        row[first - 1] = first == 1 ? i : too_far;
        std::size_t least = row[first - 1];
        for (std::size_t j = first; j <= last; ++j) {
            const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
            diagonal = row[j];
            row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
            least = std::min(least, row[j]);
        }
        if (least > most_edits) return too_far;
    }
    return std::min(row[b.size()], too_far);
}

// Whether `pattern` with '*' for any characters but a dot is `text`; one '*' is enough for what certificates carry.
bool glob_matches(std::string_view pattern, std::string_view text) {
    const std::size_t star = pattern.find('*');
    const std::string_view head = pattern.substr(0, star);
    const std::string_view tail = pattern.substr(star + 1);
    if (text.size() < head.size() + tail.size() || !text.starts_with(head) || !text.ends_with(tail)) return false;
    return !text.substr(head.size(), text.size() - head.size() - tail.size()).contains('.');
}

NearMiss compare_dns(const std::string& as_presented, std::string_view host) {
    NearMiss miss{as_presented, NearMissReason::none};
    const std::string presented = lowered(as_presented);
    if (presented.starts_with("*.")) {
        const std::string_view base = std::string_view(presented).substr(2);
        if (host == base)
            miss.reason = NearMissReason::wildcard_not_apex;
        else if (is_below(host, base))
            miss.reason = NearMissReason::wildcard_one_label;
        else if (const std::size_t dot = host.find('.'); dot != std::string_view::npos) {
            miss.distance = edit_distance(base, host.substr(dot + 1));
            if (miss.distance <= most_edits) miss.reason = NearMissReason::typo;
        }
    } else if (presented.contains('*')) {
        if (glob_matches(presented, host)) miss.reason = NearMissReason::partial_wildcard;
    } else if (std::ranges::any_of(presented, [](char c) { return (static_cast<unsigned char>(c) & 0x80) != 0; })) {
        if (parse_host(presented).text == host) miss.reason = NearMissReason::unicode_label;
    } else if (is_below(host, presented)) {
        // A certificate for a registry's own name is near to nothing.
        if (presented.contains('.')) miss.reason = NearMissReason::apex_not_subdomain;
    } else if (is_below(presented, host)) {
        miss.reason = NearMissReason::subdomain_not_apex;
    } else {
        miss.distance = edit_distance(presented, host);
        if (miss.distance > 0 && miss.distance <= most_edits) miss.reason = NearMissReason::typo;
    }
    if (miss.reason != NearMissReason::typo) miss.distance = 0;
    return miss;
}

// The order in which reasons are worth telling: what is nearer to a match first.
int weight(const NearMiss& miss) {
    switch (miss.reason) {
        case NearMissReason::address_as_dns:
        case NearMissReason::unicode_label:
        case NearMissReason::partial_wildcard: return 0;
        case NearMissReason::wildcard_one_label:
        case NearMissReason::wildcard_not_apex: return 1;
        case NearMissReason::apex_not_subdomain:
        case NearMissReason::subdomain_not_apex: return 2;
        case NearMissReason::typo: return 2 + static_cast<int>(miss.distance);
        case NearMissReason::address_against_dns:
        case NearMissReason::dns_against_address: return 8;
        case NearMissReason::none: break;
    }
    return 9;
}

std::optional<NearMiss> nearest(const std::vector<GeneralName>& names, const Host& host) {
    // A person looks at the nearest of a few; what is in the first thousand names is near enough.
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
                consider(compare_dns(presented, host.text));
            else if (const Host as_host = parse_host(presented); as_host.is_address && as_host.address == host.address)
                consider({std::move(presented), NearMissReason::address_as_dns});
            else
                consider({std::move(presented), NearMissReason::address_against_dns});
        } else if (name.kind == GeneralNameKind::address) {
            if (!host.is_address)
                consider({address_text(name.value), NearMissReason::dns_against_address});
            else if (const std::size_t distance = edit_distance(address_text(name.value), host.text); distance <= most_edits)
                consider({address_text(name.value), NearMissReason::typo, distance});
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
