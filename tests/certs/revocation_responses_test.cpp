// Revocation by OCSP responses (RFC 6960), and when an answer is needed.
#include "tests/certs/revoked_chain.h"

using namespace revoked_chain;

TEST_CASE("a responder that has a key usage needs one for signatures (RFC 5280 §4.2.1.12)") {
    const auto told_by = [](const Forge& forge) { return ResponseForge{.responder = Forge(forge).signed_by(ca())}; };
    CHECK(why(told_by(responder().key_usage({Usage::key_encipherment}))).why == NoAnswer::responder_key_usage);
    CHECK(told(told_by(responder().key_usage({Usage::digital_signature}))) == "ok");
    CHECK(told(told_by(responder().key_usage({Usage::non_repudiation}))) == "ok");
    CHECK(told(told_by(responder().no_key_usage())) == "ok");
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
