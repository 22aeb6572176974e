#include "certs/name_constraints.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <optional>
#include <string>
#include <vector>

#include "certs/hostname.h"

namespace certs {

namespace {

// A leading dot means every name below; without one, only the host itself.
bool host_within(std::string_view host, std::string_view base) {
    return base.starts_with('.') ? is_below(host, base.substr(1)) : host == base;
}

// A DNS constraint means itself and every name below. A leading dot, which RFC 5280 does not define
// here, is read as everyone reads it: every name below, but not itself.
bool plain_within(std::string_view name, std::string_view base) {
    return base.empty() || host_within(name, base) || (!base.starts_with('.') && is_below(name, base));
}

bool address_within(Bytes address, Bytes range) {
    if (range.size() != 2 * address.size()) return false;
    for (std::size_t i = 0; i < address.size(); ++i) {
        if (((address[i] ^ range[i]) & range[address.size() + i]) != 0) return false;
    }
    return true;
}

// The host of a URI's authority (RFC 3986 §3.2); empty when there is none or when it is an address,
// which no constraint can name.
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

// A name or a constraint in the form in which it is compared, computed once.
struct Prepared {
    GeneralName name;
    // In lower case: a whole dNSName, the host of a mailbox or a URI, and of a constraint on these
    // what it requires of the host.
    std::string host;
    std::optional<std::string_view> mailbox;  // the part before the @; optional in a constraint
    DistinguishedName directory;
};

enum class Side { name, base };

Prepared prepared(const GeneralName& name, Side side) {
    Prepared result{name, {}, std::nullopt, {}};
    std::string_view text = as_text(name.value);
    switch (name.kind) {
        case GeneralNameKind::email:
            if (const std::size_t at = text.rfind('@'); at != std::string_view::npos) {
                result.mailbox = text.substr(0, at);
                text.remove_prefix(at + 1);
            }
            result.host = lowered(text);
            break;
        case GeneralNameKind::dns: result.host = lowered(text); break;
        case GeneralNameKind::uri: result.host = lowered(side == Side::base ? text : uri_host(text)); break;
        case GeneralNameKind::directory:
            if (auto directory = directory_name(name)) result.directory = *std::move(directory);
            break;
        default: break;
    }
    return result;
}

std::vector<Prepared> all_prepared(const std::vector<GeneralName>& names, Side side) {
    std::vector<Prepared> result;
    result.reserve(names.size());
    for (const GeneralName& name : names) result.push_back(prepared(name, side));
    return result;
}

// §4.2.1.10: a mailbox, a host, or with a leading dot a domain. The part before the @ is compared
// as it is.
bool email_within(const Prepared& address, const Prepared& base) {
    if (base.name.value.empty()) return true;
    if (!address.mailbox) return false;
    return base.mailbox ? address.mailbox == base.mailbox && address.host == base.host
                        : host_within(address.host, base.host);
}

bool uri_within(const Prepared& uri, const Prepared& base) {
    return !uri.host.empty() && (base.host.empty() || host_within(uri.host, base.host));
}

bool is_supported(GeneralNameKind kind) {
    return kind == GeneralNameKind::dns || kind == GeneralNameKind::address || kind == GeneralNameKind::email ||
           kind == GeneralNameKind::uri || kind == GeneralNameKind::directory;
}

bool is_within(const Prepared& name, const Prepared& base, bool excluded) {
    switch (name.name.kind) {
        case GeneralNameKind::dns:
            return excluded ? dns_could_be_within(name.host, base.host) : dns_within(name.host, base.host);
        case GeneralNameKind::address: return address_within(name.name.value, base.name.value);
        // A mailbox or a URI without a host is outside what is permitted and inside what is
        // excluded.
        case GeneralNameKind::email: return email_within(name, base) || (excluded && !name.mailbox);
        case GeneralNameKind::uri: return uri_within(name, base) || (excluded && name.host.empty());
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

// RFC 1034 §3.5 with the underscore, and the wildcard of RFC 9525 §6.3. A name that is not a host
// name lies within nothing, and no one can say that it lies outside what is excluded.
bool is_host_name(std::string_view name) {
    if (name.starts_with("*.")) name.remove_prefix(2);
    if (name.empty() || name.size() > 253) return false;
    std::size_t label = 0;
    for (const char character : name) {
        const bool dot = character == '.';
        const bool fits = (character >= 'a' && character <= 'z') || (character >= '0' && character <= '9') ||
                          character == '-' || character == '_';
        if (dot ? label == 0 : !fits || label == 63) return false;
        label = dot ? 0 : label + 1;
    }
    return label > 0;
}

// The constraint that a name breaks; "" when it breaks none.
std::string broken_constraint(const Prepared& name, const std::vector<Prepared>& permitted,
                              const std::vector<Prepared>& excluded) {
    const GeneralNameKind kind = name.name.kind;
    const auto applies = [&](const Prepared& base) { return base.name.kind == kind; };
    const bool allows = std::ranges::any_of(permitted, applies);
    if (kind == GeneralNameKind::dns && (allows || std::ranges::any_of(excluded, applies)) && !is_host_name(name.host))
        return "host names only (RFC 1034)";
    const auto hit = std::ranges::find_if(
        excluded, [&](const Prepared& base) { return applies(base) && is_within(name, base, true); });
    if (hit != excluded.end()) return constraint_text("excluded", *hit);
    const bool within = std::ranges::any_of(
        permitted, [&](const Prepared& base) { return applies(base) && is_within(name, base, false); });
    return allows && !within ? permitted_text(permitted, kind) : "";
}

// The names that constraints apply to. §4.2.1.10: also the subject, and its e-mail addresses when
// no SAN has one.
std::vector<Prepared> names_of(const Certificate& subject, std::vector<std::string>& emails) {
    std::vector<Prepared> names = all_prepared(subject.subject_alt_names(), Side::name);
    if (!subject.subject().empty())
        names.push_back({{GeneralNameKind::directory, subject.subject_der()}, {}, std::nullopt, subject.subject()});
    const bool has_email =
        std::ranges::any_of(names, [](const Prepared& name) { return name.name.kind == GeneralNameKind::email; });
    if (!has_email) {
        emails = subject.subject().emails();
        for (const std::string& email : emails)
            names.push_back(prepared({GeneralNameKind::email, as_bytes(email)}, Side::name));
    }
    return names;
}

// Counts the comparisons of alternative names, as BoringSSL does, and of the subject's e-mail
// addresses. The subject itself adds one per constraint, which is little. Reading the lists counts
// too: they are read for each pair of certificates, whether or not any two names are of one kind.
bool affordable(const Certificate& subject, const NameConstraints& constraints, ComparisonBudget& budget) {
    const std::vector<GeneralName>& names = subject.subject_alt_names();
    const auto count = [](const std::vector<GeneralName>& list, GeneralNameKind kind) {
        return static_cast<std::size_t>(std::ranges::count(list, kind, &GeneralName::kind));
    };
    const std::size_t attributes = subject.subject().attributes().size();
    const bool few = attributes <= 16;
    std::size_t comparisons = few ? 0
                                  : attributes * (count(constraints.permitted, GeneralNameKind::email) +
                                                  count(constraints.excluded, GeneralNameKind::email));
    for (int number = 0; number <= static_cast<int>(GeneralNameKind::registered_id); ++number) {
        const auto kind = static_cast<GeneralNameKind>(number);
        comparisons += count(names, kind) * (count(constraints.permitted, kind) + count(constraints.excluded, kind));
    }
    const std::size_t cost = comparisons + names.size() + constraints.permitted.size() + constraints.excluded.size();
    if (comparisons > ComparisonBudget::for_certificate || cost > budget.left) {
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
    return base.empty() || (!bare.empty() && (parent == bare || is_below(parent, bare)));
}

bool dns_could_be_within(std::string_view name, std::string_view base) {
    if (dns_within(name, base)) return true;
    if (!name.starts_with("*.") || base.starts_with('.')) return false;
    // "*.example.com" stands for bar.example.com, but not for anything below that.
    const std::size_t dot = base.find('.');
    return dot != std::string_view::npos && dot > 0 && base.substr(dot + 1) == name.substr(2);
}

std::optional<ConstraintEvidence> violated_constraint(const Certificate& issuer, const Certificate& subject,
                                                      ComparisonBudget& budget) {
    const auto& constraints = issuer.extensions().name_constraints;
    if (!constraints || budget.exhausted) return std::nullopt;
    const bool critical = issuer.extensions().is_critical(oid::name_constraints);
    if (!affordable(subject, *constraints, budget)) return std::nullopt;
    std::vector<std::string> emails;
    const std::vector<Prepared> names = names_of(subject, emails);
    const std::vector<Prepared> permitted = all_prepared(constraints->permitted, Side::base);
    const std::vector<Prepared> excluded = all_prepared(constraints->excluded, Side::base);

    ConstraintEvidence evidence{.name = {}, .constraint = {}, .constrained_by = issuer.subject().rfc4514()};
    for (const Prepared& name : names) {
        // §4.2.1.10: only a critical extension obliges a verifier that cannot process a kind to
        // refuse.
        if (!is_supported(name.name.kind) && !critical) continue;
        const std::string broken = broken_constraint(name, permitted, excluded);
        if (broken.empty()) continue;
        constexpr std::size_t most_names = 100;
        ++evidence.names_total;
        if (evidence.names.size() < most_names) evidence.names.push_back(text(name.name).substr(0, 1024));
        if (evidence.names_total > 1) continue;
        evidence.name = evidence.names.front();
        evidence.constraint = broken;
    }
    return evidence.names_total == 0 ? std::nullopt : std::optional(std::move(evidence));
}

}  // namespace certs
