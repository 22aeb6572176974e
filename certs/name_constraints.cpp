#include "certs/name_constraints.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <string>
#include <vector>

#include "certs/hostname.h"

namespace certs {

namespace {

bool same_ignoring_case(std::string_view a, std::string_view b) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
    return std::ranges::equal(a, b, [&](char x, char y) { return lower(x) == lower(y); });
}

bool is_strictly_below(std::string_view name, std::string_view base) {
    return name.size() > base.size() && name[name.size() - base.size() - 1] == '.' &&
           same_ignoring_case(name.substr(name.size() - base.size()), base);
}

// A DNS constraint means itself and all below. A leading dot, which RFC 5280 does not know here, is read as everyone reads
// it: all below, but not itself.
bool plain_within(std::string_view name, std::string_view base) {
    if (base.empty()) return true;
    if (base.front() == '.') return is_strictly_below(name, base.substr(1));
    return same_ignoring_case(name, base) || is_strictly_below(name, base);
}

bool address_within(Bytes address, Bytes range) {
    if (range.size() != 2 * address.size()) return false;
    for (std::size_t i = 0; i < address.size(); ++i) {
        if (((address[i] ^ range[i]) & range[address.size() + i]) != 0) return false;
    }
    return true;
}

// §4.2.1.10: a mailbox, a host, or with a leading dot a domain. Characters stand for themselves.
bool email_within(std::string_view address, std::string_view base) {
    if (base.empty()) return true;
    const std::size_t at = address.rfind('@');
    if (at == std::string_view::npos) return false;
    const std::string_view host = address.substr(at + 1);
    if (const std::size_t base_at = base.rfind('@'); base_at != std::string_view::npos) {
        return address.substr(0, at) == base.substr(0, base_at) && same_ignoring_case(host, base.substr(base_at + 1));
    }
    return base.front() == '.' ? is_strictly_below(host, base.substr(1)) : same_ignoring_case(host, base);
}

// The host of a URI's authority (RFC 3986 §3.2); empty without one or when it is an address, which no constraint can name.
std::string_view uri_host(std::string_view uri) {
    const std::size_t scheme = uri.find("://");
    if (scheme == std::string_view::npos) return {};
    std::string_view host = uri.substr(scheme + 3);
    host = host.substr(0, host.find_first_of("/?#"));
    if (const std::size_t user = host.rfind('@'); user != std::string_view::npos) host.remove_prefix(user + 1);
    if (host.starts_with('[')) return {};
    host = host.substr(0, host.find(':'));
    return parse_host(host).is_address ? std::string_view{} : host;
}

bool uri_within(std::string_view uri, std::string_view base) {
    const std::string_view host = uri_host(uri);
    if (host.empty()) return false;
    if (base.empty()) return true;
    return base.front() == '.' ? is_strictly_below(host, base.substr(1)) : same_ignoring_case(host, base);
}

// A name or a constraint with its directory name parsed, once.
struct Prepared {
    GeneralName name;
    DistinguishedName directory;
};

Prepared prepared(const GeneralName& name) {
    Prepared result{name, {}};
    if (name.kind == GeneralNameKind::directory) {
        if (auto directory = directory_name(name)) result.directory = *std::move(directory);
    }
    return result;
}

std::vector<Prepared> all_prepared(const std::vector<GeneralName>& names) {
    std::vector<Prepared> result;
    result.reserve(names.size());
    for (const GeneralName& name : names) result.push_back(prepared(name));
    return result;
}

bool is_supported(GeneralNameKind kind) {
    return kind == GeneralNameKind::dns || kind == GeneralNameKind::address || kind == GeneralNameKind::email ||
           kind == GeneralNameKind::uri || kind == GeneralNameKind::directory;
}

bool is_within(const Prepared& name, const Prepared& base, bool excluded) {
    const std::string_view text = as_text(name.name.value);
    const std::string_view base_text = as_text(base.name.value);
    switch (name.name.kind) {
        case GeneralNameKind::dns: return excluded ? dns_could_be_within(text, base_text) : dns_within(text, base_text);
        case GeneralNameKind::address: return address_within(name.name.value, base.name.value);
        case GeneralNameKind::email: return email_within(text, base_text);
        case GeneralNameKind::uri: return uri_within(text, base_text) || (excluded && uri_host(text).empty());
        case GeneralNameKind::directory: return name.directory.is_within(base.directory);
        default: return excluded;  // fails closed both ways
    }
}

std::string constraint_text(std::string_view what, const Prepared& base) {
    if (base.name.kind != GeneralNameKind::address) return fmt::format("{} {}", what, text(base.name).substr(0, 1024));
    const std::size_t half = base.name.value.size() / 2;
    int prefix = 0;
    for (const std::uint8_t byte : base.name.value.subspan(half)) prefix += std::popcount(byte);
    return fmt::format("{} IP:{}/{}", what, address_text(base.name.value.first(half)), prefix);
}

// "permitted DNS:a, DNS:b", a few of them.
std::string permitted_text(const std::vector<Prepared>& permitted, GeneralNameKind kind) {
    constexpr std::size_t most_shown = 5;
    std::string result;
    std::size_t count = 0;
    for (const Prepared& base : permitted) {
        if (base.name.kind != kind) continue;
        if (++count > most_shown) continue;
        result += count == 1 ? constraint_text("permitted", base) : ", " + constraint_text("", base).substr(1);
    }
    if (count > most_shown) result += fmt::format(" and {} more", count - most_shown);
    return result;
}

// The names that constraints are about. §4.2.1.10: the subject too, and its e-mail addresses when no SAN gives one.
std::vector<Prepared> names_of(const Certificate& subject, std::vector<std::string>& emails) {
    std::vector<Prepared> names = all_prepared(subject.subject_alt_names());
    if (!subject.subject().empty()) names.push_back({{GeneralNameKind::directory, subject.subject_der()}, subject.subject()});
    const bool has_email = std::ranges::any_of(names, [](const Prepared& name) { return name.name.kind == GeneralNameKind::email; });
    if (!has_email) {
        emails = subject.subject().emails();
        for (const std::string& email : emails) names.push_back({{GeneralNameKind::email, as_bytes(email)}, {}});
    }
    return names;
}

std::size_t count_kind(const std::vector<Prepared>& names, GeneralNameKind kind) {
    return static_cast<std::size_t>(std::ranges::count(names, kind, [](const Prepared& name) { return name.name.kind; }));
}

// Counts the alternative names, as BoringSSL does; the subject adds one comparison a constraint, which is little.
bool affordable(const std::vector<GeneralName>& names, const std::vector<Prepared>& permitted, const std::vector<Prepared>& excluded,
                ComparisonBudget& budget) {
    std::size_t cost = 0;
    for (int kind = 0; kind <= static_cast<int>(GeneralNameKind::registered_id); ++kind) {
        const auto wanted = static_cast<GeneralNameKind>(kind);
        cost += static_cast<std::size_t>(std::ranges::count(names, wanted, &GeneralName::kind)) *
                (count_kind(permitted, wanted) + count_kind(excluded, wanted));
    }
    if (cost > ComparisonBudget::for_certificate || cost > budget.left) {
        budget.exhausted = true;
        return false;
    }
    budget.left -= cost;
    return true;
}

}  // namespace

bool dns_within(std::string_view name, std::string_view base) {
    if (!name.starts_with("*.")) return plain_within(name, base);
    const std::string_view parent = name.substr(2);
    const std::string_view bare = base.starts_with('.') ? base.substr(1) : base;
    return bare.empty() || same_ignoring_case(parent, bare) || is_strictly_below(parent, bare);
}

bool dns_could_be_within(std::string_view name, std::string_view base) {
    if (dns_within(name, base)) return true;
    if (!name.starts_with("*.") || base.starts_with('.')) return false;
    // "*.example.com" stands for bar.example.com, but not for anything below that.
    const std::size_t dot = base.find('.');
    return dot != std::string_view::npos && dot > 0 && same_ignoring_case(base.substr(dot + 1), name.substr(2));
}

std::optional<ConstraintEvidence> violated_constraint(const Certificate& issuer, const Certificate& subject, ComparisonBudget& budget) {
    const auto& constraints = issuer.extensions().name_constraints;
    if (!constraints || budget.exhausted) return std::nullopt;
    const bool critical = issuer.extensions().is_critical(oid::name_constraints);
    std::vector<std::string> emails;
    const std::vector<Prepared> names = names_of(subject, emails);
    const std::vector<Prepared> permitted = all_prepared(constraints->permitted);
    const std::vector<Prepared> excluded = all_prepared(constraints->excluded);
    if (!affordable(subject.subject_alt_names(), permitted, excluded, budget)) return std::nullopt;

    for (const Prepared& name : names) {
        const GeneralNameKind kind = name.name.kind;
        // §4.2.1.10: only a critical extension obliges those who cannot process a kind to refuse.
        if (!is_supported(kind) && !critical) continue;
        const auto applies = [&](const Prepared& base) { return base.name.kind == kind; };
        const auto hit = std::ranges::find_if(excluded, [&](const Prepared& base) { return applies(base) && is_within(name, base, true); });
        if (hit != excluded.end()) return ConstraintEvidence{text(name.name).substr(0, 1024), constraint_text("excluded", *hit)};
        const bool within =
            std::ranges::any_of(permitted, [&](const Prepared& base) { return applies(base) && is_within(name, base, false); });
        if (!within && std::ranges::any_of(permitted, applies))
            return ConstraintEvidence{text(name.name).substr(0, 1024), permitted_text(permitted, kind)};
    }
    return std::nullopt;
}

}  // namespace certs
