// Public roots that expired, or that root programs distrusted or removed: why a chain that ends in
// one fails although its CA is not unknown. A data table, matched only by name, so that it says
// what is likely. To add one, add a row.
#pragma once

#include <span>
#include <string_view>

namespace inspect::diagnosis {

struct PublicRoot {
    enum class Fate {
        expired,     // past the date in `when`
        distrusted,  // by browsers, in `when`
        limited,     // some certificates below it are still accepted, those after the date in `when` are not
        leaked,      // its private key is public: it must never be trusted
    };
    std::string_view title;    // "DST Root CA X3"
    std::string_view pattern;  // a part of its name (RFC 4514), ignoring letter case
    Fate fate = Fate::expired;
    std::string_view when;      // "2021-09-30", "2018"
    std::string_view happened;  // one sentence
    std::string_view fix;       // one sentence, for the server
};

std::span<const PublicRoot> public_roots();

// The first row that fits the name; nullptr when none does.
const PublicRoot* find_public_root(std::string_view distinguished_name);

}  // namespace inspect::diagnosis
