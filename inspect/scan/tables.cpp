#include "inspect/scan/tables.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "inspect/diagnosis/wording.h"
#include "inspect/scan/remarks.h"
#include "tls/failure.h"
#include "tls/groups.h"

namespace inspect::scan {

namespace {

using diagnosis::EvidenceRow;

std::string why(const Heard& heard) {
    if (heard.reply == Reply::refused && heard.alert) return fmt::format("alert {}", tls::alert_name(*heard.alert));
    return std::string(words(heard.reply));
}

std::string_view in_words(Known known) { return known == Known::unknown ? "not known" : name(known); }

EvidenceRow row(std::string_view label, std::string value, std::string note = "") {
    return {.label = std::string(label), .value = std::move(value), .note = std::move(note), .values = {}};
}

std::string_view in_words(Order order) {
    switch (order) {
        case Order::server: return "in the server's order";
        case Order::client: return "no order of the server's: the client's first choice wins";
        case Order::mixed: return "the server's order with exceptions, or groups of equals";
        case Order::unknown: return "";
    }
    return "";
}

// What is listed, and why it may not be all.
EvidenceRow listed(std::string_view label, std::vector<std::string> names, Order order, bool complete,
                   const Heard& last) {
    const std::string_view reason = words(last.reply);
    std::string note(in_words(order));
    if (!complete && !names.empty()) note += fmt::format("{}there may be more: {}", note.empty() ? "" : "; ", reason);
    if (names.empty()) return row(label, complete ? "none" : "not known", complete ? "" : std::string(reason));
    return {.label = std::string(label), .value = "", .note = std::move(note), .values = std::move(names)};
}

std::vector<std::string> named(const std::vector<std::uint16_t>& numbers, std::string (*name)(std::uint16_t)) {
    std::vector<std::string> names;
    for (const std::uint16_t number : numbers) names.push_back(name(number));
    return names;
}

Table remark_table(const Scan& scan) {
    Table table{.title = "Worth a remark", .rows = {}};
    for (const Remark& each : remarks(scan)) table.rows.push_back(row(each.reference, each.text));
    return table;
}

Table version_table(const Scan& scan) {
    Table table{.title = "Versions", .rows = {}};
    for (const VersionFound& each : scan.versions)
        table.rows.push_back(row(tls::version_name(each.version), std::string(in_words(each.supported)),
                                 each.supported == Known::yes ? "" : why(each.last)));
    return table;
}

std::string marked_suite(std::uint16_t suite) {
    const std::string name = tls::suite_name(suite);
    const std::string_view weak = weakness(name);
    return weak.empty() ? name : fmt::format("{} ({})", name, weak);
}

// Versions with the same suites share a row.
Table suite_table(const Scan& scan) {
    Table table{.title = "Cipher suites", .rows = {}};
    const Listed* before = nullptr;
    for (const VersionFound& each : scan.versions) {
        if (each.supported != Known::yes) continue;
        if (before != nullptr && *before == each.suites)
            table.rows.back().label += ", " + tls::version_name(each.version);
        else
            table.rows.push_back(listed(tls::version_name(each.version), named(each.suites.found, marked_suite),
                                        each.suites.order, each.suites.complete, each.suites.last));
        before = &each.suites;
    }
    return table;
}

bool has_suite(const Scan& scan, bool (*is)(tls::WireVersion, std::string_view)) {
    return std::ranges::any_of(scan.versions, [&](const VersionFound& version) {
        return std::ranges::any_of(version.suites.found,
                                   [&](std::uint16_t suite) { return is(version.version, tls::suite_name(suite)); });
    });
}

Table group_table(const Scan& scan) {
    const auto add = [](Table& table, std::string_view label, const Listed& groups) {
        table.rows.push_back(
            listed(label, named(groups.found, tls::group_name), groups.order, groups.complete, groups.last));
    };
    Table table{.title = "Key exchange groups", .rows = {}};
    if (has_suite(scan, [](tls::WireVersion version, std::string_view) { return version == 0x0304; }))
        add(table, "TLSv1.3", scan.groups_1_3);
    if (has_suite(scan, [](tls::WireVersion, std::string_view name) { return name.contains("_ECDHE_"); }))
        add(table, "up to TLSv1.2, ECDHE", scan.groups_old);
    if (scan.dh_bits) table.rows.push_back(row("up to TLSv1.2, DHE", fmt::format("{} bits", *scan.dh_bits)));
    return table;
}

std::string staple_text(const CertificateFound& certificate) {
    if (!certificate.staple) return std::string(in_words(certificate.stapled));
    const StapleFound& staple = *certificate.staple;
    if (!staple.status) return "yes, but it cannot be read";
    return fmt::format("yes: {}, made on {}{}", name(*staple.status), certs::readable(staple.produced),
                       staple.until ? ", counts until " + certs::readable(*staple.until) : "");
}

Table certificate_table(const Scan& scan) {
    Table table{.title = "Certificates", .rows = {}};
    for (const CertificateFound& each : scan.certificates) {
        const certs::Description& shown = each.description;
        table.rows.push_back(
            row(shown.key, diagnosis::short_name(shown.subject),
                fmt::format("from {}, signed with {}, expires on {}", diagnosis::short_name(shown.issuer),
                            shown.signature, certs::readable(shown.not_after).substr(0, 10))));
        table.rows.push_back(row("  SHA-256", shown.sha256));
        table.rows.push_back(row("  OCSP staple", staple_text(each)));
    }
    if (table.rows.empty()) table.rows.push_back(row("", "not known"));
    return table;
}

EvidenceRow name_row(const Scan& scan) {
    const WithoutName& without = scan.without_name;
    using Answer = WithoutName::Answer;
    switch (without.answer) {
        case Answer::not_asked: return row("without SNI", "all of the above", "the host is an address: none is sent");
        case Answer::same: return row("without SNI", "the same certificate");
        case Answer::other:
            return row("without SNI", "another certificate",
                       without.shown ? fmt::format("for {}, {}…", diagnosis::short_name(without.shown->subject),
                                                   without.shown->sha256.substr(0, 8))
                                     : "");
        case Answer::refused:
            return row("without SNI", "refused",
                       without.alert ? fmt::format("alert {}", tls::alert_name(*without.alert)) : "");
        case Answer::unknown: break;
    }
    return row("without SNI", "not known");
}

Table handshake_table(const Scan& scan) {
    Table table{.title = "Handshake", .rows = {}};
    std::vector<EvidenceRow>& rows = table.rows;
    rows.push_back(
        scan.alpn.empty()
            ? row("ALPN", scan.alpn_complete ? "none of those known" : "not known")
            : EvidenceRow{"ALPN", diagnosis::listed(scan.alpn, 32), scan.alpn_complete ? "" : "perhaps more", {}});
    rows.push_back(name_row(scan));
    const auto add = [&](std::string_view label, Known known) {
        rows.push_back(row(label, std::string(in_words(known))));
    };
    const VersionFound* newest = scan.find(0x0304);
    if (newest != nullptr && newest->supported == Known::yes) add("resumption, TLSv1.3", scan.resumption.tls_1_3);
    const bool old = std::ranges::any_of(
        scan.versions, [](const VersionFound& each) { return each.version < 0x0304 && each.supported == Known::yes; });
    if (!old) return table;
    add("resumption by ticket", scan.resumption.ticket);
    add("resumption by session id", scan.resumption.session_id);
    add("secure renegotiation", scan.secure_renegotiation);
    add("extended master secret", scan.extended_master_secret);
    add("TLS compression", scan.compression);
    add("heartbeat", scan.heartbeat);
    add("refuses fallback (SCSV)", scan.fallback_scsv);
    add("signs with SHA-1 too", scan.sha1_signatures);
    return table;
}

}  // namespace

std::string title(const Scan& scan) {
    return fmt::format("Scan of {}{}", diagnosis::endpoint(scan.host, scan.port),
                       scan.address.empty() || scan.address == diagnosis::endpoint(scan.host, scan.port)
                           ? ""
                           : ", at " + scan.address);
}

std::string effort(const Scan& scan) {
    return fmt::format("{} in {:.2f} s", diagnosis::counted(scan.connections, "connection"), scan.milliseconds / 1000);
}

std::string unknowns(const Scan& scan) {
    if (!scan.spoke()) return fmt::format("Nothing was found out: {}.", words(scan.trouble));
    if (scan.trouble == Reply::chosen) return "";
    return fmt::format("Not all could be found out: {}. What is not listed may be supported.", words(scan.trouble));
}

std::string summary(const Scan& scan) {
    if (!scan.spoke()) return "answers no hello";
    std::vector<std::string> versions;
    for (const VersionFound& each : scan.versions)
        if (each.supported == Known::yes)
            versions.push_back(fmt::format("{} ({})", tls::version_name(each.version),
                                           diagnosis::counted(each.suites.found.size(), "cipher suite")));
    return fmt::format("supports {}, {}, ALPN {}, {}",
                       versions.empty() ? "no version" : diagnosis::listed(versions, versions.size()),
                       diagnosis::counted(scan.groups_1_3.found.size() + scan.groups_old.found.size(), "group"),
                       scan.alpn.empty() ? "none" : diagnosis::listed(scan.alpn, 8),
                       diagnosis::counted(scan.certificates.size(), "certificate"));
}

std::vector<std::string> found_items(const Scan& scan) {
    std::vector<std::string> items;
    for (const VersionFound& each : scan.versions) {
        if (each.supported != Known::yes) continue;
        items.push_back(tls::version_name(each.version));
        for (const std::uint16_t suite : each.suites.found)
            items.push_back(fmt::format("{} in {}", tls::suite_name(suite), tls::version_name(each.version)));
    }
    for (const std::uint16_t group : scan.groups_1_3.found)
        items.push_back(fmt::format("group {} in TLSv1.3", tls::group_name(group)));
    for (const std::uint16_t group : scan.groups_old.found)
        items.push_back(fmt::format("group {} up to TLSv1.2", tls::group_name(group)));
    for (const std::string& name : scan.alpn) items.push_back("ALPN " + name);
    for (const auto& [known, name] : {std::pair(scan.resumption.tls_1_3, "resumption in TLSv1.3"),
                                      {scan.resumption.ticket, "resumption by ticket"},
                                      {scan.resumption.session_id, "resumption by session id"},
                                      {scan.secure_renegotiation, "secure renegotiation"},
                                      {scan.extended_master_secret, "extended master secret"},
                                      {scan.compression, "TLS compression"},
                                      {scan.sha1_signatures, "signatures with SHA-1"},
                                      {scan.heartbeat, "heartbeat"},
                                      {scan.fallback_scsv, "refusal of fallback"}})
        if (known == Known::yes) items.emplace_back(name);
    std::ranges::sort(items);
    return items;
}

std::vector<std::string> orders(const Scan& scan) {
    std::vector<std::string> all;
    for (const VersionFound& each : scan.versions)
        if (each.suites.order == Order::server)
            all.push_back(fmt::format("{} in the order {}", tls::version_name(each.version),
                                      fmt::join(named(each.suites.found, tls::suite_name), ", ")));
        else if (each.suites.order != Order::unknown)
            all.push_back(fmt::format("{} in no order of its own", tls::version_name(each.version)));
    return all;
}

std::vector<Table> tables(const Scan& scan) {
    std::vector<Table> all;
    for (const auto make :
         {remark_table, version_table, suite_table, group_table, certificate_table, handshake_table}) {
        Table table = make(scan);
        if (!table.rows.empty()) all.push_back(std::move(table));
    }
    return all;
}

std::string_view name(Known known) {
    switch (known) {
        case Known::unknown: return "unknown";
        case Known::no: return "no";
        case Known::yes: return "yes";
    }
    return "unknown";
}

std::string_view name(Order order) {
    switch (order) {
        case Order::unknown: return "unknown";
        case Order::server: return "server";
        case Order::client: return "client";
        case Order::mixed: return "mixed";
    }
    return "unknown";
}

std::string_view name(WithoutName::Answer answer) {
    switch (answer) {
        case WithoutName::Answer::unknown: return "unknown";
        case WithoutName::Answer::not_asked: return "not_asked";
        case WithoutName::Answer::same: return "same_certificate";
        case WithoutName::Answer::other: return "other_certificate";
        case WithoutName::Answer::refused: return "refused";
    }
    return "unknown";
}

std::string_view name(certs::OcspCertStatus status) {
    switch (status) {
        case certs::OcspCertStatus::good: return "good";
        case certs::OcspCertStatus::revoked: return "revoked";
        case certs::OcspCertStatus::unknown: return "unknown";
    }
    return "unknown";
}

}  // namespace inspect::scan
