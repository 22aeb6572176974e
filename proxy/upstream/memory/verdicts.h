// Good verdicts on chains as servers sent them: a chain is not judged again within the minute, as
// long as the name, the anchors and the stapled response are the same. One memory for each loop.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "certs/bytes.h"
#include "certs/ocsp.h"
#include "certs/revocation.h"
#include "certs/time.h"
#include "certs/verdict.h"
#include "proxy/settings/keyring.h"

namespace proxy {

// The verdict on a chain, and what was said of its stapled response.
struct Judged {
    certs::Verdict verdict;
    certs::Stapling stapling = certs::Stapling::not_asked;
    std::string staple;  // the report's word for it; "" without one
    std::vector<certs::OcspResponse> responses;
};

// For how many seconds from `at` on, the time it was judged at, nothing in that verdict ends: no
// certificate of its path and none of those responses. A minute at most.
std::int64_t seconds_left(const certs::Verdict& verdict, const std::vector<certs::OcspResponse>& responses,
                          certs::Time at);

class Verdicts {
public:
    static constexpr std::int64_t kept = 60;        // seconds
    static constexpr std::size_t most = 100;        // the oldest go
    static constexpr std::size_t largest = 32'768;  // octets of a chain and its staple

    // Everything that a verdict depends on, besides the time and what one process does not change.
    struct Question {
        const std::string& name;
        std::span<const certs::Bytes> served;
        certs::Bytes staple;
        const std::shared_ptr<const Keyring>& keyring;
    };

    // nullptr when it is to be judged; valid until the next remember().
    const Judged* find(const Question& question, certs::Time now) const;
    // A refusal is not remembered, and nothing beyond the end of what it rests on.
    void remember(const Question& question, const Judged& judged, certs::Time now);
    std::size_t count() const { return oldest_first_.size(); }

private:
    struct Entry {
        std::string name;
        certs::ByteVector staple;
        std::shared_ptr<const Keyring> keyring;
        Judged judged;
        certs::Time from, until;
    };
    std::list<Entry> oldest_first_;
};

}  // namespace proxy
