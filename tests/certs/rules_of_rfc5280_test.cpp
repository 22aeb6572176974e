// Rules of RFC 5280 at their edges, each on a whole chain: the issuer's mistakes that a verifier
// has to notice.
#include "tests/certs/chain.h"
#include "tests/support/catch.h"

using namespace certs;
using namespace tests;

namespace {

const Forged& root() {
    static const Forged forged = Forge::root("Root").self_signed();
    return forged;
}
Forge leaf() { return Forge::leaf("www.example.com"); }

std::string judged(const Forge& forge) { return errors(Chain({forge.signed_by(root())}, {root()}).verify()); }
// The errors of a leaf with `names` below a CA with those constraints.
std::string constrained(const std::vector<ByteVector>& names, const std::vector<ByteVector>& permitted,
                        const std::vector<ByteVector>& excluded) {
    const Forged bound = Forge::intermediate("CA").name_constraints(permitted, excluded).signed_by(root());
    std::vector<ByteVector> all{dns("www.example.com")};
    all.insert(all.end(), names.begin(), names.end());
    return errors(Chain({leaf().names(all).signed_by(bound), bound}, {root()}).verify());
}
std::string judged_ca(const Forge& forge) {
    const Forged ca = forge.signed_by(root());
    return errors(Chain({leaf().signed_by(ca), ca}, {root()}).verify());
}
std::string raw_time(std::string_view text, std::uint8_t kind) {
    return judged(leaf().dates(der_element(kind, as_bytes(text)), der_time(days_later(60))));
}
ByteVector masked(std::initializer_list<std::uint8_t> bytes) { return ip(Bytes(ByteVector(bytes))); }

constexpr const char* bound = "name_constraint@0";

}  // namespace

TEST_CASE("address ranges end where their mask says, in both families, and never cross over (RFC 5280 §4.2.1.10)") {
    CHECK(constrained({ip("10.1.2.3")}, {ip("10.1.2.0/30")}, {}) == "ok");
    CHECK(constrained({ip("10.1.2.4")}, {ip("10.1.2.0/30")}, {}) == bound);
    CHECK(constrained({ip("192.0.2.1")}, {}, {ip("0.0.0.0/0")}) == bound);
    CHECK(constrained({ip("2001:db8:0:ffff::1")}, {ip("2001:db8::/48")}, {}) == "ok");
    CHECK(constrained({ip("2001:db8:1::1")}, {ip("2001:db8::/48")}, {}) == bound);
    CHECK(constrained({ip("2001:db8::1")}, {}, {ip("2001:db8::1/128")}) == bound);
    CHECK(constrained({ip("::ffff:10.0.0.1")}, {ip("10.0.0.0/8")}, {}) == bound);
    CHECK(constrained({ip("10.0.0.1")}, {ip("::/0")}, {}) == bound);
    CHECK(constrained({ip("10.0.0.1")}, {}, {ip("::/0")}) == "ok");
    CHECK(judged_ca(Forge::intermediate("CA").name_constraints({masked({10, 0, 0, 0, 255, 0, 255, 0})}, {}))
              .starts_with("malformed_certificate@1"));
    CHECK(judged_ca(Forge::intermediate("CA").name_constraints({masked({10, 0, 0, 0})}, {}))
              .starts_with("malformed_certificate@1"));
}

TEST_CASE(
    "directory constraints compare names whatever their string type, case and spaces, relative name by relative name") {
    const auto subject = [](const char* organisation, TextTag tag) {
        return directory(tests::name({{"C", "DE", TextTag::printable}, {"O", organisation, tag}, {"CN", "www"}}));
    };
    const auto base = [](const char* organisation) {
        return directory(tests::name({{"C", "de"}, {"O", organisation}}));
    };
    const auto judged_name = [&](const ByteVector& name, const ByteVector& excluded) {
        return constrained({name}, {}, {excluded});
    };
    CHECK(judged_name(subject("Example  GmbH", TextTag::printable), base("example gmbh")) == bound);
    CHECK(judged_name(subject("Beispiel", TextTag::teletex), base("BEISPIEL")) == bound);
    CHECK(judged_name(subject("Example GmbH & Co", TextTag::utf8), base("example gmbh")) == "ok");
    CHECK(judged_name(directory(tests::name({{"O", "Example"}, {"C", "DE"}})), base("Example")) == "ok");
    // The subject itself is such a name.
    const Forged ca =
        Forge::intermediate("CA").name_constraints({directory(tests::name({{"O", "Example"}}))}, {}).signed_by(root());
    const auto with_subject = [&](const ByteVector& name) {
        return errors(
            Chain({leaf().subject(name).names({dns("www.example.com")}, true).signed_by(ca), ca}, {root()}).verify());
    };
    CHECK(with_subject(tests::name({{"O", "EXAMPLE"}, {"CN", "www"}})) == "ok");
    CHECK(with_subject(tests::name({{"O", "Other"}})) == bound);
    CHECK(with_subject(tests::name({})) == "ok");
}

TEST_CASE("an e-mail address that has no host is outside of what is permitted and inside of what is excluded") {
    CHECK(constrained({email("a@example.com")}, {email("example.com")}, {}) == "ok");
    CHECK(constrained({email("a@sub.example.com")}, {email("example.com")}, {}) == bound);
    CHECK(constrained({email("a@sub.example.com")}, {email(".example.com")}, {}) == "ok");
    CHECK(constrained({email("A@Example.com")}, {}, {email("a@example.com")}) == "ok");
    CHECK(constrained({email("a@EXAMPLE.com")}, {}, {email("a@example.com")}) == bound);
    CHECK(constrained({email("nobody")}, {email("example.com")}, {}) == bound);
    CHECK(constrained({email("nobody")}, {}, {email("example.com")}) == bound);
}

TEST_CASE("a constraint has neither minimum nor maximum, and at least one subtree") {
    const ByteVector subtree = der_sequence({dns("example.com"), der_context_primitive(0, ByteVector{1})});
    const auto raw = [](const ByteVector& value) {
        return judged_ca(Forge::intermediate("CA").extension({"2.5.29.30", true, value}));
    };
    CHECK(raw(der_sequence({der_context(0, subtree)})).starts_with("malformed_certificate@1"));
    CHECK(raw(der_sequence({})).starts_with("malformed_certificate@1"));
    CHECK(raw(der_sequence({der_context(0, der_sequence({dns("example.com")}))})) == "ok");
}

TEST_CASE("dates are Zulu, to the second, and exist (RFC 5280 §4.1.2.5)") {
    CHECK(raw_time("260501000000Z", 0x17) == "ok");
    CHECK(raw_time("20260501000000Z", 0x18) == "ok");  // reported, not refused
    for (const char* const text : {"2605010000Z", "260501000000+0000", "260501000000", "260501000000.5Z",
                                   "260230000000Z", "260501240000Z", "260501000060Z"})
        CHECK(raw_time(text, 0x17) == "malformed_certificate@0");
    for (const char* const text : {"20260501000000.0Z", "20260501000000+0100", "202605010000Z", "20260501000000z"})
        CHECK(raw_time(text, 0x18) == "malformed_certificate@0");
}

TEST_CASE("serial numbers may break the profile, but not DER") {
    CHECK(judged(leaf().serial(ByteVector{2, 1, 0})) == "ok");
    CHECK(judged(leaf().serial(ByteVector{2, 1, 0x80})) == "ok");
    CHECK(judged(leaf().serial(der_unsigned(ByteVector(21, 0x7F)))) == "ok");
    CHECK(judged(leaf().serial(ByteVector{2, 2, 0, 1})) == "malformed_certificate@0");
    CHECK(judged(leaf().serial(ByteVector{2, 2, 0xFF, 0x80})) == "malformed_certificate@0");
    CHECK(judged(leaf().serial(ByteVector{2, 0})) == "malformed_certificate@0");
    CHECK(judged(leaf().serial(ByteVector{2, 0x81, 1, 5})) == "malformed_certificate@0");
}

TEST_CASE("an issuer of version 1 or 2 that is no anchor is no CA") {
    for (const std::optional<int> version : {std::optional<int>(), std::optional<int>(2)}) {
        Forge old = Forge::intermediate("CA").without_extensions().version(version);
        CHECK(judged_ca(old) == "not_a_ca@1");
    }
}

TEST_CASE("an authority key identifier of issuer and serial number alone is a hint that is not needed") {
    const ByteVector names = der_context(1, directory(root().subject)),
                     serial = der_context_primitive(2, ByteVector{1});
    const auto with = [&](const ByteVector& identifier, bool critical = false) {
        return judged(leaf().authority_key_identifier(std::nullopt).extension({"2.5.29.35", critical, identifier}));
    };
    CHECK(with(der_sequence({names, serial})) == "ok");
    CHECK(with(der_sequence({})) == "ok");
    CHECK(with(der_sequence({names, serial}), true) == "unknown_critical_extension@0");
}

TEST_CASE("every CA above must allow what the leaf is used for, and any purpose allows it") {
    const auto nested = [](const std::vector<std::string>& upper, const std::vector<std::string>& lower) {
        const Forged first =
            Forge::intermediate("First").basic_constraints(true).extended_key_usage(upper).signed_by(root());
        const Forged second = Forge::intermediate("Second").extended_key_usage(lower).signed_by(first);
        return errors(Chain({leaf().signed_by(second), second, first}, {root()}).verify());
    };
    CHECK(nested({"any"}, {"serverAuth"}) == "ok");
    CHECK(nested({"serverAuth", "clientAuth"}, {"any"}) == "ok");
    CHECK(nested({"clientAuth"}, {"serverAuth"}) == "wrong_purpose@2");
    CHECK(nested({"clientAuth"}, {"any"}) == "wrong_purpose@2");
}

TEST_CASE("an extension twice is refused even when nobody knows it") {
    CHECK(judged(leaf().extension({"1.2.3.4", false, {5, 0}}).duplicate("1.2.3.4")) == "malformed_certificate@0");
    CHECK(judged_ca(Forge::intermediate("CA").duplicate("2.5.29.19")).starts_with("malformed_certificate@1"));
}

TEST_CASE("an address that was asked for is one with a trailing dot too, and no dNSName stands for it") {
    Chain chain({leaf().names({dns("192.0.2.1")}).signed_by(root())}, {root()});
    for (const char* const host : {"192.0.2.1", "192.0.2.1."}) {
        chain.host = host;
        CHECK(errors(chain.verify()) == "hostname_mismatch@0");
        CHECK(chain.verify().host == "192.0.2.1");
    }
}

TEST_CASE("a precertificate is no certificate (RFC 6962 §3.1)") {
    CHECK(judged(leaf().extension({"1.3.6.1.4.1.11129.2.4.3", true, {5, 0}})) == "unknown_critical_extension@0");
}

TEST_CASE("a key on explicit curve parameters is refused in a leaf too (RFC 5480 §2.1.1)") {
    const ByteVector parameters = der_sequence({der_integer(1)});
    const ByteVector info =
        der_sequence({der_sequence({der_oid("1.2.840.10045.2.1"), parameters}), der_bit_string(ByteVector(65, 4))});
    CHECK(judged(leaf().public_key_info(info)) == "weak_key@0");
}

TEST_CASE("a curve too small is told as weak whatever its name, and so is an RSA modulus that is even") {
    const auto on_curve = [](const char* curve, std::size_t coordinate) {
        const ByteVector algorithm = der_sequence({der_oid("1.2.840.10045.2.1"), der_oid(curve)});
        return judged(
            leaf().public_key_info(der_sequence({algorithm, der_bit_string(ByteVector(1 + 2 * coordinate, 4))})));
    };
    CHECK(on_curve("1.2.840.10045.3.1.1", 24) == "weak_key@0");   // P-192
    CHECK(on_curve("1.3.132.0.8", 20) == "weak_key@0");           // secp160r1
    CHECK(on_curve("1.3.132.0.1", 21) == "weak_key@0");           // sect163k1
    CHECK(on_curve("1.3.36.3.3.2.8.1.1.1", 20) == "weak_key@0");  // brainpoolP160r1
    CHECK(on_curve("1.3.132.0.33", 28) == "weak_key@0");          // P-224, which no TLS client offers
    const auto with_modulus = [](std::uint8_t last) {
        ByteVector modulus(256, 0xFF);
        modulus.back() = last;
        const ByteVector key = der_sequence({der_unsigned(modulus), der_integer(65'537)});
        return judged(
            leaf().public_key_info(der_sequence({der_sequence({der_oid(oid::rsa), der_null()}), der_bit_string(key)})));
    };
    CHECK(with_modulus(0xFD) == "ok");
    CHECK(with_modulus(0xFE) == "weak_key@0");
}

TEST_CASE("an Edwards curve's key has no parameters (RFC 8410 §3)") {
    const auto with = [](const ByteVector& algorithm) {
        return judged(leaf().public_key_info(der_sequence({algorithm, der_bit_string(ByteVector(32, 4))})));
    };
    CHECK(with(der_sequence({der_oid(oid::ed25519)})) == "ok");
    CHECK(with(der_sequence({der_oid(oid::ed25519), der_null()})) == "malformed_certificate@0");
}
