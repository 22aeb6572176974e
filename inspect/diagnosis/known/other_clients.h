// What other programs make of the same failure: their verdict and the words they print, so that
// users can search for them and recognise them. A data table; every text was seen in that program's
// output or read in its source. To add one, add a row.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "inspect/diagnosis/diagnosis.h"

namespace inspect::diagnosis {

// Whose words they are. The first is not a program: it is what OpenSSL's verification says, which
// curl, Node and Python each put into words of their own.
enum class Voice { openssl, curl, node, python, java, go, rustls, chrome, firefox };

// Which variant of a code a row is about.
enum class When {
    always,
    address_listed,    // an address was asked for, and the certificate lists addresses
    address_unlisted,  // … and it lists none
    own_common_name,   // the common name is the host asked for
    other_common_name,
    only_common_name,  // … and the certificate names no host at all
    partial_wildcard,  // "api*.example.com" is the nearest name
    anchor,            // it is about the trusted root
    anchor_rules,      // only the trusted root has what forbids it
    rsa_1024,          // an RSA key of 1024 bits or more
    lone,              // no issuer of the server's own certificate was sent
    namesake,          // a CA of the issuer's name was sent or is trusted, and has another key …
    namesake_alike,    // … and no key identifier shows OpenSSL that it is not the issuer: it then checks the signature
    namesake_rsa,      // the same, of an RSA signature
    namesake_trusted,  // the namesake is trusted, and the issuer itself was not sent
    no_namesake,
    looks_self_signed,  // by its names, OpenSSL takes the server's certificate for self-signed
    fetchable,          // the missing issuer was fetched from where the certificate says (AIA)
    sha1,
    issuer,  // it is a CA's certificate, not the server's own
    excluded,
    reset,
    http,                // what answered is HTTP
    no_constraints,      // a CA's certificate without basicConstraints
    misplaced_critical,  // an extension that RFC 5280 defines, and forbids to be critical
    unreadable_name,     // one of the certificate's names has characters beyond ASCII
    obsolete_version,    // a trial showed that the server speaks TLS 1.0 or 1.1
    demanded,            // the client certificate is demanded after a TLS 1.3 handshake
};

// A row. In `text`, {host}, {port}, {names} and so on stand for the values of a failure, and "…"
// for what differs from version to version or from run to run. What a program puts before it (its
// name, a URL) or after it (a source line) is left out where it differs so.
struct Saying {
    Code code = Code::none;
    When when = When::always;
    Voice voice = Voice::openssl;
    bool accepts = false;
    std::string_view text;   // where it accepts: why, or "" without a reason
    std::string_view error;  // Node's error.code; "" for others
};

// For each code and voice, the rows of special variants come before the general one. Wordings are
// those of curl 7.88, Node 20, Python 3.11 (OpenSSL 3.0), Java 17, Go 1.19, rustls 0.23, Chrome and
// Firefox of 2026.
std::span<const Saying> sayings();

// Whether RFC 5280 forbids that extension to be critical: key identifiers (§4.2.1.1, §4.2.1.2) and
// authorityInfoAccess (§4.2.2.1).
bool is_misplaced_critical(std::string_view oid);

// Whether OpenSSL takes the certificate for self-signed (X509_check_akid, check_sig_alg_match): it
// compares issuer and subject, the kinds of key and signature, and the key identifiers and serial
// numbers where both are there; never the keys.
bool looks_self_signed(const certs::Certificate& leaf);

std::string_view name(Voice voice);  // "curl (OpenSSL)"

// A row's own words; OpenSSL's in each of the frames that programs put around them. {placeholders}
// stay.
std::vector<Elsewhere> in_each_voice(const Saying& saying);

// What each program would print for that failure. Where more than one thing is wrong, only those
// whose order of checks is known.
std::vector<Elsewhere> elsewhere(const Attempt& attempt, const std::vector<Problem>& problems);

// "curl (OpenSSL)" and its words, for a table.
std::vector<EvidenceRow> elsewhere_rows(const std::vector<Elsewhere>& said);

}  // namespace inspect::diagnosis
