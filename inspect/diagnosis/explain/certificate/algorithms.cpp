// Keys, signatures and their algorithms in words: what is too weak, what cannot be used or
// verified, and what does not verify. The words follow AlgorithmFault: that something was altered,
// or that collisions can be made, is said only where that was seen.
#include <fmt/format.h>

#include <algorithm>

#include "inspect/diagnosis/explain/certificate/certificate_case.h"
#include "inspect/diagnosis/explain/certificate/issuance.h"
#include "inspect/diagnosis/explain/parts.h"
#include "inspect/diagnosis/wording.h"

namespace inspect::diagnosis {

namespace {

using certs::AlgorithmEvidence;
using certs::AlgorithmFault;

std::string key_needed(const AlgorithmEvidence& key) {
    if (!key.needed.empty()) return key.needed;
    return key.fault == AlgorithmFault::weak ? "RSA 2048 or EC P-256" : "RSA, EC or Ed25519";
}

// Whether another client may well verify with that key, and whytls cannot. A server's own key on
// another curve is no such limit: TLS clients offer no scheme for it. A CA's key is a matter of the
// library only.
bool is_limit(const Case& c, const AlgorithmEvidence& key) {
    if (key.fault == AlgorithmFault::unknown_curve) return c.depth() > 0;
    return key.fault == AlgorithmFault::beyond_limit || key.fault == AlgorithmFault::unknown_key;
}

bool cannot_be_verified(const AlgorithmEvidence& signature) {
    return signature.fault == AlgorithmFault::unknown_algorithm || signature.fault == AlgorithmFault::odd_parameters;
}

constexpr std::string_view way_round =
    "Where another client accepts it, have the proxy let this host through untouched (--passthrough).";

// "the key of the certificate is X25519, which signs nothing"
std::string key_title(const Case& c, const AlgorithmEvidence& key) {
    const std::string found = fmt::format("the key of {} is {}", c.who(), shorten(key.found, 30));
    switch (key.fault) {
        case AlgorithmFault::signs_nothing: return found + ", which cannot sign";
        case AlgorithmFault::unknown_key: return found + ", which is no key for TLS servers here";
        case AlgorithmFault::unknown_curve:
            return found + (is_limit(c, key) ? ", a curve that whytls does not know"
                                             : ", a curve that TLS clients do not offer");
        case AlgorithmFault::explicit_curve: return found + "; a named curve is needed";
        case AlgorithmFault::off_curve:
            return fmt::format("the key of {} is no point of its curve, {}", c.who(), shorten(key.found, 30));
        case AlgorithmFault::beyond_limit:
            return fmt::format("{}, which whytls does not read: {} is needed", found, shorten(key_needed(key), 40));
        default:
            return fmt::format("{}; {} is needed", found,
                               (key.fault == AlgorithmFault::weak ? "at least " : "") + shorten(key_needed(key), 40));
    }
}

std::string key_detail(const Case& c, const AlgorithmEvidence& key) {
    const std::string_view limit =
        c.offline() ? "" : " Other clients may connect: --passthrough lets the connection through unread.";
    const std::string_view of_whytls = "That is a limit of whytls, not a fault of the certificate.";
    switch (key.fault) {
        case AlgorithmFault::signs_nothing:
            return "It is a key for key agreement or encryption. A TLS server proves by a signature that it has its key (RFC 8446 §4.4.3), and "
                   "a CA signs certificates.";
        case AlgorithmFault::unknown_key:
            return fmt::format(
                "For such a key whytls offers no TLS signature scheme and verifies nothing with it, nor do browsers today: a limit of "
                "whytls. A client that knows the algorithm may accept it.{}",
                limit);
        case AlgorithmFault::unknown_curve:
            if (is_limit(c, key))
                return fmt::format(
                    "{} It verifies ECDSA on P-256, P-384 and P-521 only; OpenSSL (curl, Node) knows more.{}",
                    of_whytls, limit);
            return fmt::format(
                "TLS 1.3 has ECDSA on P-256, P-384 and P-521 (RFC 8446 §4.2.3), and clients offer no other curve unless they are told "
                "to.{}",
                limit);
        case AlgorithmFault::explicit_curve:
            return "The key spells its curve out instead of naming it, which RFC 5480 §2.1.1 forbids: whoever spells it could choose a weak "
                   "one (CVE-2020-0601).";
        case AlgorithmFault::off_curve:
            return "Its coordinates do not satisfy the curve's equation: no private key belongs to it, and nothing can be verified with "
                   "it.";
        case AlgorithmFault::broken_number: return "No sound RSA key has such numbers: signatures by it prove nothing.";
        case AlgorithmFault::beyond_limit: return fmt::format("{}{}", of_whytls, limit);
        default: return "A key that small can be broken, so that anyone could take the server's place.";
    }
}

Fix reissue(const Case& c) {
    if (c.depth() > 0)
        return {Actor::server,
                "Have the certificate issued again below a CA certificate of today's strength, and serve that chain.",
                c.connect_command(" -showcerts")};
    return issue(c.context, "Make a new key and have a new certificate issued.",
                 fmt::format("sudo certbot certonly --key-type ecdsa --force-renewal -d {}", shell_word(c.owner())));
}

// For a key that other clients may verify, the first fix is to let it through to them.
std::vector<Fix> key_fixes(const Case& c, const AlgorithmEvidence& key) {
    if (!is_limit(c, key)) return {reissue(c)};
    if (key.fault == AlgorithmFault::beyond_limit && !c.offline())
        return {pass_through(c.context, std::string(way_round))};
    Fix other{Actor::server,
              fmt::format("Where every client is to accept it, use a key that all know: {}.", key_needed(key)), ""};
    if (c.offline()) return {std::move(other)};
    return {pass_through(c.context, std::string(way_round)), std::move(other)};
}

bool names_any(const std::string& text, std::initializer_list<std::string_view> words) {
    return std::ranges::any_of(words, [&](std::string_view word) { return text.contains(word); });
}

std::string weak_signature_detail(const AlgorithmEvidence& algorithm) {
    switch (algorithm.fault) {
        case AlgorithmFault::unknown_algorithm:
            return "whytls does not know that algorithm and cannot verify the signature: a limit of whytls. A client that knows it may "
                   "accept the certificate.";
        case AlgorithmFault::odd_parameters:
            return "The algorithm's parameters are not those that its RFC has (RFC 4055, RFC 5758, RFC 8410), or name a hash that whytls "
                   "does not know. It verifies no such signature: a limit of whytls, which says nothing of whether the certificate was "
                   "altered. A client that does not look at them may accept it.";
        default: break;
    }
    if (names_any(algorithm.found, {"md5", "MD5", "md4", "sha1", "SHA1", "SHA-1"}))
        return "Collisions can be made for that hash, so that a certificate may be forged. Clients have refused it for years.";
    return "That hash is long out of use and too weak to vouch for a certificate; clients know it no more.";
}

Fix renewal(const Case& c, bool unverifiable) {
    return issue(
        c.context,
        unverifiable
            ? "Have a new certificate issued, signed with RSA or ECDSA and SHA-256: every public CA does so today."
            : "Have a new certificate issued, signed with SHA-256: every public CA does so today.",
        fmt::format("sudo certbot certonly --force-renewal -d {}", shell_word(c.owner())));
}

}  // namespace

void explain_key(const Case& c, Problem& problem) {
    const auto key = c.evidence<AlgorithmEvidence>();
    problem.title = key_title(c, key);
    problem.detail = key_detail(c, key);
    problem.evidence = {row("found", key.found), row("needed", key_needed(key))};
    problem.fixes = key_fixes(c, key);
}

void explain_weak_signature(const Case& c, Problem& problem) {
    const auto algorithm = c.evidence<AlgorithmEvidence>();
    const bool unverifiable = cannot_be_verified(algorithm);
    const std::string needed = algorithm.needed.empty() ? "SHA-256" : algorithm.needed;
    if (unverifiable) {
        problem.step = "signature";
        problem.title = fmt::format("the signature on {} cannot be verified: it is made with {}", c.who(),
                                    shorten(algorithm.found, 45));
        if (!c.offline()) problem.fixes.push_back(pass_through(c.context, std::string(way_round)));
    } else {
        problem.title = fmt::format("{} is signed with {}; at least {} is needed", c.who(),
                                    shorten(algorithm.found, 30), shorten(needed, 30));
    }
    problem.detail = weak_signature_detail(algorithm);
    problem.evidence = {row("found", algorithm.found), row("needed", needed)};
    problem.fixes.push_back(c.depth() == 0 ? renewal(c, unverifiable) : reissue(c));
}

void explain_bad_signature(const Case& c, Problem& problem) {
    const auto algorithm = c.evidence<AlgorithmEvidence>();
    std::string by = c.name(c.depth() + 1);
    const certs::Description* const own = c.certificate(c.depth());
    if (by.empty() && own != nullptr) by = short_name(own->issuer);
    const std::string issuer = by.empty() ? "its issuer" : quoted(by, 35);
    if (own != nullptr)
        problem.evidence = {row("certificate", own->subject), row("signature algorithm", own->signature),
                            row("issuer", own->issuer)};
    const std::string_view interception = c.offline() ? "" : " Someone may be intercepting the connection.";
    if (algorithm.fault == AlgorithmFault::wrong_key_kind) {
        problem.title = fmt::format("{} is signed with {}, but the key of {} is {}", c.who(),
                                    shorten(own != nullptr ? own->signature : algorithm.found, 25), issuer,
                                    shorten(algorithm.needed, 20));
        problem.detail = fmt::format(
            "A key of that kind cannot have made the signature, or may not make it: another CA of the same name did, or the certificate "
            "says what is not so. It proves nothing.{}",
            interception);
        problem.evidence.push_back(row("key of the issuer", algorithm.needed));
    } else if (algorithm.fault == AlgorithmFault::wrong_digest) {
        problem.title = fmt::format("{} was altered after {} signed it", c.who(), issuer);
        problem.detail = fmt::format(
            "The key of the issuer made the signature, but over other content: its digest is not the certificate's. It proves nothing.{}",
            interception);
    } else {
        problem.title = fmt::format("the signature on {} does not verify with the key of {}", c.who(), issuer);
        problem.detail = fmt::format(
            "The certificate was altered or damaged, or another CA of the same name issued it. It proves nothing.{}",
            interception);
    }
    problem.fixes = {
        {Actor::server,
         "Install the certificate again as the CA issued it, with that CA's own chain (fullchain.pem); after a CA has changed its key the "
         "old intermediate no longer fits.",
         "openssl verify -show_chain -untrusted chain.pem cert.pem"}};
    if (!c.offline())
        problem.fixes.push_back({Actor::network,
                                 "If the server's files are right, look for a device between here and it.",
                                 c.connect_command(" -showcerts")});
}

}  // namespace inspect::diagnosis
