// What a server's chain is judged by, in the handshake and again when more is known: issuers that
// the server left out, and answers about revocation. Both are looked up where the verdict left a
// question open. Knows the order of asking; nothing of the connection.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "certs/verify.h"
#include "inspect/diagnosis/attempt.h"
#include "proxy/io/address.h"
#include "proxy/io/task.h"
#include "proxy/upstream/context.h"

namespace proxy {

// Whether the handshake asks the server for a stapled response.
bool asks_for_staple(const Settings& settings);

// The question about one server's certificate, with what is known beyond the chain to answer it.
struct Inquiry {
    std::string name;                        // for which the certificate must be valid
    io::Reach upstream = io::Reach::global;  // of the server's address
    certs::Stapling stapling = certs::Stapling::not_asked;
    std::shared_ptr<const Keyring> keyring;  // whose anchors count
    // The report's word for the stapled response: "good", "revoked", "unknown" …; "" without one.
    std::string staple;
    std::vector<certs::OcspResponse> responses;  // the stapled one first
    std::vector<certs::Crl> lists;
    std::vector<certs::PathCertificate> issuers;  // those that were not served
    // Some revocation information was not fetched, for only the parent proxy leads there.
    bool left_out = false;

    certs::Verdict judge(const UpstreamServices& services, std::span<const certs::Bytes> served, certs::Time at,
                         certs::RevocationDemand demand = certs::RevocationDemand::best_effort) const;
    // Inside the handshake: judges with the response stapled to the leaf, empty without one. What was
    // found good a moment ago is good.
    certs::Verdict judge_with_staple(UpstreamContext& context, std::span<const certs::Bytes> served,
                                     certs::Bytes staple);
    // What is known of a staple becomes that of an earlier handshake, whose verdict is returned.
    certs::Verdict take_over(const Judged& judged);
};

// After a refused handshake whose chain leads nowhere: looks for the issuer that the server left
// out among those seen before, then where the certificates say (--aia). When that completes a path,
// the verdict is replaced by the one that reports this; it remains a refusal. Otherwise returns
// where it looked, and why in vain.
io::Task<std::vector<inspect::diagnosis::IssuerSought>> find_missing_issuer(UpstreamContext& context, Inquiry& inquiry,
                                                                            certs::Verdict& verdict);

// After a handshake whose verdict is good: asks responders and lists about what is still open, as
// --revocation requires. Replaces the verdict by the one with their answers.
io::Task<> ask_revocation(UpstreamContext& context, Inquiry& inquiry, certs::Verdict& verdict);

}  // namespace proxy
