#include "certs/java_key_store.h"

#include "certs/authority.h"
#include "certs/crypto.h"
#include "tests/support/catch.h"

using namespace certs;

TEST_CASE("a trust store of Java has each certificate under a name of its own, and the digest that Java checks") {
    const Time now{1'700'000'000};
    const std::vector<Certificate> trusted{Authority::temporary("/nowhere", now).certificate(),
                                           Authority::temporary("/nowhere", now).certificate()};
    const ByteVector store = java_trust_store(trusted, "changeit", now);
    const std::string_view text = as_text(store);
    CHECK(hex(Bytes(store).first(16)) == "feedfeed000000020000000200000002");
    CHECK(text.substr(16, 10) == std::string_view("\0\x08whytls-1", 10));
    CHECK(hex(Bytes(store).subspan(26, 8)) == "0000018bcfe56800");  // milliseconds
    for (const Certificate& each : trusted) CHECK(text.contains(as_text(each.der())));
    ByteVector keyed;
    for (const char each : std::string_view("changeit"))
        keyed.insert(keyed.end(), {0, static_cast<std::uint8_t>(each)});
    for (const std::uint8_t each : as_bytes("Mighty Aphrodite")) keyed.push_back(each);
    keyed.insert(keyed.end(), store.begin(), store.end() - 20);
    CHECK(hex(sha1(keyed)) == hex(Bytes(store).last(20)));
}

TEST_CASE("a temporary CA has a key of its own, writes nothing, and its leaves have the key that it tells") {
    const Time now{1'700'000'000};
    const Authority one = Authority::temporary("/nowhere", now), other = Authority::temporary("/nowhere", now);
    CHECK(hex(one.certificate().subject_key_identifier()) != hex(other.certificate().subject_key_identifier()));
    const MintedLeaf leaf = one.mint("a.test", now);
    CHECK(leaf.chain.size() == 1);
    CHECK(as_text(leaf.chain.front()).contains(as_text(one.leaf_public_key_info())));
    CHECK_FALSE(std::filesystem::exists("/nowhere"));
}
