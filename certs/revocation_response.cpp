#include <algorithm>
#include <tuple>
#include <utility>

#include "certs/crypto.h"
#include "certs/revocation_sources.h"
#include "certs/rules.h"

namespace certs {

namespace {

// How far two clocks may be apart: what OpenSSL (`openssl ocsp -validity_period`), curl and nginx
// allow.
constexpr std::int64_t clock_tolerance = 300;  // seconds
// RFC 6960 §4.2.2.1: without nextUpdate "newer revocation information is available all the time".
// Firefox (mozilla::pkix) lets such a response count for a day.
constexpr std::int64_t life_without_next_update = day;

Time end_of(const SingleResponse& single) {
    return single.next_update.value_or(Time{single.this_update.seconds + life_without_next_update});
}

// The single response about the certificate. A responder has one for it, or one for each hash.
// Looking at no more bounds what a hostile one may cost.
const SingleResponse* find_about(const OcspResponse& response, const RevocationQuestion& question) {
    std::size_t left = 4;
    for (const SingleResponse& single : response.responses()) {
        if (!std::ranges::equal(single.serial, question.certificate().serial())) continue;
        if (left-- == 0) break;
        if (is_about(single, question.certificate(), question.issuer())) return &single;
    }
    return nullptr;
}

bool was_to_be_about(const OcspResponse& response, const RevocationQuestion& question) {
    if (response.source() == stapled_response) return question.depth == 0;
    const auto& urls = question.certificate().extensions().ocsp_urls;
    return std::ranges::find(urls, response.source()) != urls.end();
}

bool is_responder(const OcspResponse& response, const Certificate& signer) {
    if (response.responder_name()) return *response.responder_name() == signer.subject();
    return std::ranges::equal(response.responder_key_hash().value_or(Bytes{}), sha1(signer.public_key().key));
}

// RFC 6960 §4.2.2.2: a responder that the issuer authorised has a certificate "issued directly by
// the CA that is identified in the request" whose extended key usage says so. Any other purpose,
// even anyExtendedKeyUsage, does not say so.
bool is_appointed(const Certificate& responder, const RevocationQuestion& question, PathBuilder& builder) {
    const auto& purposes = responder.extensions().extended_key_usage;
    return purposes && std::ranges::find(*purposes, static_cast<Oid>(oid::ocsp_signing)) != purposes->end() &&
           responder.issuer() == question.issuer().subject() &&
           builder.signature(responder, question.issuer()) == SignatureResult::good &&
           may_speak(responder, question, builder);
}

// RFC 5280 §4.2.1.12: the key usage that OCSPSigning goes with, if there is one.
bool may_sign_responses(const Certificate& responder) {
    const auto& usage = responder.extensions().key_usage;
    return !usage || usage->has(KeyUsageBit::digital_signature) || usage->has(KeyUsageBit::non_repudiation);
}

NoAnswer judge_signature(const OcspResponse& response, const RevocationQuestion& question, PathBuilder& builder) {
    if (forgeable_algorithm(response.signature_algorithm())) return NoAnswer::weak_signature;
    if (is_responder(response, question.issuer())) {
        if (builder.signature(response, question.issuer()) == SignatureResult::good) return NoAnswer::none;
        return NoAnswer::bad_signature;
    }
    NoAnswer result = NoAnswer::signer_not_authorised;
    for (const Certificate& enclosed : response.certificates()) {
        if (!is_responder(response, enclosed) || !is_appointed(enclosed, question, builder)) continue;
        const bool good = builder.signature(response, enclosed) == SignatureResult::good;
        if (good && may_sign_responses(enclosed)) return NoAnswer::none;
        result = good ? NoAnswer::responder_key_usage : NoAnswer::bad_signature;
    }
    return result;
}

// NoAnswer::none when the response answers for this certificate; the other values come with their
// time.
std::pair<NoAnswer, Time> judge(const OcspResponse& response, const SingleResponse& single,
                                const RevocationQuestion& question, PathBuilder& builder) {
    if (response.has_unknown_critical() || single.has_unknown_critical) return {NoAnswer::unknown_critical, {}};
    const std::int64_t now = question.at.seconds;
    if (single.this_update.seconds - clock_tolerance > now) return {NoAnswer::not_yet_valid, single.this_update};
    if (counts_until(single).seconds < now) return {NoAnswer::out_of_date, end_of(single)};
    const NoAnswer signature = judge_signature(response, question, builder);
    if (signature == NoAnswer::none && single.status == OcspCertStatus::unknown)
        return {NoAnswer::unknown_to_responder, {}};
    return {signature, {}};
}

}  // namespace

Time counts_until(const SingleResponse& response) { return {end_of(response).seconds + clock_tolerance}; }

std::optional<RevocationAnswer> answer_of(const OcspResponse& response, const RevocationQuestion& question,
                                          PathBuilder& builder) {
    RevocationAnswer answer{
        .status = RevocationStatus::unavailable, .evidence = {{}, "", response.source()}, .rule = "RFC 6960 §3.2"};
    const SingleResponse* const single = find_about(response, question);
    if (single == nullptr) {
        if (!was_to_be_about(response, question)) return std::nullopt;
        const bool refused = response.status() != OcspStatus::successful;
        answer.evidence.why = refused ? NoAnswer::refused_by_responder : NoAnswer::about_another;
        if (refused) answer.evidence.reason = name(response.status());
        return answer;
    }
    std::tie(answer.evidence.why, answer.evidence.at) = judge(response, *single, question, builder);
    if (answer.evidence.why != NoAnswer::none) return answer;
    const bool revoked = single->status == OcspCertStatus::revoked;
    answer.status = revoked ? RevocationStatus::revoked : RevocationStatus::good;
    answer.evidence.at = revoked ? single->revoked_at : single->this_update;
    answer.evidence.reason = single->reason;
    return answer;
}

}  // namespace certs
