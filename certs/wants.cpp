#include "certs/wants.h"

#include <algorithm>
#include <string_view>

#include "certs/ocsp.h"
#include "certs/revocation.h"

namespace certs {

namespace {

// Real certificates name one or two; a certificate that names more must not decide how many
// connections are made.
constexpr std::size_t most_urls = 2;

// Whether it can be fetched over plain HTTP, as the Web's CAs publish it: a certificate that needs
// TLS to be checked would need another one.
bool is_fetchable(std::string_view url) {
    constexpr std::string_view scheme = "http://";
    constexpr std::size_t longest = 2048;
    const auto lower = [](char letter) {
        return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter + ('a' - 'A')) : letter;
    };
    return url.size() > scheme.size() && url.size() <= longest &&
           std::ranges::equal(url.substr(0, scheme.size()), scheme, {}, lower) &&
           std::ranges::all_of(url, [](char letter) { return letter > ' ' && letter <= '~'; });
}

void add(std::vector<Want>& wants, Want::Kind kind, std::size_t depth, std::span<const std::string_view> urls,
         const ByteVector& request = {}) {
    const auto same = [&](const Want& want) { return want.kind == kind && want.depth == depth; };
    for (const std::string_view url : urls) {
        if (std::ranges::count_if(wants, same) >= static_cast<std::ptrdiff_t>(most_urls)) return;
        Want want{kind, depth, std::string(url.substr(0, 2049)), request};
        if (is_fetchable(url) && std::ranges::find(wants, want) == wants.end()) wants.push_back(std::move(want));
    }
}

bool is_unanswered(const StepResult& result) {
    if (result.step != Step::revocation) return false;
    if (result.status == Status::skip) return true;
    return result.finding && result.finding->code == Code::revocation_unavailable;
}

}  // namespace

std::vector<Want> wanted_issuers(const Verdict& verdict) {
    std::vector<Want> wants;
    if (verdict.paths.empty() || verdict.paths.front().anchored) return wants;
    const auto& path = verdict.paths.front().certificates;
    const Certificate& last = path.back().certificate;
    if (!last.is_self_issued()) add(wants, Want::Kind::issuer, path.size() - 1, last.extensions().ca_issuer_urls);
    return wants;
}

std::vector<Want> wanted_revocation(const Verdict& verdict) {
    std::vector<Want> wants;
    if (verdict.paths.empty()) return wants;
    const Path& path = verdict.paths.front();
    for (const StepResult& result : path.steps) {
        if (!is_unanswered(result) || result.depth + 1 >= path.certificates.size()) continue;
        const Certificate& certificate = path.certificates[result.depth].certificate;
        const Certificate& issuer = path.certificates[result.depth + 1].certificate;
        const auto& responders = certificate.extensions().ocsp_urls;
        if (!responders.empty())
            add(wants, Want::Kind::ocsp, result.depth, responders, ocsp_request(certificate, issuer));
        for (const DistributionPoint& point : certificate.extensions().crl_distribution_points) {
            // A list of another issuer, or for only some reasons, would not answer (revocation.h).
            if (point.crl_issuer.empty() && !point.reasons) add(wants, Want::Kind::crl, result.depth, point.urls);
        }
    }
    return wants;
}

}  // namespace certs
