#include "certs/wants.h"

#include "certs/ocsp.h"
#include "tests/certs/chain.h"
#include "tests/support/catch.h"
#include "tests/support/forge_crl.h"

using namespace certs;
using namespace tests;

namespace {

const Forged& root() {
    static const Forged forged = Forge::root("Root").self_signed();
    return forged;
}
const Forged& ca() {
    static const Forged forged = Forge::intermediate("CA").crl_url({"http://root.example/crl"}).signed_by(root());
    return forged;
}
Forge leaf() { return Forge::leaf("www.example.com"); }

std::string told(const std::vector<Want>& wants) {
    std::string text;
    for (const Want& want : wants) {
        const std::string_view kind = want.kind == Want::Kind::issuer ? "issuer"
                                      : want.kind == Want::Kind::ocsp ? "ocsp"
                                                                      : "crl";
        text += (text.empty() ? "" : " ") + std::string(kind) + "@" + std::to_string(want.depth) + " " + want.url;
    }
    return text;
}
std::string revocation(const Forge& end) {
    return told(wanted_revocation(Chain({end.signed_by(ca()), ca()}, {root()}).verify()));
}
std::string issuers(const Forge& end) { return told(wanted_issuers(Chain({end.signed_by(ca())}, {root()}).verify())); }

}  // namespace

TEST_CASE("revocation is wanted from the responders, then the lists, of every certificate but the anchor") {
    const Forge end = leaf().issuing_certificate_url({}, {"http://ocsp.example/"}).crl_url({"http://ca.example/crl"});
    CHECK(revocation(end) == "ocsp@0 http://ocsp.example/ crl@0 http://ca.example/crl crl@1 http://root.example/crl");
    const Forged made = end.signed_by(ca());
    const Verdict verdict = Chain({made, ca()}, {root()}).verify();
    CHECK(wanted_revocation(verdict).front().ocsp_request == ocsp_request(made.certificate(), ca().certificate()));
}

TEST_CASE("nothing is wanted of a certificate that was answered or names nobody") {
    const Forged end = leaf().crl_url({"http://ca.example/crl"}).signed_by(ca());
    const std::vector<Crl> lists{*Crl::parse(ListForge{}.signed_by(ca()))};
    const Chain chain({end, ca()}, {root()});
    CHECK(told(wanted_revocation(chain.verify([&](VerifyInput& input) { input.revocation.lists = lists; }))) ==
          "crl@1 http://root.example/crl");
    ListForge old;
    old.next_update = days_later(-0.5);
    const std::vector<Crl> useless{*Crl::parse(old.signed_by(ca()))};
    CHECK(told(wanted_revocation(chain.verify([&](VerifyInput& input) { input.revocation.lists = useless; }))) ==
          "crl@0 http://ca.example/crl crl@1 http://root.example/crl");
    CHECK(revocation(leaf()) == "crl@1 http://root.example/crl");
    CHECK(wanted_revocation(Chain({root()}, {root()}).verify()).empty());
}

TEST_CASE("what is wanted is bounded: plain HTTP, two addresses of a kind, 2,048 printable characters, none twice") {
    const std::string rest = " crl@1 http://root.example/crl";
    CHECK(revocation(leaf().crl_url({"ldap://a/", "https://b/", "http://c/", "HTTP://d/", "http://e/"})) ==
          "crl@0 http://c/ crl@0 HTTP://d/" + rest);
    CHECK(revocation(leaf().crl_url({"http://c/", "http://c/", "http://", "http://x y/", "http://x\r\ny/"})) ==
          "crl@0 http://c/" + rest);
    const std::string longest = "http://" + std::string(2041, 'a');
    CHECK(revocation(leaf().crl_url({longest + "a"})) == rest.substr(1));
    CHECK(revocation(leaf().crl_url({longest})) == "crl@0 " + longest + rest);
}

TEST_CASE("an issuer is wanted where the path ends in neither an anchor nor itself") {
    const Forge end = leaf().issuing_certificate_url({"http://a/", "http://b/", "http://c/"});
    CHECK(issuers(end) == "issuer@0 http://a/ issuer@0 http://b/");
    CHECK(issuers(leaf()).empty());
    CHECK(wanted_issuers(Chain({end.signed_by(ca()), ca()}, {root()}).verify()).empty());
    CHECK(wanted_issuers(Chain({end.self_signed()}, {root()}).verify()).empty());
}

TEST_CASE("a leaf that cannot be read wants nothing") {
    Forged broken = leaf().signed_by(ca());
    broken.der.resize(20);
    const Verdict verdict = Chain({broken}, {root()}).verify();
    CHECK(wanted_issuers(verdict).empty());
    CHECK(wanted_revocation(verdict).empty());
}
