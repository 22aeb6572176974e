// What an attacker may send, each at the limit of what the TLS side accepts, judged within a bound
// of CPU time.
#include <ctime>

#include "certs/crl.h"
#include "certs/hostname.h"
#include "tests/certs/chain.h"
#include "tests/support/catch.h"
#include "tests/support/forge_crl.h"

using namespace certs;
using namespace tests;

namespace {

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define WHYTLS_SLOW 1
#endif
#endif
#ifdef WHYTLS_SLOW
constexpr double limit = 8;
#else
constexpr double limit = 1;
#endif

// CPU seconds of this thread; what else runs on the machine does not count.
template <typename Work>
double seconds(Work work) {
    const auto now = [] {
        timespec time{};
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
    };
    const double start = now();
    work();
    return now() - start;
}

// The errors of a chain, which must not take longer than the limit.
std::string bounded(const Chain& chain) {
    std::string result;
    const double taken = seconds([&] { result = errors(chain.verify()); });
    CAPTURE(taken, result);
    CHECK(taken < limit);
    return result;
}

const PrivateKey& ed25519(std::size_t slot) { return pooled_key(KeyType::ed25519, slot); }
Forge root() { return Forge::root("Root").key(ed25519(100)); }
Forge ca(std::string_view name, std::size_t slot) {
    return Forge::intermediate(name).key(ed25519(slot)).basic_constraints(true);
}
Forge leaf() { return Forge::leaf("www.example.com").key(ed25519(101)); }

std::vector<ByteVector> many_names(std::size_t count, const std::function<std::string(std::size_t)>& text) {
    std::vector<ByteVector> names;
    for (std::size_t i = 0; i < count; ++i) names.push_back(dns(text(i)));
    return names;
}

// A host name of 253 characters whose last but one label is the number.
std::string long_name(std::size_t number) {
    std::string name;
    for (int i = 0; i < 3; ++i) name += std::string(63, 'a') + '.';
    const std::string tail = fmt::format("{:06}.test", number);
    return name + std::string(253 - name.size() - tail.size() - 1, 'b') + '.' + tail;
}

// Layers of `width` keys, one name per layer. Every key of the layer above issues every certificate
// of a layer once: width^layers ways up.
struct Lattice {
    std::vector<Forged> served;  // without the leaf
    std::vector<Forged> lowest;  // of the layer that issues the leaf

    template <typename Shape>
    Lattice(std::size_t layers, std::size_t width, std::vector<Forged> above, Shape shape) {
        for (std::size_t layer = 0; layer < layers; ++layer) {
            std::vector<Forged> row;
            for (std::size_t key = 0; key < width; ++key) {
                for (const Forged& issuer : above)
                    row.push_back(
                        shape(ca(fmt::format("Layer {}", layer), 200 + layer * width + key)).signed_by(issuer));
            }
            served.insert(served.end(), row.begin(), row.end());
            // One certificate per key is enough to sign with.
            above.clear();
            for (std::size_t key = 0; key < width; ++key) above.push_back(row[key * row.size() / width]);
        }
        lowest = above;
    }
};

std::vector<Forged> joined(const Forged& first, const std::vector<Forged>& rest) {
    std::vector<Forged> all{first};
    all.insert(all.end(), rest.begin(), rest.end());
    return all;
}

}  // namespace

TEST_CASE("thousands of names that nearly match are compared in time") {
    Forge forge = leaf();
    const Forged anchor = root().self_signed();
    Chain chain({forge.names(many_names(4000, long_name)).signed_by(anchor)}, {anchor});
    chain.host = long_name(999'999);
    CHECK(bounded(chain) == "hostname_mismatch@0");
    Chain many({leaf()
                    .names(many_names(10'000, [](std::size_t i) { return fmt::format("host-{}.example.com", i); }))
                    .signed_by(anchor)},
               {anchor});
    CHECK(bounded(many) == "hostname_mismatch@0");
    many.host = "host-9999.example.com";
    CHECK(bounded(many) == "ok");
}

TEST_CASE("names beyond the limit are refused as malformed, not counted for ever") {
    const Forged anchor = root().self_signed();
    const auto short_name = [](std::size_t) { return std::string("a"); };
    CHECK(bounded(Chain({leaf().names(many_names(16'385, short_name)).signed_by(anchor)}, {anchor})) ==
          "malformed_certificate@0");
    CHECK(bounded(Chain({leaf().names(many_names(16'384, short_name)).signed_by(anchor)}, {anchor})) ==
          "hostname_mismatch@0");
    CHECK(bounded(Chain({leaf().names(many_names(10'000, long_name)).signed_by(anchor)}, {anchor})) ==
          "malformed_certificate@0");
}

TEST_CASE("names that are no ASCII are compared with the host in time") {
    const Forged anchor = root().self_signed();
    const auto accented = [](std::size_t i) {
        std::string text = fmt::format("{}", i);
        while (text.size() < 1000) text += "\xCC\x81\xC3\xBC";
        return text;
    };
    CHECK(bounded(Chain({leaf().names(many_names(1000, accented)).signed_by(anchor)}, {anchor})) ==
          "hostname_mismatch@0");
}

TEST_CASE("a host that was asked for may be of any length and script") {
    const Forged anchor = root().self_signed();
    Chain chain({leaf().signed_by(anchor)}, {anchor});
    for (const char* const piece :
         {"\xC3\xBC", "\xCC\x81\xCC\x96", "xn--", "\xF0\x90\x80\x80", "a.", "*.", "[", "1."}) {
        chain.host.clear();
        while (chain.host.size() < 65'536) chain.host += piece;
        CHECK(bounded(chain) == "hostname_mismatch@0");
    }
}

TEST_CASE("names times constraints is bounded, whatever kind they are") {
    const Forged anchor = root().self_signed();
    const auto judged = [&](const std::vector<ByteVector>& names, const std::vector<ByteVector>& bases) {
        const Forged bound = ca("CA", 102).name_constraints({}, bases).signed_by(anchor);
        return bounded(Chain({leaf().names(names).signed_by(bound), bound}, {anchor}));
    };
    std::vector<ByteVector> names, bases;
    const auto fill = [&](std::size_t count, std::size_t limits, const auto& name, const auto& base) {
        names = {dns("www.example.com")};
        bases.clear();
        for (std::size_t i = 0; i < count; ++i) names.push_back(name(i));
        for (std::size_t i = 0; i < limits; ++i) bases.push_back(base(i));
    };
    fill(
        1000, 1000, [](std::size_t i) { return dns(long_name(i)); },
        [](std::size_t i) { return dns(long_name(5000 + i)); });
    CHECK(judged(names, bases) == "ok");
    fill(
        2000, 500, [](std::size_t i) { return dns(long_name(20'000 + i)); },
        [](std::size_t i) { return dns(long_name(5000 + i)); });
    CHECK(judged(names, bases) == "ok");
    const auto link = [](std::size_t i) { return uri("https://user@" + long_name(i) + ":8443/path"); };
    fill(1000, 1000, link, [](std::size_t i) { return uri(long_name(5000 + i)); });
    CHECK(judged(names, bases) == "ok");
    const auto mailbox = [](std::size_t i) { return email("someone@" + long_name(i)); };
    fill(1000, 1000, mailbox, [](std::size_t i) { return email("." + long_name(5000 + i).substr(10)); });
    CHECK(judged(names, bases) == "ok");
    const auto named = [](std::size_t i) {
        return directory(tests::name({{"O", std::string(300, 'o')}, {"CN", fmt::format("{:06}", i)}}));
    };
    fill(1000, 1000, named, [&](std::size_t i) { return named(5000 + i); });
    CHECK(judged(names, bases) == "ok");
    fill(
        4000, 4000, [](std::size_t i) { return dns(fmt::format("{}.test", i)); },
        [](std::size_t i) { return dns(fmt::format("{}.net", i)); });
    CHECK(judged(names, bases) == "path_too_complex");
}

TEST_CASE("a constraint that is about none of the names costs little on every one of the ways up") {
    const Forged anchor = root().self_signed();
    const Forged other = Forge::root("Root").key(ed25519(103)).self_signed();  // the name is trusted, the key is not
    const Lattice lattice(10, 2, {anchor}, [](Forge forge) { return forge.name_constraints({ip("10.0.0.0/8")}, {}); });
    const Forged end = leaf()
                           .names(many_names(16'000, [](std::size_t i) { return fmt::format("{}.test", i); }))
                           .signed_by(lattice.lowest[0]);
    CHECK(bounded(Chain(joined(end, lattice.served), {other})) ==
          "path_too_complex unknown_issuer@10 hostname_mismatch@0");
}

TEST_CASE("a chain that branches at every certificate is given up in time, and the reason is told") {
    const Forged anchor = root().self_signed();
    const Forged other = Forge::root("Root").key(ed25519(103)).self_signed();
    const Lattice narrow(12, 2, {anchor}, [](const Forge& forge) { return forge; });
    const Lattice wide(4, 5, {anchor}, [](const Forge& forge) { return forge; });
    const auto judged = [](const Lattice& lattice, const Forged& trusted) {
        return bounded(Chain(joined(leaf().signed_by(lattice.lowest[0]), lattice.served), {trusted}));
    };
    CHECK(judged(narrow, anchor) == "ok");
    CHECK(judged(wide, anchor) == "ok");
    CHECK(judged(narrow, other) == "path_too_complex unknown_issuer@12");
    // The budget ran out before the last signature was checked: it is reported neither as bad nor
    // as good.
    CHECK(judged(wide, other) == "path_too_complex");
}

TEST_CASE("policies that fail only at the end of each of many ways are judged a bounded number of times") {
    const Forged anchor = root().policies({"1.2.1"}).policy_constraints(0, std::nullopt).self_signed();
    std::vector<std::string> policies;
    std::vector<std::pair<std::string, std::string>> mappings;
    for (int i = 0; i < 1000; ++i) {
        policies.push_back(fmt::format("1.2.3.{}", i));
        for (int j = 0; j < 2; ++j) mappings.emplace_back(policies.back(), fmt::format("1.2.3.{}", (i * 2 + j) % 1000));
    }
    policies.emplace_back("1.2.1");
    const auto shape = [&](Forge forge) {
        return forge.policies(policies).policy_mappings(mappings).policy_constraints(0, std::nullopt);
    };
    const Lattice lattice(10, 2, {anchor}, shape);
    const Forged end = leaf().policies({"1.2.9"}).signed_by(lattice.lowest[0]);
    CHECK(bounded(Chain(joined(end, lattice.served), {anchor})) == "path_too_complex");
}

TEST_CASE("policies that stay alive to the end of each of many ways are judged a bounded number of times") {
    const auto policy = [](int i) { return fmt::format("1.2.{}", 200 + i); };
    std::vector<std::string> policies{"1.2.1"};
    std::vector<std::pair<std::string, std::string>> mappings;
    for (int i = 0; i < 900; ++i) policies.push_back(policy(i));
    for (int i = 0; i < 900; ++i) mappings.emplace_back(policy(i), policy((7 * i + 1) % 900));
    for (int i = 0; i < 900; ++i) mappings.emplace_back("1.2.1", policy(i));
    const auto shape = [&](Forge forge) {
        return forge.policies(policies).policy_mappings(mappings).policy_constraints(0, std::nullopt);
    };
    const Forged anchor = root().policies({"1.2.1"}).policy_constraints(0, std::nullopt).self_signed();
    const Lattice lattice(7, 2, {anchor}, shape);
    const Chain chain(joined(leaf().policies({"1.2.9"}).signed_by(lattice.lowest[0]), lattice.served), {anchor});
    std::string result;
    CHECK(seconds([&] { result = errors(chain.verify()); }) < limit / 4);
    CHECK(result == "path_too_complex");
}

TEST_CASE("a path whose policies cost too much is refused, not taken for one without") {
    std::vector<std::string> policies;
    std::vector<std::pair<std::string, std::string>> mappings;
    for (int i = 0; i < 4000; ++i) policies.push_back(fmt::format("1.2.{}", 200 + i));
    for (int i = 0; i < 4000; ++i)
        mappings.emplace_back(policies[static_cast<std::size_t>(i)], fmt::format("1.2.{}", 200 + (7 * i) % 4000));
    const Forged anchor = root().self_signed();
    Forged above = anchor;
    std::vector<Forged> chain;
    for (std::size_t level = 0; level < 8; ++level) {
        above =
            ca(fmt::format("CA {}", level), 350 + level).policies(policies).policy_mappings(mappings).signed_by(above);
        chain.insert(chain.begin(), above);
    }
    CHECK(bounded(Chain(joined(leaf().signed_by(above), chain), {anchor})) == "path_too_complex");
}

TEST_CASE("a policy graph that doubles at each level stays small") {
    const Forged anchor = root().self_signed();
    Forged above = anchor;
    std::vector<Forged> chain;
    std::vector<std::string> policies;
    std::vector<std::pair<std::string, std::string>> mappings;
    for (int i = 0; i < 60; ++i) {
        policies.push_back(fmt::format("1.2.3.{}", i));
        for (int j = 0; j < 60; ++j)
            mappings.emplace_back(policies[static_cast<std::size_t>(i)], fmt::format("1.2.3.{}", j));
    }
    for (std::size_t level = 0; level < 15; ++level) {
        above = ca(fmt::format("CA {}", level), 300 + level)
                    .policies(policies)
                    .policy_mappings(mappings)
                    .policy_constraints(0, std::nullopt)
                    .signed_by(above);
        chain.insert(chain.begin(), above);
    }
    CHECK(bounded(Chain(joined(leaf().policies(policies).signed_by(above), chain), {anchor})) == "ok");
}

TEST_CASE("CAs that share a name and sign each other are followed in time") {
    const Forged anchor = root().self_signed();
    std::vector<Forged> members, served;
    for (std::size_t i = 0; i < 64; ++i) members.push_back(ca("Same", 400 + i).signed_by(anchor));
    for (std::size_t i = 0; i < 64; ++i) served.push_back(ca("Same", 400 + i).signed_by(members[(i + 1) % 64]));
    const Forged end = leaf().signed_by(members[0]);
    CHECK(bounded(Chain(joined(end, served), {anchor})).contains("path_too_complex"));
    served.back() = members.back();
    CHECK_FALSE(bounded(Chain(joined(end, served), {anchor})).empty());
}

TEST_CASE("a hundred and more certificates of one subject and one key identifier are looked at in time") {
    const Forged anchor = root().self_signed();
    std::vector<Forged> served;
    // Keys that differ only in their last bytes, so that comparing them is expensive.
    const Forged model = ca("CA", 500).signed_by(anchor);
    for (std::uint32_t i = 0; i < 255; ++i) {
        ByteVector bits(3500, 7);
        bits.back() = static_cast<std::uint8_t>(i);
        const ByteVector info = der_sequence({der_sequence({der_oid("1.2.3.4")}), der_bit_string(bits)});
        served.push_back(ca("CA", 500).serial(i + 1).public_key_info(info).signed_by(anchor));
    }
    CHECK_FALSE(bounded(Chain(joined(leaf().signed_by(model), served), {anchor})).empty());
}

TEST_CASE("issuers that name each other by identifier end no path and no time") {
    const Forged anchor = root().self_signed();
    const ByteVector one(20, 1), two(20, 2);
    const Forged a = ca("A", 600)
                         .subject_key_identifier(one)
                         .authority_key_identifier(two)
                         .issuer(common_name("B"))
                         .signed_with(ed25519(601))
                         .signed_by(anchor);
    const Forged b = ca("B", 601)
                         .subject_key_identifier(two)
                         .authority_key_identifier(one)
                         .issuer(common_name("A"))
                         .signed_with(ed25519(600))
                         .signed_by(anchor);
    CHECK(bounded(Chain({leaf().signed_by(a), a, b, a, b}, {anchor})) == "unknown_issuer@2");
}

TEST_CASE("keys that are dear to verify with are bounded in size and number") {
    const Forged anchor = root().self_signed();
    const auto key_info = [](std::size_t bytes, const ByteVector& exponent, std::uint8_t last) {
        ByteVector modulus(bytes, 0xFF);
        modulus[bytes / 2] = last;
        const ByteVector key = der_sequence({der_unsigned(modulus), der_unsigned(exponent)});
        return der_sequence({der_sequence({der_oid("1.2.840.113549.1.1.1"), der_null()}), der_bit_string(key)});
    };
    for (const std::size_t bytes : {512, 1024, 2048}) {
        for (const std::size_t exponent : {3, 4, 8, 512}) {
            std::vector<Forged> served;
            for (std::uint8_t i = 0; i < 200; ++i)
                served.push_back(ca("CA", 700)
                                     .serial(i + 1)
                                     .public_key_info(key_info(bytes, ByteVector(exponent, 0xFF), i))
                                     .signed_by(anchor));
            const ByteVector rsa = algorithm_identifier(SignatureAlgorithm::rsa_sha256);
            Forge forge = leaf();
            // A signature of the right size, so that it is computed.
            const auto with_signature = [&](ByteVector& der) {
                DerContext context(der);
                DerReader reader(der, context);
                const Bytes tbs = reader.sequence().element().whole;
                der = der_sequence({tbs, rsa, der_bit_string(ByteVector(bytes, 0x7F))});
            };
            const Forged end =
                forge.inner_algorithm(rsa).change(with_signature).issuer(common_name("CA")).signed_by(anchor);
            CAPTURE(bytes, exponent);
            CHECK_FALSE(bounded(Chain(joined(end, served), {anchor})).empty());
        }
    }
}

TEST_CASE("nesting that is deep, in an extension that is read, costs no more than its bytes") {
    const Forged anchor = root().self_signed();
    ByteVector nested;
    for (int i = 0; i < 2000; ++i) nested = der_sequence({nested});
    const ByteVector other = der_context(0, der_concatenation({der_oid("1.2.3"), der_context(0, nested)}));
    CHECK(bounded(Chain({leaf().names({dns("www.example.com"), other}).signed_by(anchor)}, {anchor})) == "ok");
    CHECK(bounded(Chain({leaf().extension({"2.5.29.30", true, nested}).signed_by(anchor)}, {anchor})) ==
          "malformed_certificate@0");
    CHECK(bounded(Chain({leaf().subject(nested).signed_by(anchor)}, {anchor})) == "malformed_certificate@0");
}

TEST_CASE("a revocation list of 20 MB is parsed and searched in time") {
    const Forged issuer = root().self_signed();
    ByteVector entries;
    entries.reserve(21 << 20);
    for (std::uint32_t i = 0; entries.size() < 20 << 20; ++i) {
        ByteVector serial(16, 0x11);
        for (std::size_t j = 0; j < 4; ++j) serial[j + 1] = static_cast<std::uint8_t>(i >> (8 * j));
        const ByteVector entry = der_sequence({der_unsigned(serial), der_utc_time(forge_time)});
        entries.insert(entries.end(), entry.begin(), entry.end());
    }
    const ByteVector algorithm = algorithm_identifier(SignatureAlgorithm::ed25519);
    const ByteVector tbs = der_sequence({der_integer(1), algorithm, issuer.subject, der_time(days_later(-1)),
                                         der_time(days_later(1)), der_element(tag::sequence, entries)});
    const ByteVector der =
        der_sequence({tbs, algorithm, der_bit_string(issuer.key.sign(SignatureAlgorithm::ed25519, tbs))});
    std::optional<Crl> list;
    CHECK(seconds([&] {
              if (auto parsed = Crl::parse(der)) list = *std::move(parsed);
          }) < limit);
    REQUIRE(list);
    Chain chain({leaf().signed_by(issuer)}, {issuer});
    std::string result;
    CHECK(seconds([&] {
              result = errors(chain.verify([&](VerifyInput& input) { input.revocation.lists = std::span(&*list, 1); }));
          }) < limit);
    CHECK(result == "ok");
    CHECK_FALSE(Crl::parse(Bytes(der).first(der.size() - 1)));
}

TEST_CASE("thousands of distribution points are looked for among thousands in time") {
    const Forged anchor = root().self_signed();
    const auto points = [](int first) {
        ByteVector names;
        for (int i = 0; i < 16'000; ++i) {
            const ByteVector name = uri(fmt::format("http://lists.example/{:06}", first + i));
            names.insert(names.end(), name.begin(), name.end());
        }
        return der_sequence({der_context(0, der_context(0, names))});
    };
    const ListForge forge{.extensions = {{"2.5.29.28", true, points(0)}}};
    const std::vector<Crl> lists{*Crl::parse(forge.signed_by(anchor))};
    const auto judged = [&](int first) {
        const Chain chain({leaf().extension({"2.5.29.31", false, der_sequence({points(first)})}).signed_by(anchor)},
                          {anchor});
        Verdict verdict;
        CHECK(seconds([&] { verdict = chain.verify([&](VerifyInput& input) { input.revocation.lists = lists; }); }) <
              limit / 4);
        return status(verdict, Step::revocation, 0);
    };
    CHECK(judged(15'999) == Status::pass);
    CHECK(judged(16'000) == Status::fail);
}

TEST_CASE("a hundred certificates that were sent, most of them strangers, change nothing") {
    const Forged anchor = root().self_signed();
    const Forged issuer = ca("CA", 800).signed_by(anchor);
    std::vector<Forged> served;
    for (std::size_t i = 0; i < 99; ++i) served.push_back(ca(fmt::format("Stranger {}", i), 801).signed_by(anchor));
    served.push_back(issuer);
    CHECK(bounded(Chain(joined(leaf().signed_by(issuer), served), {anchor})) == "ok");
}
