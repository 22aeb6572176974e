#include "certs/public_key.h"

#include <fmt/format.h>

#include <bit>
#include <cstdint>
#include <limits>
#include <optional>

namespace certs {

namespace {

struct NamedCurve {
    OidConstant oid;
    Curve curve;
    std::size_t bits;
};
constexpr NamedCurve named_curves[] = {
    {oid::p256, Curve::p256, 256},
    {oid::p384, Curve::p384, 384},
    {oid::p521, Curve::p521, 521},
    {oid::p224, Curve::p224, 224},
    {oid::p192, Curve::p192, 192},
    {oid::secp256k1, Curve::secp256k1, 256},
    // Small curves of SEC 2, X9.62 and RFC 5639, named so that they are reported as weak.
    {{"1.3.132.0.1"}, Curve::other_named, 163},
    {{"1.3.132.0.8"}, Curve::other_named, 160},
    {{"1.3.132.0.9"}, Curve::other_named, 160},
    {{"1.3.132.0.15"}, Curve::other_named, 163},
    {{"1.3.132.0.30"}, Curve::other_named, 160},
    {{"1.3.132.0.31"}, Curve::other_named, 192},
    {{"1.2.840.10045.3.1.2"}, Curve::other_named, 192},
    {{"1.2.840.10045.3.1.3"}, Curve::other_named, 192},
    {{"1.3.36.3.3.2.8.1.1.1"}, Curve::other_named, 160},
    {{"1.3.36.3.3.2.8.1.1.3"}, Curve::other_named, 192},
};

// RFC 3279 §2.3.1.
void read_rsa(PublicKey& key, DerContext& context) {
    context.field("tbsCertificate.subjectPublicKeyInfo.subjectPublicKey");
    DerReader outer(key.key, context);
    DerReader numbers = outer.sequence();
    outer.end();
    key.modulus = numbers.positive_integer();
    key.exponent = numbers.positive_integer();
    numbers.end();
    key.bits = bit_length(key.modulus);
}

// RFC 5480 §2.1.1: only a named curve; explicit parameters are kept to be refused by name.
void read_ec(PublicKey& key, DerContext& context) {
    context.field("tbsCertificate.subjectPublicKeyInfo.algorithm.parameters");
    DerReader parameters(key.algorithm.parameters, context);
    if (parameters.next_is(tag::sequence)) {
        key.curve = Curve::explicit_parameters;
        return;
    }
    const Oid name = parameters.object_identifier();
    parameters.end();
    key.curve = Curve::other_named;
    for (const NamedCurve& known : named_curves) {
        if (static_cast<Oid>(known.oid) != name) continue;
        key.curve = known.curve;
        key.bits = known.bits;
        // SEC 1 §2.3.3: 04 and both coordinates, or 02/03 and one.
        const std::size_t length = (known.bits + 7) / 8;
        const bool uncompressed = key.key.size() == 1 + 2 * length && key.key[0] == 0x04;
        const bool compressed = key.key.size() == 1 + length && (key.key[0] == 0x02 || key.key[0] == 0x03);
        context.field("tbsCertificate.subjectPublicKeyInfo.subjectPublicKey");
        if (!uncompressed && !compressed) context.fail(key.key.data(), "a point of the curve's length was expected");
    }
}

void read_dsa(PublicKey& key, DerContext& context) {
    if (key.algorithm.parameters.empty()) return;  // RFC 3279 §2.3.2: inherited from the issuer
    context.field("tbsCertificate.subjectPublicKeyInfo.algorithm.parameters");
    DerReader parameters(key.algorithm.parameters, context);
    DerReader numbers = parameters.sequence();
    key.bits = bit_length(numbers.positive_integer());
}

// RFC 8410 §3, §4: no parameters, and one length.
void read_edwards(PublicKey& key, DerContext& context, std::size_t length, std::size_t bits) {
    context.field("tbsCertificate.subjectPublicKeyInfo.algorithm.parameters");
    if (!key.algorithm.parameters.empty()) context.fail(key.algorithm.parameters.data(), "no parameters were expected");
    context.field("tbsCertificate.subjectPublicKeyInfo.subjectPublicKey");
    if (key.key.size() != length) context.fail(key.key.data(), "a key of the algorithm's length was expected");
    key.bits = bits;
}

}  // namespace

std::size_t bit_length(Bytes number) {
    return number.empty() ? 0 : number.size() * 8 - static_cast<std::size_t>(std::countl_zero(number[0]));
}

AlgorithmIdentifier read_algorithm(DerReader& reader) {
    AlgorithmIdentifier result;
    DerReader ahead = reader;
    result.der = ahead.element(tag::sequence).whole;
    DerReader inside = reader.sequence();
    result.algorithm = inside.object_identifier();
    if (!inside.at_end()) result.parameters = inside.element().whole;
    inside.end();
    return result;
}

namespace {

// RFC 4055 §3.1, with any hashes; nullopt for other parameters.
std::optional<std::string> pss_text(Bytes parameters) {
    DerContext context(parameters);
    DerReader inside = DerReader(parameters, context).sequence();
    std::string hash = "SHA-1", mask = "MGF1 with SHA-1";
    std::uint32_t salt = 20;
    if (inside.next_is(tag::context_constructed(0))) {
        DerReader member = inside.enter(tag::context_constructed(0));
        hash = printable_name(read_algorithm(member).algorithm);
    }
    if (inside.next_is(tag::context_constructed(1))) {
        DerReader member = inside.enter(tag::context_constructed(1));
        const AlgorithmIdentifier generator = read_algorithm(member);
        DerContext apart(generator.parameters);
        DerReader of_mask(generator.parameters, apart);
        mask = printable_name(generator.algorithm);
        if (of_mask.next_is(tag::sequence)) mask += " with " + printable_name(read_algorithm(of_mask).algorithm);
    }
    if (inside.next_is(tag::context_constructed(2)))
        salt = inside.enter(tag::context_constructed(2)).small_integer(std::numeric_limits<std::uint32_t>::max());
    if (context.failed()) return std::nullopt;
    return fmt::format("RSASSA-PSS with {}, {} and a salt of {} bytes", hash, mask, salt);
}

}  // namespace

std::string algorithm_text(const AlgorithmIdentifier& algorithm) {
    std::string name = printable_name(algorithm.algorithm);
    if (algorithm.algorithm == oid::rsa_pss)
        return pss_text(algorithm.parameters).value_or(name + " with unreadable parameters");
    if (algorithm.parameters.empty()) return name;
    const bool null = algorithm.parameters.size() == 2 && algorithm.parameters[0] == tag::null;
    const bool usual = null && name.ends_with("WithRSAEncryption");
    return usual ? name : name + (null ? " with NULL parameters" : " with parameters");
}

PublicKey read_public_key(DerReader& reader, DerContext& context) {
    PublicKey key;
    context.field("tbsCertificate.subjectPublicKeyInfo");
    DerReader ahead = reader;
    key.der = ahead.element(tag::sequence).whole;
    DerReader inside = reader.sequence();
    context.field("tbsCertificate.subjectPublicKeyInfo.algorithm");
    key.algorithm = read_algorithm(inside);
    context.field("tbsCertificate.subjectPublicKeyInfo.subjectPublicKey");
    key.key = inside.whole_bytes();
    inside.end();
    if (context.failed()) return key;
    const Oid algorithm = key.algorithm.algorithm;
    if (algorithm == oid::rsa || algorithm == oid::rsa_pss) {
        key.kind = algorithm == oid::rsa ? KeyKind::rsa : KeyKind::rsa_pss;
        read_rsa(key, context);
    } else if (algorithm == oid::ec_public_key) {
        key.kind = KeyKind::ec;
        read_ec(key, context);
    } else if (algorithm == oid::ed25519) {
        key.kind = KeyKind::ed25519;
        read_edwards(key, context, 32, 256);
    } else if (algorithm == oid::ed448) {
        key.kind = KeyKind::ed448;
        read_edwards(key, context, 57, 448);
    } else if (algorithm == oid::dsa) {
        key.kind = KeyKind::dsa;
        read_dsa(key, context);
    }
    return key;
}

std::string PublicKey::name() const {
    switch (kind) {
        case KeyKind::rsa: return fmt::format("RSA {}", bits);
        case KeyKind::rsa_pss: return fmt::format("RSA-PSS {}", bits);
        case KeyKind::ed25519: return "Ed25519";
        case KeyKind::ed448: return "Ed448";
        case KeyKind::dsa: return bits == 0 ? "DSA" : fmt::format("DSA {}", bits);
        case KeyKind::unknown: return printable_name(algorithm.algorithm);
        case KeyKind::ec: break;
    }
    if (curve == Curve::explicit_parameters) return "EC explicit parameters";
    DerContext context(algorithm.parameters);
    DerReader reader(algorithm.parameters, context);
    return "EC " + printable_name(reader.object_identifier());
}

}  // namespace certs
