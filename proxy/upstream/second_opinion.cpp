#include "proxy/upstream/second_opinion.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "certs/wants.h"
#include "proxy/io/clock.h"
#include "proxy/upstream/fetch.h"
#include "proxy/upstream/lookup.h"
#include "tls/session.h"

namespace proxy {

using inspect::diagnosis::IssuerSought;
using inspect::diagnosis::NotFetched;

namespace {

constexpr double patience = 5;           // seconds that a client waits for all look-ups together
constexpr std::size_t most_lookups = 8;  // for one verdict: bounds what a stranger's certificate may make us fetch
constexpr std::size_t most_levels = 3;   // issuers of issuers; real chains lack one, rarely two

// The chain as views of `served`.
std::vector<certs::Bytes> views_of(const std::vector<certs::Served>& served) {
    std::vector<certs::Bytes> views;
    for (const certs::Served& each : served) views.emplace_back(each.der);
    return views;
}

// The report's word for a stapled response, from a verdict that knew no other answer.
std::string word_for_staple(const certs::Verdict& verdict) {
    for (const certs::Finding& finding : verdict.problems) {
        if (finding.depth != 0 ||
            (finding.code != certs::Code::revoked && finding.code != certs::Code::revocation_unavailable))
            continue;
        if (finding.code == certs::Code::revoked) return "revoked";
        const auto* evidence = std::get_if<certs::RevocationEvidence>(&finding.evidence);
        if (evidence && evidence->why == certs::NoAnswer::unknown_to_responder) return "unknown";
        if (evidence && evidence->why == certs::NoAnswer::refused_by_responder) return evidence->reason;
        return "unusable";
    }
    const auto is_about_leaf = [](const certs::GoodAnswer& answer) { return answer.depth == 0; };
    const bool good = !verdict.paths.empty() && std::ranges::any_of(verdict.paths.front().good_answers, is_about_leaf);
    return good ? "good" : "unusable";
}

// The look-ups for one verdict: none twice, not too many, and none when the client has waited long
// enough.
class Lookups {
public:
    Lookups(UpstreamContext& context, io::Reach upstream)
        : context_(context), upstream_(upstream), end_(io::clock_ms() + patience * 1000) {}

    // The document of the first want that was not looked up yet; nullopt when there is none or a
    // limit is reached.
    io::Task<std::optional<Document>> next(std::vector<certs::Want> wants) {
        const auto open = std::ranges::find_if(
            wants, [&](const certs::Want& want) { return std::ranges::find(done_, want) == done_.end(); });
        const double left = (end_ - io::clock_ms()) / 1000;
        if (open == wants.end() || done_.size() == most_lookups || left <= 0 || context_.stopping)
            co_return std::nullopt;
        done_.push_back(*open);
        co_return co_await look_up(context_, *open, upstream_, left);
    }

    const std::vector<certs::Want>& done() const { return done_; }

private:
    UpstreamContext& context_;
    io::Reach upstream_;
    double end_;  // in the time of clock_ms()
    std::vector<certs::Want> done_;
};

void add_issuers(Inquiry& inquiry, std::span<const certs::Certificate> certificates, certs::Provenance provenance) {
    auto& known = inquiry.issuers;
    for (const certs::Certificate& each : certificates) {
        if (std::ranges::find(known, each, &certs::PathCertificate::certificate) == known.end())
            known.push_back({each, provenance});
    }
}

std::vector<IssuerSought> not_asked(const std::vector<certs::Want>& wants, const std::vector<certs::Want>& asked,
                                    NotFetched why) {
    std::vector<IssuerSought> left;
    for (const certs::Want& want : wants)
        if (std::ranges::find(asked, want) == asked.end()) left.push_back({want.url, why});
    return left;
}

bool leads_to_an_anchor(const certs::Verdict& verdict) {
    return !verdict.paths.empty() && verdict.paths.front().anchored;
}

// Whether issuers that were not served complete the path and add no new problem.
bool completes(const certs::Verdict& next, const certs::Verdict& verdict) {
    const auto expected = [&](const certs::Finding& finding) {
        return finding.severity != certs::Severity::error || finding.code == certs::Code::missing_intermediate ||
               std::ranges::find(verdict.problems, finding.code, &certs::Finding::code) != verdict.problems.end();
    };
    return leads_to_an_anchor(next) && !next.accepted() && std::ranges::all_of(next.problems, expected);
}

}  // namespace

bool asks_for_staple(const Settings& settings) {
    return settings.revocation != Revocation::off && tls::can_ask_for_staple();
}

certs::Verdict Inquiry::judge(const UpstreamServices& services, std::span<const certs::Bytes> served, certs::Time at,
                              certs::RevocationDemand demand) const {
    return certs::verify(
        {.served = served,
         .trust = keyring->trust,
         .host = name,
         .at = at,
         .extra = issuers,
         .profile = services.settings.profile,
         .revocation = {.lists = lists, .responses = responses, .demand = demand, .stapling = stapling}});
}

certs::Verdict Inquiry::judge_with_staple(UpstreamContext& context, std::span<const certs::Bytes> served,
                                          certs::Bytes stapled) {
    const UpstreamServices& services = context.services;
    const certs::Time now = services.verification_time();
    const Verdicts::Question question{name, served, stapled, keyring};
    if (const Judged* known = context.verdicts.find(question, now)) return take_over(*known);
    const bool asked = asks_for_staple(services.settings);
    if (asked) stapling = stapled.empty() ? certs::Stapling::absent : certs::Stapling::present;
    if (asked && !stapled.empty()) {
        if (auto response = certs::OcspResponse::parse(stapled, std::string(certs::stapled_response)))
            responses.push_back(*std::move(response));
        else
            staple = "malformed";
    }
    const certs::Verdict verdict = judge(services, served, now);
    if (!responses.empty()) staple = word_for_staple(verdict);
    context.verdicts.remember(question, {verdict, stapling, staple, responses}, now);
    return verdict;
}

certs::Verdict Inquiry::take_over(const Judged& judged) {
    stapling = judged.stapling;
    staple = judged.staple;
    responses = judged.responses;
    return judged.verdict;
}

io::Task<std::vector<IssuerSought>> find_missing_issuer(UpstreamContext& context, Inquiry& inquiry,
                                                        certs::Verdict& verdict) {
    const Settings& settings = context.services.settings;
    std::vector<IssuerSought> sought;
    if (verdict.paths.empty() || leads_to_an_anchor(verdict)) co_return sought;
    const std::vector<certs::Bytes> served = views_of(verdict.served);
    const certs::Certificate last = verdict.paths.front().certificates.back().certificate;
    if (last.is_self_issued()) co_return sought;
    if (!settings.aia) co_return not_asked(certs::wanted_issuers(verdict), {}, NotFetched::switched_off);
    add_issuers(inquiry, context.services.intermediates.above(last), certs::Provenance::seen_before);
    certs::Verdict next = inquiry.judge(context.services, served, verdict.at);
    if (!completes(next, verdict)) {  // a certificate of the same name with another key would only hide what is wanted
        inquiry.issuers.clear();
        next = verdict;
    }

    Lookups lookups(context, inquiry.upstream);
    for (std::size_t level = 0; level < most_levels && !completes(next, verdict);) {
        const std::optional<Document> document = co_await lookups.next(certs::wanted_issuers(next));
        if (!document) break;
        const std::string& url = lookups.done().back().url;
        if (const auto* none = std::get_if<NoDocument>(&*document)) {
            const bool parent = none->why == NotFetched::forbidden && is_behind_parent(settings, url);
            sought.push_back({url, parent ? NotFetched::behind_parent : none->why});
        }
        const auto* found = std::get_if<std::vector<certs::Certificate>>(&*document);
        if (found == nullptr) continue;
        sought.push_back({url, NotFetched::leads_nowhere});
        add_issuers(inquiry, *found, certs::Provenance::aia);
        next = inquiry.judge(context.services, served, verdict.at);
        ++level;
    }
    if (!completes(next, verdict)) {
        std::ranges::copy(not_asked(certs::wanted_issuers(next), lookups.done(), NotFetched::not_asked),
                          std::back_inserter(sought));
        co_return sought;
    }
    verdict = std::move(next);
    co_return std::vector<IssuerSought>();
}

io::Task<> ask_revocation(UpstreamContext& context, Inquiry& inquiry, certs::Verdict& verdict) {
    const UpstreamServices& services = context.services;
    const Revocation how = services.settings.revocation;
    if (how != Revocation::soft && how != Revocation::hard) co_return;
    const std::vector<certs::Served> kept = verdict.served;  // verdicts are replaced below, and their bytes with them
    const std::vector<certs::Bytes> served = views_of(kept);

    inquiry.left_out = std::ranges::any_of(certs::wanted_revocation(verdict), [&](const certs::Want& want) {
        return is_behind_parent(services.settings, want.url);
    });
    Lookups lookups(context, inquiry.upstream);
    while (verdict.accepted()) {
        const std::optional<Document> document = co_await lookups.next(certs::wanted_revocation(verdict));
        if (!document) break;
        if (const auto* response = std::get_if<certs::OcspResponse>(&*document))
            inquiry.responses.push_back(*response);
        else if (const auto* list = std::get_if<certs::Crl>(&*document))
            inquiry.lists.push_back(*list);
        else
            continue;
        verdict = inquiry.judge(services, served, services.verification_time());
    }
    if (verdict.accepted() && how == Revocation::hard)
        verdict = inquiry.judge(services, served, services.verification_time(), certs::RevocationDemand::where_named);
}

}  // namespace proxy
