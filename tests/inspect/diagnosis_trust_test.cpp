// What other tools call "unable to get local issuer certificate": each of its causes has its own
// title and its own cure.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "certs/hostname.h"
#include "certs/verify.h"
#include "inspect/diagnosis/known/public_roots.h"
#include "inspect/diagnosis/wording.h"
#include "inspect/report/print/escape.h"
#include "inspect/report/render.h"
#include "tests/inspect/diagnosis_cases.h"
#include "tests/support/catch.h"

using namespace inspect::diagnosis;
using tests::Forge;
using tests::Forged;

namespace {

const Forged& trusted() {
    static const Forged forged = Forge::root("Trusted Root").self_signed();
    return forged;
}

Forge leaf() { return Forge::leaf("api.example.com"); }

Diagnosis told(const std::vector<Forged>& served) {
    return explain(tests::judged(tests::attempt_at(), served, trusted()));
}

// A chain below a root of that name, which is sent and not trusted.
Diagnosis below(const std::vector<tests::Attribute>& root_name, Forge end = leaf()) {
    const Forged root = Forge::root("").subject(root_name).self_signed();
    return told({end.signed_by(root), root});
}

Attempt with_extra(const std::vector<Forged>& served, const Forged& extra, certs::Provenance provenance) {
    Attempt attempt = tests::attempt_at();
    certs::TrustStore trust;
    trust.add(trusted().certificate());
    const std::vector<certs::Bytes> bytes(served.begin(), served.end());
    const std::vector<certs::PathCertificate> more{{extra.certificate(), provenance}};
    attempt.verdict =
        certs::verify({.served = bytes, .trust = trust, .host = attempt.host, .at = attempt.time, .extra = more});
    return attempt;
}

bool has(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

std::string evidence(const Problem& problem, std::string_view label) {
    const auto found = std::ranges::find(problem.evidence, label, &EvidenceRow::label);
    return found == problem.evidence.end() ? "" : found->value;
}

}  // namespace

TEST_CASE("a missing intermediate that was found is named, and the chain that should be sent is in the report") {
    const Forged ca = Forge::intermediate("R11").signed_by(trusted());
    const Forged end = leaf().signed_by(ca);
    Attempt attempt = with_extra({end}, ca, certs::Provenance::aia);
    attempt.proxy_address = "127.0.0.1:8090";
    attempt.ca_file = "/home/ann/ca.pem";
    const Diagnosis diagnosis = explain(attempt);
    CHECK(diagnosis.code == Code::missing_intermediate);
    CHECK(diagnosis.title == "the server sent 1 certificate but not the issuer, the intermediate \"R11\"");
    CHECK(diagnosis.problems.front().proof == Proof::observed);
    CHECK(diagnosis.fixed_chain == end.pem() + ca.pem());
    const auto report = nlohmann::json::parse(inspect::report::json(diagnosis));
    CHECK(report["fixed_chain"] == diagnosis.fixed_chain);
    const std::string command = diagnosis.problems.front().fixes.at(0).command;
    CHECK(command.starts_with("curl -sS -x http://127.0.0.1:8090 --cacert /home/ann/ca.pem "));
    CHECK(command.ends_with(" | jq -er .fixed_chain >fixed-chain.pem"));
    CHECK(has(inspect::report::html(diagnosis),
              "<details><summary>The chain that the server should send (PEM)</summary>"));
}

TEST_CASE("no command shows or adds a certificate that nobody has") {
    const Forged ca = Forge::intermediate("R11").signed_by(trusted());
    const std::string alone =
        inspect::report::text(explain(with_extra({leaf().signed_by(ca)}, ca, certs::Provenance::seen_before)));
    CHECK_FALSE(has(alone, "-showcerts"));
    CHECK(has(alone, "from the CA that issued the certificate"));
    const Forge named = leaf().issuing_certificate_url({"http://ca.example/r11.der"});
    const Diagnosis found = explain(with_extra({named.signed_by(ca)}, ca, certs::Provenance::aia));
    const auto appends = [](const Diagnosis& diagnosis) {
        return std::ranges::any_of(diagnosis.problems.front().fixes,
                                   [](const Fix& fix) { return has(fix.command, ">>fullchain.pem"); });
    };
    CHECK(appends(found));
    CHECK(found.problems.front().fixes.back().command == "whytls proxy --add-trust intermediate.pem");
    for (const auto* url : {"-o/tmp/x", "-K/tmp/x", "file:///etc/passwd", "ldap://ca.example/"})
        CHECK_FALSE(appends(
            explain(with_extra({leaf().issuing_certificate_url({url}).signed_by(ca)}, ca, certs::Provenance::aia))));
}

TEST_CASE("a server's words are no commands, whatever the options that a command repeats") {
    const Forged ca = Forge::intermediate("R11").signed_by(trusted());
    Attempt attempt = with_extra({leaf().issuing_certificate_url({"http://c/whytls proxy;touch x;: '"}).signed_by(ca)},
                                 ca, certs::Provenance::aia);
    attempt.given = {{"--trust", "o'brien.pem"}};
    const std::string report = inspect::report::json(explain(attempt));
    CHECK(has(report, "whytls proxy --trust 'o'"));
    CHECK(has(report, "'http://c/whytls proxy;touch x;: '"));
    CHECK_FALSE(has(report, "http://c/whytls proxy --trust"));
}

TEST_CASE("no fixed chain is offered when it would not verify either") {
    const Forged ca = Forge::intermediate("R11").signed_by(trusted());
    const Forged expired = leaf().dates(tests::days_later(-90), tests::days_later(-1)).signed_by(ca);
    const Diagnosis both = explain(with_extra({expired}, ca, certs::Provenance::aia));
    CHECK(both.code == Code::missing_intermediate);
    CHECK(both.fixed_chain.empty());
    CHECK_FALSE(has(inspect::report::text(both), "fixed_chain"));
    CHECK_FALSE(nlohmann::json::parse(inspect::report::json(both)).contains("fixed_chain"));
    CHECK(explain(tests::cloudfront()).fixed_chain.empty());
}

TEST_CASE("a wrong intermediate is told with the one that is needed") {
    const Forged needed = Forge::intermediate("R11").signed_by(trusted()),
                 other = Forge::intermediate("R3").signed_by(trusted());
    const Diagnosis unknown = told({leaf().signed_by(needed), other});
    CHECK(unknown.code == Code::unknown_issuer);
    CHECK(unknown.title == "the issuer of the certificate is \"R11\", but the server sent \"R3\" instead");
    CHECK(evidence(unknown.problems.front(), "sent instead") == "CN=R3");
    const Diagnosis missing =
        explain(with_extra({leaf().signed_by(needed), other}, needed, certs::Provenance::seen_before));
    CHECK(missing.code == Code::missing_intermediate);
    CHECK(missing.title == "the server sent \"R3\", which is not the issuer: that is the intermediate \"R11\"");

    const Forged namesake = Forge::intermediate("R11").signed_by(trusted());
    const Diagnosis other_key = told({leaf().signed_by(needed), namesake});
    CHECK(other_key.title ==
          "the CA certificate \"R11\" that was sent has another key than the issuer of the certificate");
    CHECK(evidence(other_key.problems.front(), "key needed") != evidence(other_key.problems.front(), "key found"));
}

TEST_CASE("a CA that was made again is told from a stranger of the same name by its key") {
    const Forged renewed = Forge::root("Trusted Root").self_signed();
    const Diagnosis sent = told({leaf().signed_by(renewed), renewed});
    CHECK(sent.code == Code::untrusted_root);
    CHECK(sent.title ==
          "the chain ends in \"Trusted Root\"; a root of that name, with another key, is in the trust store");
    const Diagnosis alone = told({leaf().signed_by(renewed)});
    CHECK(alone.code == Code::unknown_issuer);
    CHECK(alone.title == "a root of the issuer's name, \"Trusted Root\", with another key, is in the trust store");
}

TEST_CASE("a recognised CA that was made again is told by the old root of its name, whose replacement comes first") {
    for (const std::string_view name :
         {"kubernetes", "minikubeCA", "mkcert ann@host", "Caddy Local Authority - 2026 ECC Root"}) {
        const Forged old = Forge::root(name).self_signed(), renewed = Forge::root(name).self_signed();
        for (const std::vector<Forged>& served :
             {std::vector{leaf().signed_by(renewed)}, std::vector{leaf().signed_by(renewed), renewed}}) {
            const Diagnosis diagnosis = explain(tests::judged(tests::attempt_at(), served, old));
            INFO(diagnosis.title);
            CHECK(has(diagnosis.title, "with another key, is in the trust store"));
            const Problem& problem = diagnosis.problems.front();
            CHECK(has(problem.fixes.at(0).text, "replace its old root by the new one"));
            CHECK_FALSE(evidence(problem, "recognised").empty());
            const auto own = [&](const Fix& fix) { return fix == problem.fixes.at(1); };
            CHECK(std::ranges::count_if(problem.fixes, own) == 1);
        }
    }
    CHECK(has(told({leaf().signed_by(Forge::root("kubernetes").self_signed())}).title, "a Kubernetes cluster's CA"));
}

TEST_CASE("a self-signed certificate that was made again is told by the one of its name that is trusted") {
    const Forged old = leaf().self_signed(), renewed = leaf().self_signed();
    const Diagnosis diagnosis = explain(tests::judged(tests::attempt_at(), {renewed}, old));
    CHECK(diagnosis.code == Code::self_signed);
    CHECK(diagnosis.title ==
          "the certificate of api.example.com signs itself; one of its name is trusted, with another key");
    CHECK(has(told({renewed}).title, "no one in the trust store vouches for it"));
}

TEST_CASE("a private CA is likely where nothing of a public one is there, and only then") {
    const Diagnosis likely = below({{"CN", "Example Corp CA"}});
    CHECK(likely.title ==
          "the chain ends in \"Example Corp CA\", most likely a private CA, which is not the one root trusted here");
    CHECK(likely.problems.front().proof == Proof::likely);
    CHECK(has(likely.problems.front().fixes.front().command, "--add-trust"));
    const std::vector<tests::Attribute> public_name{{"C", "US"}, {"O", "Example Trust"}, {"CN", "Example Root"}};
    const Diagnosis neutral = below(public_name, leaf().issuing_certificate_url({"http://ca.example/root.der"}));
    CHECK(neutral.title == "the chain ends in the root \"Example Root\", which is not the one root trusted here");
    CHECK(neutral.problems.front().proof == Proof::observed);
    const Diagnosis unsent = told({leaf().signed_by(Forge::root("Example Corp CA").self_signed())});
    CHECK(unsent.code == Code::unknown_issuer);
    CHECK(unsent.title ==
          "\"Example Corp CA\" was not sent and is not trusted here: an intermediate left out, or a private CA");
}

TEST_CASE("an issuer of whom only the name is known is an intermediate or a private CA, and both have a fix") {
    const Problem both = told({leaf().signed_by(Forge::root("Example Corp CA").self_signed())}).problems.front();
    CHECK(both.proof == Proof::likely);
    CHECK(has(both.detail, "Two causes look the same from here"));
    CHECK(has(both.fixes.at(0).command, "--add-trust"));
    CHECK(has(both.fixes.at(1).text, "serve it too (fullchain.pem, not cert.pem)"));
}

TEST_CASE(
    "where the signs say private, or the issuer was fetched in vain, the root comes first and no one is told to serve it") {
    const Forged root = Forge::root("Corp Root").self_signed(),
                 ca = Forge::intermediate("Corp Issuing 1").signed_by(root);
    const Problem above = told({leaf().signed_by(ca), ca}).problems.front();
    CHECK(above.code == Code::unknown_issuer);
    CHECK(has(above.fixes.at(0).command, "--add-trust"));
    CHECK(has(above.fixes.at(1).text, "If \"Corp Root\" is an intermediate and no root, send it too: append it"));

    // The only sign of a private CA is the host: what the certificate says of its issuer decides.
    const Forged public_root =
        Forge::root("").subject({{"C", "US"}, {"O", "Example"}, {"CN", "Example Root"}}).self_signed();
    const Forge end = leaf().issuing_certificate_url({"http://c/ca.crt"});
    Attempt attempt = tests::judged(tests::attempt_at(), {end.signed_by(public_root)}, trusted());
    CHECK(explain(attempt).problems.front().fixes.front().text.starts_with(
        "Send the whole chain: append the intermediate"));
    attempt.issuers_sought = {{"http://c/ca.crt", NotFetched::leads_nowhere}};
    const Problem in_vain = explain(attempt).problems.front();
    CHECK(has(in_vain.fixes.at(0).command, "--add-trust"));
    CHECK(has(in_vain.fixes.at(1).text, "If \"Example Root\" is an intermediate and no root"));
    CHECK_FALSE(has(in_vain.detail, "the first is likelier"));
    const Problem unknown = told({leaf().signed_by(public_root)}).problems.front();
    CHECK(has(unknown.fixes.at(0).text, "If \"Example Root\" is an intermediate and no root"));
}

TEST_CASE("where an issuer was looked for in vain is told, and that the rest is not known unless an answer came") {
    const Forged root = Forge::root("R").self_signed(), ca = Forge::intermediate("CA").signed_by(root);
    Attempt attempt =
        tests::judged(tests::attempt_at(), {leaf().issuing_certificate_url({"http://c/ca.crt"}).signed_by(ca)}, root);
    CHECK_FALSE(has(explain(attempt).problems.front().detail, "http://"));
    for (int why = 0; why <= static_cast<int>(NotFetched::leads_nowhere); ++why) {
        const bool answered = NotFetched{why} == NotFetched::useless || NotFetched{why} == NotFetched::leads_nowhere;
        attempt.issuers_sought = {{"http://c/ca.crt", NotFetched{why}}};
        const Problem problem = explain(attempt).problems.front();
        INFO(problem.detail);
        CHECK(problem.code == Code::unknown_issuer);
        CHECK(has(problem.detail,
                  NotFetched{why} == NotFetched::behind_parent ? "past the parent proxy" : "http://c/ca.crt "));
        CHECK(has(problem.detail, "is not known.") == !answered);
        // A place that gave no answer counts, whatever another place said.
        attempt.issuers_sought.push_back({"http://d/ca.crt", NotFetched::useless});
        CHECK(has(explain(attempt).problems.front().detail, "is not known.") == !answered);
    }
}

TEST_CASE("an issuer of the organisation of a trusted root is most likely its intermediate") {
    const Forged root = Forge::root("").subject({{"O", "Acme"}, {"CN", "Acme Root"}}).self_signed();
    const auto below_acme = [&](const std::vector<tests::Attribute>& issuer) {
        const Forged ca = Forge::intermediate("").subject(issuer).signed_by(root);
        return explain(tests::judged(tests::attempt_at(), {leaf().signed_by(ca)}, root)).problems.front();
    };
    const Problem kin = below_acme({{"O", "Acme"}, {"CN", "Acme Issuing CA"}});
    CHECK(kin.code == Code::unknown_issuer);
    CHECK(kin.title ==
          "\"Acme Issuing CA\" was not sent: most likely an intermediate of \"Acme Root\", which is trusted here");
    CHECK(kin.proof == Proof::likely);
    CHECK(evidence(kin, "likely the root above it") == "CN=Acme Root,O=Acme");
    CHECK(has(kin.fixes.at(0).text, "\"Acme Issuing CA\""));
    CHECK(has(kin.fixes.at(1).command, "--add-trust"));
    CHECK_FALSE(has(below_acme({{"O", "Acme Ltd"}, {"CN", "Issuing CA"}}).title, "most likely"));
}

TEST_CASE("a self-signed certificate of a development host is mended by a certificate of the local CA first") {
    const auto fixes_for = [](const std::string& host) {
        const std::vector<certs::ByteVector> names{certs::parse_host(host).is_address ? tests::ip(host)
                                                                                      : tests::dns(host)};
        Attempt attempt = tests::attempt_at(host);
        attempt.given = {{"--trust", "own.pem"}, {"--ca-dir", "/home/ann/my ca"}};
        return explain(tests::judged(attempt, {Forge::leaf(host).names(names).self_signed()}, trusted()))
            .problems.front()
            .fixes;
    };
    for (const char* host : {"localhost", "app.test", "printer.local", "127.0.0.1", "10.1.2.3", "172.17.0.2",
                             "192.168.1.9", "::1", "fd00::1", "intranet"}) {
        INFO(host);
        const Fix first = fixes_for(host).front();
        CHECK(first.actor == Actor::server);
        CHECK(has(first.text, "If it is your own server"));
        CHECK(first.command ==
              fmt::format("whytls ca issue --ca-dir '/home/ann/my ca' {} && whytls ca install --ca-dir "
                          "'/home/ann/my ca'",
                          host));
    }
    for (const char* host : {"api.example.com", "203.0.113.7", "172.32.0.1"}) {
        INFO(host);
        const std::vector<Fix> fixes = fixes_for(host);
        CHECK(has(fixes.front().text, "trust exactly this certificate"));
        CHECK(has(fixes.back().command, "whytls ca issue"));
        CHECK(fixes.back().text == "For development, let a local CA issue it, which every machine trusts once.");
    }
}

TEST_CASE("a domain component is no country") {
    CHECK(below({{"DC", "corp"}, {"CN", "AD CA"}}).problems.front().proof == Proof::likely);
}

TEST_CASE("an inspection product and a debugging proxy are named") {
    const Diagnosis product = below({{"O", "Zscaler Inc."}, {"CN", "Zscaler Root CA"}});
    CHECK(
        product.title ==
        "the certificate is from Zscaler, which decrypts TLS on the way, and its root is not the one root trusted here");
    CHECK(product.problems.front().fixes.front().actor == Actor::network);
    const Forged zscaler = Forge::root("Zscaler Root CA").self_signed(),
                 company = Forge::intermediate("Corp CA 7").signed_by(zscaler);
    CHECK(has(told({leaf().signed_by(company), company, zscaler}).title, "from Zscaler, which decrypts TLS"));
    CHECK(has(below({{"CN", "mitmproxy"}}).title, "from mitmproxy, another proxy on the way"));
    CHECK(has(below({{"CN", "mkcert ann@host"}}).title, "from mkcert, and its root"));
}

TEST_CASE("a public root that expired or lost trust is told with what happened to it") {
    const Diagnosis gone = below({{"C", "IL"}, {"O", "StartCom Ltd."}, {"CN", "StartCom Certification Authority"}});
    CHECK(gone.code == Code::untrusted_root);
    CHECK(
        gone.title ==
        "the chain ends in a root not trusted here: \"StartCom Certification Author…\", which browsers stopped trusting in 2016");
    CHECK(gone.problems.front().proof == Proof::likely);
    CHECK(has(below({{"O", "Digital Signature Trust Co."}, {"CN", "DST Root CA X3"}}).title,
              "\"DST Root CA X3\", which expired on 2021-09-30"));
    CHECK(has(below({{"CN", "eDellRoot"}}).title, "whose private key has been public since 2015"));
    const Diagnosis unsent = told({leaf().signed_by(Forge::root("GeoTrust Global CA").self_signed())});
    CHECK(unsent.title ==
          "the issuer of the certificate is \"GeoTrust Global CA\", which browsers stopped trusting in 2018");
}

TEST_CASE("every row on public roots says what happened, when, and what to do, within a title's length") {
    for (const PublicRoot& root : public_roots()) {
        INFO(root.title << " " << root.pattern);
        CHECK(find_public_root("C=XX,CN=" + std::string(root.pattern)) != nullptr);
        CHECK(root.happened.ends_with('.'));
        CHECK(root.fix.ends_with('.') == !root.fix.ends_with(')'));
        CHECK((root.when.size() == 4 || root.when.size() == 10));
        const Diagnosis diagnosis = below({{"CN", std::string(root.pattern)}});
        CHECK(inspect::report::columns(diagnosis.title) <= title_limit);
        CHECK(has(diagnosis.title, root.when.substr(0, 4)));
    }
    for (const std::string_view alive :
         {"CN=DigiCert Global Root G2,O=DigiCert Inc,C=US", "CN=GeoTrust TLS RSA CA G1,O=DigiCert Inc,C=US",
          "CN=ISRG Root X1,O=Internet Security Research Group,C=US", "CN=GlobalSign Root CA,O=GlobalSign",
          "CN=QuoVadis Root CA 2 G3,O=QuoVadis Limited,C=BM", "CN=USERTrust RSA Certification Authority"})
        CHECK(find_public_root(alive) == nullptr);
}

TEST_CASE("an expired root of the trust store is told as such, an expired intermediate with its own cure") {
    const auto judged = [](const Forged& root, const std::vector<Forged>& served) {
        return explain(tests::judged(tests::attempt_at(), served, root));
    };
    const Forged old = Forge::root("Old Root").dates(tests::days_later(-900), tests::days_later(-3)).self_signed();
    const Diagnosis root = judged(old, {leaf().signed_by(old)});
    CHECK(root.code == Code::expired);
    CHECK(has(root.title, "the root \"Old Root\" expired 3 days ago"));
    CHECK(has(root.detail, "in this machine's trust store"));
    CHECK(root.problems.front().fixes.front().actor == Actor::client);
    const Forged ca =
        Forge::intermediate("CA").dates(tests::days_later(-900), tests::days_later(-3)).signed_by(trusted());
    const Diagnosis middle = judged(trusted(), {leaf().signed_by(ca), ca});
    CHECK(has(middle.title, "the intermediate \"CA\" expired"));
    CHECK(middle.problems.front().fixes.front().actor == Actor::server);
    const Forged dst =
        Forge::root("DST Root CA X3").dates(tests::days_later(-900), tests::days_later(-3)).self_signed();
    CHECK(has(judged(dst, {leaf().signed_by(dst)}).problems.front().fixes.front().text, "ISRG Root X1"));
}

TEST_CASE("to trust a self-signed certificate is no fix where its name or its dates are wrong too") {
    const auto first_fix = [](const Forge& own) {
        const Forged forged = own.self_signed();
        return told({forged}).problems.front().fixes.front();
    };
    CHECK(has(first_fix(leaf()).command, "--add-trust server.pem"));
    const Fix renamed = first_fix(Forge::leaf("other.test"));
    CHECK_FALSE(has(renamed.command, "--add-trust"));
    CHECK(
        has(renamed.text,
            "a new certificate for api.example.com; trusting this one is not enough, as it does not cover that name"));
    CHECK(has(renamed.command, "-addext subjectAltName=DNS:api.example.com"));
    const Fix expired = first_fix(leaf().dates(tests::days_later(-9), tests::days_later(-1)));
    CHECK_FALSE(has(expired.command, "--add-trust"));
    CHECK(has(expired.text, "its dates are wrong"));
}

TEST_CASE("to renew an expired certificate is no fix where its name is wrong too") {
    const auto renewal = [](const Forge& end) {
        const Diagnosis diagnosis =
            told({Forge(end).dates(tests::days_later(-90), tests::days_later(-1)).signed_by(trusted())});
        const auto expired = std::ranges::find(diagnosis.problems, Code::expired, &Problem::code);
        REQUIRE(expired != diagnosis.problems.end());
        return expired->fixes.front().text;
    };
    CHECK(has(renewal(leaf()), "Renew the certificate of api.example.com"));
    const std::string both = renewal(Forge::leaf("other.test"));
    CHECK(has(both, "a new certificate issued that lists api.example.com: renewing this one is not enough"));
    CHECK_FALSE(has(both, "Renew the certificate of"));
}

TEST_CASE("a report of a CA that is not trusted does not tell which public rules it breaks that no client enforces") {
    const Forged root = Forge::root("Corp Root").self_signed();
    Forge odd = leaf();
    odd.subject({{"CN", "a name that is no host"}});
    const auto remarks = [](const Diagnosis& diagnosis) {
        return std::ranges::count(diagnosis.problems, Code::profile_violation, &Problem::code);
    };
    CHECK(remarks(told({odd.signed_by(root)})) == 0);
    CHECK(remarks(explain(tests::judged(tests::attempt_at(), {odd.signed_by(root)}, root))) > 0);
}

TEST_CASE("an intermediate whose name differs from the issuer's only in the order of its attributes is told as that") {
    const Forged ca = Forge::intermediate("").subject({{"O", "Corp"}, {"CN", "Corp Issuing 1"}}).signed_by(trusted());
    const Forged turned =
        Forge::intermediate("").subject({{"CN", "Corp Issuing 1"}, {"O", "Corp"}}).key(ca.key).signed_by(trusted());
    const Problem unknown = told({leaf().signed_by(ca), turned}).problems.front();
    CHECK(unknown.code == Code::unknown_issuer);
    CHECK(
        unknown.title ==
        "the name of \"Corp Issuing 1\", which was sent, has its attributes in another order than the issuer's in the certificate");
    CHECK(has(unknown.fixes.front().text, "whose name has that order"));
    const Problem missing =
        explain(with_extra({leaf().signed_by(ca), turned}, ca, certs::Provenance::seen_before)).problems.front();
    CHECK(has(missing.title, "has its attributes in another order"));
    CHECK(has(missing.detail, "(RFC 5280 §7.1)"));
}
