// Revocation by lists (RFC 5280 §6.3).
#include "tests/certs/revoked_chain.h"

using namespace revoked_chain;

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
    CHECK(errors(chain.verify([&](VerifyInput& input) { input.revocation.lists = lists; })) ==
          "revocation_unavailable@0");
}

TEST_CASE("a list may be signed by another key of the issuer's name that the same CA certified") {
    const Forged lists_key = Forge::intermediate("CA").key_usage({Usage::crl_sign}).signed_by(root());
    CHECK(errors(judge(leaf(), {ListForge{{{7, 1}}}.signed_by(lists_key)}, RevocationDemand::usable, {lists_key})) ==
          "revoked@0");
    const Forged stranger = Forge::root("CA").self_signed();
    CHECK(errors(judge(leaf(), {ListForge{{{8, 1}}}.signed_by(stranger)}, RevocationDemand::usable, {stranger})) ==
          "revocation_unavailable@0");
}

TEST_CASE("a list without a number is remarked, and refused under the strict profile (RFC 5280 §5.2.3)") {
    const std::vector<Crl> lists{*Crl::parse(ListForge{.extensions = {}}.signed_by(ca()))};
    const Chain chain({leaf().signed_by(ca()), ca()}, {root()});
    const auto judged_as = [&](Profile profile) {
        return errors(chain.verify([&](VerifyInput& input) {
            input.revocation.lists = lists;
            input.profile = profile;
        }));
    };
    CHECK(judged_as(Profile::client) == "ok");
    CHECK(judged_as(Profile::strict) == "profile_violation@0");
}

TEST_CASE("who signs beside the path is valid, understood, strong and itself not revoked (RFC 5280 §6.3.3(f))") {
    const auto signer = [] {
        return Forge::intermediate("CA").serial(71).no_basic_constraints().key_usage({Usage::crl_sign});
    };
    const auto with = [](const Forge& forge, const ListForge& of_root) {
        const Forged own = Forge(forge).signed_by(root());
        return errors(
            judge(leaf(), {ListForge{}.signed_by(own), of_root.signed_by(root())}, RevocationDemand::usable, {own}));
    };
    CHECK(with(signer(), {}) == "ok");
    CHECK(with(signer(), {.revoked = {{71}}}) == "revocation_unavailable@0");
    CHECK(with(signer().dates(days_later(-30), days_later(-2)), {}) == "revocation_unavailable@0");
    CHECK(with(signer().extension({"1.2.3", true, der_null()}), {}) == "revocation_unavailable@0");
    CHECK(with(signer().key(KeyType::rsa1024), {}) == "revocation_unavailable@0");
    // A list that no one on the path signed has no effect.
    const Forged stranger = Forge::root("Root").self_signed(), own = signer().signed_by(root());
    const ByteVector forged = ListForge{.revoked = {{71}}}.signed_by(stranger);
    CHECK(errors(judge(leaf(), {ListForge{}.signed_by(own), forged, ListForge{}.signed_by(root())},
                       RevocationDemand::best_effort, {own})) == "ok");
}

TEST_CASE("a responder that a list of its CA revokes says nothing more") {
    const Forged own = responder().serial(72).signed_by(ca());
    const OcspResponse response =
        *OcspResponse::parse(ResponseForge{.responder = own}.about(end(), ca()), "http://ocsp.example/");
    const auto with = [&](std::int64_t serial) {
        const Crl list = *Crl::parse(ListForge{.revoked = {{serial}}}.signed_by(ca()));
        return Chain({end(), ca()}, {root()}).verify([&](VerifyInput& input) {
            input.revocation.lists = std::span(&list, 1);
            input.revocation.responses = std::span(&response, 1);
        });
    };
    CHECK(with(73).paths.front().good_answers.front().source == "http://ocsp.example/");
    CHECK(with(72).paths.front().good_answers.front().source != "http://ocsp.example/");
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
    CHECK(why(judge(leaf(), {for_cas.signed_by(ca())})).why == NoAnswer::ca_certificates_only);
    ListForge for_point{{{7, 1}}};
    for_point.extensions.push_back(
        {"2.5.29.28", true, der_sequence({der_context(0, der_context(0, uri("http://ca.example/1")))})});
    CHECK(why(judge(leaf(), {for_point.signed_by(ca())})) ==
          RevocationEvidence{{}, "URI:http://ca.example/1", "http://ca.example/crl", NoAnswer::another_point});
    CHECK(errors(judge(leaf().crl_url({"http://ca.example/1"}), {for_point.signed_by(ca())})) == "revoked@0");
    CHECK(errors(judge(leaf().crl_url({"http://ca.example/2"}), {for_point.signed_by(ca())})) ==
          "revocation_unavailable@0");
}

TEST_CASE(
    "a list that does not apply leaves open whether the certificate is revoked, and a full one beside it answers") {
    const auto with = [](const char* oid, const ByteVector& value) {
        ListForge list{{{7, 1}}};
        list.extensions.push_back({oid, true, value});
        return list.signed_by(ca());
    };
    const std::uint8_t yes = 0xFF;
    const auto scope = [&](unsigned number) {
        return with("2.5.29.28", der_sequence({der_context_primitive(number, Bytes(&yes, 1))}));
    };
    const ByteVector delta = with("2.5.29.27", der_integer(3)), full = ListForge{}.signed_by(ca());
    CHECK(why(judge(leaf(), {delta})).why == NoAnswer::delta_list);
    CHECK(why(judge(leaf(), {scope(2)})).why == NoAnswer::ca_certificates_only);
    CHECK(why(judge(leaf(), {scope(4)})).why == NoAnswer::indirect_list);
    CHECK(why(judge(leaf(), {scope(5)})).why == NoAnswer::attribute_certificates_only);
    for (const ByteVector& list : {scope(2), scope(4), scope(5)}) CHECK(judged({list, full}) == "ok");
    // What a delta list adds to a full one counts; what it removes is not revoked.
    CHECK(judged({delta, full}) == "revoked@0");
    CHECK(judged({full, delta}) == "revoked@0");
    ListForge removed{{{7, 8}}};
    removed.extensions.push_back({"2.5.29.27", true, der_integer(3)});
    CHECK(judged({removed.signed_by(ca()), full}) == "ok");
}

TEST_CASE(
    "a list for users' certificates says nothing of a CA, and is handed in for the leaf where both have one issuer") {
    const std::uint8_t yes = 0xFF;
    ListForge users;
    users.extensions.push_back({"2.5.29.28", true, der_sequence({der_context_primitive(1, Bytes(&yes, 1))})});
    CHECK(errors(judge(leaf(), {users.signed_by(root())})) == "revocation_unavailable@1");
    CHECK(judged({users.signed_by(ca())}) == "ok");
}

TEST_CASE("answers about none of the chain's certificates are not as if nothing had been asked") {
    const Forged stranger = Forge::root("Stranger").self_signed();
    const Verdict list = judge(leaf(), {ListForge{}.signed_by(stranger)});
    CHECK(errors(list) == "ok");
    CHECK(why(list).why == NoAnswer::of_another_issuer);
    CHECK(status(list, Step::revocation, 0) == Status::warn);
    CHECK(remarks(judge(leaf(), {ListForge{}.signed_by(stranger), ListForge{}.signed_by(ca())})).empty());
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

TEST_CASE("why a list cannot be used is told, with the moment") {
    ListForge old;
    old.next_update = days_later(-0.5);
    CHECK(why(judge(leaf(), {old.signed_by(ca())})) ==
          RevocationEvidence{days_later(-0.5), "", "http://ca.example/crl", NoAnswer::out_of_date});
    ListForge early;
    early.this_update = days_later(1);
    CHECK(why(judge(leaf(), {early.signed_by(ca())})) ==
          RevocationEvidence{days_later(1), "", "http://ca.example/crl", NoAnswer::not_yet_valid});
    ListForge broken;
    broken.broken_signature = true;
    CHECK(why(judge(leaf(), {broken.signed_by(ca())})).why == NoAnswer::bad_signature);
    ListForge partial;
    const std::uint8_t key_compromise[] = {6, 0x40};
    partial.extensions.push_back({"2.5.29.28", true, der_sequence({der_context_primitive(3, key_compromise)})});
    CHECK(why(judge(leaf(), {partial.signed_by(ca())})).why == NoAnswer::some_reasons_only);
    partial.broken_signature = true;
    CHECK(why(judge(leaf(), {partial.signed_by(ca())})).why == NoAnswer::bad_signature);
}

TEST_CASE("a list of some reasons revokes what it holds") {
    ListForge partial{{{7, 1}}};
    const std::uint8_t key_compromise[] = {6, 0x40};
    partial.extensions.push_back({"2.5.29.28", true, der_sequence({der_context_primitive(3, key_compromise)})});
    const Verdict verdict = judge(leaf(), {partial.signed_by(ca())});
    CHECK(errors(verdict) == "revoked@0");
    CHECK(std::get<RevocationEvidence>(verdict.problems.front().evidence).reason == "keyCompromise");
    CHECK(judged({ListForge{}.signed_by(ca()), partial.signed_by(ca())}) == "revoked@0");
}

TEST_CASE("a list without nextUpdate counts for ten days") {
    ListForge list;
    list.next_update = std::nullopt;
    list.this_update = days_later(-9);
    CHECK(errors(judge(leaf(), {list.signed_by(ca())})) == "ok");
    list.this_update = days_later(-11);
    CHECK(errors(judge(leaf(), {list.signed_by(ca())})) == "revocation_unavailable@0");
}
