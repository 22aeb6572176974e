#include <fmt/format.h>

#include <cmath>
#include <string>

#include "inspect/diagnosis/catalog.h"
#include "inspect/diagnosis/class_title.h"
#include "inspect/diagnosis/first_bytes.h"
#include "inspect/diagnosis/mends.h"
#include "inspect/diagnosis/response_seen.h"
#include "inspect/diagnosis/summary.h"
#include "inspect/diagnosis/wording.h"
#include "inspect/http/message.h"
#include "inspect/report/json_report.h"
#include "inspect/report/print/escape.h"

namespace inspect::report {

namespace {

using diagnosis::Diagnosis;
using diagnosis::name;
using Object = nlohmann::ordered_json;

std::string safe(std::string_view text, std::size_t limit = 4096) { return printable(text, limit); }

// "SNI sent" is "sni_sent": a key that programs can write.
std::string key(std::string_view label) {
    std::string result;
    for (const char c : label) {
        if (c >= 'A' && c <= 'Z')
            result += static_cast<char>(c - 'A' + 'a');
        else if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
            result += c;
        else if (!result.empty() && result.back() != '_')
            result += '_';
    }
    while (result.ends_with('_')) result.pop_back();
    return result;
}

Object texts(const std::vector<std::string>& values) {
    Object list = Object::array();
    for (const auto& value : values) list.push_back(safe(value, 1024));
    return list;
}

Object evidence(const diagnosis::Problem& problem) {
    Object object = Object::object();
    for (const auto& row : problem.evidence) {
        const std::string name = key(row.label);
        object[name] = row.values.empty() ? Object(safe(row.value)) : texts(row.values);
        if (!row.note.empty()) object[name + "_note"] = safe(row.note);
    }
    return object;
}

Object fix(const diagnosis::Fix& fix) {
    Object object = {{"for", name(fix.actor)}, {"text", safe(fix.text)}};
    if (!fix.command.empty()) object["command"] = safe(fix.command);
    return object;
}

Object problem(const diagnosis::Problem& problem) {
    Object object = {{"code", name(problem.code)}, {"severity", name(problem.severity)}};
    if (problem.depth) object["depth"] = *problem.depth;
    object["title"] = safe(diagnosis::headline(problem.title));
    object["detail"] = safe(problem.detail);
    object["evidence"] = evidence(problem);
    object["proof"] = name(problem.proof);
    object["fixes"] = Object::array();
    for (const auto& each : problem.fixes) object["fixes"].push_back(fix(each));
    return object;
}

Object experiments(const Diagnosis& diagnosis) {
    Object list = Object::array();
    for (const auto& each : diagnosis.experiments) {
        list.push_back({{"tried", safe(each.tried, 256)}, {"result", safe(each.result, 256)}});
        if (!each.detail.empty()) list.back()["detail"] = safe(each.detail, 1024);
    }
    return list;
}

Object step(const diagnosis::StepSummary& step) {
    Object object = {{"step", step.step}, {"status", name(step.status)}, {"summary", safe(step.summary)}};
    if (!step.reference.empty()) object["reference"] = step.reference;
    if (step.certificates.empty()) return object;
    object["certificates"] = Object::array();
    for (const auto& each : step.certificates)
        object["certificates"].push_back(
            {{"depth", each.depth}, {"status", name(each.status)}, {"summary", safe(each.summary)}});
    return object;
}

Object certificate(const diagnosis::ChainCertificate& certificate) {
    const certs::Description& own = certificate.description;
    if (certificate.unreadable)
        return {{"subject", safe(own.subject)},
                {"unreadable", true},
                {"sha256", safe(own.sha256)},
                {"from", name(certificate.provenance)}};
    Object object = {{"subject", safe(own.subject)}, {"issuer", safe(own.issuer)}, {"names", texts(own.names)}};
    if (own.names_total > own.names.size()) object["names_total"] = own.names_total;
    object["serial"] = safe(own.serial);
    object["not_before"] = rfc3339(own.not_before);
    object["not_after"] = rfc3339(own.not_after);
    object["key"] = safe(own.key);
    object["signature"] = safe(own.signature);
    object["sha256"] = safe(own.sha256);
    object["ca"] = own.ca;
    object["from"] = name(certificate.provenance);
    return object;
}

Object tls_part(const Diagnosis& diagnosis) {
    Object object = Object::object();
    if (diagnosis.handshake) {
        const auto add = [&](const char* member, const std::string& value) {
            if (!value.empty()) object[member] = safe(value, 256);
        };
        add("version", diagnosis.handshake->version);
        add("cipher", diagnosis.handshake->cipher);
        add("group", diagnosis.handshake->group);
        add("alpn", diagnosis.handshake->alpn);
        if (diagnosis.handshake->resumed) object["resumed"] = true;
        if (diagnosis.handshake->certificate_requested) object["client_certificate_requested"] = true;
        if (diagnosis.handshake->certificate_sent) object["client_certificate_sent"] = true;
    }
    if (!diagnosis.sni.empty()) object["sni"] = safe(diagnosis.sni, 1024);
    if (!diagnosis.staple.empty()) object["staple"] = safe(diagnosis.staple, 64);
    if (!diagnosis.alpn.empty()) object["alpn_offered"] = texts(diagnosis.alpn);
    return object;
}

Object timings(const diagnosis::Timings& timings) {
    Object object = Object::object();
    if (timings.dns) object["dns"] = rounded(*timings.dns);
    if (timings.connect) object["connect"] = rounded(*timings.connect);
    if (timings.handshake) object["handshake"] = rounded(*timings.handshake);
    return object;
}

// null when the chain does not verify now.
Object breaks(const std::optional<certs::Break>& end) {
    if (!end) return nullptr;
    Object object = {
        {"at", rfc3339(end->at)}, {"depth", end->depth}, {"code", name(end->code)}, {"subject", safe(end->subject)}};
    if (!end->source.empty()) object["source"] = safe(end->source);
    return object;
}

Object elsewhere(const diagnosis::Elsewhere& said) {
    Object object = {
        {"client", said.client}, {"verdict", said.accepts ? "accepts" : "refuses"}, {"text", safe(said.text)}};
    if (!said.error.empty()) object["error"] = said.error;
    return object;
}

Object http2(const diagnosis::Http2Seen& seen, const std::string& remark) {
    Object object = {{"outcome", name(seen.end)}, {"settings", seen.settings}};
    if (!seen.first_bytes.empty()) object["first_bytes"] = safe(diagnosis::show_first_bytes(seen.first_bytes), 1024);
    if (seen.code != 0) object["error"] = diagnosis::http2_code(seen.code);
    if (!seen.text.empty()) object["text"] = safe(seen.text, 512);
    if (!remark.empty()) object["remark"] = safe(remark);
    return object;
}

Object response(const diagnosis::ResponseSeen& seen, const std::vector<std::string>& remarks) {
    Object object = {{"asked", safe(seen.asked, 4096)}};
    if (seen.status > 0) object["status"] = seen.status;
    object["bytes"] = seen.bytes;
    if (!seen.whole) object["whole"] = false;
    if (seen.no_close_notify) object["ended_without"] = "close_notify";
    for (const http::Mend each : seen.mended) object["mended"].push_back(diagnosis::words(each));
    if (!remarks.empty()) object["remarks"] = texts(remarks);
    return object;
}

void add_outcome(Object& object, const Diagnosis& diagnosis) {
    object["verdict"] = name(diagnosis.outcome);
    if (diagnosis.code != diagnosis::Code::none) object["code"] = name(diagnosis.code);
    object["leg"] = name(diagnosis.leg);
    object["phase"] = name(diagnosis.phase);
}

// The diagnosis's leg would reveal a parent proxy, and its phase how far the server let it come.
// The leg and phase here are the code's own.
void add_class(Object& object, const Diagnosis& diagnosis) {
    object["verdict"] = name(diagnosis.outcome);
    const diagnosis::CatalogEntry* const entry = diagnosis::find_code(diagnosis.code);
    if (entry == nullptr) return;
    object["code"] = name(entry->code);
    object["leg"] = name(entry->leg);
    object["phase"] = name(entry->phase);
}

void add_target(Object& object, const Diagnosis& diagnosis) {
    if (diagnosis.verified_file) object["file"] = safe(diagnosis.verified_file->name);
    if (!diagnosis.verified_file || !diagnosis.host.empty()) object["host"] = safe(diagnosis.host, 1024);
    if (!diagnosis.verified_file) object["port"] = diagnosis.port;
    if (!diagnosis.address.empty()) object["address"] = safe(diagnosis.address, 256);
    object["time"] = rfc3339(diagnosis.time);
    if (!diagnosis.client.empty()) object["client"] = safe(diagnosis.client, 256);
}

void add_findings(Object& object, const Diagnosis& diagnosis) {
    object["steps"] = Object::array();
    for (const auto& each : diagnosis.steps) object["steps"].push_back(step(each));
    object["problems"] = Object::array();
    for (const auto& each : diagnosis.problems) object["problems"].push_back(problem(each));
    if (!diagnosis.experiments.empty()) object["experiments"] = experiments(diagnosis);
    object["chain"] = Object::array();
    for (const auto& each : diagnosis.chain) object["chain"].push_back(certificate(each));
    object["served"] = texts(diagnosis.served);
    if (!diagnosis.fixed_chain.empty()) object["fixed_chain"] = diagnosis.fixed_chain;
    object["elsewhere"] = Object::array();
    for (const auto& each : diagnosis.elsewhere) object["elsewhere"].push_back(elsewhere(each));
    if (const auto& file = diagnosis.verified_file) {
        if (file->until_breaks) object["breaks"] = breaks(file->breaks);
    } else {
        object["tls"] = tls_part(diagnosis);
        object["timing_ms"] = timings(diagnosis.timings);
    }
    if (diagnosis.http2) object["http2"] = http2(*diagnosis.http2, diagnosis.http2_remark);
    if (diagnosis.response) object["response"] = response(*diagnosis.response, diagnosis.response_remarks);
    if (!diagnosis.provider.empty()) object["provider"] = safe(diagnosis.provider, 256);
    if (!diagnosis.trust_source.empty())
        object["trust"] = {{"source", safe(diagnosis.trust_source)}, {"anchors", diagnosis.anchors}};
}

}  // namespace

Object json_report(const Diagnosis& diagnosis, Detail detail) {
    if (detail == Detail::off)
        return {
            {"type", "about:blank"}, {"title", http::reason_phrase(diagnosis.status)}, {"status", diagnosis.status}};
    Object object = {{"report", 1}};
    // RFC 9457 §3.1: a type names the kind of problem; a report without a problem has none.
    object["type"] =
        diagnosis.code == diagnosis::Code::none ? "about:blank" : fmt::format("urn:whytls:{}", name(diagnosis.code));
    const bool told_by_class = detail == Detail::brief && diagnosis.code != diagnosis::Code::none;
    object["title"] =
        safe(diagnosis::headline(told_by_class ? diagnosis::class_title(diagnosis.code) : diagnosis.title));
    object["status"] = diagnosis.status;
    if (detail == Detail::brief) {
        add_class(object, diagnosis);
        return object;
    }
    const std::string sent = diagnosis::sent_statement(diagnosis);
    object["detail"] = safe(diagnosis.detail) + (sent.empty() || diagnosis.detail.empty() ? "" : " ") + sent;
    add_outcome(object, diagnosis);
    if (diagnosis.let_through) object["let_through"] = true;
    if (!diagnosis.verified_file) object["nothing_sent"] = diagnosis.nothing_sent;
    add_target(object, diagnosis);
    add_findings(object, diagnosis);
    return object;
}

double rounded(double milliseconds) { return std::round(milliseconds * 1000) / 1000; }

std::string dump(const Object& value) { return value.dump(-1, ' ', false, Object::error_handler_t::replace); }

std::string json(const Diagnosis& diagnosis, Detail detail) { return dump(json_report(diagnosis, detail)); }

static Object with_expectations(const Diagnosis& diagnosis, const std::vector<Expected>& expected) {
    Object object = json_report(diagnosis);
    for (const auto& [expectation, answer] : expected)
        object["expectations"].push_back(
            {{"expect", to_string(expectation)}, {"met", answer.met}, {"found", safe(answer.found)}});
    return object;
}

std::string json(const Diagnosis& diagnosis, const std::vector<Expected>& expected) {
    return dump(with_expectations(diagnosis, expected));
}

std::string json(const Diagnosis& diagnosis, const std::vector<Expected>& expected, const scan::Scan& scan) {
    Object object = with_expectations(diagnosis, expected);
    object["scan"] = json_scan(scan);
    return dump(object);
}

}  // namespace inspect::report
