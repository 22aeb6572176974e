#include "inspect/report/scan/scan_report.h"

#include <nlohmann/json.hpp>

#include "inspect/report/json_report.h"
#include "inspect/scan/remarks.h"
#include "inspect/scan/tables.h"
#include "tests/support/catch.h"

using namespace inspect::scan;
namespace report = inspect::report;

namespace {

// A server of TLS 1.3 and 1.2 with nothing worth a remark.
Scan good() {
    Scan scan{.host = "api.example.com", .port = 443, .address = "203.0.113.7:443", .sni = "api.example.com"};
    const Heard refused{.reply = Reply::refused, .choice = 0, .alert = 70};
    const auto list = [&](std::vector<std::uint16_t> found) {
        return Listed{.found = std::move(found), .order = Order::server, .complete = true, .last = refused};
    };
    scan.versions = {{0x0304, Known::yes, {}, list({0x1301, 0x1302})},
                     {0x0303, Known::yes, {}, list({0xC02F, 0xC030})},
                     {0x0302, Known::no, refused, {}},
                     {0x0301, Known::no, refused, {}},
                     {0x0300, Known::no, refused, {}}};
    scan.groups_1_3 = scan.groups_old = list({0x001D, 0x0017});
    scan.alpn = {"h2", "http/1.1"};
    scan.alpn_complete = true;
    scan.secure_renegotiation = scan.extended_master_secret = Known::yes;
    scan.compression = scan.sha1_signatures = Known::no;
    scan.connections = 60;
    scan.milliseconds = 123.4;
    return scan;
}

void add(Scan& scan, std::uint16_t suite) { scan.versions[1].suites.found.push_back(suite); }

std::vector<std::string> references(const Scan& scan) {
    std::vector<std::string> all;
    for (const Remark& each : remarks(scan)) all.emplace_back(each.reference);
    return all;
}

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("a server that follows RFC 9325 gets no remark") { CHECK(remarks(good()).empty()); }

TEST_CASE("each weakness is remarked on with its RFC") {
    const auto with_suite = [](std::uint16_t suite) {
        Scan scan = good();
        add(scan, suite);
        return references(scan);
    };
    CHECK(with_suite(0x003B) == Texts{"RFC 9325 §4.1"});              // NULL
    CHECK(with_suite(0x0034) == Texts{"RFC 5246 §A.5"});              // DH_anon
    CHECK(with_suite(0xC011) == Texts{"RFC 7465"});                   // ECDHE, RC4
    CHECK(with_suite(0xC012) == Texts{"RFC 9325 §4.1"});              // ECDHE, 3DES
    CHECK(with_suite(0x0003) == Texts{"RFC 9325 §4.1", "RFC 7465"});  // EXPORT, RC4
    CHECK(with_suite(0x002F) == Texts{"RFC 9325 §4.1"});              // RSA
    CHECK(with_suite(0xCCA8).empty());
    Scan scan = good();
    scan.versions[2].supported = scan.versions[3].supported = Known::yes;
    CHECK(remarks(scan) == std::vector<Remark>{{"TLS 1.0 and 1.1 are supported, which are obsolete", "RFC 8996"}});
    scan = good();
    scan.versions[4].supported = Known::yes;
    CHECK(references(scan) == Texts{"RFC 7568"});
    scan = good();
    scan.versions[0].supported = Known::no;
    CHECK(references(scan) == Texts{"RFC 9325 §3.1.1"});
    scan = good();
    scan.dh_bits = 1024;
    scan.sha1_signatures = scan.compression = Known::yes;
    scan.secure_renegotiation = scan.extended_master_secret = Known::no;
    CHECK(references(scan) == Texts{"RFC 9325 §4.5", "RFC 9155", "RFC 5746", "RFC 9325 §3.3", "RFC 7627"});
}

TEST_CASE("what is not known is worth no remark") {
    Scan scan = good();
    scan.versions[0].supported = Known::unknown;
    scan.secure_renegotiation = scan.extended_master_secret = scan.compression = scan.sha1_signatures = Known::unknown;
    CHECK(remarks(scan).empty());
}

TEST_CASE("every named suite has a weakness or none, and those of TLS 1.3 and with ECDHE and an AEAD have none") {
    for (const auto table : {tls::known_suites(), tls::rare_suites()})
        for (const tls::Suite& suite : table) {
            const std::string_view name(suite.name);
            if (name.contains("_NULL_") || name.contains("_EXPORT")) CHECK_FALSE(weakness(name).empty());
            if (suite.family == tls::SuiteFamily::rsa) CHECK(weakness(name) == "no forward secrecy");
            if (suite.family == tls::SuiteFamily::tls_1_3 || suite.family == tls::SuiteFamily::ecdhe ||
                suite.family == tls::SuiteFamily::dhe)
                CHECK(weakness(name).empty());
        }
}

TEST_CASE("the text shows lists in order, and why what is not known is not") {
    const std::string text = report::scan_text(good());
    CHECK(text.starts_with("\nScan of api.example.com:443, at 203.0.113.7:443\n  60 connections in 0.12 s\n"));
    CHECK(text.contains("\n  TLSv1.1                   no (alert protocol_version)\n"));
    CHECK(text.contains(
        "\n  TLSv1.3                   TLS_AES_128_GCM_SHA256\n                            TLS_AES_256_GCM_SHA384\n"
        "                            in the server's order\n"));
    CHECK_FALSE(text.contains("Worth a remark"));
    CHECK_FALSE(text.contains("could not be found out"));
    Scan scan = good();
    add(scan, 0x0005);
    scan.trouble = Reply::silent;
    scan.versions[1].suites.complete = false;
    scan.versions[1].suites.last.reply = Reply::silent;
    const std::string doubtful = report::scan_text(scan);
    CHECK(doubtful.contains("Not all could be found out: the server did not answer in time."));
    CHECK(doubtful.contains("TLS_RSA_WITH_RC4_128_SHA (RC4)\n"));
    CHECK(doubtful.contains("in the server's order; there may be more: the server did not answer in"));
}

TEST_CASE("versions with the same suites share a row") {
    Scan scan = good();
    scan.versions[2].supported = scan.versions[3].supported = Known::yes;
    scan.versions[2].suites = scan.versions[3].suites = scan.versions[1].suites;
    scan.versions[3].suites.found.pop_back();
    CHECK(report::scan_text(scan).contains("\n  TLSv1.2, TLSv1.1          TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256\n"));
    CHECK(report::scan_text(scan).contains("\n  TLSv1                     TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256\n"));
}

TEST_CASE("of a server that answered nothing the reason is all that is said") {
    Scan scan = good();
    for (VersionFound& each : scan.versions) each = {.version = each.version, .last = {.reply = Reply::silent}};
    scan.trouble = Reply::silent;
    CHECK(report::scan_text(scan) ==
          "\nScan of api.example.com:443, at 203.0.113.7:443\n  60 connections in 0.12 s\n"
          "  Nothing was found out: the server did not answer in time.\n");
    CHECK(summary(scan) == "answers no hello");
}

TEST_CASE("the JSON has the contract's names") {
    Scan scan = good();
    scan.without_name = {.answer = WithoutName::Answer::refused, .alert = 112};
    scan.versions[1].suites.complete = false;
    scan.versions[1].suites.last.reply = Reply::ended;
    const auto json = report::json_scan(scan);
    CHECK(json["versions"][0]["suites"]["found"] ==
          nlohmann::json({"TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384"}));
    CHECK(json["versions"][0]["suites"]["order"] == "server");
    CHECK_FALSE(json["versions"][0]["suites"].contains("unknown_because"));
    CHECK(json["versions"][1]["suites"]["unknown_because"] == "the server ended connections, other hellos' too");
    CHECK(json["versions"][2]["alert"] == "protocol_version");
    CHECK(json["groups"]["tls_1_3"]["found"] == nlohmann::json({"x25519", "secp256r1"}));
    CHECK(json["without_sni"] == nlohmann::ordered_json({{"answer", "refused"}, {"alert", "unrecognized_name"}}));
    CHECK(json["complete"] == true);
    CHECK_FALSE(json.contains("dh_bits"));
}

TEST_CASE("what a server puts into a scan is escaped in each form") {
    Scan scan = good();
    const std::string evil = "<script>alert(1)</script>\x1b[31m\"&";
    scan.alpn = {evil};
    CertificateFound certificate;
    certificate.description.subject = "CN=" + evil;
    certificate.description.issuer = "CN=" + evil;
    certificate.description.key = "RSA 2048";
    scan.certificates.push_back(certificate);
    inspect::diagnosis::Diagnosis found;
    found.title = evil;
    found.code = inspect::diagnosis::Code::hostname_mismatch;
    const std::string page = report::scan_page({{found, scan}});
    CHECK_FALSE(page.contains("<script>alert"));
    CHECK_FALSE(page.contains('\x1b'));
    CHECK(page.contains("&lt;script&gt;"));
    CHECK(page.contains("hostname_mismatch"));
    CHECK_FALSE(report::scan_text(scan).contains('\x1b'));
    CHECK_FALSE(report::dump(report::json_scan(scan)).contains('\x1b'));
}
