#include "inspect/diagnosis/summary.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "inspect/diagnosis/near_miss.h"
#include "inspect/diagnosis/response_seen.h"
#include "inspect/diagnosis/wording.h"

namespace inspect::diagnosis {

namespace {

EvidenceRow row(std::string label, std::string value, std::string note = "") {
    return {std::move(label), std::move(value), std::move(note), {}};
}

std::string_view doing(const Diagnosis& diagnosis) {
    switch (diagnosis.phase) {
        case Phase::dns: return "while looking up its name";
        case Phase::connect: return "while connecting";
        case Phase::handshake: return "in the TLS handshake";
        case Phase::verify: return "while verifying the certificate";
        case Phase::http:
            return diagnosis.leg == Leg::client ? "while reading the request" : "while reading the response";
    }
    return "";
}

std::string_view came_from(const Diagnosis& diagnosis, certs::Provenance provenance) {
    switch (provenance) {
        case certs::Provenance::served: return diagnosis.verified_file ? "the file" : "the server";
        case certs::Provenance::aia: return "the address that the certificate below names (AIA)";
        case certs::Provenance::trust_store: return "the trust store";
        case certs::Provenance::seen_before: return "an earlier handshake";
        case certs::Provenance::untrusted_file: return "the file given with --untrusted";
    }
    return "";
}

}  // namespace

std::string place(const Diagnosis& diagnosis) {
    if (diagnosis.verified_file)
        return fmt::format("in {}, {}", file_name(diagnosis.verified_file->name), doing(diagnosis));
    switch (diagnosis.leg) {
        case Leg::client: return fmt::format("between the client and whytls, {}", doing(diagnosis));
        case Leg::upstream_proxy:
            return fmt::format("between whytls and the parent proxy {}, {}", diagnosis.parent, doing(diagnosis));
        case Leg::upstream:
            return fmt::format("between whytls and {}, {}", endpoint(diagnosis.host, diagnosis.port), doing(diagnosis));
    }
    return "";
}

std::string sent_statement(const Diagnosis& diagnosis) {
    if (diagnosis.verified_file) return diagnosis.outcome == Outcome::warning ? "The chain verifies all the same." : "";
    if (diagnosis.check) return diagnosis.outcome == Outcome::warning ? "The server verifies all the same." : "";
    if (diagnosis.outcome != Outcome::failed || diagnosis.leg == Leg::client)
        return diagnosis.phase != Phase::http ? ""
               : diagnosis.nothing_sent       ? "Nothing of your request was sent to the server."
                                              : "The beginning of your request had been sent to the server.";
    if (diagnosis.nothing_sent) return "Nothing of your request was sent to the server.";
    if (diagnosis.let_through) return "The request was sent all the same, because --insecure allows it for this host.";
    return "The request had been sent to the server.";
}

std::span<const Problem> other_problems(const Diagnosis& diagnosis) {
    constexpr std::size_t most = 20;
    const std::span<const Problem> others = std::span(diagnosis.problems).subspan(diagnosis.code == Code::none ? 0 : 1);
    return others.first(std::min(others.size(), most));
}

std::string_view for_whom(Actor actor) {
    switch (actor) {
        case Actor::server: return "On the server";
        case Actor::client: return "On your side";
        case Actor::network: return "In the network";
    }
    return "";
}

std::string_view status_word(certs::Status status) {
    switch (status) {
        case certs::Status::pass: return "ok";
        case certs::Status::warn: return "warn";
        case certs::Status::fail: return "FAIL";
        case certs::Status::skip: return "skip";
    }
    return "";
}

std::string_view failed_step(const Diagnosis& diagnosis) {
    return diagnosis.problems.empty() || diagnosis.code == Code::none ? std::string_view()
                                                                      : diagnosis.problems.front().step;
}

std::string_view connection_title(const Diagnosis& diagnosis) {
    return diagnosis.verified_file ? "Verification" : "Connection";
}

std::string breaks_statement(const Diagnosis& diagnosis) {
    const auto& file = diagnosis.verified_file;
    if (!file || !file->until_breaks) return "";
    if (!file->breaks) return "It does not verify now, so there is no date until which it does.";
    const certs::Break& end = *file->breaks;
    const std::string_view role = end.role == certs::Role::leaf     ? "the server's certificate"
                                  : end.role == certs::Role::anchor ? "the root"
                                                                    : "the intermediate";
    const std::string who = fmt::format("{} {}", role, quoted(short_name(end.subject), 60));
    std::string what;
    if (end.code == certs::Code::expired)
        what = who + " expires";
    else if (end.code == certs::Code::revoked)
        what = fmt::format("{} revokes {}", shorten(end.source, 100), who);
    else
        what = fmt::format("{} is out of date, and tells no more whether {} is revoked", shorten(end.source, 100), who);
    const certs::Time last{end.at.seconds - 1};
    const std::string span = span_of_time(last.seconds - diagnosis.time.seconds);
    return fmt::format(
        "Verifies until {}, {}: then {}.", readable(last),
        diagnosis.time_given ? fmt::format("{} after {} (set by --at)", span, readable(diagnosis.time)) : "in " + span,
        what);
}

namespace {

// Such a server may say so only in an HTTP response, as nginx does with a 400.
std::string_view asked_in_vain(const std::optional<tls::Handshake>& handshake) {
    const bool asked = handshake && handshake->certificate_requested && !handshake->certificate_sent;
    return asked ? "it asked for a client certificate, and none was sent" : "";
}

}  // namespace

namespace {

// "; it takes those from "Client CA" and "Other CA"", as far as the server names them.
std::string takes_those_from(const tls::Handshake& handshake) {
    const auto& request = handshake.certificate_request;
    if (!request || request->authorities.empty()) return "";
    std::vector<std::string> names;
    for (const std::string& name : request->authorities) names.push_back(quoted(short_name(name), 40));
    return "; it takes those from " + listed(names, 4, request->authorities_total);
}

// nginx says so with a page: "The SSL certificate error".
std::string sent_remark(const Attempt& attempt, int status) {
    const auto& own = attempt.client_certificate;
    if (!own) return "";
    return fmt::format(
        "{} answered {}, perhaps because it does not accept the client certificate that was sent: {}, issued by {} ({}){}",
        endpoint(attempt.host, attempt.port), status, quoted(short_name(own->description.subject), 40),
        quoted(short_name(own->description.issuer), 40), shorten(own->file, 200), takes_those_from(*attempt.handshake));
}

}  // namespace

std::string certificate_remark(const Attempt& attempt, int status, bool html) {
    constexpr int refusals[] = {400, 401, 403, 495, 496};  // 495 and 496 are nginx's own
    if (std::ranges::find(refusals, status) == std::end(refusals)) return "";
    if (html && attempt.handshake && attempt.handshake->certificate_sent) return sent_remark(attempt, status);
    const std::string_view asked = asked_in_vain(attempt.handshake);
    if (asked.empty()) return "";
    const std::string remark = fmt::format("{} answered {}, perhaps because {}{}", endpoint(attempt.host, attempt.port),
                                           status, asked, takes_those_from(*attempt.handshake));
    const auto& own = attempt.client_certificate;
    if (!own) return remark + "; give it one: --client-cert FILE --client-key FILE";
    return remark + (own->withheld_by.empty()
                         ? "; the one set for it could not be used"
                         : fmt::format("; one is set for it, but withheld because of {}", own->withheld_by));
}

std::string_view acceptance_statement(const Diagnosis& diagnosis) {
    const bool any =
        std::ranges::find(diagnosis.experiments, "accepted", &ToldExperiment::result) != diagnosis.experiments.end();
    return any ? "Accepted: the server answered that ClientHello with its ServerHello. No certificate was verified there."
               : "";
}

namespace {

// RFC 7301 §3.2: the server should have refused the handshake. HTTP/1.1 is spoken without ALPN too.
std::string passed_over(const Diagnosis& diagnosis) {
    const bool agreed = !diagnosis.handshake || !diagnosis.handshake->alpn.empty();
    if (agreed || diagnosis.alpn.empty() || std::ranges::find(diagnosis.alpn, "http/1.1") != diagnosis.alpn.end())
        return "";
    return fmt::format(", agreed on no protocol (ALPN) where {} was offered", listed(diagnosis.alpn, 8));
}

}  // namespace

std::string agreement_statement(const Diagnosis& diagnosis) {
    std::string statement = diagnosis.handshake ? diagnosis.handshake->version : "";
    statement += passed_over(diagnosis);
    if (diagnosis.chain.empty() || diagnosis.chain.front().unreadable) return statement;
    const certs::Description& leaf = diagnosis.chain.front().description;
    statement += fmt::format(", certificate from {}, expires in {}, on {}", shorten(short_name(leaf.issuer), 40),
                             span_of_time(leaf.not_after.seconds - diagnosis.time.seconds),
                             readable(leaf.not_after).substr(0, 10));
    if (const std::string_view asked = asked_in_vain(diagnosis.handshake); !asked.empty())
        statement += fmt::format("; {}{}{}", asked, diagnosis.next_step.empty() ? "" : ": ", diagnosis.next_step);
    if (diagnosis.response) statement += "; " + response_statement(*diagnosis.response);
    return statement;
}

namespace {

std::vector<EvidenceRow> offline_rows(const Diagnosis& diagnosis) {
    std::vector<EvidenceRow> rows = {row("file", file_name(diagnosis.verified_file->name)),
                                     row("host", diagnosis.host.empty() ? "none asked for" : diagnosis.host)};
    if (!diagnosis.trust_source.empty())
        rows.push_back(
            row("trust store", fmt::format("{} ({})", diagnosis.trust_source, counted(diagnosis.anchors, "anchor"))));
    if (!diagnosis.provider.empty()) rows.push_back(row("recognised", diagnosis.provider));
    rows.push_back(row("time", readable(diagnosis.time), diagnosis.time_given ? "set by --at" : ""));
    return rows;
}

}  // namespace

std::vector<EvidenceRow> connection_rows(const Diagnosis& diagnosis) {
    if (diagnosis.verified_file) return offline_rows(diagnosis);
    std::vector<EvidenceRow> rows;
    if (!diagnosis.host.empty()) rows.push_back(row("server", endpoint(diagnosis.host, diagnosis.port)));
    if (!diagnosis.canonical_name.empty()) rows.push_back(row("in DNS an alias of", diagnosis.canonical_name));
    if (!diagnosis.address.empty()) rows.push_back(row("address", diagnosis.address));
    if (!diagnosis.parent.empty()) rows.push_back(row("parent proxy", diagnosis.parent));
    if (diagnosis.tls && diagnosis.leg != Leg::client) {
        if (diagnosis.tls_begun) {
            rows.push_back(row("SNI sent", diagnosis.sni.empty() ? "none" : diagnosis.sni));
            rows.push_back(
                row("ALPN", fmt::format("offered {}{}", diagnosis.alpn.empty() ? "none" : listed(diagnosis.alpn, 8),
                                        diagnosis.handshake && !diagnosis.handshake->alpn.empty()
                                            ? ", agreed on " + diagnosis.handshake->alpn
                                            : "")));
        }
        if (diagnosis.handshake && !diagnosis.handshake->version.empty())
            rows.push_back(
                row("TLS", fmt::format("{}{}{}{}", diagnosis.handshake->version,
                                       diagnosis.handshake->cipher.empty() ? "" : ", " + diagnosis.handshake->cipher,
                                       diagnosis.handshake->group.empty() ? "" : ", " + diagnosis.handshake->group,
                                       diagnosis.handshake->resumed ? ", resumed" : "")));
        if (diagnosis.handshake && diagnosis.handshake->certificate_requested)
            rows.push_back(row("client certificate", diagnosis.handshake->certificate_sent
                                                         ? "asked for by the server, and sent"
                                                         : "asked for by the server; none was sent"));
        if (!diagnosis.trust_source.empty() && diagnosis.tls_begun)
            rows.push_back(row("trust store", diagnosis.anchors == 0
                                                  ? diagnosis.trust_source
                                                  : fmt::format("{} ({})", diagnosis.trust_source,
                                                                counted(diagnosis.anchors, "anchor"))));
        if (!diagnosis.provider.empty())
            rows.push_back(row(diagnosis.tls_begun ? "who answered" : "DNS leads to", diagnosis.provider));
    }
    if (diagnosis.http2)
        rows.push_back(row("HTTP/2", diagnosis.http2_remark.empty() ? "works" : diagnosis.http2_remark));
    if (diagnosis.response) {
        rows.push_back(row("response", response_statement(*diagnosis.response)));
        if (!diagnosis.response_remarks.empty()) rows.push_back({"odd in it", "", "", diagnosis.response_remarks});
    }
    std::string timings;
    const auto add = [&](std::string_view phase, const std::optional<double>& milliseconds) {
        if (milliseconds)
            timings += fmt::format("{}{} {}", timings.empty() ? "" : ", ", phase, milliseconds_text(*milliseconds));
    };
    add("DNS", diagnosis.timings.dns);
    add("connect", diagnosis.timings.connect);
    add("handshake", diagnosis.timings.handshake);
    if (!timings.empty()) rows.push_back(row("timings", timings));
    rows.push_back(row("time", readable(diagnosis.time)));
    return rows;
}

std::vector<EvidenceRow> certificate_rows(const Diagnosis& diagnosis, const ChainCertificate& certificate) {
    const certs::Description& own = certificate.description;
    if (certificate.unreadable)
        return {row("subject", own.subject.empty() ? "(unknown)" : own.subject, "it cannot be read as a certificate"),
                row("SHA-256", own.sha256),
                row("came from", std::string(came_from(diagnosis, certificate.provenance)))};
    std::vector<EvidenceRow> rows = {row("subject", own.subject.empty() ? "(empty)" : own.subject),
                                     row("issuer", own.issuer.empty() ? "(empty)" : own.issuer)};
    if (!own.names.empty()) {
        constexpr std::size_t most = 12;
        EvidenceRow names{"names", "", "", own.names};
        const std::size_t total = std::max(own.names_total, own.names.size());
        if (names.values.size() > most) names.values.resize(most);
        for (std::string& name : names.values)
            if (constexpr std::string_view dns = "DNS:"; name.starts_with(dns))
                name = std::string(dns) + shown_name(std::string_view(name).substr(dns.size()));
        if (total > names.values.size()) names.note = fmt::format("and {} more", total - names.values.size());
        rows.push_back(std::move(names));
    }
    rows.push_back(row("valid", fmt::format("{} to {}", readable(own.not_before), readable(own.not_after))));
    rows.push_back(row("key", fmt::format("{}, signed with {}", own.key, own.signature)));
    rows.push_back(row("serial", own.serial));
    rows.push_back(row("SHA-256", own.sha256));
    rows.push_back(row("came from", std::string(came_from(diagnosis, certificate.provenance))));
    return rows;
}

std::string_view role(const Diagnosis& diagnosis, std::size_t depth) {
    if (depth == 0) return "the server's certificate";
    const auto& own = diagnosis.chain[depth].description;
    if (diagnosis.chain[depth].unreadable) return "certificate";
    return depth + 1 == diagnosis.chain.size() && own.subject == own.issuer ? "root" : "intermediate";
}

std::string_view relation_text(LabelPair::Relation relation) {
    switch (relation) {
        case LabelPair::Relation::same: return "same";
        case LabelPair::Relation::wildcard: return "covered by *";
        case LabelPair::Relation::differs: return "differs";
        case LabelPair::Relation::only_asked: return "not covered";
        case LabelPair::Relation::only_certificate: return "not asked for";
    }
    return "";
}

}  // namespace inspect::diagnosis
