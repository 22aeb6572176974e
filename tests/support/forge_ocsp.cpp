#include "tests/support/forge_ocsp.h"

#include "certs/crypto.h"
#include "tests/support/forge_crl.h"

namespace tests {

using namespace certs;

namespace {

ByteVector key_hash(const Forged& forged) {
    const auto digest = sha1(forged.certificate().public_key().key);
    return der_octet_string(digest);
}

ByteVector certificate_id(const ResponseForge& forge, const Forged& certificate, const Forged& issuer) {
    const Certificate parsed = issuer.certificate();
    const Bytes key = parsed.public_key().key;
    const ByteVector serial =
        forge.serial ? der_integer(*forge.serial) : der_element(tag::integer, certificate.certificate().serial());
    if (forge.id_by_sha256) {
        return der_sequence({der_sequence({der_oid(oid::sha256)}), der_octet_string(sha256(issuer.subject)),
                             der_octet_string(sha256(key)), serial});
    }
    return der_sequence({der_sequence({der_oid(oid::sha1), der_null()}), der_octet_string(sha1(issuer.subject)),
                         der_octet_string(sha1(key)), serial});
}

ByteVector certificate_status(const ResponseForge& forge) {
    switch (forge.status) {
        case OcspCertStatus::good: return der_context_primitive(0, {});
        case OcspCertStatus::unknown: return der_context_primitive(2, {});
        case OcspCertStatus::revoked: break;
    }
    const ByteVector why = forge.reason ? der_context(0, encoded_reason(*forge.reason)) : ByteVector{};
    return der_context(1, der_concatenation({der_generalized_time(forge.revoked_at), why}));
}

ByteVector wrapped(unsigned number, const ByteVector& content) {
    return content.empty() ? ByteVector{} : der_context(number, content);
}

}  // namespace

ByteVector ResponseForge::about(const Forged& certificate, const Forged& issuer) const {
    const auto code = static_cast<std::uint8_t>(response_status);
    const ByteVector outcome = der_element(tag::enumerated, Bytes(&code, 1));
    if (response_status != OcspStatus::successful) return der_sequence({outcome});

    const Forged& signer = responder ? *responder : issuer;
    const ByteVector single = der_sequence(
        {certificate_id(*this, certificate, issuer), certificate_status(*this), der_generalized_time(this_update),
         next_update ? der_context(0, der_generalized_time(*next_update)) : ByteVector{},
         wrapped(1, encoded_extensions(single_extensions))});
    const ByteVector id =
        by_key_hash ? der_context(2, key_hash(signer)) : der_context(1, responder_name.value_or(signer.subject));
    const ByteVector tbs =
        der_sequence({id, der_generalized_time(produced_at), der_sequence_of(std::vector<ByteVector>(copies, single)),
                      wrapped(1, encoded_extensions(extensions))});

    const SignatureAlgorithm algorithm = signature.value_or(signer.key.preferred_signature());
    ByteVector signed_bytes = signer.key.sign(algorithm, tbs);
    if (broken_signature) signed_bytes.back() ^= 1;
    std::vector<ByteVector> certificates;
    if (responder) certificates.push_back(responder->der);
    for (const Forged& other : enclosed) certificates.push_back(other.der);
    const ByteVector basic =
        der_sequence({tbs, algorithm_identifier(algorithm), der_bit_string(signed_bytes),
                      certificates.empty() ? ByteVector{} : der_context(0, der_sequence_of(certificates))});
    return der_sequence({outcome, der_context(0, der_sequence({der_oid(oid::ocsp_basic), der_octet_string(basic)}))});
}

}  // namespace tests
