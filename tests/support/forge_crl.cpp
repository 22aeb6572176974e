#include "tests/support/forge_crl.h"

namespace tests {

using namespace certs;

ByteVector encoded_extensions(const std::vector<ForgedExtension>& extensions) {
    std::vector<ByteVector> all;
    for (const ForgedExtension& extension : extensions) {
        all.push_back(der_sequence({der_oid(extension.oid), extension.critical ? der_boolean(true) : ByteVector{},
                                    der_octet_string(extension.value)}));
    }
    return all.empty() ? ByteVector{} : der_sequence_of(all);
}

ByteVector encoded_reason(int reason) {
    const auto code = static_cast<std::uint8_t>(reason);
    return der_element(tag::enumerated, Bytes(&code, 1));
}

ByteVector ListForge::signed_by(const Forged& issuer) const {
    const SignatureAlgorithm algorithm = signature.value_or(issuer.key.preferred_signature());
    const ByteVector identifier = algorithm_identifier(algorithm);
    std::vector<ByteVector> entries;
    for (const Revoked& entry : revoked) {
        const ByteVector extra =
            entry.reason ? encoded_extensions({{"2.5.29.21", false, encoded_reason(*entry.reason)}}) : ByteVector{};
        entries.push_back(der_sequence({entry.serial, der_time(revoked_at), extra}));
    }
    const ByteVector extras = encoded_extensions(extensions);
    const ByteVector tbs = der_sequence({der_integer(1), identifier, issuer.subject, der_time(this_update),
                                         next_update ? der_time(*next_update) : ByteVector{},
                                         entries.empty() ? ByteVector{} : der_sequence_of(entries),
                                         extras.empty() ? ByteVector{} : der_context(0, extras)});
    ByteVector signed_bytes = issuer.key.sign(algorithm, tbs);
    if (broken_signature) signed_bytes.back() ^= 1;
    return der_sequence({tbs, identifier, der_bit_string(signed_bytes)});
}

}  // namespace tests
