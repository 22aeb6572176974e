#include "inspect/diagnosis/summary.h"

#include <fmt/format.h>

#include "inspect/diagnosis/catalog.h"
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
        case Phase::http: return diagnosis.leg == Leg::client ? "while reading the request" : "while reading the response";
    }
    return "";
}

}  // namespace

std::string place(const Diagnosis& diagnosis) {
    switch (diagnosis.leg) {
        case Leg::client: return fmt::format("between the client and whytls, {}", doing(diagnosis));
        case Leg::upstream_proxy:
            return fmt::format("between whytls and the proxy before {}, {}", endpoint(diagnosis.host, diagnosis.port), doing(diagnosis));
        case Leg::upstream: return fmt::format("between whytls and {}, {}", endpoint(diagnosis.host, diagnosis.port), doing(diagnosis));
    }
    return "";
}

std::string sent_statement(const Diagnosis& diagnosis) {
    if (diagnosis.outcome != Outcome::failed || diagnosis.leg == Leg::client)
        return diagnosis.code == "request_rejected" ? "Nothing of your request was sent to the server." : "";
    if (diagnosis.nothing_sent) return "Nothing of your request was sent to the server.";
    if (diagnosis.let_through) return "The request was sent all the same, because --insecure allows it for this host.";
    return "The request had been sent to the server.";
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
    const CatalogEntry* entry = find_code(diagnosis.code);
    return entry == nullptr ? std::string_view() : entry->step;
}

std::vector<EvidenceRow> connection_rows(const Diagnosis& diagnosis) {
    std::vector<EvidenceRow> rows;
    if (!diagnosis.host.empty()) rows.push_back(row("server", endpoint(diagnosis.host, diagnosis.port)));
    if (!diagnosis.address.empty()) rows.push_back(row("address", diagnosis.address));
    if (diagnosis.tls_wanted && diagnosis.leg != Leg::client) {
        if (!diagnosis.address.empty()) rows.push_back(row("SNI sent", diagnosis.sni.empty() ? "none" : diagnosis.sni));
        rows.push_back(row("ALPN", fmt::format("{} {}{}", diagnosis.address.empty() ? "to be offered:" : "offered",
                                               diagnosis.alpn.empty() ? "none" : listed(diagnosis.alpn, 8),
                                               diagnosis.tls && !diagnosis.tls->alpn.empty() ? ", agreed on " + diagnosis.tls->alpn : "")));
        if (diagnosis.tls && !diagnosis.tls->version.empty())
            rows.push_back(
                row("TLS", fmt::format("{}{}{}", diagnosis.tls->version, diagnosis.tls->cipher.empty() ? "" : ", " + diagnosis.tls->cipher,
                                       diagnosis.tls->group.empty() ? "" : ", " + diagnosis.tls->group)));
        if (!diagnosis.trust_source.empty())
            rows.push_back(row("trust store", diagnosis.anchors == 0
                                                  ? diagnosis.trust_source
                                                  : fmt::format("{} ({})", diagnosis.trust_source, counted(diagnosis.anchors, "anchor"))));
        if (!diagnosis.provider.empty()) rows.push_back(row("who answered", diagnosis.provider));
    }
    std::string timings;
    const auto add = [&](std::string_view phase, const std::optional<double>& milliseconds) {
        if (milliseconds) timings += fmt::format("{}{} {:.3g} ms", timings.empty() ? "" : ", ", phase, *milliseconds);
    };
    add("DNS", diagnosis.timings.dns);
    add("connect", diagnosis.timings.connect);
    add("handshake", diagnosis.timings.handshake);
    if (!timings.empty()) rows.push_back(row("timings", timings));
    rows.push_back(row("time", readable(diagnosis.time)));
    return rows;
}

std::vector<EvidenceRow> certificate_rows(const ChainCertificate& certificate) {
    const certs::Description& own = certificate.description;
    std::vector<EvidenceRow> rows = {row("subject", own.subject.empty() ? "(empty)" : own.subject),
                                     row("issuer", own.issuer.empty() ? "(empty)" : own.issuer)};
    if (!own.names.empty()) {
        constexpr std::size_t most = 12;
        EvidenceRow names{"names", "", "", own.names};
        const std::size_t total = std::max(own.names_total, own.names.size());
        if (names.values.size() > most) names.values.resize(most);
        if (total > names.values.size()) names.note = fmt::format("and {} more", total - names.values.size());
        rows.push_back(std::move(names));
    }
    rows.push_back(row("valid", fmt::format("{} to {}", readable(own.not_before), readable(own.not_after))));
    rows.push_back(row("key", fmt::format("{}, signed with {}", own.key, own.signature)));
    rows.push_back(row("serial", own.serial));
    rows.push_back(row("SHA-256", own.sha256));
    rows.push_back(row("came from", certificate.origin == certs::Origin::served ? "the server"
                                    : certificate.origin == certs::Origin::aia  ? "the address that the certificate below names (AIA)"
                                    : certificate.origin == certs::Origin::trust_store ? "the trust store"
                                                                                       : "an earlier handshake"));
    return rows;
}

std::string_view role(const Diagnosis& diagnosis, std::size_t depth) {
    if (depth == 0) return "the server's certificate";
    const auto& own = diagnosis.chain[depth].description;
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
