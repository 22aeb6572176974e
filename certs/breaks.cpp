#include "certs/breaks.h"

#include <algorithm>
#include <vector>

namespace certs {

namespace {

// A hostile file must end in seconds; a real chain has about ten moments.
constexpr std::size_t most_moments = 200;

// The first second at which something changes.
struct Moment {
    Time at;
    std::string source;  // of a list or a response; "" for a certificate
};

Time after(Time last) { return {last.seconds + 1}; }  // RFC 5280 §4.1.2.5: the last second is included

class Moments {
public:
    Moments(const VerifyInput& input, const Certificate& leaf) : input_(input), leaf_(leaf) {
        end_of(leaf);
        for (const Bytes der : input.served.first(std::min(input.served.size(), most_moments))) {
            if (const auto served = Certificate::parse(der)) end_of(*served);
        }
        for (const Crl& list : input.revocation.lists) answer(list.this_update(), counts_until(list), list.source());
        for (const OcspResponse& response : input.revocation.responses) {
            for (const SingleResponse& single : response.responses())
                answer(single.this_update, counts_until(single), response.source());
            for (const Certificate& responder : response.certificates())
                add(after(responder.not_after()), response.source());
        }
    }

    std::vector<Moment> sorted() && {
        std::ranges::sort(found_, {}, &Moment::at);
        if (found_.size() > most_moments) found_.resize(most_moments);
        if (found_.empty() || found_.back().at != after(leaf_.not_after()))
            found_.push_back({after(leaf_.not_after()), ""});
        return std::move(found_);
    }

private:
    // The end of a certificate, and of the anchors that may have issued it.
    void end_of(const Certificate& certificate) {
        add(after(certificate.not_after()), "");
        for (const Certificate* const anchor : input_.trust.find(certificate.issuer()))
            add(after(anchor->not_after()), "");
    }
    // RFC 5280 §5.1.2.5, RFC 6960 §4.2.2.1. An answer from the future may revoke when its time
    // comes.
    void answer(Time from, Time until, const std::string& source) {
        add(from, source);
        add(after(until), source);
    }
    // After the leaf's end, nothing can break the chain any more.
    void add(Time at, const std::string& source) {
        if (at > input_.at && at <= after(leaf_.not_after())) found_.push_back({at, source});
    }

    const VerifyInput& input_;
    const Certificate& leaf_;
    std::vector<Moment> found_;
};

Verdict verify_at(VerifyInput input, Time at) {
    input.at = at;
    return verify(input);
}

// The best path may blame something that ran out long before. What broke the chain is what ended at
// this very moment on the path that verified until then.
Break told(const VerifyInput& input, const Moment& moment) {
    const Verdict before = verify_at(input, {moment.at.seconds - 1}), then = verify_at(input, moment.at);
    Break result{moment.at,    then.problems.front().code, then.problems.front().depth.value_or(0), Role::leaf, {},
                 moment.source};
    const Path& path = before.paths.front();
    const auto& members = path.certificates;
    for (std::size_t depth = 0; depth < members.size(); ++depth) {
        if (after(members[depth].certificate.not_after()) != moment.at) continue;
        result.code = Code::expired;
        result.depth = depth;
        result.source.clear();
        break;
    }
    result.depth = std::min(result.depth, members.size() - 1);
    if (result.depth > 0)
        result.role = path.anchored && result.depth + 1 == members.size() ? Role::anchor : Role::intermediate;
    result.subject = members[result.depth].certificate.subject().rfc4514();
    return result;
}

}  // namespace

std::optional<Break> first_break(const VerifyInput& input) {
    const Verdict now = verify(input);
    if (!now.accepted()) return std::nullopt;
    for (const Moment& moment : Moments(input, *now.served.front().certificate).sorted()) {
        if (!verify_at(input, moment.at).accepted()) return told(input, moment);
    }
    return std::nullopt;
}

}  // namespace certs
