// What a verdict leaves open that someone with a network could answer: issuers that were not sent,
// unknown revocation. verify() fetches nothing. A caller that can fetch asks here what to fetch,
// and verifies again with the result.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "certs/verdict.h"

namespace certs {

struct Want {
    enum class Kind { issuer, ocsp, crl } kind = Kind::issuer;
    std::size_t depth = 0;    // of the best path's certificate that it is about
    std::string url;          // http:// only, at most 2,048 characters, from the certificate: not to be trusted
    ByteVector ocsp_request;  // what to send, for `ocsp`
    bool operator==(const Want&) const = default;
};

// The issuer of the best path's last certificate, when the path ends neither in an anchor nor in a
// self-issued certificate: its caIssuers URLs (RFC 5280 §4.2.2.1), at most two.
std::vector<Want> wanted_issuers(const Verdict& verdict);

// For each certificate of the best path below its anchor whose revocation step was not answered:
// its OCSP responders, then its distribution points (RFC 5280 §4.2.1.13), at most two of each per
// certificate.
std::vector<Want> wanted_revocation(const Verdict& verdict);

}  // namespace certs
