// The name that was asked for, and whether a certificate is valid for it (RFC 9525): DNS-IDs and
// IP-IDs of the subjectAltName only, never the common name; a wildcard is the whole left-most
// label. Also finds the near miss. Knows nothing of DNS itself.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "certs/certificate.h"
#include "certs/verdict.h"

namespace certs {

// A reference identifier (RFC 9525 §6.1).
struct Host {
    std::string text;  // lower case, A-labels, without trailing dot; an address in its usual form, without brackets
    bool is_address = false;
    ByteVector address;  // 4 or 16 bytes
};

// Takes a host name (A- or U-labels, one trailing dot allowed), an IPv4 or an IPv6 address
// (brackets and a zone are dropped). Anything else becomes a name that no certificate matches.
Host parse_host(std::string_view text);

// A name in the form in which names are compared: A to Z in lower case, everything else as it is.
std::string lowered(std::string_view name);
// Whether `name` is a proper subdomain of `base`, both in lower case.
bool is_below(std::string_view name, std::string_view base);

// RFC 9525 §6.3: whether `presented`, a dNSName as in the certificate, covers the DNS name `host`.
// A wildcard needs at least two labels after it: "*.com" would cover a registry, and "*" the world.
bool dns_matches(std::string_view presented, std::string_view host);

// Whether the certificate is valid for `host`.
bool certificate_matches(const Certificate& certificate, const Host& host);

// What a mismatch looks like: the certificate's names, and the closest one with the one reason why
// it fails.
NameEvidence name_evidence(const Certificate& certificate, const Host& host);

// Of libidn2, as it runs: "2.3.3".
std::string_view version_of_idn2();

}  // namespace certs
