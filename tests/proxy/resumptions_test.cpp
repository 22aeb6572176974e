#include "proxy/upstream/memory/resumptions.h"

#include "tests/support/catch.h"
#include "tests/support/forge.h"

using proxy::FoundGood;
using proxy::Keyring;
using proxy::Resumption;
using proxy::Resumptions;
using tests::forge_time;

namespace {

certs::Time after(std::int64_t seconds) { return {forge_time.seconds + seconds}; }

const std::shared_ptr<const Keyring> keyring = std::make_shared<const Keyring>();

// The session itself is the library's; here only its place, its judge and its time count.
Resumption found(std::string staple = "", std::int64_t from = 0) {
    auto good = std::make_shared<FoundGood>();
    good->judged.staple = std::move(staple);
    good->keyring = keyring;
    good->from = after(from);
    good->until = after(from + Resumptions::kept);
    return {nullptr, std::move(good)};
}

std::optional<std::string> taken(Resumptions& memory, const std::string& place, certs::Time now = forge_time) {
    const auto resumption = memory.take(place, keyring, now);
    return resumption ? std::optional(resumption->found->judged.staple) : std::nullopt;
}

}  // namespace

TEST_CASE("a session is given once, to its own place, the latest first") {
    Resumptions memory;
    memory.keep("a", found("first"));
    memory.keep("a", found("second"));
    CHECK_FALSE(taken(memory, "b"));
    CHECK(taken(memory, "a") == "second");
    CHECK(taken(memory, "a") == "first");
    CHECK_FALSE(taken(memory, "a"));
}

TEST_CASE(
    "a session is resumed within a minute of the certificate that its server showed, by the clock in either direction") {
    for (const std::int64_t seconds : {std::int64_t{-1}, Resumptions::kept}) {
        Resumptions memory;
        memory.keep("a", found());
        CHECK_FALSE(taken(memory, "a", after(seconds)));
        CHECK(memory.count() == 0);
    }
    Resumptions memory;
    memory.keep("a", found());
    CHECK(taken(memory, "a", after(Resumptions::kept - 1)));
}

TEST_CASE("what other anchors judged is not resumed, and forgotten") {
    Resumptions memory;
    memory.keep("a", found());
    CHECK_FALSE(memory.take("a", std::make_shared<const Keyring>(), forge_time));
    CHECK_FALSE(taken(memory, "a"));
}

TEST_CASE("a place is forgotten alone") {
    Resumptions memory;
    memory.keep("a", found());
    memory.keep("b", found());
    memory.forget("a");
    CHECK_FALSE(taken(memory, "a"));
    CHECK(taken(memory, "b"));
}

TEST_CASE("what is kept is bounded, at each place and in all: the oldest go") {
    Resumptions memory;
    for (std::size_t i = 0; i <= Resumptions::most_at_a_place; ++i) memory.keep("a", found(std::to_string(i)));
    CHECK(memory.count() == Resumptions::most_at_a_place);
    CHECK(taken(memory, "a") == std::to_string(Resumptions::most_at_a_place));
    for (std::size_t i = 0; i <= Resumptions::most; ++i) memory.keep(std::to_string(i), found());
    CHECK(memory.count() == Resumptions::most);
    CHECK_FALSE(taken(memory, "0"));
    CHECK(taken(memory, std::to_string(Resumptions::most)));
}
