// Who is asked for another certificate: certbot gets one from a public CA that takes orders by
// ACME, and from no one else.
#include "inspect/diagnosis/explain/certificate/issuance.h"

#include "inspect/report/render.h"
#include "tests/inspect/diagnosis_cases.h"
#include "tests/support/catch.h"

using namespace inspect::diagnosis;
using tests::Forge;
using tests::Forged;

namespace {

// The report on an expired certificate, issued by an intermediate of that organisation below a root
// of the same one.
std::string expired_of(std::string_view organisation, bool looks_public = true) {
    const std::vector<tests::Attribute> name =
        looks_public ? std::vector<tests::Attribute>{{"C", "US"}, {"O", std::string(organisation)}, {"CN", "Root"}}
                     : std::vector<tests::Attribute>{{"CN", std::string(organisation) + " Root"}};
    std::vector<tests::Attribute> below = name;
    below.back().value = "Issuing CA 1";
    const Forged root = Forge::root("").subject(name).self_signed(),
                 ca = Forge::intermediate("").subject(below).signed_by(root);
    Forge leaf = Forge::leaf("api.example.com").dates(tests::days_later(-90), tests::days_later(-1));
    if (looks_public) leaf.issuing_certificate_url({"http://ca.example/ca.der"});
    return inspect::report::text(explain(tests::judged(tests::attempt_at(), {leaf.signed_by(ca), ca}, root)));
}

bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("certbot is offered where the CA is one that issues by ACME, or a public one that is not known") {
    CHECK(has(expired_of("Let's Encrypt"), "certbot renew"));
    CHECK(has(expired_of("Example Trust"), "certbot renew"));
}

TEST_CASE("a certificate of Amazon's, of a CA that is paid by order or of a private one is had from there") {
    CHECK_FALSE(has(expired_of("Amazon"), "certbot"));
    CHECK(has(expired_of("Amazon"), "aws acm"));
    CHECK_FALSE(has(expired_of("DigiCert Inc"), "certbot"));
    CHECK(has(expired_of("DigiCert Inc"), "ordered from"));
    CHECK_FALSE(has(expired_of("Example Corp", false), "certbot"));
    CHECK(has(expired_of("Example Corp", false), "private one"));
}
