#include <algorithm>
#include <array>
#include <set>

#include "inspect/diagnosis/catalog.h"
#include "inspect/diagnosis/explain/advice.h"
#include "inspect/diagnosis/known/causes.h"
#include "inspect/diagnosis/known/other_clients.h"
#include "tests/inspect/diagnosis_cases.h"
#include "tests/support/catch.h"

using namespace inspect::diagnosis;

namespace {

// Codes that no other program has words for, each for a reason that lies in the code: it is
// whytls's own, or others accept it without a word.
constexpr auto said_by_nobody_else = std::to_array<Code>({
    Code::starttls_failed,      // mail clients and databases were not looked at
    Code::network_unreachable,  // only the system's words
    Code::proxy_loop,           // whytls's own
    Code::tls_alert,            // each alert has its own words
    Code::tls_protocol_error,   // as many words as there are ways to break the protocol
    Code::handshake_signature,
    Code::no_certificate,
    Code::path_too_complex,        // budgets differ
    Code::revocation_unavailable,  // only a program that was told to ask notices
    Code::expires_soon,
    Code::inspected_by_middlebox,  // a program that trusts the same roots accepts it
    Code::chain_order,
    Code::extra_certificates,
    Code::root_served,
    Code::clock_skew,
    Code::profile_violation,  // enforcement.cpp
    Code::client_pinned,      // the client's own application speaks
    Code::client_closed,
    Code::client_protocol_version,
    Code::client_no_shared_cipher,
    Code::client_not_tls,
    Code::upstream_http_error,
    Code::upstream_closed,
    Code::upstream_timeout,
    Code::request_rejected,
    Code::cross_site_request,  // whytls's own
    Code::proxy_authentication_required,
});

const Elsewhere* said_by(const Diagnosis& diagnosis, std::string_view client) {
    const auto found = std::ranges::find(diagnosis.elsewhere, client, &Elsewhere::client);
    return found == diagnosis.elsewhere.end() ? nullptr : &*found;
}

std::vector<KnownMessage> all_known() {
    std::vector<KnownMessage> all;
    for (const auto family : known_messages()) all.insert(all.end(), family.begin(), family.end());
    return all;
}

}  // namespace

TEST_CASE("every code of the catalogue has a title, an explanation, a fix, and what others say or that nobody does") {
    REQUIRE(advice().size() == catalog().size());
    for (std::size_t i = 0; i < catalog().size(); ++i) {
        INFO(catalog()[i].code);
        CHECK(advice()[i].code == catalog()[i].code);
        CHECK_FALSE(catalog()[i].explanation.empty());
        CHECK_FALSE(advice()[i].all_fixes().empty());
        const auto rows = std::ranges::count(sayings(), catalog()[i].code, &Saying::code);
        CHECK((rows > 0) != (std::ranges::count(said_by_nobody_else, catalog()[i].code) > 0));
    }
}

TEST_CASE("every row is about a code of the catalogue") {
    for (const Saying& saying : sayings()) {
        INFO(saying.code << ": " << saying.text);
        CHECK(find_code(saying.code) != nullptr);
    }
    for (const KnownMessage& known : all_known()) {
        INFO(known.pattern);
        CHECK((!known.all_codes().empty() || !known.note.empty()));
        std::set<Code> seen;
        for (const Code code : known.all_codes()) CHECK(seen.insert(code).second);
    }
}

TEST_CASE("every known message leads back to its own causes") {
    for (const KnownMessage& known : all_known()) {
        INFO(known.pattern);
        std::string text(known.pattern);
        for (auto at = text.find("…"); at != std::string::npos; at = text.find("…")) text.replace(at, 3, "1234");
        if (const auto at = text.find("{host}"); at != std::string::npos) text.replace(at, 6, "api.example.com");
        const Causes causes = causes_of("Error: " + text + "\n    at something");
        CHECK((known.all_codes().empty() || std::ranges::count(causes.codes, known.codes.front()) == 1));
        CHECK((known.note.empty() || causes.note == known.note));
    }
}

TEST_CASE("every failure that fails says what others say, without a placeholder left") {
    for (const auto& one : tests::all_cases()) {
        const Diagnosis diagnosis = explain(one.attempt);
        INFO(one.code);
        for (const Elsewhere& said : diagnosis.elsewhere) {
            CHECK(said.text.find('{') == std::string::npos);
            CHECK((said.accepts || !said.text.empty()));
        }
        if (std::ranges::count(said_by_nobody_else, diagnosis.code) > 0) CHECK(diagnosis.elsewhere.empty());
    }
}

TEST_CASE("a host that does not match is told in each program's own words, with the names") {
    const Diagnosis diagnosis = explain(tests::cloudfront());
    REQUIRE(said_by(diagnosis, "curl (OpenSSL)") != nullptr);
    CHECK(said_by(diagnosis, "curl (OpenSSL)")->text ==
          "curl: (60) SSL: no alternative certificate subject name matches target host name 'api.example.com'");
    CHECK(
        said_by(diagnosis, "Node, Postman")->text ==
        "Hostname/IP does not match certificate's altnames: Host: api.example.com. is not in the cert's altnames: DNS:*.cloudfront.net, "
        "DNS:cloudfront.net");
    CHECK(said_by(diagnosis, "Node, Postman")->error == "ERR_TLS_CERT_ALTNAME_INVALID");
    CHECK(said_by(diagnosis, "Go")->text ==
          "x509: certificate is valid for *.cloudfront.net, cloudfront.net, not api.example.com");
}

TEST_CASE(
    "what a program does not look at it accepts: a root's dates and constraints, parts of labels, a common name") {
    const auto accepts = [](const tests::Forged& root, const std::vector<tests::Forged>& served,
                            std::string_view client) {
        const Diagnosis diagnosis = explain(tests::judged(tests::attempt_at("api.example.com"), served, root));
        INFO(diagnosis.title);
        REQUIRE(said_by(diagnosis, client) != nullptr);
        return said_by(diagnosis, client)->accepts;
    };
    const auto root = tests::Forge::root("Root").self_signed();
    const auto past = tests::Forge::root("Past").dates(tests::days_later(-900), tests::days_later(-3)).self_signed();
    CHECK(accepts(past, {tests::Forge::leaf("api.example.com").signed_by(past)}, "Java"));
    CHECK_FALSE(accepts(past, {tests::Forge::leaf("api.example.com").signed_by(past)}, "curl (OpenSSL)"));
    const auto old =
        tests::Forge::leaf("api.example.com").dates(tests::days_later(-90), tests::days_later(-3)).signed_by(root);
    CHECK_FALSE(accepts(root, {old}, "Java"));

    const auto narrow = tests::Forge::root("Narrow").name_constraints({tests::dns("other.test")}, {}).self_signed();
    CHECK(accepts(narrow, {tests::Forge::leaf("api.example.com").signed_by(narrow)}, "Java"));
    const auto between =
        tests::Forge::intermediate("Between").name_constraints({tests::dns("other.test")}, {}).signed_by(root);
    CHECK_FALSE(accepts(root, {tests::Forge::leaf("api.example.com").signed_by(between), between}, "Java"));

    const auto partial = tests::Forge::leaf("x").names({tests::dns("ap*.example.com")}).signed_by(root);
    CHECK(accepts(root, {partial}, "Node, Postman"));
    CHECK(accepts(root, {partial}, "Java"));
    CHECK_FALSE(accepts(root, {partial}, "curl (OpenSSL)"));
    const auto mail = tests::Forge::leaf("api.example.com").names({tests::email("root@example.com")}).signed_by(root);
    CHECK(accepts(root, {mail}, "curl (OpenSSL)"));
    CHECK_FALSE(accepts(root, {mail}, "Go"));
}

TEST_CASE("who is not known to come upon the same problem first says nothing of two") {
    const auto root = tests::Forge::root("Root").self_signed();
    const auto leaf =
        tests::Forge::leaf("other.test").dates(tests::days_later(-90), tests::days_later(-3)).signed_by(root);
    const Diagnosis diagnosis = explain(tests::judged(tests::attempt_at(), {leaf}, root));
    REQUIRE(said_by(diagnosis, "curl (OpenSSL)") != nullptr);
    CHECK(said_by(diagnosis, "curl (OpenSSL)")->text == "curl: (60) SSL certificate problem: certificate has expired");
    CHECK(said_by(diagnosis, "Python (ssl)")->text.find("Hostname mismatch") != std::string::npos);
    CHECK(said_by(diagnosis, "Firefox") == nullptr);
}

TEST_CASE("a name from a certificate that looks like a placeholder is not filled in") {
    const auto root = tests::Forge::root("Root").self_signed();
    const auto leaf = tests::Forge::leaf("x").names({tests::dns("{host}.test")}).signed_by(root);
    const Diagnosis diagnosis = explain(tests::judged(tests::attempt_at(), {leaf}, root));
    REQUIRE(said_by(diagnosis, "Go") != nullptr);
    CHECK(said_by(diagnosis, "Go")->text == "x509: certificate is valid for {host}.test, not api.example.com");
}

TEST_CASE("a message is found behind prefixes, in other quotes, over line ends, in colours and in part") {
    for (const std::string_view text :
         {"curl: (60) SSL certificate problem: certificate has expired",
          "\x1b[31mError: certificate\n  has   expired\x1b[0m", "“Certificate has expired”",
          "{\"error\":\"x\\ncertificate has expired\"}", "code: 'CERT_HAS_EXPIRED'", "has expired"}) {
        INFO(text);
        const Causes causes = causes_of(text);
        REQUIRE_FALSE(causes.codes.empty());
        CHECK(causes.codes.front() == "expired");
    }
    CHECK(causes_of("").codes.empty());
    CHECK(causes_of("hello, world").codes.empty());
    CHECK(causes_of(std::string(1'000'000, 'x')).codes.empty());
}

TEST_CASE(
    "a message about a candidate of the issuer's name leads to the CA made again, and one about a signature to that first") {
    const auto first = [](std::string_view text) { return causes_of(text).codes.at(0); };
    CHECK(
        first(
            "Unable to connect to the server: x509: certificate signed by unknown authority (possibly because of \"crypto/rsa: verification "
            "error\" while trying to verify candidate authority certificate \"kubernetes\")") == "unknown_issuer");
    CHECK(first("PKIX path validation failed: java.security.cert.CertPathValidatorException: signature check failed") ==
          "bad_signature");
    CHECK(first("Error: certificate signature failure\n code: 'CERT_SIGNATURE_FAILURE'") == "bad_signature");
    CHECK(causes_of("curl: (60) SSL certificate problem: self-signed certificate").codes ==
          std::vector{Code::self_signed});
    CHECK(first("x509: certificate signed by unknown authority") == "missing_intermediate");
}

TEST_CASE("the host is taken from the message, or from a URL that is no documentation") {
    CHECK(causes_of("Host: api.example.com. is not in the cert's altnames: DNS:a").host.empty());
    CHECK(
        causes_of(
            "Error: Hostname/IP does not match certificate's altnames: Host: api.example.com. is not in the cert's altnames: DNS:a.b")
            .host == "api.example.com");
    CHECK(
        causes_of(
            "curl: (60) SSL certificate problem: certificate has expired\nMore details here: https://curl.se/docs/sslcerts.html")
            .host.empty());
    CHECK(causes_of("Get \"https://api.example.com:8443/v1\": x509: certificate signed by unknown authority").host ==
          "api.example.com:8443");
    CHECK(causes_of("curl: (6) Could not resolve host: api.example.com").host == "api.example.com");
}

TEST_CASE("hostile text is looked at in bounded time and crashes nothing") {
    std::string many;
    while (many.size() < 300'000) many += "unable to get local certificate is valid for ";
    CHECK(causes_of(many).codes.size() < 20);
    for (const std::string& text : tests::hostile_texts()) CHECK(causes_of(text).codes.empty());
    CHECK(causes_of("\\").codes.empty());
    CHECK(causes_of("\x1b[").codes.empty());
    CHECK(causes_of("\x1b").codes.empty());
}

TEST_CASE("a refused client certificate is told in the words of the alert that came, and of no other") {
    const auto refused = [](int alert, tls::Milestone reached) {
        Attempt attempt =
            tests::handshake_failed(alert < 0 ? tls::FailureKind::reset : tls::FailureKind::alert, reached, alert);
        auto& failure = std::get<tls::HandshakeFailure>(attempt.failure);
        failure.certificate_requested = failure.certificate_sent = true;
        return explain(attempt);
    };
    const Diagnosis expired = refused(45, tls::Milestone::done);
    REQUIRE(expired.code == Code::client_certificate_rejected);
    REQUIRE(said_by(expired, "curl (OpenSSL)") != nullptr);
    CHECK(said_by(expired, "curl (OpenSSL)")->text ==
          "curl: (56) OpenSSL SSL_read: … error:0A000415:SSL routines::sslv3 alert certificate expired, errno 0");
    CHECK(said_by(expired, "Node, Postman")->error == "ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED");
    CHECK(said_by(expired, "Python (ssl)")->text ==
          "[SSL: SSLV3_ALERT_CERTIFICATE_EXPIRED] sslv3 alert certificate expired");
    CHECK(said_by(expired, "Go")->text == "remote error: tls: expired certificate");
    CHECK(said_by(expired, "Java")->text ==
          "javax.net.ssl.SSLHandshakeException: Received fatal alert: certificate_expired");
    const Diagnosis failure = refused(40, tls::Milestone::certificate_request);
    CHECK(said_by(failure, "Node, Postman")->text ==
          "write EPROTO …:error:0A000410:SSL routines:…:sslv3 alert handshake failure:…");
    CHECK(said_by(failure, "Chrome") == nullptr);
    CHECK(refused(-1, tls::Milestone::done).elsewhere.empty());
}

TEST_CASE("no other alert and no other end is told in the words for the usual one") {
    const auto failed = [](tls::FailureKind kind, tls::Milestone reached, int alert) {
        return explain(tests::handshake_failed(kind, reached, alert));
    };
    const Diagnosis usual = failed(tls::FailureKind::alert, tls::Milestone::client_hello, 40);
    REQUIRE(said_by(usual, "Java") != nullptr);
    CHECK(said_by(usual, "Java")->text.ends_with("handshake_failure"));
    const Diagnosis insufficient = failed(tls::FailureKind::alert, tls::Milestone::client_hello, 71);
    REQUIRE(insufficient.code == Code::no_shared_cipher);
    REQUIRE(said_by(insufficient, "Java") != nullptr);
    CHECK(said_by(insufficient, "Java")->text.ends_with("insufficient_security"));
    CHECK(said_by(insufficient, "Go")->text == "remote error: tls: insufficient security level");
    CHECK(failed(tls::FailureKind::version, tls::Milestone::server_hello, -1).elsewhere.empty());
    CHECK_FALSE(failed(tls::FailureKind::closed, tls::Milestone::client_hello, -1).elsewhere.empty());
    CHECK(failed(tls::FailureKind::closed, tls::Milestone::server_hello, -1).elsewhere.empty());
}

TEST_CASE("of an extension that must not be critical Go 1.19 is said to accept it, of an unknown one not") {
    const auto root = tests::Forge::root("Root").self_signed();
    const auto of = [&](std::string_view oid) {
        const auto leaf = tests::Forge::leaf("api.example.com")
                              .without(oid)
                              .extension({std::string(oid), true, {0x04, 0x01, 0x07}})
                              .signed_by(root);
        return explain(tests::judged(tests::attempt_at(), {leaf}, root));
    };
    const Diagnosis unknown = of("1.2.3.4.5"), key = of("2.5.29.14");
    for (const Diagnosis* each : {&unknown, &key}) {
        REQUIRE(each->code == "unknown_critical_extension");
        REQUIRE(said_by(*each, "Go") != nullptr);
        CHECK_FALSE(said_by(*each, "curl (OpenSSL)")->accepts);
    }
    CHECK_FALSE(said_by(unknown, "Go")->accepts);
    CHECK(said_by(key, "Go")->accepts);
    CHECK(key.detail.contains("GnuTLS"));
}

TEST_CASE("two errors in one log are both told, and the lines about one error once") {
    const Causes both = causes_of(
        "12:00 GET https://a.example.com: certificate has expired\n"
        "    at TLSSocket.onConnectSecure\n"
        "12:01 Error: getaddrinfo ENOTFOUND b.example.com\n");
    REQUIRE(both.others.size() == 1);
    CHECK(both.codes.front() != both.others.front().codes.front());
    for (const auto& one : {both, both.others.front()})
        CHECK(
            (one.codes.front() == "expired" || (one.codes.front() == "dns_not_found" && one.host == "b.example.com")));
    // A cause and its code, a prefix and what it wraps.
    CHECK(causes_of("Error: unable to verify the first certificate\n  code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'\n")
              .others.empty());
    CHECK(causes_of(
              "PKIX path validation failed: validity check failed\nCaused by: CertificateExpiredException: NotAfter\n")
              .others.empty());
    CHECK(causes_of("fetch failed\n cause: certificate has expired\n code: 'CERT_HAS_EXPIRED'\n").others.empty());
}

TEST_CASE(
    "a CA made again under its name is told in each program's words, which differ where no key identifier names its key") {
    const auto said = [](bool identifiers, bool sent, std::string_view client,
                         tests::KeyType type = tests::KeyType::p256) {
        const auto plain = [&](tests::Forge forge) {
            if (!identifiers) forge.subject_key_identifier(std::nullopt).authority_key_identifier(std::nullopt);
            return forge;
        };
        const auto old = plain(tests::Forge::root("Dev CA").key(tests::pooled_key(type, 3))).self_signed();
        const auto made_again = plain(tests::Forge::root("Dev CA").key(tests::pooled_key(type, 4))).self_signed();
        std::vector<tests::Forged> served{plain(tests::Forge::leaf("api.example.com")).signed_by(made_again)};
        if (sent) served.push_back(made_again);
        const Diagnosis diagnosis = explain(tests::judged(tests::attempt_at(), served, old));
        INFO(diagnosis.title);
        const Elsewhere* const one = said_by(diagnosis, client);
        return one == nullptr ? std::string() : one->text;
    };
    const std::string_view curl = "curl (OpenSSL)";
    for (const bool sent : {false, true}) {
        CHECK(said(false, sent, curl) == "curl: (35) … error:06880006:asn1 encoding routines::EVP lib");
        CHECK(said(false, sent, curl, tests::KeyType::rsa2048) == "curl: (35) … error:020000…:rsa routines::…");
        CHECK(said(false, sent, "Node, Postman") == "certificate signature failure");
        CHECK(said(false, sent, "Python (ssl)").ends_with("certificate verify failed: certificate signature failure"));
        CHECK(said(false, sent, "Java").ends_with("signature check failed"));
        CHECK(said(sent, sent, "Go").contains("possibly because of"));
        CHECK(said(sent, sent, "rustls").empty());
    }
    CHECK(said(true, false, curl).ends_with("unable to get local issuer certificate"));
    CHECK(said(true, true, curl).ends_with("self-signed certificate in certificate chain"));
    CHECK(said(true, false, "Java").ends_with("Path does not chain with any of the trust anchors"));
    CHECK(said(true, true, "Java").ends_with("signature check failed"));
}

TEST_CASE("a certificate that bears its CA's name is self-signed to OpenSSL, unless a key identifier says otherwise") {
    const auto said = [](bool identifiers, bool sent) {
        const auto plain = [&](tests::Forge forge) {
            if (!identifiers) forge.subject_key_identifier(std::nullopt).authority_key_identifier(std::nullopt);
            return forge;
        };
        const auto ca = plain(tests::Forge::root("api.example.com")).self_signed();
        std::vector<tests::Forged> served{plain(tests::Forge::leaf("api.example.com")).signed_by(ca)};
        if (sent) served.push_back(ca);
        const Diagnosis diagnosis =
            explain(tests::judged(tests::attempt_at(), served, tests::Forge::root("Other").self_signed()));
        REQUIRE(said_by(diagnosis, "Node, Postman") != nullptr);
        return said_by(diagnosis, "Node, Postman")->error;
    };
    CHECK(said(false, false) == "DEPTH_ZERO_SELF_SIGNED_CERT");
    const auto bare = tests::Forge::leaf("api.example.com")
                          .subject_key_identifier(std::nullopt)
                          .authority_key_identifier(std::nullopt);
    const auto ca = tests::Forge::root("api.example.com").self_signed(),
               other = tests::Forge::root("Other").self_signed();
    const auto names = [&](const tests::Forged& leaf) {
        const Diagnosis diagnosis = explain(tests::judged(tests::attempt_at(), {leaf}, other));
        return std::ranges::any_of(diagnosis.problems,
                                   [](const Problem& each) { return each.title.contains("are both called"); });
    };
    CHECK(names(tests::Forge(bare).signed_by(ca)));
    CHECK_FALSE(names(tests::Forge(bare).self_signed()));
    CHECK(said(false, true) == "DEPTH_ZERO_SELF_SIGNED_CERT");
    CHECK(said(true, false) == "UNABLE_TO_VERIFY_LEAF_SIGNATURE");
    CHECK(said(true, true) == "SELF_SIGNED_CERT_IN_CHAIN");
}

TEST_CASE("advice shows a chain by whytls itself, and offers certbot only for a certificate that anybody may order") {
    constexpr std::array orders{Code::hostname_mismatch,   Code::expired,     Code::self_signed, Code::revoked,
                                Code::must_staple_missing, Code::expires_soon};
    for (const Advice& each : advice()) {
        INFO(each.code);
        for (const GeneralFix& fix : each.all_fixes()) {
            CHECK_FALSE(fix.command.contains("-showcerts"));
            if (fix.command.contains("certbot")) CHECK(std::ranges::find(orders, each.code) != orders.end());
        }
    }
}
