// One finding of verification with what the sentences about it need: the certificate it is about as people call it, the commands that
// show it. Knows no code.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <variant>

#include "inspect/diagnosis/explain_parts.h"
#include "inspect/diagnosis/wording.h"

namespace inspect::diagnosis {

struct Case {
    const Context& context;
    const certs::Verdict& verdict;
    const certs::Finding& finding;

    const certs::Description* certificate(std::size_t depth) const;  // nullptr beyond the chain
    std::size_t depth() const { return finding.depth.value_or(0); }
    std::string name(std::size_t of) const;  // of its subject, "" without
    // "the certificate", "the intermediate "R11"", "the root "X""; characters bound the name alone.
    std::string who(std::size_t of, std::size_t characters = 30) const;
    std::string who() const { return who(depth()); }
    // The name to renew the server's certificate for: its own where only an address was asked for.
    std::string owner() const;
    std::string host() const { return shorten(context.attempt.host, 40); }

    template <typename Evidence>
    Evidence evidence() const {
        const auto* found = std::get_if<Evidence>(&finding.evidence);
        return found != nullptr ? *found : Evidence{};
    }
    std::string connect_command(std::string_view options = "") const;
    // The leaf that the server sends, piped into another command.
    std::string leaf_into(std::string_view command) const;
};

EvidenceRow row(std::string label, std::string value, std::string note = "");

// "the intermediate "R11" " and what is to be said of it; the name gives way so that the title keeps its end.
std::string who_is(const Case& c, const std::string& said);

EvidenceRow time_of_check(const Case& c, certs::Time at);

// explain_revocation.cpp: the problem's title, detail, evidence and fixes.
void explain_revoked(const Case& c, Problem& problem);
void explain_no_answer(const Case& c, Problem& problem);
void explain_no_staple(const Case& c, Problem& problem);

}  // namespace inspect::diagnosis
