// Revocation in words: what was revoked and who says so, or why no one could say, with the dates
// and the moment that disagree.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "certs/ocsp.h"
#include "inspect/diagnosis/catalog.h"
#include "inspect/diagnosis/explain/certificate/certificate_case.h"
#include "inspect/diagnosis/explain/certificate/issuance.h"
#include "inspect/diagnosis/wording.h"

namespace inspect::diagnosis {

namespace {

using certs::NoAnswer;
using certs::RevocationEvidence;

bool is_staple(const RevocationEvidence& evidence) { return evidence.source == certs::stapled_response; }
// The rule of an answer distinguishes lists from responses.
bool is_list(const Case& c) {
    return !c.finding.rule.starts_with("RFC 6960") && c.finding.code != certs::Code::must_staple_missing;
}

std::string_view answer_noun(const Case& c, const RevocationEvidence& evidence) {
    if (is_staple(evidence)) return "stapled response";
    return is_list(c) ? "list" : "response";
}

// The command that shows the same answer by other means; "" when no one was asked.
std::string show_command(const Case& c, const RevocationEvidence& evidence) {
    if (is_staple(evidence)) return c.connect_command(" -status");
    if (evidence.source.empty()) return "";
    const std::string url = shell_word(evidence.source);
    if (evidence.why == NoAnswer::nothing_received) return fmt::format("curl -sv -o /dev/null {}", url);
    if (c.offline())
        return is_list(c) ? fmt::format("openssl crl -in {} -noout -text", url)
                          : fmt::format("openssl ocsp -respin {} -noverify -text", url);
    if (is_list(c)) return fmt::format("curl -sS {} | openssl crl -inform DER -noout -text", url);
    return fmt::format("openssl ocsp -issuer issuer.pem -cert cert.pem -no_nonce -resp_text -url {}", url);
}

std::string withdrawn_because(const std::string& reason) {
    if (reason == "keyCompromise" || reason == "cACompromise")
        return "Its key is in the wrong hands: whoever has it can take the server's place.";
    if (reason == "superseded")
        return "Another certificate was issued in its place, and the server still serves the old one.";
    if (reason == "cessationOfOperation" || reason == "affiliationChanged" || reason == "privilegeWithdrawn")
        return "Whoever asked for it may not use it any more: a name was given up or changed hands.";
    if (reason == "certificateHold")
        return "It is on hold: its issuer may take that back, but until then it does not count.";
    return "Its issuer has withdrawn it before its end; its key may be in the wrong hands.";
}

std::string reason_no_answer(const Case& c, const RevocationEvidence& evidence) {
    const std::string_view noun = answer_noun(c, evidence);
    const std::string at = readable(evidence.at);
    switch (evidence.why) {
        case NoAnswer::none:
        case NoAnswer::nothing_received: return "no answer was received";
        case NoAnswer::names_no_source: return "it names no responder and no list";
        case NoAnswer::not_yet_valid: return fmt::format("the {} is valid only from {}", noun, at);
        case NoAnswer::out_of_date:
            return fmt::format("the {} expired {} ago, at {}", noun,
                               span_of_time(c.verdict.at.seconds - evidence.at.seconds), at);
        case NoAnswer::bad_signature: return fmt::format("the signature on the {} does not verify", noun);
        case NoAnswer::weak_signature: return fmt::format("the {} is signed with a hash that can be forged", noun);
        case NoAnswer::signer_not_authorised:
            return fmt::format("who signed the {} may not speak for the issuer", noun);
        case NoAnswer::responder_key_usage: return "the responder's key usage lacks digitalSignature";
        case NoAnswer::unknown_critical: return fmt::format("the {} has a critical extension that is not known", noun);
        case NoAnswer::some_reasons_only: return "the list covers some reasons only";
        case NoAnswer::delta_list: return "the list is a delta list, without its full one";
        case NoAnswer::indirect_list: return "the list is an indirect one";
        case NoAnswer::ca_certificates_only: return "the list covers CA certificates only";
        case NoAnswer::user_certificates_only: return "the list covers no CA certificates";
        case NoAnswer::attribute_certificates_only: return "the list covers attribute certificates only";
        case NoAnswer::another_point: return "the list is of another distribution point";
        case NoAnswer::of_another_issuer: return "the list is of another issuer";
        case NoAnswer::about_another: return fmt::format("the {} is about another certificate", noun);
        case NoAnswer::unknown_to_responder: return "the responder does not know it";
        case NoAnswer::refused_by_responder:
            return fmt::format("the responder refused: {}", shorten(evidence.reason, 20));
    }
    std::unreachable();
}

std::string_view how_it_came(const RevocationEvidence& evidence) {
    switch (evidence.why) {
        case NoAnswer::none:
        case NoAnswer::nothing_received: return "Neither a staple, nor a responder, nor a list gave an answer.";
        case NoAnswer::names_no_source:
            return "Certificates that live for a few days name none: they end before a revocation would be seen.";
        case NoAnswer::not_yet_valid: return "A clock is wrong: here, or where the answer was made.";
        case NoAnswer::out_of_date: return "The answer was not renewed in time, or an old one is being replayed.";
        case NoAnswer::bad_signature:
            return "The answer was altered or damaged, or somebody else made it. It proves nothing.";
        case NoAnswer::weak_signature:
            return "Collisions can be made for MD5 and SHA-1, so that such an answer proves nothing.";
        case NoAnswer::signer_not_authorised:
            return "A response counts when the issuer itself signed it, or a responder whose certificate is from that issuer and for "
                   "OCSPSigning (RFC 6960 §4.2.2.2); a list when its signer's key usage has cRLSign.";
        case NoAnswer::unknown_critical:
            return "What is marked critical must be understood, or the answer does not count.";
        case NoAnswer::responder_key_usage:
            return "The issuer appointed that responder, but a key usage that is there has to allow signatures (RFC 5280 §4.2.1.12).";
        case NoAnswer::some_reasons_only:
            return "A list for some reasons only (RFC 5280 §5.2.5) cannot say that a certificate is good.";
        case NoAnswer::delta_list:
            return "It has only what changed since a full list (RFC 5280 §5.2.4): without that it says nothing of a certificate.";
        case NoAnswer::indirect_list:
            return "It may list certificates of several issuers (RFC 5280 §5.2.5); whytls does not use such lists.";
        case NoAnswer::ca_certificates_only:
        case NoAnswer::user_certificates_only:
        case NoAnswer::attribute_certificates_only:
            return "Its issuing distribution point says which certificates it is about (RFC 5280 §5.2.5), and this one is not among them.";
        case NoAnswer::another_point:
            return "It is about the certificates that name its distribution point (RFC 5280 §6.3.3), and this one does not.";
        case NoAnswer::of_another_issuer: return "No certificate of the chain was issued by the issuer of that list.";
        case NoAnswer::about_another:
            return "A serial number, an issuer's name or its key differs; often the staple of an old certificate.";
        case NoAnswer::unknown_to_responder:
            return "The responder has no record of that serial number: a certificate issued a moment ago, or the wrong responder.";
        case NoAnswer::refused_by_responder:
            return "Responders say tryLater when they are overloaded, unauthorized when they do not serve that CA.";
    }
    std::unreachable();
}

bool told_in_its_words(const RevocationEvidence& evidence) {
    return !evidence.reason.empty() && evidence.why == NoAnswer::refused_by_responder;
}

bool is_about_time(NoAnswer why) { return why == NoAnswer::not_yet_valid || why == NoAnswer::out_of_date; }

// No one was asked, because only the parent proxy leads there.
bool was_left_out(const Case& c, const RevocationEvidence& evidence) {
    return c.context.attempt.revocation_left_out &&
           (evidence.why == NoAnswer::nothing_received || evidence.why == NoAnswer::none);
}

std::vector<Fix> fixes_for_no_answer(const Case& c, const RevocationEvidence& evidence) {
    std::vector<Fix> fixes;
    const std::string show = show_command(c, evidence);
    if (c.offline())
        fixes.push_back({Actor::client,
                         is_about_time(evidence.why)
                             ? "Fetch a newer answer and hand that in, or leave it out."
                             : "Hand in an answer that can be used for this certificate, or leave it out.",
                         show});
    else if (is_staple(evidence))
        fixes.push_back({Actor::server,
                         "Renew the staple: reload the server, and look whether it can reach its CA's responder.",
                         show});
    else if (was_left_out(c, evidence))
        fixes.push_back(
            {Actor::client,
             "Exempt the CA's OCSP and CRL hosts from the parent proxy (--no-proxy), if they are reached without it.",
             show});
    else if (evidence.why == NoAnswer::nothing_received || evidence.why == NoAnswer::none)
        fixes.push_back({Actor::network, "Let this machine reach the CA's OCSP and CRL addresses.", show});
    else if (evidence.why != NoAnswer::names_no_source)
        fixes.push_back(
            {Actor::server,
             fmt::format("Ask who runs the CA to mend the {}; until then have the certificate issued by another.",
                         is_list(c) ? "list" : "responder"),
             show});
    if (is_about_time(evidence.why) && !c.context.attempt.time_given)
        fixes.push_back({Actor::client, "Check this machine's clock.", "date -u; timedatectl status"});
    if (!c.offline() && c.finding.severity == certs::Severity::error)
        fixes.push_back({Actor::client, "Carry on when no answer comes.", "whytls proxy --revocation soft"});
    else if (fixes.empty())
        fixes.push_back(
            {Actor::client, "Nothing has to be done; have long-lived certificates from a CA that answers.", ""});
    return fixes;
}

void revoked(const Case& c, Problem& problem) {
    const auto evidence = c.evidence<RevocationEvidence>();
    const std::string why = evidence.reason.empty() ? "" : ": " + shorten(evidence.reason, 20);
    const std::int64_t age = c.verdict.at.seconds - evidence.at.seconds;
    problem.title = who_is(
        c, fmt::format("{}, at {}{}", age < 0 ? "is revoked" : fmt::format("was revoked {} ago", span_of_time(age)),
                       readable(evidence.at), why));
    problem.detail = withdrawn_because(evidence.reason) + " curl, Node and Go would not have noticed.";
    problem.evidence = {
        row("revoked at", readable(evidence.at)),
        row("reason", evidence.reason.empty() ? "not given" : evidence.reason),
        row(is_list(c) ? "told by the list" : "told by", evidence.source.empty() ? "its issuer" : evidence.source),
        time_of_check(c, c.verdict.at)};
    const std::string show = show_command(c, evidence);
    problem.fixes = {
        c.depth() == 0
            ? issue(c.context,
                    "Make a new key, have a new certificate issued, and find out who revoked the old one and why.",
                    "sudo certbot certonly --force-renewal -d " + shell_word(c.owner()))
            : Fix{Actor::server,
                  "Have the certificate issued again below a CA certificate that is not revoked, and serve that "
                  "chain (fullchain.pem).",
                  c.connect_command(" -showcerts")}};
    if (c.depth() == 0 && !c.offline())
        problem.fixes.push_back(
            {Actor::server,
             "If that was done already, the server still serves the old file: reload it, on every machine of the "
             "load balancer.",
             c.leaf_into("openssl x509 -noout -serial -dates")});
    if (!show.empty()) problem.fixes.push_back({Actor::client, "See the answer for yourself.", show});
}

void no_answer(const Case& c, Problem& problem) {
    const auto evidence = c.evidence<RevocationEvidence>();
    const std::string reason = reason_no_answer(c, evidence);
    constexpr std::size_t around = 54, least = 4;  // the characters of the title beside the name and the reason
    const std::size_t room = title_limit - std::min(title_limit, reason.size() + around);
    problem.title = fmt::format("unknown whether {} is revoked: {}", c.who(c.depth(), std::max(room, least)), reason);
    problem.detail =
        fmt::format("{} {}",
                    was_left_out(c, evidence) ? "Responders and lists are not fetched past the parent proxy."
                                              : how_it_came(evidence),
                    c.offline() && c.finding.severity == certs::Severity::error
                        ? "What is handed in about a certificate has to be usable."
                    : c.offline() ? "What was handed in says nothing about this chain."
                    : c.finding.severity == certs::Severity::error
                        ? "An answer is demanded (--revocation hard)."
                        : "That alone refuses nothing here, as in most clients (--revocation hard would).");
    problem.evidence = {row(evidence.why == NoAnswer::nothing_received ? "the certificate names" : "asked",
                            evidence.source.empty() ? "no one" : evidence.source),
                        row("answer", told_in_its_words(evidence) ? shorten(evidence.reason, 60) : reason)};
    if (evidence.why == NoAnswer::another_point && !evidence.reason.empty())
        problem.evidence.push_back(row("point of the list", evidence.reason));
    if (is_about_time(evidence.why)) {
        problem.evidence.push_back(row(
            evidence.why == NoAnswer::out_of_date ? "answer valid until" : "answer valid from", readable(evidence.at)));
        problem.evidence.push_back(time_of_check(c, c.verdict.at));
    }
    problem.fixes = fixes_for_no_answer(c, evidence);
}

void no_staple(const Case& c, Problem& problem) {
    // A staple that came but is no answer counts as none.
    const auto* const unusable = std::get_if<RevocationEvidence>(&c.finding.evidence);
    const std::string came = unusable ? "one came that does not count: " + reason_no_answer(c, *unusable) : "none came";
    problem.title = fmt::format("the certificate demands a stapled OCSP response, and {}",
                                unusable ? came : "the server sent none");
    problem.detail =
        "It carries the TLS feature status_request (RFC 7633), a promise to answer a ClientHello that asks for a staple. Firefox "
        "refuses it; curl, Node and Go would not have noticed.";
    problem.evidence = {row("certificate promises", "TLS feature 5, status_request"),
                        row("handshake", "a staple was asked for, " + came)};
    const Fix without =
        issue(c.context, "Have the certificate issued without must-staple: Let's Encrypt ended OCSP in 2025.",
              "sudo certbot certonly --force-renewal -d " + shell_word(c.owner()));
    // Servers ask where the certificate says, and staple nothing where it does not say (RFC 5280
    // §4.2.2.1).
    const bool known = !c.verdict.served.empty() && c.verdict.served.front().certificate;
    if (!known || !c.verdict.served.front().certificate->extensions().ocsp_urls.empty()) {
        problem.fixes = {
            {Actor::server,
             "Switch OCSP stapling on (nginx: ssl_stapling on; Apache: SSLUseStapling on) and let the server reach its "
             "CA's responder.",
             c.connect_command(" -status")},
            without};
    } else {
        problem.evidence.push_back(
            row("OCSP responder", "none in the certificate", "a server has none to ask for a staple"));
        problem.fixes = {without};
    }
}

}  // namespace

Problem explain_revocation(const Context& context, const certs::Verdict& verdict, const certs::Finding& finding) {
    Problem problem = problem_of(code_of(finding.code));
    const Case c{context, verdict, finding};
    if (finding.code == certs::Code::revoked)
        revoked(c, problem);
    else if (finding.code == certs::Code::must_staple_missing)
        no_staple(c, problem);
    else
        no_answer(c, problem);
    return problem;
}

}  // namespace inspect::diagnosis
