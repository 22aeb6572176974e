// One finding of the verifier, with what the sentences about it need: the certificates by name, the
// host, the commands that show them.
#pragma once

#include <string>
#include <string_view>

#include "certs/verdict.h"
#include "inspect/diagnosis/explain/parts.h"
#include "inspect/diagnosis/wording.h"

namespace inspect::diagnosis {

EvidenceRow row(std::string label, std::string value, std::string note = "");

struct Case {
    const Context& context;
    const certs::Verdict& verdict;
    const certs::Finding& finding;

    bool offline() const { return context.attempt.verified_file.has_value(); }
    // Where in the file the server's own certificate was; it is the first of those sent.
    std::size_t leaf_position() const { return offline() ? context.attempt.verified_file->leaf_position : 0; }
    std::size_t depth() const { return finding.depth.value_or(0); }
    const certs::Description* certificate(std::size_t depth) const;
    // What a person calls it; "" when it is not there.
    std::string name(std::size_t depth) const;
    // Whether that is the anchor that the path ends in.
    bool is_anchor(std::size_t depth) const;
    // "the certificate", "the intermediate "R11"", "the root "X""; `characters` bounds only the
    // name.
    std::string who(std::size_t depth, std::size_t characters = 30) const;
    std::string who() const { return who(depth()); }
    // The name to renew the server's certificate for: its own where only an address was asked for.
    std::string owner() const;
    std::string host() const;  // asked for, bounded
    // The name that the certificate is to be for: the one verified, else the certificate's own.
    std::string wanted_name() const;
    // Whether the leaf is valid for the host asked for. Where it is not, mending another fault is
    // not enough.
    bool covers_host() const;

    template <typename Evidence>
    Evidence evidence() const {
        const auto* found = std::get_if<Evidence>(&finding.evidence);
        return found != nullptr ? *found : Evidence{};
    }

    // A command that shows what the server sends; offline, what the file contains.
    std::string connect_command(std::string_view options = "") const;
    // The leaf fed to a command that begins with "openssl x509".
    std::string leaf_into(std::string_view command) const;
    // "the server sent 2 certificates", "the file holds 2 certificates".
    std::string sent() const;
    std::string_view sent_label() const;  // "certificates sent"
};

// "the intermediate "R11" " and what is said of it; the name is shortened so that the title keeps
// its end.
std::string who_is(const Case& c, const std::string& said);

EvidenceRow time_of_check(const Case& c, certs::Time at);

// order.cpp: adds the order that was found and the order that is needed, and for a file the command
// that makes it.
void tell_order(const Case& c, Problem& problem);

// Where a certificate of Verdict::served is in the file or on the wire, counted from 1. The verdict
// puts the server's own first, wherever it was.
std::size_t place_of(const Case& c, std::size_t served);

// namesake.cpp: a CA with the issuer's name is trusted or was sent, and has another key.
// `other_key`: both keys are there, so it is known that they differ.
void tell_namesake(const Case& c, Problem& problem, const certs::IssuerEvidence& issuer, bool other_key);

// algorithms.cpp: weak_key, weak_signature and bad_signature.
void explain_key(const Case& c, Problem& problem);
void explain_weak_signature(const Case& c, Problem& problem);
void explain_bad_signature(const Case& c, Problem& problem);

// dates.cpp: expired and not_yet_valid, expires_soon, validity_too_long.
void explain_dates(const Case& c, Problem& problem);
void explain_expires_soon(const Case& c, Problem& problem);
void explain_long_validity(const Case& c, Problem& problem);

// unreadable.cpp: malformed_certificate and path_too_complex.
void explain_malformed(const Case& c, Problem& problem);
void explain_complexity(const Case& c, Problem& problem);

}  // namespace inspect::diagnosis
