#include "proxy/upstream/memory/verdicts.h"

#include <algorithm>

namespace proxy {

namespace {

bool is_same(const std::vector<certs::Served>& judged, std::span<const certs::Bytes> served) {
    return std::ranges::equal(judged, served, [](const certs::Served& one, certs::Bytes other) {
        return std::ranges::equal(one.der, other);
    });
}

}  // namespace

std::int64_t seconds_left(const certs::Verdict& verdict, const std::vector<certs::OcspResponse>& responses,
                          certs::Time at) {
    std::int64_t end = at.seconds + Verdicts::kept;
    if (!verdict.paths.empty())
        for (const certs::PathCertificate& each : verdict.paths.front().certificates)
            end = std::min(end, each.certificate.not_after().seconds);
    for (const certs::OcspResponse& response : responses)
        for (const certs::SingleResponse& single : response.responses())
            if (single.next_update) end = std::min(end, single.next_update->seconds);
    return end - at.seconds;
}

const Judged* Verdicts::find(const Question& question, certs::Time now) const {
    const auto found = std::ranges::find_if(oldest_first_, [&](const Entry& entry) {
        return entry.name == question.name && entry.keyring == question.keyring && !(now < entry.from) &&
               now < entry.until && std::ranges::equal(entry.staple, question.staple) &&
               is_same(entry.judged.verdict.served, question.served);
    });
    return found == oldest_first_.end() ? nullptr : &found->judged;
}

void Verdicts::remember(const Question& question, const Judged& judged, certs::Time now) {
    std::size_t size = question.staple.size();
    for (const certs::Bytes each : question.served) size += each.size();
    if (!judged.verdict.accepted() || size > largest) return;
    std::erase_if(oldest_first_, [&](const Entry& entry) { return now < entry.from || !(now < entry.until); });
    if (oldest_first_.size() == most) oldest_first_.pop_front();
    oldest_first_.push_back({.name = question.name,
                             .staple = {question.staple.begin(), question.staple.end()},
                             .keyring = question.keyring,
                             .judged = judged,
                             .from = now,
                             .until = {now.seconds + seconds_left(judged.verdict, judged.responses, now)}});
}

}  // namespace proxy
