#include "inspect/diagnosis/wording.h"
#include "inspect/report/json_report.h"
#include "inspect/report/print/escape.h"
#include "inspect/scan/remarks.h"
#include "inspect/scan/tables.h"
#include "tls/failure.h"
#include "tls/groups.h"

namespace inspect::report {

namespace {

using Object = nlohmann::ordered_json;

std::string safe(std::string_view text) { return printable(text, 1024); }

Object numbers(const std::vector<std::uint16_t>& values, std::string (*name)(std::uint16_t)) {
    Object list = Object::array();
    for (const std::uint16_t value : values) list.push_back(name(value));
    return list;
}

Object listed(const scan::Listed& list, std::string (*name)(std::uint16_t)) {
    Object object = {
        {"found", numbers(list.found, name)}, {"order", scan::name(list.order)}, {"complete", list.complete}};
    if (!list.complete) object["unknown_because"] = scan::words(list.last.reply);
    return object;
}

Object version(const scan::VersionFound& found) {
    Object object = {{"version", tls::version_name(found.version)}, {"supported", scan::name(found.supported)}};
    if (found.supported == scan::Known::no && found.last.alert) object["alert"] = tls::alert_name(*found.last.alert);
    if (found.supported == scan::Known::unknown) object["unknown_because"] = scan::words(found.last.reply);
    if (found.supported == scan::Known::yes) object["suites"] = listed(found.suites, tls::suite_name);
    return object;
}

Object certificate(const scan::CertificateFound& found) {
    const certs::Description& shown = found.description;
    Object object = {{"key", safe(shown.key)},
                     {"subject", safe(shown.subject)},
                     {"issuer", safe(shown.issuer)},
                     {"signature", safe(shown.signature)},
                     {"not_after", certs::rfc3339(shown.not_after)},
                     {"sha256", shown.sha256},
                     {"stapled", scan::name(found.stapled)}};
    if (!found.staple || !found.staple->status) return object;
    object["staple"] = {{"status", scan::name(*found.staple->status)},
                        {"this_update", certs::rfc3339(found.staple->produced)}};
    if (found.staple->until) object["staple"]["next_update"] = certs::rfc3339(*found.staple->until);
    return object;
}

Object without_name(const scan::WithoutName& without) {
    Object object = {{"answer", scan::name(without.answer)}};
    if (without.alert) object["alert"] = tls::alert_name(*without.alert);
    if (without.shown) object["sha256"] = without.shown->sha256;
    return object;
}

}  // namespace

nlohmann::ordered_json json_scan(const scan::Scan& scan) {
    Object object = {{"address", safe(scan.address)},
                     {"sni", safe(scan.sni)},
                     {"connections", scan.connections},
                     {"ms", rounded(scan.milliseconds)},
                     {"complete", scan.trouble == scan::Reply::chosen && scan.spoke()}};
    if (scan.trouble != scan::Reply::chosen) object["unknown_because"] = scan::words(scan.trouble);
    object["versions"] = Object::array();
    for (const scan::VersionFound& each : scan.versions) object["versions"].push_back(version(each));
    object["groups"] = {{"tls_1_3", listed(scan.groups_1_3, tls::group_name)},
                        {"up_to_1_2", listed(scan.groups_old, tls::group_name)}};
    if (scan.dh_bits) object["dh_bits"] = *scan.dh_bits;
    Object names = Object::array();
    for (const std::string& each : scan.alpn) names.push_back(safe(each));
    object["alpn"] = {{"found", std::move(names)}, {"complete", scan.alpn_complete}};
    object["certificates"] = Object::array();
    for (const scan::CertificateFound& each : scan.certificates) object["certificates"].push_back(certificate(each));
    object["without_sni"] = without_name(scan.without_name);
    object["resumption"] = {{"tls_1_3", scan::name(scan.resumption.tls_1_3)},
                            {"ticket", scan::name(scan.resumption.ticket)},
                            {"session_id", scan::name(scan.resumption.session_id)}};
    object["secure_renegotiation"] = scan::name(scan.secure_renegotiation);
    object["extended_master_secret"] = scan::name(scan.extended_master_secret);
    object["compression"] = scan::name(scan.compression);
    object["sha1_signatures"] = scan::name(scan.sha1_signatures);
    object["heartbeat"] = scan::name(scan.heartbeat);
    object["fallback_scsv"] = scan::name(scan.fallback_scsv);
    object["remarks"] = Object::array();
    for (const scan::Remark& each : scan::remarks(scan))
        object["remarks"].push_back({{"text", each.text}, {"reference", each.reference}});
    return object;
}

}  // namespace inspect::report
