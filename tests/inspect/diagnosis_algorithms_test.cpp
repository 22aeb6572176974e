// Keys, signatures, encodings and limits: nothing is said of them beyond what was seen.
#include <algorithm>

#include "certs/der_writer.h"
#include "certs/oid.h"
#include "inspect/diagnosis/diagnosis.h"
#include "inspect/diagnosis/wording.h"
#include "tests/inspect/diagnosis_cases.h"
#include "tests/support/catch.h"

using namespace inspect::diagnosis;
using namespace tests;
using certs::AlgorithmEvidence;
using certs::AlgorithmFault;
using certs::der_bit_string, certs::der_context, certs::der_integer, certs::der_oid, certs::der_sequence,
    certs::der_sequence_of;
using certs::ParseFault;
using certs::Severity;

namespace {

Problem told(certs::Code code, certs::Evidence evidence, std::optional<std::size_t> depth = 0) {
    Problem problem = explain(found({code, Severity::error, depth, std::move(evidence), ""})).problems.front();
    INFO(problem.title);
    CHECK(problem.code == code_of(code));
    CHECK(problem.title.size() <= title_limit);
    CHECK_FALSE(problem.detail.empty());
    CHECK_FALSE(problem.fixes.empty());
    return problem;
}

bool says(const Problem& problem, std::string_view words) {
    return problem.title.contains(words) || problem.detail.contains(words);
}

}  // namespace

TEST_CASE("that collisions can be made is said of MD5 and SHA-1 only") {
    const auto collisions = [](const char* found, AlgorithmFault fault = AlgorithmFault::weak) {
        return says(told(certs::Code::weak_signature, AlgorithmEvidence{found, "SHA-256", fault}),
                    "ollisions can be made");
    };
    for (const char* const weak :
         {"md5WithRSAEncryption", "sha1WithRSAEncryption", "ecdsa-with-SHA1", "RSASSA-PSS with SHA-1"})
        CHECK(collisions(weak));
    CHECK_FALSE(collisions("md2WithRSAEncryption"));
    CHECK_FALSE(collisions("ML-DSA-44", AlgorithmFault::unknown_algorithm));
    CHECK_FALSE(
        collisions("RSASSA-PSS with SHA-1, MGF1 with MGF1 and a salt of 20 bytes", AlgorithmFault::odd_parameters));
}

TEST_CASE("a signature that cannot be verified fails the signature step, and is not called altered") {
    for (const AlgorithmFault fault : {AlgorithmFault::unknown_algorithm, AlgorithmFault::odd_parameters}) {
        const Problem problem =
            told(certs::Code::weak_signature, AlgorithmEvidence{"ML-DSA-44", "RSA, ECDSA or EdDSA", fault});
        CHECK(problem.step == "signature");
        CHECK(problem.title == "the signature on the certificate cannot be verified: it is made with ML-DSA-44");
        CHECK_FALSE(problem.title.contains("altered"));
    }
}

TEST_CASE(
    "what whytls cannot verify and others can, on any place of the chain, is a limit of whytls with the way round first") {
    const AlgorithmEvidence ml_dsa{"ML-DSA-44", "RSA, ECDSA or EdDSA", AlgorithmFault::unknown_algorithm},
        odd{"ecdsa-with-SHA256 with parameters", "parameters as its RFC has them", AlgorithmFault::odd_parameters},
        dsa{"DSA 2048", "RSA or EC", AlgorithmFault::unknown_key},
        large{"RSA 16384", "RSA 8192", AlgorithmFault::beyond_limit},
        curve{"EC secp256k1", "EC P-256, P-384 or P-521", AlgorithmFault::unknown_curve};
    const auto is_limit = [](const Problem& problem) {
        return says(problem, "limit of whytls") && problem.fixes.front().text.contains("--passthrough") &&
               problem.fixes.front().actor == Actor::client;
    };
    for (const std::size_t depth : {0, 1}) {
        for (const AlgorithmEvidence& signature : {ml_dsa, odd})
            CHECK(is_limit(told(certs::Code::weak_signature, signature, depth)));
        for (const AlgorithmEvidence& key : {dsa, large}) CHECK(is_limit(told(certs::Code::weak_key, key, depth)));
        CHECK_FALSE(is_limit(told(certs::Code::weak_key, AlgorithmEvidence{"RSA 1024", "RSA 2048"}, depth)));
        CHECK_FALSE(
            is_limit(told(certs::Code::weak_signature, AlgorithmEvidence{"sha1WithRSAEncryption", "SHA-256"}, depth)));
    }
    CHECK(is_limit(told(certs::Code::weak_key, curve, 1)));
    // A server's own key on that curve is no limit of ours: TLS clients offer no scheme for it.
    CHECK_FALSE(is_limit(told(certs::Code::weak_key, curve, 0)));
}

TEST_CASE(
    "a certificate is called altered for certain where the padding shows that the right key signed something else") {
    const auto title = [](AlgorithmFault fault) {
        return told(certs::Code::bad_signature, AlgorithmEvidence{"sha256WithRSAEncryption", "EC P-256", fault}).title;
    };
    CHECK(title(AlgorithmFault::wrong_digest).contains("was altered after"));
    CHECK_FALSE(title(AlgorithmFault::weak).contains("altered"));
    CHECK(title(AlgorithmFault::wrong_key_kind).contains("is EC P-256"));
}

TEST_CASE(
    "a handshake's signature by a key whose parameters are none of TLS's proves nothing against the server: a limit of whytls") {
    using certs::oid::sha256, certs::oid::sha384, certs::oid::sha512;
    const Forged rsa = Forge::root("K").key(KeyType::rsa2048).self_signed(), root = Forge::root("R").self_signed();
    const auto code = [&](const std::vector<certs::ByteVector>& parameters) {
        const auto algorithm = parameters.empty()
                                   ? der_sequence({der_oid(certs::oid::rsa_pss)})
                                   : der_sequence({der_oid(certs::oid::rsa_pss), der_sequence_of(parameters)});
        const certs::Certificate owner = rsa.certificate();
        const auto info = der_sequence({algorithm, der_bit_string(certs::ByteVector(owner.public_key().key.begin(),
                                                                                    owner.public_key().key.end()))});
        Attempt attempt =
            judged(attempt_at(), {Forge::leaf("api.example.com").public_key_info(info).signed_by(root)}, root);
        attempt.failure = std::get<tls::HandshakeFailure>(
            handshake_failed(tls::FailureKind::handshake_signature, tls::Milestone::certificate).failure);
        const Problem problem = explain(attempt).problems.front();
        INFO(problem.title);
        CHECK(says(problem, "limit of whytls") == (problem.code == Code::tls_protocol_error));
        if (problem.code == Code::tls_protocol_error) CHECK(problem.fixes.front().text.contains("--passthrough"));
        return problem.code;
    };
    const auto hash = [](const auto& oid) { return der_context(0, der_sequence({der_oid(oid)})); };
    const auto mask = [](const auto& oid) {
        return der_context(1, der_sequence({der_oid(certs::oid::mgf1), der_sequence({der_oid(oid)})}));
    };
    const auto salt = [](int bytes) { return der_context(2, der_integer(bytes)); };
    CHECK(code({hash(sha256), mask(sha384)}) == "tls_protocol_error");
    CHECK(code({hash(sha256)}) == "tls_protocol_error");  // a mask by SHA-1
    CHECK(code({hash(sha256), mask(sha256), salt(33)}) == "tls_protocol_error");
    CHECK(code({mask(sha512)}) == "tls_protocol_error");
    CHECK(code({hash(sha512), mask(sha512), salt(64)}) == "handshake_signature");
    CHECK(code({hash(sha256), mask(sha256)}) == "handshake_signature");
    CHECK(code({}) == "handshake_signature");
}

TEST_CASE("only a key that is too small is called small, and what is a limit of whytls is called that") {
    for (int fault = 0; fault <= static_cast<int>(AlgorithmFault::beyond_limit); ++fault) {
        const Problem problem =
            told(certs::Code::weak_key, AlgorithmEvidence{"X25519", "RSA, EC or Ed25519", AlgorithmFault{fault}});
        CHECK(says(problem, "small") == (fault <= static_cast<int>(AlgorithmFault::odd_parameters)));
        const bool limit = AlgorithmFault{fault} == AlgorithmFault::beyond_limit ||
                           AlgorithmFault{fault} == AlgorithmFault::unknown_key;
        CHECK(says(problem, "limit of whytls") == limit);
        if (limit) CHECK(problem.fixes.front().command.starts_with("whytls proxy --passthrough"));
    }
    CHECK(told(certs::Code::weak_key, AlgorithmEvidence{"X25519", "", AlgorithmFault::signs_nothing}).title ==
          "the key of the certificate is X25519, which cannot sign");
}

TEST_CASE(
    "not well-formed DER is said of the encoding only, a limit is told as one, and another kind of file by its name") {
    const auto malformed = [](ParseFault fault, std::string instead = "") {
        return told(certs::Code::malformed_certificate,
                    certs::ParseEvidence{"tbsCertificate.validity.notBefore", 93, "a time was expected", fault, "",
                                         std::move(instead)});
    };
    CHECK(says(malformed(ParseFault::encoding), "not well-formed DER"));
    CHECK_FALSE(says(malformed(ParseFault::structure), "not well-formed DER"));
    CHECK(says(malformed(ParseFault::limit), "limit of whytls"));
    CHECK(malformed(ParseFault::limit).fixes.front().command.starts_with("whytls proxy --passthrough"));
    CHECK(malformed(ParseFault::structure, "a public key").title == "the certificate is none: it is a public key");
}

TEST_CASE("a chain that is longer than what is followed is told with both numbers, as a limit") {
    const Problem problem = told(certs::Code::path_too_complex, certs::LengthEvidence{32, 33}, std::nullopt);
    CHECK(problem.title == "the chain needs 33 or more intermediates; at most 32 are followed");
    CHECK(says(problem, "limit of whytls"));
}

TEST_CASE("all names that a constraint forbids are listed, with the CA whose constraint it is") {
    const Problem problem = told(
        certs::Code::name_constraint,
        certs::ConstraintEvidence{"DNS:a.test", "permitted DNS:example", "CN=NC CA", {"DNS:a.test", "DNS:b.test"}, 2});
    CHECK(problem.title == "\"NC CA\" may not certify DNS:a.test and 1 more: its constraint is permitted DNS:example");
    CHECK(problem.evidence.front().values == std::vector<std::string>{"DNS:a.test", "DNS:b.test"});
    CHECK(problem.evidence.back().value == "CN=NC CA");
}

TEST_CASE("a leaf that cannot be read keeps its place in the chain") {
    const Forged root = Forge::root("R").self_signed(), ca = Forge::intermediate("CA").signed_by(root);
    const Diagnosis diagnosis =
        explain(judged(attempt_at(), {Forge::leaf("api.example.com").policies({}).signed_by(ca), ca}, root));
    CHECK(diagnosis.code == Code::malformed_certificate);
    REQUIRE(diagnosis.chain.size() == 2);
    CHECK(diagnosis.chain.front().unreadable);
    CHECK(diagnosis.chain.front().description.subject.contains("api.example.com"));
    CHECK_FALSE(diagnosis.chain.back().unreadable);
}

TEST_CASE("an issuer that is there and cannot be read is not to be appended") {
    const Forged root = Forge::root("R").self_signed(), ca = Forge::intermediate("CA").policies({}).signed_by(root);
    const Diagnosis diagnosis = explain(judged(attempt_at(), {Forge::leaf("api.example.com").signed_by(ca), ca}, root));
    CHECK(diagnosis.problems[0].code == Code::malformed_certificate);
    REQUIRE(diagnosis.problems[1].code == Code::unknown_issuer);
    CHECK(diagnosis.problems[1].title.contains("is certificate 2 of those sent, which cannot be read"));
    for (const Problem& problem : diagnosis.problems) {
        CHECK(problem.code != Code::extra_certificates);
        CHECK(std::ranges::none_of(problem.fixes, [](const Fix& fix) { return fix.text.contains("append"); }));
    }
}

TEST_CASE(
    "a root of the issuer's name that did not sign is another key of that name, with and without key identifiers") {
    for (const bool identified : {true, false}) {
        const auto made = [&](Forge forge) {
            if (!identified) forge.subject_key_identifier(std::nullopt).authority_key_identifier(std::nullopt);
            return forge;
        };
        const Forged old = made(Forge::root("Dev CA")).self_signed(),
                     renewed = made(Forge::root("Dev CA")).self_signed();
        const Forged leaf = made(Forge::leaf("api.example.com")).signed_by(renewed);
        const Diagnosis alone = explain(judged(attempt_at(), {leaf}, old));
        CHECK(alone.title == "a root of the issuer's name, \"Dev CA\", with another key, is in the trust store");
        CHECK(alone.problems.front().proof == (identified ? Proof::observed : Proof::likely));
        const Diagnosis both = explain(judged(attempt_at(), {leaf, renewed}, old));
        CHECK(both.code == Code::untrusted_root);
        CHECK(both.title ==
              "the chain ends in \"Dev CA\"; a root of that name, with another key, is in the trust store");
        for (const Diagnosis* diagnosis : {&alone, &both})
            for (const Problem& problem : diagnosis->problems) CHECK(problem.code != Code::bad_signature);
    }
}

TEST_CASE(
    "what other programs say of a key too small is not said of one that they do not know, nor of a limit of whytls") {
    const auto elsewhere = [](certs::Code code, certs::Evidence evidence) {
        return explain(found({code, Severity::error, 0, std::move(evidence), ""})).elsewhere.size();
    };
    CHECK(elsewhere(certs::Code::weak_key, AlgorithmEvidence{"RSA 512", "RSA 2048"}) > 0);
    CHECK(elsewhere(certs::Code::weak_key, AlgorithmEvidence{"X25519", "RSA", AlgorithmFault::signs_nothing}) == 0);
    CHECK(elsewhere(certs::Code::weak_signature,
                    AlgorithmEvidence{"ML-DSA-44", "RSA", AlgorithmFault::unknown_algorithm}) == 0);
    CHECK(elsewhere(certs::Code::malformed_certificate,
                    certs::ParseEvidence{"certificate", 0, "more than 1 MiB", ParseFault::limit}) == 0);
}

TEST_CASE("what was not checked because of its issuer's key is not said to be signed by it") {
    const Forged root = Forge::root("Root").self_signed();
    certs::ByteVector info =
        der_sequence({der_sequence({der_oid("2.16.840.1.101.3.4.3.17")}), der_bit_string(certs::ByteVector(32, 9))});
    const Forged ca = Forge::intermediate("CA").public_key_info(info).signed_by(root);
    const Diagnosis diagnosis = explain(judged(attempt_at(), {Forge::leaf("api.example.com").signed_by(ca), ca}, root));
    CHECK(diagnosis.code == Code::weak_key);
    const StepSummary& step = *std::ranges::find(diagnosis.steps, "signature", &StepSummary::step);
    CHECK(step.status == certs::Status::skip);
    CHECK(step.summary == "the signature on the certificate cannot be checked with the key of \"CA\"");
}
