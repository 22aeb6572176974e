// Certification path validation (RFC 5280 §6, path building in the spirit of RFC 4158, names by RFC
// 9525) as one pure function: certificates, anchors, name and time in, a Verdict out. No clock, no
// file, no network.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "certs/bytes.h"
#include "certs/oid.h"
#include "certs/policy.h"
#include "certs/profile.h"
#include "certs/revocation.h"
#include "certs/trust_store.h"
#include "certs/verdict.h"

namespace certs {

struct VerifyInput {
    std::span<const Bytes> served;  // DER as the server sent it, leaf first; may be malformed
    const TrustStore& trust;
    // Host name (A- or U-labels, trailing dot allowed) or IP address, brackets allowed; "" checks
    // no name.
    std::string_view host;
    Time at;

    // Issuers that the server did not send: fetched (aia), seen before, handed in. They only
    // explain: a path that needs one is refused, as missing_intermediate when it would verify if
    // the server sent them.
    std::span<const PathCertificate> extra =
        {};  // NOLINT(readability-redundant-member-init): designated initialisers may leave it out
    Profile profile = Profile::client;
    Oid purpose = oid::server_auth;  // the EKU asked for; empty content: any
    AnchorRules anchor_rules = {};
    std::size_t most_intermediates = 32;  // CAs between leaf and anchor, self-issued ones not counted
    PolicyInput policy = {};
    // Lists and responses at hand, and what is demanded of them; by default there are none and
    // nothing is demanded.
    RevocationInput revocation = {};
};

// Never throws, never blocks; its work is bounded whatever the certificates are.
Verdict verify(const VerifyInput& input);

}  // namespace certs
