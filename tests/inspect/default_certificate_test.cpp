// A server's placeholder is called so only when the certificate really is that one, and not one
// that only resembles it.
#include <algorithm>

#include "inspect/diagnosis/diagnosis.h"
#include "inspect/diagnosis/known/providers.h"
#include "inspect/report/render.h"
#include "tests/inspect/diagnosis_cases.h"
#include "tests/support/catch.h"

using namespace inspect::diagnosis;
using tests::Attribute;
using tests::Forge;
using tests::Forged;

namespace {

std::string_view recognised(const std::string& subject, const std::string& issuer) {
    certs::Description leaf;
    leaf.names = {"DNS:www.example.com"};
    leaf.subject = subject;
    leaf.issuer = issuer;
    const Provider* found = recognise(leaf);
    return found == nullptr ? std::string_view() : found->title;
}

std::string_view signed_by_itself(const std::string& subject) { return recognised(subject, subject); }

Diagnosis told(const std::vector<Attribute>& name, const std::string& sni = "api.example.com") {
    const Forged other = Forge::root("Another Root").self_signed();
    const Forged own = Forge::leaf("ingress.local").subject(name).self_signed();
    Attempt attempt = tests::attempt_at();
    attempt.sni = sni;
    return explain(tests::judged(attempt, {own}, other));
}

const std::vector<Attribute> fake = {{"O", "Acme Co"}, {"CN", "Kubernetes Ingress Controller Fake Certificate"}};

}  // namespace

TEST_CASE("what servers show by default is recognised by the very name that it carries") {
    CHECK(signed_by_itself("CN=Kubernetes Ingress Controller Fake Certificate,O=Acme Co") ==
          "the Kubernetes ingress controller's placeholder");
    CHECK(signed_by_itself("CN=TRAEFIK DEFAULT CERT") == "Traefik's default certificate");
    CHECK(signed_by_itself("CN=Plesk,O=Plesk,C=CH") == "Plesk's default certificate");
    CHECK(signed_by_itself("1.2.840.113549.1.9.1=info@plesk.com,CN=Plesk,O=Plesk,L=Schaffhausen,C=CH") ==
          "Plesk's default certificate");
    CHECK(recognised("CN=synology,O=Synology Inc.,C=TW", "CN=Synology Inc. CA,O=Synology Inc.,C=TW") ==
          "Synology's default certificate");
    CHECK(recognised("", "CN=Caddy Local Authority - ECC Intermediate") == "Caddy's local CA");
    CHECK(signed_by_itself(
              "CN=localhost.localdomain,OU=SomeOrganizationalUnit,O=SomeOrganization,L=SomeCity,ST=SomeState,C=--") ==
          "a distribution's self-made certificate");
}

TEST_CASE("another certificate is not taken for a server's default one, whatever it resembles") {
    for (const std::string subject :
         {"CN=www.example.com", "CN=localhost", "CN=localhost.localdomain", "CN=fake certificate",
          "CN=Acme Co,O=Acme Co", "O=Acme Co", "CN=Not a Kubernetes Ingress Controller Fake Certificate",
          "CN=www.example.com,OU=Kubernetes Ingress Controller Fake Certificate",
          "CN=www.example.com,O=TRAEFIK DEFAULT CERT", "CN=my TRAEFIK DEFAULT CERT 2", "CN=Pleskow GmbH",
          "CN=Plesk Partner,O=Partner", "CN=synology.example.com", "CN=nas,O=Synology Inc. fans",
          "CN=kubernetes-dashboard", "CN=cPanel fan page"}) {
        INFO(subject);
        CHECK(signed_by_itself(subject).empty());
    }
    // The placeholder signs itself; a certificate of that name from a CA is someone's own.
    CHECK(recognised("CN=Kubernetes Ingress Controller Fake Certificate,O=Acme Co", "CN=Company CA,O=Company").empty());
    CHECK(recognised("CN=TRAEFIK DEFAULT CERT", "CN=Company CA,O=Company").empty());
    CHECK(recognised("CN=www.example.com", "CN=kubernetes.example.com Issuing CA").empty());
}

TEST_CASE("a public certificate that cPanel's AutoSSL brought is another site's, not a CA made for one purpose") {
    const std::string issuer = "CN=cPanel\\, Inc. Certification Authority,O=cPanel\\, Inc.,L=Houston,ST=TX,C=US";
    CHECK(recognised("CN=www.example.com", issuer) == "cPanel");
    const Forged ca = Forge::intermediate("")
                          .subject({{"C", "US"}, {"O", "cPanel, Inc."}, {"CN", "cPanel, Inc. Certification Authority"}})
                          .signed_by(Forge::root("Sectigo").self_signed());
    const Diagnosis diagnosis =
        explain(tests::judged(tests::attempt_at(), {Forge::leaf("api.example.com").signed_by(ca)},
                              Forge::root("Another Root").self_signed()));
    CHECK(diagnosis.code == Code::unknown_issuer);
    CHECK_FALSE(inspect::report::text(diagnosis).contains("one machine or for one purpose"));
    CHECK_FALSE(diagnosis.problems.front().fixes.front().text.contains("AutoSSL"));
}

TEST_CASE("an ingress's placeholder is told as such, with what chooses a certificate there") {
    const Diagnosis diagnosis = told(fake);
    CHECK(diagnosis.code == Code::self_signed);
    CHECK(diagnosis.detail.contains("the Kubernetes ingress controller's placeholder"));
    CHECK(diagnosis.problems.front().fixes.front().text.contains("secretName"));
    for (const Problem& problem : diagnosis.problems)
        for (const Fix& fix : problem.fixes) CHECK_FALSE(fix.command.contains("--add-trust"));
    const Diagnosis own = told({{"O", "Acme Co"}, {"CN", "ingress.local"}});
    CHECK(own.code == Code::self_signed);
    CHECK_FALSE(inspect::report::text(own).contains("ngress controller"));
}

TEST_CASE("a placeholder that was shown to a ClientHello without a name is told with that") {
    const auto& first = [](const Diagnosis& diagnosis) { return diagnosis.problems.front().fixes.front(); };
    const Fix unnamed = first(told(fake, ""));
    CHECK(unnamed.actor == Actor::client);
    CHECK(unnamed.text.contains("SNI"));
    CHECK_FALSE(first(told(fake)).text.contains("SNI"));
}
