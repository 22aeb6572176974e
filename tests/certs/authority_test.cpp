#include "certs/authority.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <set>
#include <thread>

#include "certs/crypto.h"
#include "certs/trust_store.h"
#include "certs/verify.h"
#include "tests/support/catch.h"
#include "tests/support/forge.h"
#include "tests/support/temporary_directory.h"

using namespace certs;
using namespace tests;

namespace {

constexpr Time now = forge_time;

std::string content(const std::filesystem::path& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
}

void write(const std::filesystem::path& path, std::string_view text) { std::ofstream(path) << text; }

mode_t mode(const std::filesystem::path& path) {
    struct stat status{};
    stat(path.c_str(), &status);
    return status.st_mode & 07777;
}

std::size_t files_in(const std::filesystem::path& directory) {
    return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(directory), {}));
}

// A user's own CA on disk.
std::filesystem::path put(const TemporaryDirectory& place, const Forged& authority, std::string_view more = "") {
    const std::filesystem::path directory = place / "ca";
    std::filesystem::create_directory(directory);
    write(directory / "ca.pem", authority.pem() + std::string(more));
    write(directory / "ca-key.pem", authority.key.pem());
    return directory;
}

Certificate leaf_of(const MintedLeaf& minted) { return Certificate::parse(minted.chain.front()).value(); }

bool signed_by(const Certificate& certificate, const Certificate& issuer) {
    return verify_signature(issuer.public_key(), certificate.signature_algorithm(), certificate.tbs(),
                            certificate.signature()) == SignatureResult::good;
}

AuthorityError refusal(const std::filesystem::path& directory) { return Authority::open(directory, now).error(); }

bool same(Bytes a, Bytes b) { return std::ranges::equal(a, b); }

}  // namespace

TEST_CASE("the first opening makes a CA of mode 0600 in a directory of mode 0700, and nothing else") {
    const TemporaryDirectory place;
    const auto directory = place / "data" / "whytls";
    const auto authority = Authority::open(directory, now);
    REQUIRE(authority.has_value());
    CHECK(authority->created());
    CHECK(authority->directory() == directory);
    CHECK(mode(directory) == 0700);
    CHECK(mode(directory / "ca-key.pem") == 0600);
    CHECK(mode(directory / "ca.pem") == 0644);
    CHECK(files_in(directory) == 2);
}

TEST_CASE("a directory named with a slash at its end is private too") {
    const TemporaryDirectory place;
    REQUIRE(Authority::open(place / "ca/", now).has_value());
    CHECK(mode(place / "ca") == 0700);
}

TEST_CASE("the CA is a self-signed root for ten years that may sign leaves alone") {
    const TemporaryDirectory place;
    const Certificate ca = Authority::open(place / "ca", now)->certificate();
    CHECK(ca.is_ca());
    CHECK(ca.is_self_issued());
    CHECK(signed_by(ca, ca));
    CHECK(ca.extensions().basic_constraints->path_length == 0);
    CHECK(ca.extensions().key_usage->has(KeyUsageBit::key_cert_sign));
    CHECK(ca.extensions().key_usage->has(KeyUsageBit::crl_sign));
    CHECK_FALSE(ca.extensions().key_usage->has(KeyUsageBit::digital_signature));
    CHECK(same(ca.subject_key_identifier(), sha1(ca.public_key().key)));
    CHECK(ca.not_before() == days_later(-2));
    CHECK(ca.not_after() == days_later(3'650));
    CHECK(describe(ca).subject.contains("whytls local CA"));
}

TEST_CASE("the second opening reads the same CA") {
    const TemporaryDirectory place;
    const auto first = Authority::open(place / "ca", now);
    const auto second = Authority::open(place / "ca", days_later(1));
    REQUIRE(second.has_value());
    CHECK_FALSE(second->created());
    CHECK(second->certificate() == first->certificate());
}

TEST_CASE("a minted leaf names its host, serves TLS and chains to the CA") {
    const TemporaryDirectory place;
    const auto authority = Authority::open(place / "ca", now);
    const MintedLeaf minted = authority->mint("api.example.com", now);
    REQUIRE(minted.chain.size() == 1);
    const Certificate leaf = leaf_of(minted);
    CHECK(signed_by(leaf, authority->certificate()));
    CHECK(describe(leaf).subject == "CN=api.example.com");
    CHECK(describe(leaf).names == std::vector<std::string>{"DNS:api.example.com"});
    CHECK(same(leaf.issuer().der(), authority->certificate().subject_der()));
    CHECK(same(leaf.authority_key_identifier(), authority->certificate().subject_key_identifier()));
    CHECK_FALSE(leaf.is_ca());
    CHECK(leaf.extensions().key_usage->has(KeyUsageBit::digital_signature));
    CHECK(leaf.extensions().extended_key_usage == std::vector<Oid>{oid::server_auth});
    CHECK(same(PrivateKey::parse(minted.key)->public_key_info(), leaf.public_key().der));
}

TEST_CASE("our own verifier accepts what is minted, for its host and no other") {
    const TemporaryDirectory place;
    const auto authority = Authority::open(place / "ca", now);
    TrustStore trust;
    trust.add(authority->certificate());
    for (const std::string_view host : {"api.example.com", "192.0.2.7", "2001:db8::1"}) {
        const MintedLeaf minted = authority->mint(host, now);
        const Bytes served[] = {minted.chain.front()};
        CHECK(verify({.served = served, .trust = trust, .host = host, .at = now}).accepted());
        CHECK_FALSE(verify({.served = served, .trust = trust, .host = "other.example", .at = now}).accepted());
        CHECK_FALSE(verify({.served = served, .trust = TrustStore(), .host = host, .at = now}).accepted());
    }
}

TEST_CASE("a leaf for an address has an iPAddress name") {
    const TemporaryDirectory place;
    const auto authority = Authority::open(place / "ca", now);
    CHECK(describe(leaf_of(authority->mint("192.0.2.7", now))).names == std::vector<std::string>{"IP:192.0.2.7"});
    CHECK(describe(leaf_of(authority->mint("2001:db8::1", now))).names == std::vector<std::string>{"IP:2001:db8::1"});
}

TEST_CASE("a host longer than a common name may be stands in the SAN alone") {
    const TemporaryDirectory place;
    const auto authority = Authority::open(place / "ca", now);
    const std::string longest = std::string(52, 'a') + ".example.com", longer = "a" + longest;
    REQUIRE(longest.size() == 64);
    CHECK(describe(leaf_of(authority->mint(longest, now))).subject == "CN=" + longest);
    CHECK(describe(leaf_of(authority->mint(longer, now))).subject == "O=whytls");
    CHECK(describe(leaf_of(authority->mint(longer, now))).names == std::vector<std::string>{"DNS:" + longer});
}

TEST_CASE("a leaf is valid from two days ago for 197 days, within its CA's own dates") {
    const TemporaryDirectory place;
    const auto authority = Authority::open(place / "ca", now);
    const MintedLeaf minted = authority->mint("a.example", days_later(10));
    CHECK(leaf_of(minted).not_before() == days_later(8));
    CHECK(leaf_of(minted).not_after() == days_later(8 + 197));
    CHECK(minted.not_after == leaf_of(minted).not_after());

    const Forged brief = Forge::root("brief").dates(days_later(-1), days_later(30)).self_signed();
    const TemporaryDirectory other;
    const Certificate clamped = leaf_of(Authority::open(put(other, brief), now)->mint("a.example", now));
    CHECK(clamped.not_before() == days_later(-1));
    CHECK(clamped.not_after() == days_later(30));
}

TEST_CASE(
    "a leaf that is issued has all its names, the key given and dates within its CA's, and says that it was issued") {
    const TemporaryDirectory place;
    const auto authority = Authority::open(place / "ca", now);
    const PrivateKey key = PrivateKey::generate(PrivateKeyKind::ec_p256);
    const std::vector<std::string> names{"*.example.test", "example.test", "192.0.2.7", "2001:db8::1"};
    const MintedLeaf issued = authority->issue(names, key, now, days_later(395));
    const Certificate leaf = leaf_of(issued);
    CHECK(signed_by(leaf, authority->certificate()));
    CHECK(same(leaf.public_key().der, key.public_key_info()));
    CHECK(issued.key == key.der());
    CHECK(describe(leaf).names ==
          std::vector<std::string>{"DNS:*.example.test", "DNS:example.test", "IP:192.0.2.7", "IP:2001:db8::1"});
    CHECK(describe(leaf).subject == "CN=*.example.test,O=whytls ca issue");
    CHECK(leaf.not_before() == days_later(-2));
    CHECK(leaf.not_after() == days_later(395));
    CHECK(leaf.extensions().extended_key_usage == std::vector<Oid>{oid::server_auth});

    TrustStore trust;
    trust.add(authority->certificate());
    const Bytes served[] = {issued.chain.front()};
    for (const std::string_view host : {"a.example.test", "example.test", "192.0.2.7", "2001:db8::1"})
        CHECK(
            verify({.served = served, .trust = trust, .host = host, .at = now, .profile = Profile::strict}).accepted());
    CHECK_FALSE(verify({.served = served, .trust = trust, .host = "other.test", .at = now}).accepted());

    const MintedLeaf beyond = authority->issue(names, key, now, days_later(9'999));
    CHECK(beyond.not_after == authority->certificate().not_after());
}

TEST_CASE("every serial number is positive and new, of about 128 bits") {
    const TemporaryDirectory place;
    const auto authority = Authority::open(place / "ca", now);
    std::set<std::string> serials;
    for (int round = 0; round < 64; ++round) {
        const Certificate leaf = leaf_of(authority->mint("a.example", now));
        CHECK((leaf.serial().front() & 0x80) == 0);
        CHECK(leaf.serial().size() >= 14);
        CHECK(leaf.serial().size() <= 17);
        serials.insert(hex(leaf.serial()));
    }
    CHECK(serials.size() == 64);
}

TEST_CASE("a user's own CA of any supported key mints leaves that it signed") {
    for (const KeyType type : {KeyType::p256, KeyType::p384, KeyType::p521, KeyType::rsa2048, KeyType::ed25519}) {
        const TemporaryDirectory place;
        const Forged own = Forge::root("Own CA").key(type).subject_key_identifier(ByteVector{1, 2, 3}).self_signed();
        const auto directory = put(place, own);
        const std::string before = content(directory / "ca.pem") + content(directory / "ca-key.pem");
        const auto authority = Authority::open(directory, now);
        REQUIRE(authority.has_value());
        CHECK_FALSE(authority->created());
        const Certificate leaf = leaf_of(authority->mint("a.example", now));
        CHECK(signed_by(leaf, own.certificate()));
        CHECK(hex(leaf.authority_key_identifier()) == "010203");
        CHECK(content(directory / "ca.pem") + content(directory / "ca-key.pem") == before);
    }
}

TEST_CASE("under a CA without a key identifier a leaf has none of its issuer") {
    const TemporaryDirectory place;
    const auto directory = put(place, Forge::root("Own CA").subject_key_identifier(std::nullopt).self_signed());
    CHECK(leaf_of(Authority::open(directory, now)->mint("a.example", now)).authority_key_identifier().empty());
}

TEST_CASE("a user's own intermediate is sent along with its issuers, the root never") {
    const Forged root = Forge::root("Root").self_signed();
    const Forged upper = Forge::intermediate("Upper").basic_constraints(true, 1).signed_by(root);
    const Forged lower = Forge::intermediate("Lower").signed_by(upper);
    const TemporaryDirectory place;
    const auto directory = put(place, lower, upper.pem() + root.pem());
    const MintedLeaf minted = Authority::open(directory, now)->mint("a.example", now);
    REQUIRE(minted.chain.size() == 3);
    CHECK(minted.chain[1] == lower.der);
    CHECK(minted.chain[2] == upper.der);
}

TEST_CASE("a CA that cannot issue is refused by the name of its file") {
    const TemporaryDirectory place;
    const auto refused = [&](const Forge& forge) { return refusal(put(place, forge.self_signed())); };
    CHECK(refused(Forge::root("x").basic_constraints(false)).reason.contains("not a CA"));
    CHECK(refused(Forge::root("x").no_basic_constraints()).reason.contains("not a CA"));
    CHECK(refused(Forge::root("x").key_usage({Usage::crl_sign})).reason.contains("keyCertSign"));
    CHECK(refused(Forge::root("x").dates(days_later(-9), days_later(-1)))
              .reason.contains("expired at 2026-05-31 12:00:00 UTC"));
    CHECK(refused(Forge::root("x").dates(days_later(1), days_later(9))).reason.contains("not valid before"));
    const auto early = refused(Forge::root("x").dates(days_later(1), days_later(9))).reason;
    CHECK(early.contains("and this machine's clock says "));
    CHECK(early.contains("timedatectl"));
    CHECK(refused(Forge::root("x").dates(days_later(1), days_later(9))).file == (place / "ca" / "ca.pem").string());
}

TEST_CASE("one file without the other is refused, and nothing is made in its place") {
    const TemporaryDirectory place;
    const auto directory = put(place, Forge::root("x").self_signed());
    std::filesystem::rename(directory / "ca-key.pem", place / "kept");
    CHECK(refusal(directory).file == (directory / "ca-key.pem").string());
    CHECK(files_in(directory) == 1);
    std::filesystem::rename(place / "kept", directory / "ca-key.pem");
    std::filesystem::remove(directory / "ca.pem");
    CHECK(refusal(directory).file == (directory / "ca.pem").string());
    CHECK(files_in(directory) == 1);
}

TEST_CASE("files that are not what they should be are refused by name") {
    const TemporaryDirectory place;
    const auto directory = put(place, Forge::root("x").self_signed());
    const std::string certificate = (directory / "ca.pem").string(), key = (directory / "ca-key.pem").string();
    write(key, Forge::root("x").self_signed().key.pem());
    CHECK(refusal(directory).file == key);
    CHECK(refusal(directory).reason == "the key does not belong to the certificate in ca.pem");
    write(key, "");
    CHECK(refusal(directory).reason == "holds no private key");
    for (const std::string_view text : {"", "hello", "-----BEGIN CERTIFICATE-----\nAAAA\n",
                                        "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"}) {
        write(certificate, text);
        CHECK(refusal(directory).file == certificate);
    }
    write(certificate, std::string((1 << 20) + 1, '0'));
    CHECK(refusal(directory).reason == "is larger than 1 MiB");
}

TEST_CASE("a directory that cannot be made is refused by name, with the system's reason") {
    const TemporaryDirectory place;
    write(place / "file", "");
    CHECK(refusal(place / "file").file == (place / "file").string());
    CHECK(refusal(place / "file").reason == "Not a directory");
    CHECK(refusal(place / "file" / "ca").file == (place / "file" / "ca").string());
    CHECK_FALSE(refusal("/proc/self/task").reason.empty());
}

TEST_CASE("of several openings at once one makes the CA and the others read it") {
    const TemporaryDirectory place;
    std::vector<std::optional<Authority>> opened(4);
    {
        std::vector<std::jthread> threads;
        for (auto& one : opened) threads.emplace_back([&] { one = Authority::open(place / "ca", now).value(); });
    }
    CHECK(std::ranges::count_if(opened, [](const auto& one) { return one->created(); }) == 1);
    for (const auto& one : opened) CHECK(one->certificate() == opened.front()->certificate());
    CHECK(files_in(place / "ca") == 2);
}

TEST_CASE("one authority mints on many threads at once") {
    const TemporaryDirectory place;
    const auto authority = Authority::open(place / "ca", now);
    std::vector<MintedLeaf> minted(4);
    {
        std::vector<std::jthread> threads;
        for (MintedLeaf& one : minted) {
            threads.emplace_back([&] {
                for (int round = 0; round < 20; ++round) one = authority->mint("a.example", now);
            });
        }
    }
    for (const MintedLeaf& one : minted) CHECK(signed_by(leaf_of(one), authority->certificate()));
}

TEST_CASE("two CAs of one user have different names") {
    const TemporaryDirectory place;
    CHECK_FALSE(Authority::open(place / "one", now)->certificate().subject() ==
                Authority::open(place / "other", now)->certificate().subject());
}

TEST_CASE("rotating makes a new CA with a new key for its user alone and notes the old one") {
    const TemporaryDirectory place;
    const Certificate old = Authority::open(place / "ca", now)->certificate();
    const auto rotated = Authority::rotate(place / "ca", now);
    REQUIRE(rotated);
    CHECK_FALSE(rotated->certificate() == old);
    CHECK_FALSE(same(rotated->certificate().public_key().key, old.public_key().key));
    CHECK(mode(place / "ca/ca-key.pem") == 0600);
    CHECK(files_in(place / "ca") == 3);
    const auto record = read_authority_record(place / "ca");
    REQUIRE(record);
    CHECK(record->current == rotated->certificate());
    CHECK(record->previous == std::vector{old});
}

TEST_CASE("of the CAs that were rotated away the last four are noted, the newest first") {
    const TemporaryDirectory place;
    std::vector<Certificate> all{Authority::open(place / "ca", now)->certificate()};
    for (int i = 0; i < 6; ++i) all.push_back(Authority::rotate(place / "ca", now)->certificate());
    CHECK(read_authority_record(place / "ca")->previous == std::vector{all[5], all[4], all[3], all[2]});
}

TEST_CASE("a rotation that was cut short is finished by the next opening, wherever it stopped") {
    const TemporaryDirectory place;
    const Certificate fresh = Authority::open(place / "new", now)->certificate();
    const std::string key = content(place / "new/ca-key.pem"), certificate = content(place / "new/ca.pem");
    for (const int renamed : {0, 1, 2}) {
        INFO(renamed << " of its files had been renamed");
        const auto directory = place / ("ca" + std::to_string(renamed));
        REQUIRE(Authority::open(directory, now));
        write(directory / "ca-next.pem", key + certificate);
        if (renamed > 0) write(directory / "ca-key.pem", key);
        if (renamed > 1) write(directory / "ca.pem", certificate);
        const auto opened = Authority::open(directory, now);
        REQUIRE(opened);
        CHECK(opened->certificate() == fresh);
        CHECK(mode(directory / "ca-key.pem") == 0600);
        CHECK(files_in(directory) == 2);
    }
}

TEST_CASE("a rotation that had only noted the current CA leaves it the current one") {
    const TemporaryDirectory place;
    const Certificate ca = Authority::open(place / "ca", now)->certificate();
    write(place / "ca/ca-previous.pem", to_pem(ca.der()));
    const auto record = read_authority_record(place / "ca");
    CHECK(record->current == ca);
    CHECK(record->previous.empty());
}

TEST_CASE("a user's own CA is not rotated, nor is one made where there is none") {
    const TemporaryDirectory place;
    const auto directory = put(place, Forge::root("whytls local CA").self_signed());
    CHECK(Authority::rotate(directory, now).error().reason == "is a CA that whytls has not made: replace it yourself");
    CHECK(files_in(directory) == 2);
    CHECK(Authority::rotate(place / "none", now).error().reason == "is missing: there is no CA to replace");
    CHECK(files_in(place / "none") == 0);
    CHECK_FALSE(read_authority_record(place / "none")->current);
}
