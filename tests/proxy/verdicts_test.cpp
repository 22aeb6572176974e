#include "proxy/upstream/memory/verdicts.h"

#include "certs/verify.h"
#include "tests/support/catch.h"
#include "tests/support/forge.h"

using namespace proxy;
using tests::Forge;
using tests::forge_time;
using tests::Forged;

namespace {

certs::Time after(std::int64_t seconds) { return {forge_time.seconds + seconds}; }

const Forged& root() {
    static const Forged forged = Forge::root("Root").self_signed();
    return forged;
}
Forged leaf_until(certs::Time end) { return Forge::leaf("a.test").dates(after(-100), end).signed_by(root()); }

// What a server sends, and what it is asked for.
struct Server {
    std::vector<Forged> chain = {leaf_until(after(1'000))};
    std::string name = "a.test";
    std::string staple;
    std::shared_ptr<const Keyring> keyring = ours();

    static std::shared_ptr<const Keyring> ours() {
        static const auto keyring = [] {
            Keyring one;
            one.trust.add(root().certificate());
            return std::make_shared<const Keyring>(std::move(one));
        }();
        return keyring;
    }
    Judged judged() const {
        const std::vector<certs::Bytes> served(chain.begin(), chain.end());
        return {.verdict = certs::verify({.served = served, .trust = keyring->trust, .host = name, .at = forge_time})};
    }
    bool is_known(const Verdicts& verdicts, certs::Time now = forge_time) const {
        const std::vector<certs::Bytes> served(chain.begin(), chain.end());
        const Judged* known = verdicts.find({name, served, certs::as_bytes(staple), keyring}, now);
        if (known != nullptr) CHECK(known->verdict.accepted());
        return known != nullptr;
    }
    void remember(Verdicts& verdicts, certs::Time now = forge_time) const {
        const std::vector<certs::Bytes> served(chain.begin(), chain.end());
        verdicts.remember({name, served, certs::as_bytes(staple), keyring}, judged(), now);
    }
};

}  // namespace

TEST_CASE(
    "a chain that was found good is judged again for another name, another staple, other anchors, or one octet more") {
    Verdicts verdicts;
    const Server good;
    CHECK_FALSE(good.is_known(verdicts));
    good.remember(verdicts);
    CHECK(good.is_known(verdicts));
    Server other = good;
    other.name = "b.test";
    CHECK_FALSE(other.is_known(verdicts));
    other = good;
    other.staple = "x";
    CHECK_FALSE(other.is_known(verdicts));
    other = good;
    other.keyring = std::make_shared<const Keyring>(*good.keyring);
    CHECK_FALSE(other.is_known(verdicts));
    other = good;
    other.chain.push_back(root());
    CHECK_FALSE(other.is_known(verdicts));
    other = good;
    other.chain = {leaf_until(after(1'000))};
    CHECK_FALSE(other.is_known(verdicts));
}

TEST_CASE(
    "a verdict is remembered for a minute, by the clock in either direction, and not beyond the end of its certificates") {
    Verdicts verdicts;
    const Server good;
    good.remember(verdicts);
    CHECK(good.is_known(verdicts, after(Verdicts::kept - 1)));
    CHECK_FALSE(good.is_known(verdicts, after(Verdicts::kept)));
    CHECK_FALSE(good.is_known(verdicts, after(-1)));
    const Server brief{.chain = {leaf_until(after(7))}};
    brief.remember(verdicts);
    CHECK(brief.is_known(verdicts, after(6)));
    CHECK_FALSE(brief.is_known(verdicts, after(7)));
    CHECK(seconds_left(brief.judged().verdict, {}, forge_time) == 7);
    CHECK(seconds_left(good.judged().verdict, {}, forge_time) == Verdicts::kept);
}

TEST_CASE("a refusal is not remembered, nor is what is too large") {
    Verdicts verdicts;
    Server refused;
    refused.name = "b.test";
    refused.remember(verdicts);
    Server large;
    large.chain.insert(large.chain.end(), 100, root());
    REQUIRE(large.judged().verdict.accepted());
    large.remember(verdicts);
    Server stapled;
    stapled.staple.assign(Verdicts::largest, 'x');
    stapled.remember(verdicts);
    CHECK(verdicts.count() == 0);
}

TEST_CASE("the oldest verdicts go") {
    Verdicts verdicts;
    Server server;
    for (std::size_t i = 0; i <= Verdicts::most; ++i) {
        server.staple = std::to_string(i);
        server.remember(verdicts);
    }
    CHECK(verdicts.count() == Verdicts::most);
    CHECK(server.is_known(verdicts));
    server.staple = "0";
    CHECK_FALSE(server.is_known(verdicts));
}
