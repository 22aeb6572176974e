#include "inspect/diagnosis/expectation.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "inspect/diagnosis/wording.h"

namespace inspect::diagnosis {

namespace {

using What = Expectation::What;

constexpr std::int64_t most_days = 36'500;

std::optional<Expectation> parse_one(std::string_view text) {
    if (text == "name") return Expectation{What::name};
    if (text == "chain") return Expectation{What::chain};
    if (text == "ok") return Expectation{What::ok};
    if (text == "tls>=1.2") return Expectation{What::tls, 2};
    if (text == "tls>=1.3") return Expectation{What::tls, 3};
    constexpr std::string_view expires = "expires>";
    if (!text.starts_with(expires) || !text.ends_with('d')) return std::nullopt;
    const std::string_view digits = text.substr(expires.size(), text.size() - expires.size() - 1);
    std::int64_t days = -1;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), days);
    if (error != std::errc{} || end != digits.data() + digits.size() || days < 0 || days > most_days)
        return std::nullopt;
    return Expectation{What::expires, days};
}

// The first of these steps that did not pass, in its own words.
Judgement all_pass(std::initializer_list<std::string_view> steps, const Diagnosis& diagnosis) {
    for (const std::string_view name : steps) {
        const auto step = std::ranges::find(diagnosis.steps, name, &StepSummary::step);
        if (step == diagnosis.steps.end()) return {false, "not asked"};
        if (step->status != certs::Status::pass && step->status != certs::Status::warn) return {false, step->summary};
    }
    return {true, "verified"};
}

Judgement expires(std::int64_t days, const Diagnosis& diagnosis) {
    const ChainCertificate* first = nullptr;
    for (const ChainCertificate& each : diagnosis.chain) {
        if (each.unreadable) continue;
        const bool sooner =
            first == nullptr || each.description.not_after.seconds < first->description.not_after.seconds;
        if (sooner && each.provenance != certs::Provenance::trust_store) first = &each;
    }
    if (first == nullptr) return {false, "no certificate was received"};
    const std::int64_t left = first->description.not_after.seconds - diagnosis.time.seconds;
    const std::string until = readable(first->description.not_after).substr(0, 10);
    const std::string who =
        first == &diagnosis.chain.front() ? "" : " of " + diagnosis::quoted(short_name(first->description.subject));
    return {left > days * certs::day, left < 0 ? fmt::format("expired {} ago, on {}{}", span_of_time(left), until, who)
                                               : fmt::format("{}, until {}{}", span_of_time(left), until, who)};
}

Judgement tls_version(std::int64_t least, const Diagnosis& diagnosis) {
    constexpr std::array<std::string_view, 2> versions = {"TLSv1.2", "TLSv1.3"};
    if (!diagnosis.handshake || diagnosis.handshake->version.empty()) return {false, "no version was agreed on"};
    const auto at = std::ranges::find(versions, diagnosis.handshake->version);
    return {at != versions.end() && at - versions.begin() + 2 >= least, diagnosis.handshake->version};
}

}  // namespace

std::expected<std::vector<Expectation>, std::string> parse_expectations(std::string_view list) {
    std::vector<Expectation> expectations;
    for (;;) {
        const auto comma = list.find(',');
        std::string_view item = list.substr(0, comma);
        while (item.starts_with(' ')) item.remove_prefix(1);
        while (item.ends_with(' ')) item.remove_suffix(1);
        const auto expectation = parse_one(item);
        if (!expectation) return std::unexpected(std::string(item));
        expectations.push_back(*expectation);
        if (comma == std::string_view::npos) return expectations;
        list.remove_prefix(comma + 1);
    }
}

std::string to_string(const Expectation& expectation) {
    switch (expectation.what) {
        case What::name: return "name";
        case What::chain: return "chain";
        case What::expires: return fmt::format("expires>{}d", expectation.least);
        case What::tls: return fmt::format("tls>=1.{}", expectation.least);
        case What::ok: return "ok";
    }
    return "";
}

Judgement judge(const Expectation& expectation, const Diagnosis& diagnosis) {
    switch (expectation.what) {
        case What::name: return all_pass({"hostname"}, diagnosis);
        case What::chain: return all_pass({"path", "trust", "signature", "validity"}, diagnosis);
        case What::expires: return expires(expectation.least, diagnosis);
        case What::tls: return tls_version(expectation.least, diagnosis);
        case What::ok:
            return {diagnosis.outcome == Outcome::ok,
                    diagnosis.code == Code::none
                        ? "ok"
                        : fmt::format("{}: {}", name(diagnosis.outcome), name(diagnosis.code))};
    }
    return {};
}

}  // namespace inspect::diagnosis
