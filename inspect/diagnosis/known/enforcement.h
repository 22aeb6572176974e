// Who enforces what others let pass: rules for issuers, kinds of keys and names that a chain may
// break and still verify. Each has the programs that refuse it, from which version, and what they
// print. A data table; each row says whether it was tried or only read.
#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "certs/verdict.h"
#include "inspect/diagnosis/diagnosis.h"

namespace inspect::diagnosis {

enum class Enforced {
    authority_key,             // no authorityKeyIdentifier, or one without the key's
    subject_key,               // a CA without subjectKeyIdentifier
    critical_constraints,      // a CA whose basicConstraints are not critical
    ca_key_usage,              // a CA without keyUsage
    path_length_and_no_usage,  // … and with a path length constraint
    path_length_of_no_ca,
    ca_as_leaf,      // a CA's certificate that serves as a server's
    leaf_usage,      // a server's key that may neither sign nor encipher nor agree
    leaf_signs,      // keyCertSign in a certificate that is no CA's
    critical_names,  // an empty subject, and subjectAltName not critical
    negative_serial,
    ed25519_key,          // of the server's own certificate
    underscore_wildcard,  // the host asked for has an underscore that a wildcard stands for
    underscore_listed,    // … and the certificate lists the host
    any_purpose,          // anyExtendedKeyUsage, without serverAuth by its own name, in the server's certificate
    any_purpose_of_ca,    // the same in a CA's certificate
    small_dh_group,       // finite-field Diffie-Hellman over a prime of 1024 to 2047 bits
    name_of_its_ca,       // the server's certificate looks as if it had signed itself
};

struct Enforcement {
    enum class Known { tried, read };  // read: in the program's source, documents or issues
    Enforced rule;
    std::string_view client;  // "Python 3.13 and later"
    std::string_view text;    // what it prints; {host} stands for the host asked for
    Known known;
    std::string_view error = {};  // Node's error.code
};

std::span<const Enforcement> enforcements();

// The rule that a finding of the profile is about, where some program enforces it in that place of
// that path.
std::optional<Enforced> enforced_by_somebody(const certs::Verdict& verdict, const certs::Finding& finding);

// Whether programs were tried with a certificate that breaks this rule of the profile, and all
// accepted it.
bool known_to_be_accepted(const certs::RuleEvidence& rule);

// The clients that refuse it, in the table's order.
std::vector<Elsewhere> who_refuses(Enforced rule, std::string_view host);

// "Python 3.13 and later", "Chrome, Firefox and Safari"
std::string names_of(const std::vector<Elsewhere>& refusals);

}  // namespace inspect::diagnosis
