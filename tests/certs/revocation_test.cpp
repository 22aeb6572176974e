#include "certs/revocation.h"

#include "tests/certs/chain.h"
#include "tests/support/catch.h"
#include "tests/support/forge_crl.h"
#include "tests/support/forge_ocsp.h"

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

Verdict judge(const Forge& end, const std::vector<ByteVector>& lists,
              RevocationDemand demand = RevocationDemand::usable, const std::vector<Forged>& more = {}) {
    std::vector<Crl> parsed;
    for (const ByteVector& list : lists) parsed.push_back(*Crl::parse(list, "http://ca.example/crl"));
    std::vector<Forged> served{Forge(end).signed_by(ca()), ca()};
    served.insert(served.end(), more.begin(), more.end());
    return Chain(served, {root()}).verify([&](VerifyInput& input) {
        input.revocation.lists = parsed;
        input.revocation.demand = demand;
    });
}
const Forged& end() {
    static const Forged forged = leaf().issuing_certificate_url({}, {"http://ocsp.example/"}).signed_by(ca());
    return forged;
}
// The verdict on `end` with these responses, from its own responder.
Verdict told(const std::vector<ByteVector>& responses, RevocationDemand demand = RevocationDemand::usable,
             std::string source = "http://ocsp.example/") {
    std::vector<OcspResponse> parsed;
    for (const ByteVector& response : responses) parsed.push_back(*OcspResponse::parse(response, source));
    return Chain({end(), ca()}, {root()}).verify([&](VerifyInput& input) {
        input.revocation.responses = parsed;
        input.revocation.demand = demand;
    });
}
std::string told(const ResponseForge& forge) { return errors(told(std::vector<ByteVector>{forge.about(end(), ca())})); }
// Why the answer could not be used, with its time and reason.
RevocationEvidence why(const Verdict& verdict) {
    REQUIRE_FALSE(verdict.problems.empty());
    return std::get<RevocationEvidence>(verdict.problems.front().evidence);
}
RevocationEvidence why(const ResponseForge& forge) {
    return why(told(std::vector<ByteVector>{forge.about(end(), ca())}));
}
Forge responder() { return Forge::leaf("ocsp.example").extended_key_usage({"OCSPSigning"}); }

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

TEST_CASE("a responder that has a key usage needs one for signatures (RFC 5280 §4.2.1.12)") {
    const auto told_by = [](const Forge& forge) { return ResponseForge{.responder = Forge(forge).signed_by(ca())}; };
    CHECK(why(told_by(responder().key_usage({Usage::key_encipherment}))).why == NoAnswer::responder_key_usage);
    CHECK(told(told_by(responder().key_usage({Usage::digital_signature}))) == "ok");
    CHECK(told(told_by(responder().key_usage({Usage::non_repudiation}))) == "ok");
    CHECK(told(told_by(responder().no_key_usage())) == "ok");
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

TEST_CASE("a response of the issuer says that its certificate is good, or when and why it was revoked") {
    const Verdict good = told(std::vector<ByteVector>{ResponseForge{}.about(end(), ca())});
    CHECK(errors(good) == "ok");
    CHECK(status(good, Step::revocation, 0) == Status::pass);
    CHECK(good.paths.front().good_answers == std::vector{GoodAnswer{0, days_later(-1), "http://ocsp.example/"}});
    const ResponseForge revoked{.status = OcspCertStatus::revoked, .reason = 1};
    CHECK(told(revoked) == "revoked@0");
    CHECK(why(revoked) == RevocationEvidence{days_later(-2), "keyCompromise", "http://ocsp.example/"});
    CHECK(told(ResponseForge{.id_by_sha256 = true, .by_key_hash = true}) == "ok");
}

TEST_CASE("a stapled response that says revoked refuses the leaf, naming the staple") {
    const ByteVector revoked = ResponseForge{.status = OcspCertStatus::revoked}.about(end(), ca());
    for (const RevocationDemand demand : {RevocationDemand::best_effort, RevocationDemand::where_named}) {
        const Verdict verdict = told({revoked}, demand, std::string(stapled_response));
        CHECK(verdict.problems.front().code == Code::revoked);
        CHECK(why(verdict).source == "stapled response");
    }
}

TEST_CASE("unknown is no answer") {
    CHECK(told(ResponseForge{.status = OcspCertStatus::unknown}) == "revocation_unavailable@0");
    CHECK(why(ResponseForge{.status = OcspCertStatus::unknown}).why == NoAnswer::unknown_to_responder);
}

TEST_CASE("a response counts from this update to next update, five minutes of clock difference allowed") {
    const auto seconds = [](std::int64_t number) { return Time{forge_time.seconds + number}; };
    CHECK(told(ResponseForge{.next_update = seconds(-300)}) == "ok");
    CHECK(why(ResponseForge{.next_update = seconds(-301)}) ==
          RevocationEvidence{seconds(-301), "", "http://ocsp.example/", NoAnswer::out_of_date});
    CHECK(told(ResponseForge{.this_update = seconds(300)}) == "ok");
    CHECK(why(ResponseForge{.this_update = seconds(301)}) ==
          RevocationEvidence{seconds(301), "", "http://ocsp.example/", NoAnswer::not_yet_valid});
}

TEST_CASE("a response without a next update counts for a day") {
    CHECK(told(ResponseForge{.next_update = std::nullopt}) == "ok");
    const ResponseForge older{.this_update = days_later(-1.1), .next_update = std::nullopt};
    CHECK(why(older) == RevocationEvidence{days_later(-0.1), "", "http://ocsp.example/", NoAnswer::out_of_date});
}

TEST_CASE("a responder that the issuer appointed may sign, found by its name or its key") {
    const Forged appointed = responder().signed_by(ca());
    CHECK(told(ResponseForge{.responder = appointed}) == "ok");
    CHECK(told(ResponseForge{.by_key_hash = true, .responder = appointed}) == "ok");
    CHECK(told(ResponseForge{.status = OcspCertStatus::revoked, .responder = appointed}) == "revoked@0");
    CHECK(told(ResponseForge{.responder =
                                 responder().extension({"1.3.6.1.5.5.7.48.1.5", false, der_null()}).signed_by(ca())}) ==
          "ok");
}

TEST_CASE("a responder needs OCSPSigning from the issuer itself, its own dates, and nothing that is not understood") {
    const auto reason = [](const Forge& forge, const Forged& by) {
        return why(ResponseForge{.responder = forge.signed_by(by)}).why;
    };
    CHECK(reason(responder().extended_key_usage({"serverAuth"}), ca()) == NoAnswer::signer_not_authorised);
    CHECK(reason(responder().extended_key_usage({"any"}), ca()) == NoAnswer::signer_not_authorised);
    CHECK(reason(responder().no_extended_key_usage(), ca()) == NoAnswer::signer_not_authorised);
    CHECK(reason(responder(), root()) == NoAnswer::signer_not_authorised);
    CHECK(reason(responder().dates(days_later(-9), days_later(-1)), ca()) == NoAnswer::signer_not_authorised);
    CHECK(reason(responder().dates(days_later(1), days_later(9)), ca()) == NoAnswer::signer_not_authorised);
    CHECK(reason(responder().broken_signature(), ca()) == NoAnswer::signer_not_authorised);
    CHECK(reason(responder().extension({"1.2.3.4", true, {0x05, 0x00}}), ca()) == NoAnswer::signer_not_authorised);
    // Another CA of the issuer's name authorises no one for it.
    CHECK(reason(responder(), Forge::intermediate("CA").signed_by(root())) == NoAnswer::signer_not_authorised);
}

TEST_CASE("a response is signed by whom it names") {
    CHECK(why(ResponseForge{.broken_signature = true}).why == NoAnswer::bad_signature);
    CHECK(why(ResponseForge{.responder = responder().signed_by(ca()), .broken_signature = true}).why ==
          NoAnswer::bad_signature);
    CHECK(why(ResponseForge{.responder_name = common_name("Somebody")}).why == NoAnswer::signer_not_authorised);
    CHECK(why(ResponseForge{.responder_name = ca().subject, .responder = responder().signed_by(ca())}).why ==
          NoAnswer::bad_signature);
}

TEST_CASE("what is signed over SHA-1 or MD5 says nothing, for it may be forged") {
    const Forged authority = Forge::intermediate("CA").key(KeyType::rsa2048).signed_by(root());
    const Forged server = leaf().signed_by(authority);
    const auto verdict = [&](std::vector<OcspResponse> responses, std::vector<Crl> lists) {
        return Chain({server, authority}, {root()}).verify([&](VerifyInput& input) {
            input.revocation.responses = responses;
            input.revocation.lists = lists;
            input.revocation.demand = RevocationDemand::usable;
        });
    };
    for (const SignatureAlgorithm weak : {SignatureAlgorithm::rsa_sha1, SignatureAlgorithm::rsa_md5}) {
        const ByteVector response = ResponseForge{.signature = weak}.about(server, authority);
        CHECK(why(verdict({*OcspResponse::parse(response, std::string(stapled_response))}, {})).why ==
              NoAnswer::weak_signature);
        ListForge list;
        list.signature = weak;
        const ByteVector forgeable = list.signed_by(authority);
        CHECK(why(verdict({}, {*Crl::parse(forgeable, "http://ca.example/crl")})).why == NoAnswer::weak_signature);
    }
    CHECK(why(ResponseForge{.signature = SignatureAlgorithm::ecdsa_sha1}).why == NoAnswer::weak_signature);
    CHECK(errors(verdict(
              {*OcspResponse::parse(ResponseForge{.signature = SignatureAlgorithm::rsa_sha256}.about(server, authority),
                                    std::string(stapled_response))},
              {})) == "ok");
}

TEST_CASE("a responder whose key is too weak for a server speaks for nobody") {
    CHECK(why(ResponseForge{.responder = responder().key(KeyType::rsa1024).signed_by(ca())}).why ==
          NoAnswer::signer_not_authorised);
    CHECK(told(ResponseForge{.responder = responder().key(KeyType::rsa2048).signed_by(ca())}) == "ok");
}

TEST_CASE("a response with an unknown critical extension says nothing") {
    const std::vector<ForgedExtension> strange{{"1.2.3.4", true, {0x05, 0x00}}};
    CHECK(why(ResponseForge{.extensions = strange}).why == NoAnswer::unknown_critical);
    CHECK(why(ResponseForge{.single_extensions = strange}).why == NoAnswer::unknown_critical);
}

TEST_CASE("a responder that refuses is told with its status, of the certificate that names it alone") {
    const ByteVector later = ResponseForge{.response_status = OcspStatus::try_later}.about(end(), ca());
    const Verdict verdict = told({later});
    CHECK(errors(verdict) == "revocation_unavailable@0");
    CHECK(why(verdict) == RevocationEvidence{{}, "tryLater", "http://ocsp.example/", NoAnswer::refused_by_responder});
    CHECK(errors(told({later}, RevocationDemand::usable, std::string(stapled_response))) == "revocation_unavailable@0");
    CHECK(errors(told({later}, RevocationDemand::usable, "http://elsewhere.example/")) == "ok");
}

TEST_CASE("a response about another certificate is no answer where this one was asked for, and nothing elsewhere") {
    const ByteVector other = ResponseForge{.serial = 8}.about(end(), ca());
    CHECK(why(told({other})).why == NoAnswer::about_another);
    CHECK(why(told({other}, RevocationDemand::usable, std::string(stapled_response))).why == NoAnswer::about_another);
    CHECK(errors(told({other}, RevocationDemand::usable, "http://elsewhere.example/")) == "ok");
}

TEST_CASE("of several answers revoked beats good, and good beats what cannot be used, in any order") {
    const ByteVector good = ResponseForge{}.about(end(), ca()),
                     bad = ResponseForge{.broken_signature = true}.about(end(), ca());
    const ByteVector revoked = ResponseForge{.status = OcspCertStatus::revoked}.about(end(), ca());
    CHECK(errors(told({good, revoked, bad})) == "revoked@0");
    CHECK(errors(told({bad, good})) == "ok");
    CHECK(errors(told({good, bad})) == "ok");
    const std::vector<OcspResponse> responses{*OcspResponse::parse(good)};
    const std::vector<Crl> lists{*Crl::parse(ListForge{{end().certificate()}}.signed_by(ca()))};
    CHECK(errors(Chain({end(), ca()}, {root()}).verify([&](VerifyInput& input) {
              input.revocation.lists = lists;
              input.revocation.responses = responses;
          })) == "revoked@0");
}

TEST_CASE("with best effort an answer that cannot be used is a notice, and no answer is nothing") {
    const Verdict verdict =
        told({ResponseForge{.broken_signature = true}.about(end(), ca())}, RevocationDemand::best_effort);
    CHECK(errors(verdict) == "ok");
    CHECK(remarks(verdict) == "revocation_unavailable@0");
    CHECK(status(verdict, Step::revocation, 0) == Status::warn);
    CHECK(remarks(told({}, RevocationDemand::best_effort)).empty());
}

TEST_CASE("where a source is named an answer is needed; a certificate that names none passes with a notice") {
    const Verdict silent = told({}, RevocationDemand::where_named);
    CHECK(errors(silent) == "revocation_unavailable@0");
    CHECK(why(silent).why == NoAnswer::nothing_received);
    CHECK(remarks(silent) == "revocation_unavailable@1");
    CHECK(std::get<RevocationEvidence>(silent.problems[1].evidence).why == NoAnswer::names_no_source);
    CHECK(errors(told({ResponseForge{}.about(end(), ca())}, RevocationDemand::where_named)) == "ok");
    CHECK(errors(told({ResponseForge{.broken_signature = true}.about(end(), ca())}, RevocationDemand::where_named)) ==
          "revocation_unavailable@0");
    CHECK(errors(judge(leaf().crl_url({"http://ca.example/crl"}), {}, RevocationDemand::where_named)) ==
          "revocation_unavailable@0");
}

TEST_CASE("ocsp-nocheck is for responders: a server's certificate with it still needs an answer") {
    const Forge unchecked =
        leaf().crl_url({"http://ca.example/crl"}).extension({"1.3.6.1.5.5.7.48.1.5", false, der_null()});
    CHECK(errors(judge(unchecked, {}, RevocationDemand::where_named)) == "revocation_unavailable@0");
}

TEST_CASE("a list without nextUpdate counts for ten days") {
    ListForge list;
    list.next_update = std::nullopt;
    list.this_update = days_later(-9);
    CHECK(errors(judge(leaf(), {list.signed_by(ca())})) == "ok");
    list.this_update = days_later(-11);
    CHECK(errors(judge(leaf(), {list.signed_by(ca())})) == "revocation_unavailable@0");
}

TEST_CASE("a leaf that promises a staple and comes without one is refused, if one was asked for") {
    const auto with = [](const Forge& forge, Stapling stapling) {
        return errors(Chain({forge.signed_by(ca()), ca()}, {root()}).verify([&](VerifyInput& input) {
            input.revocation.stapling = stapling;
        }));
    };
    CHECK(with(leaf().must_staple(), Stapling::absent) == "must_staple_missing@0");
    CHECK(with(leaf().must_staple(), Stapling::present) == "must_staple_missing@0");
    CHECK(with(leaf().must_staple(), Stapling::not_asked) == "ok");
    CHECK(with(leaf(), Stapling::absent) == "ok");
}

TEST_CASE("a staple that is no answer about the leaf does not keep the promise of one") {
    const Forged end = leaf().must_staple().signed_by(ca());
    const auto with = [&](const ResponseForge& forge) {
        const std::vector<OcspResponse> responses{
            *OcspResponse::parse(forge.about(end, ca()), std::string(stapled_response))};
        return errors(Chain({end, ca()}, {root()}).verify([&](VerifyInput& input) {
            input.revocation.responses = responses;
            input.revocation.demand = RevocationDemand::best_effort;
            input.revocation.stapling = Stapling::present;
        }));
    };
    CHECK(with({}) == "ok");
    CHECK(with({.status = OcspCertStatus::revoked}) == "revoked@0");
    CHECK(with({.this_update = days_later(-9), .next_update = days_later(-2)}) == "must_staple_missing@0");
    CHECK(with({.status = OcspCertStatus::unknown}) == "must_staple_missing@0");
    CHECK(with({.response_status = OcspStatus::try_later}) == "must_staple_missing@0");
    CHECK(with({.serial = 8}) == "must_staple_missing@0");
    CHECK(with({.broken_signature = true}) == "must_staple_missing@0");
}

TEST_CASE("a revoked leaf that also lacks its staple is told as both") {
    const std::vector<Crl> lists{*Crl::parse(ListForge{{{7}}}.signed_by(ca()))};
    const Verdict verdict =
        Chain({leaf().must_staple().signed_by(ca()), ca()}, {root()}).verify([&](VerifyInput& input) {
            input.revocation.lists = lists;
            input.revocation.stapling = Stapling::absent;
        });
    CHECK(errors(verdict) == "revoked@0 must_staple_missing@0");
}
