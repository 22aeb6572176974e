// Who answered: each row of the table is recognised by what its certificates say, or by where a
// name in DNS leads.
#include <algorithm>

#include "inspect/diagnosis/diagnosis.h"
#include "inspect/diagnosis/known/providers.h"
#include "tests/inspect/diagnosis_cases.h"
#include "tests/support/catch.h"

using namespace inspect::diagnosis;
using tests::Forge;

namespace {

// The certificate that the row describes.
certs::Description leaf_of(const Provider& row) {
    certs::Description leaf;
    leaf.subject = "CN=www.example.com";
    leaf.issuer = "CN=Some CA";
    leaf.names = {"DNS:www.example.com"};
    switch (row.where) {
        case Provider::Where::name: leaf.names.push_back("DNS:" + std::string(row.pattern)); break;
        case Provider::Where::subject: leaf.subject = "O=Some," + std::string(row.pattern) + ",C=US"; break;
        case Provider::Where::issuer_name: leaf.issuer = "C=US,CN=" + std::string(row.pattern) + ",O=Some"; break;
        case Provider::Where::own_name:
            leaf.subject = leaf.issuer = "CN=" + std::string(row.pattern) + ",O=Some";
            break;
        case Provider::Where::issuer: leaf.issuer = "CN=Some " + std::string(row.pattern) + " CA,C=US"; break;
    }
    return leaf;
}

// What the products' certificates really contain.
struct Seen {
    std::string_view title, name, subject, issuer;
};
constexpr auto seen = std::to_array<Seen>({
    {"Amazon CloudFront", "*.cloudfront.net", "CN=*.cloudfront.net", "CN=Amazon RSA 2048 M01,O=Amazon,C=US"},
    {"Amazon S3", "*.s3.eu-central-1.amazonaws.com", "CN=*.s3.eu-central-1.amazonaws.com",
     "CN=Amazon RSA 2048 M01,O=Amazon,C=US"},
    {"Amazon S3", "*.s3-eu-west-1.amazonaws.com", "CN=*.s3-eu-west-1.amazonaws.com",
     "CN=Amazon RSA 2048 M01,O=Amazon,C=US"},
    {"Amazon API Gateway", "*.execute-api.us-east-1.amazonaws.com", "CN=*.execute-api.us-east-1.amazonaws.com",
     "CN=Amazon RSA 2048 M02"},
    {"AWS Elastic Load Balancing", "*.eu-west-1.elb.amazonaws.com", "CN=*.eu-west-1.elb.amazonaws.com",
     "CN=Amazon RSA 2048 M02"},
    {"Google (a client without SNI)", "invalid2.invalid",
     "CN=invalid2.invalid,OU=No SNI provided\\; please fix your client.", "CN=invalid2.invalid"},
    {"Google Cloud Run", "*.a.run.app", "CN=*.a.run.app", "CN=WR2,O=Google Trust Services,C=US"},
    {"Cloudflare", "sni.cloudflaressl.com", "CN=sni.cloudflaressl.com,O=Cloudflare\\, Inc.",
     "CN=Cloudflare Inc ECC CA-3"},
    {"Cloudflare origin CA", "example.com", "CN=CloudFlare Origin Certificate",
     "OU=CloudFlare Origin SSL Certificate Authority,O=CloudFlare\\, Inc.,C=US"},
    {"Fastly", "default.ssl.fastly.net", "CN=default.ssl.fastly.net", "CN=GlobalSign Atlas R3 DV TLS CA 2026 Q1"},
    {"the Kubernetes ingress controller's placeholder", "ingress.local",
     "CN=Kubernetes Ingress Controller Fake Certificate,O=Acme Co",
     "CN=Kubernetes Ingress Controller Fake Certificate,O=Acme Co"},
    {"Traefik's default certificate", "0a1b.2c3d.traefik.default", "CN=TRAEFIK DEFAULT CERT",
     "CN=TRAEFIK DEFAULT CERT"},
    {"Caddy's local CA", "localhost", "", "CN=Caddy Local Authority - ECC Intermediate"},
    {"mkcert", "localhost", "OU=dev@laptop,O=mkcert development certificate",
     "CN=mkcert dev@laptop,OU=dev@laptop,O=mkcert development CA"},
    {"Let's Encrypt staging", "www.example.com", "CN=www.example.com",
     "CN=(STAGING) Wannabe Watercress R11,O=(STAGING) Let's Encrypt,C=US"},
    {"Plesk's default certificate", "Plesk", "CN=Plesk,O=Plesk,C=CH", "CN=Plesk,O=Plesk,C=CH"},
    {"Zscaler", "www.example.com", "CN=www.example.com",
     "CN=Zscaler Intermediate Root CA (zscaler.net) (t) ,O=Zscaler Inc."},
    {"Netskope", "www.example.com", "CN=www.example.com", "CN=ca.example.goskope.com,OU=certadmin"},
    {"Fortinet FortiGate", "www.example.com", "CN=www.example.com",
     "CN=FG100E,OU=Certificate Authority,O=Fortinet,C=US"},
    {"Cisco Umbrella", "www.example.com", "CN=www.example.com", "CN=Cisco Umbrella Secondary SubCA ams-SG,O=Cisco"},
    {"Kaspersky", "www.example.com", "CN=www.example.com",
     "CN=Kaspersky Anti-Virus Personal Root Certificate,O=AO Kaspersky Lab"},
    {"Avast", "www.example.com", "CN=www.example.com", "CN=Avast Web/Mail Shield Root,O=Avast Web/Mail Shield"},
    {"ESET", "www.example.com", "CN=www.example.com", "CN=ESET SSL Filter CA,O=ESET\\, spol. s r. o.,C=SK"},
    {"AdGuard", "www.example.com", "CN=www.example.com", "CN=Adguard Personal CA,O=Adguard"},
    {"Fiddler", "www.example.com", "CN=www.example.com", "CN=DO_NOT_TRUST_FiddlerRoot,O=DO_NOT_TRUST"},
    {"Charles", "www.example.com", "CN=www.example.com",
     "CN=Charles Proxy CA (1 Jan 2026\\, laptop),OU=https://charlesproxy.com/ssl"},
    {"Burp Suite", "www.example.com", "CN=www.example.com", "CN=PortSwigger CA,OU=PortSwigger CA,O=PortSwigger"},
    {"mitmproxy", "www.example.com", "CN=www.example.com", "CN=mitmproxy,O=mitmproxy"},
    {"HTTP Toolkit", "www.example.com", "CN=www.example.com", "CN=HTTP Toolkit CA,O=HTTP Toolkit CA,C=XX"},
    {"whytls ca issue", "app.example.test", "CN=app.example.test,O=whytls ca issue",
     "CN=whytls local CA 1a2b3c4d (dev@laptop),O=whytls"},
    {"whytls", "www.example.com", "CN=www.example.com", "CN=whytls local CA (dev@laptop),O=whytls"},
});

}  // namespace

TEST_CASE("every row is recognised by its own pattern, and none stands in the way of another") {
    for (const Provider& row : providers()) {
        INFO(row.title << ": " << row.pattern);
        const Provider* found = recognise(leaf_of(row));
        REQUIRE(found != nullptr);
        CHECK(found->title == row.title);
    }
}

TEST_CASE("certificates as the products make them are recognised") {
    for (const Seen& one : seen) {
        certs::Description leaf;
        leaf.names = {"DNS:" + std::string(one.name)};
        leaf.subject = one.subject;
        leaf.issuer = one.issuer;
        INFO(one.title << ": " << one.name);
        const Provider* found = recognise(leaf);
        REQUIRE(found != nullptr);
        CHECK(found->title == one.title);
    }
}

TEST_CASE("every row's fix mends some code, and is its own where the row names a service") {
    for (const Provider& row : providers()) {
        INFO(row.title);
        CHECK((mends(row, Code::hostname_mismatch) || mends(row, Code::untrusted_root)));
        if (row.kind != Provider::Kind::service) continue;
        for (const Provider& other : providers()) CHECK((other.title == row.title || other.fix != row.fix));
    }
}

TEST_CASE("a service is recognised by where the host's aliases lead") {
    const auto title = [](std::string_view name) {
        const Provider* found = recognise_name(name);
        return found == nullptr ? std::string_view() : found->title;
    };
    CHECK(title("d111111abcdef8.cloudfront.net") == "Amazon CloudFront");
    CHECK(title("my-lb-123.eu-west-1.elb.amazonaws.com") == "AWS Elastic Load Balancing");
    CHECK(title("whispering-otter-1.herokudns.com") == "Heroku");
    CHECK(title("cname.vercel-dns.com") == "Vercel");
    CHECK(title("example.com.edgekey.net") == "Akamai");
    CHECK(title("octo.github.io") == "GitHub Pages");
    CHECK(title("dualstack.j.sni.global.fastly.net") == "Fastly");
    CHECK(title("www.example.com.cdn.cloudflare.net") == "Cloudflare");
    CHECK(title("").empty());
    CHECK(title("www.example.com").empty());
    CHECK(title("whytls local CA").empty());
}

TEST_CASE("a certificate of another name at the end of an alias is mended where the alias leads") {
    auto attempt = tests::attempt_at();
    attempt.canonical_name = "whispering-otter-1.herokudns.com";
    const auto root = Forge::root("Root").self_signed();
    const Diagnosis diagnosis = explain(tests::judged(attempt, {Forge::leaf("www.other.test").signed_by(root)}, root));
    CHECK(diagnosis.code == Code::hostname_mismatch);
    CHECK(diagnosis.provider == "Heroku");
    CHECK(diagnosis.detail.starts_with("DNS leads the host to Heroku"));
    CHECK(diagnosis.problems.front().fixes.front().command ==
          "heroku domains:add api.example.com && heroku certs:auto:enable");
}

TEST_CASE("an alert about the name is mended where the alias leads") {
    auto attempt = tests::handshake_failed(tls::FailureKind::alert, tls::Milestone::client_hello, 112);
    attempt.canonical_name = "api.fly.dev";
    const Diagnosis diagnosis = explain(attempt);
    CHECK(diagnosis.code == Code::sni_unrecognized);
    CHECK(diagnosis.problems.front().fixes.front().command == "fly certs add api.example.com");
}

TEST_CASE(
    "a certificate by our own kind of CA that nobody trusts is a proxy loop, and what lies behind the connection is told") {
    const auto own = Forge::root("whytls local CA (dev@laptop)")
                         .subject({{"O", "whytls"}, {"CN", "whytls local CA (dev@laptop)"}})
                         .self_signed();
    const auto other = Forge::root("Another Root").self_signed();
    const auto leaf = Forge::leaf("api.example.com").signed_by(own);
    const Diagnosis diagnosis = explain(tests::judged(tests::attempt_at(), {leaf, own}, other));
    CHECK(diagnosis.code == Code::proxy_loop);
    CHECK(diagnosis.provider == "whytls");
    CHECK(std::ranges::any_of(diagnosis.problems,
                              [](const auto& problem) { return problem.code == Code::untrusted_root; }));
    CHECK(diagnosis.phase == Phase::verify);
    const auto status = [&](std::string_view step) {
        return std::ranges::find(diagnosis.steps, step, &StepSummary::step)->status;
    };
    CHECK(status("connect") == certs::Status::pass);
    CHECK(status("handshake") == certs::Status::pass);
    CHECK(status("trust") == certs::Status::fail);
    // A server of someone's own is no proxy.
    const auto issued =
        Forge::leaf("api.example.com").subject({{"O", "whytls ca issue"}, {"CN", "api.example.com"}}).signed_by(own);
    const Diagnosis own_server = explain(tests::judged(tests::attempt_at(), {issued}, other));
    CHECK(own_server.code == Code::unknown_issuer);
    CHECK(own_server.provider == "whytls ca issue");
    CHECK(own_server.title ==
          "the certificate is from whytls ca issue, and its CA was not sent and is not trusted here");
    CHECK(own_server.problems.front().fixes.front().command ==
          "whytls ca export >whytls-ca.pem && whytls proxy --add-trust whytls-ca.pem");
    // Someone who trusts that CA has a chain of proxies, not a loop.
    CHECK(explain(tests::judged(tests::attempt_at(), {leaf}, own)).code == Code::none);
}
