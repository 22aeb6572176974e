#include "certs/revocation.h"

#include "tests/certs/chain.h"
#include "tests/certs/forge_list.h"
#include "tests/support/catch.h"

using namespace certs;
using namespace tests;

namespace {

const Forged& root() {
    static const Forged forged = Forge::root("Root").self_signed();
    return forged;
}
const Forged& ca() {
    static const Forged forged = Forge::intermediate("CA").serial(70).signed_by(root());
    return forged;
}
Forge leaf() { return Forge::leaf("www.example.com").serial(7); }

Verdict judge(const Forge& end, const std::vector<ByteVector>& lists, RevocationDemand demand = RevocationDemand::usable,
              const std::vector<Forged>& more = {}) {
    std::vector<Crl> parsed;
    for (const ByteVector& list : lists) parsed.push_back(*Crl::parse(list, "http://ca.example/crl"));
    std::vector<Forged> served{Forge(end).signed_by(ca()), ca()};
    served.insert(served.end(), more.begin(), more.end());
    return Chain(served, {root()}).verify([&](VerifyInput& input) {
        input.revocation.lists = parsed;
        input.revocation.demand = demand;
    });
}
std::string judged(const std::vector<ByteVector>& lists, RevocationDemand demand = RevocationDemand::usable) {
    return errors(judge(leaf(), lists, demand));
}

}  // namespace

TEST_CASE("without lists revocation is not asked") {
    const Verdict verdict = judge(leaf(), {});
    CHECK(errors(verdict) == "ok");
    CHECK(status(verdict, Step::revocation, 0) == Status::skip);
}

TEST_CASE("a certificate on its issuer's list is revoked, with the moment, the reason and the list") {
    const Verdict verdict = judge(leaf(), {ListForge{{{7, 1}}}.signed_by(ca())});
    CHECK(errors(verdict) == "revoked@0");
    CHECK(std::get<RevocationEvidence>(verdict.problems.front().evidence) ==
          RevocationEvidence{days_later(-2), "keyCompromise", "http://ca.example/crl"});
    CHECK(judged({ListForge{{{70, 1}}}.signed_by(root())}) == "revoked@1");
}

TEST_CASE("a certificate that is not on the list is good, whatever other issuers' lists say") {
    const Verdict verdict = judge(leaf(), {ListForge{{{8, 1}}}.signed_by(ca()), ListForge{{{7, 1}}}.signed_by(root())});
    CHECK(errors(verdict) == "ok");
    CHECK(status(verdict, Step::revocation, 0) == Status::pass);
}

TEST_CASE("a list of the issuer that cannot be used is no answer") {
    ListForge old;
    old.next_update = days_later(-0.5);
    CHECK(judged({old.signed_by(ca())}) == "revocation_unavailable@0");
    ListForge early;
    early.this_update = days_later(1);
    CHECK(judged({early.signed_by(ca())}) == "revocation_unavailable@0");
    ListForge broken;
    broken.broken_signature = true;
    CHECK(judged({broken.signed_by(ca())}) == "revocation_unavailable@0");
    ListForge unknown;
    unknown.extensions.push_back({"1.2.3.4", true, {0x05, 0x00}});
    CHECK(judged({unknown.signed_by(ca())}) == "revocation_unavailable@0");
    CHECK(judged({old.signed_by(ca()), ListForge{}.signed_by(ca())}) == "ok");
}

TEST_CASE("the signer of a list has cRLSign, if it limits its key's use") {
    const Forged mute = Forge::intermediate("Mute CA").key_usage({Usage::key_cert_sign}).signed_by(root());
    const std::vector<Crl> lists{*Crl::parse(ListForge{}.signed_by(mute))};
    const Chain chain({leaf().signed_by(mute), mute}, {root()});
    CHECK(errors(chain.verify([&](VerifyInput& input) { input.revocation.lists = lists; })) == "revocation_unavailable@0");
}

TEST_CASE("a list may be signed by another key of the issuer's name that the same CA certified") {
    const Forged lists_key = Forge::intermediate("CA").key_usage({Usage::crl_sign}).signed_by(root());
    CHECK(errors(judge(leaf(), {ListForge{{{7, 1}}}.signed_by(lists_key)}, RevocationDemand::usable, {lists_key})) == "revoked@0");
    const Forged stranger = Forge::root("CA").self_signed();
    CHECK(errors(judge(leaf(), {ListForge{{{8, 1}}}.signed_by(stranger)}, RevocationDemand::usable, {stranger})) ==
          "revocation_unavailable@0");
}

TEST_CASE("when an answer is required, every certificate but the anchor needs one") {
    CHECK(judged({}, RevocationDemand::everywhere) == "revocation_unavailable@0 revocation_unavailable@1");
    CHECK(judged({ListForge{}.signed_by(ca())}, RevocationDemand::everywhere) == "revocation_unavailable@1");
    CHECK(judged({ListForge{}.signed_by(ca()), ListForge{}.signed_by(root())}, RevocationDemand::everywhere) == "ok");
}

TEST_CASE("a list for CAs alone says nothing of a leaf, one for a distribution point only of those that name it") {
    const std::uint8_t yes = 0xFF;
    ListForge for_cas{{{7, 1}}};
    for_cas.extensions.push_back({"2.5.29.28", true, der_sequence({der_context_primitive(2, Bytes(&yes, 1))})});
    CHECK(judged({for_cas.signed_by(ca())}) == "ok");
    ListForge for_point{{{7, 1}}};
    for_point.extensions.push_back({"2.5.29.28", true, der_sequence({der_context(0, der_context(0, uri("http://ca.example/1")))})});
    CHECK(judged({for_point.signed_by(ca())}) == "ok");
    CHECK(errors(judge(leaf().crl_url({"http://ca.example/1"}), {for_point.signed_by(ca())})) == "revoked@0");
    CHECK(errors(judge(leaf().crl_url({"http://ca.example/2"}), {for_point.signed_by(ca())})) == "ok");
}

TEST_CASE("a revoked cross-sign beside a good one is passed over") {
    const PrivateKey key = PrivateKey::generate(PrivateKeyKind::ec_p256);
    const Forged other_root = Forge::root("Other Root").self_signed();
    const Forged revoked = Forge::intermediate("Twice").key(key).serial(1).signed_by(root());
    const Forged good = Forge::intermediate("Twice").key(key).serial(2).signed_by(other_root);
    const std::vector<Crl> lists{*Crl::parse(ListForge{{{1, std::nullopt}}}.signed_by(root()))};
    const Chain chain({leaf().signed_by(good), revoked, good}, {root(), other_root});
    const Verdict verdict = chain.verify([&](VerifyInput& input) { input.revocation.lists = lists; });
    CHECK(errors(verdict) == "ok");
    CHECK(path_of(verdict) == "www.example.com < Twice < Other Root");
}

TEST_CASE("a list without a number is used and remarked") {
    ListForge unnumbered;
    unnumbered.extensions.clear();
    const Verdict verdict = judge(leaf(), {unnumbered.signed_by(ca())});
    CHECK(errors(verdict) == "ok");
    CHECK(verdict.problems.front().rule == "RFC 5280 §5.2.3");
}
