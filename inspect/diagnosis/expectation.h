// What someone expects of a server, such as "name,chain,expires>30d", and whether a diagnosis bears
// it out. A CI job goes by this.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "inspect/diagnosis/diagnosis.h"

namespace inspect::diagnosis {

struct Expectation {
    enum class What {
        name,     // the certificate is valid for the host
        chain,    // a path to an anchor, intact, within its dates
        expires,  // every certificate of the path except its root is valid for longer than `least` days
        tls,      // at least version 1.`least`
        ok,       // nothing failed and nothing is worth a warning
    } what = What::ok;
    std::int64_t least = 0;
    bool operator==(const Expectation&) const = default;
};

// Reads a list with commas: name, chain, expires>Nd, tls>=1.2, tls>=1.3, ok. The error is the item
// that is none of these.
std::expected<std::vector<Expectation>, std::string> parse_expectations(std::string_view list);

// As it is written in such a list: "expires>30d".
std::string to_string(const Expectation& expectation);

struct Judgement {
    bool met = false;
    std::string found;  // what there is instead: "5 days, until 2026-11-29"
};
Judgement judge(const Expectation& expectation, const Diagnosis& diagnosis);

}  // namespace inspect::diagnosis
