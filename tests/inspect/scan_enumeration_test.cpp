#include "inspect/scan/enumeration.h"

#include <algorithm>

#include "tests/support/catch.h"

using namespace inspect::scan;

namespace {

using Numbers = std::vector<std::uint16_t>;

Heard choosing(std::uint16_t choice) { return {.reply = Reply::chosen, .choice = choice, .alert = {}}; }
Heard ending(Reply reply) { return {.reply = reply, .choice = 0, .alert = {}}; }

// Asks a server that supports `supported`, in its own order or in the client's.
Enumeration asked(Numbers candidates, const Numbers& supported, bool own_order) {
    Enumeration list(std::move(candidates));
    std::size_t questions = 0;
    while (!list.finished()) {
        REQUIRE(++questions <= 10);
        const Numbers& first = own_order ? supported : list.remaining();
        const Numbers& second = own_order ? list.remaining() : supported;
        const auto choice =
            std::ranges::find_if(first, [&](auto each) { return std::ranges::find(second, each) != second.end(); });
        list.take(choice == first.end() ? ending(Reply::refused) : choosing(*choice));
    }
    return list;
}

}  // namespace

TEST_CASE("a list is asked for until the server refuses, and is in the server's order where it has one") {
    const Enumeration ordered = asked({1, 2, 3, 4, 5}, {4, 2}, true);
    CHECK(ordered.found() == Numbers{4, 2});
    CHECK(ordered.complete());
    CHECK(ordered.remaining() == Numbers{1, 3, 5});
    CHECK(asked({1, 2, 3, 4, 5}, {4, 2}, false).found() == Numbers{2, 4});
    CHECK(asked({1, 2}, {2, 1}, true).complete());  // nothing is left to be refused
    CHECK(asked({1, 2}, {}, true).found().empty());
}

TEST_CASE("an end that is no refusal leaves the rest unknown") {
    for (const Reply reply : {Reply::ended, Reply::silent, Reply::unreachable, Reply::malformed, Reply::not_asked}) {
        Enumeration list({1, 2, 3});
        list.take(choosing(2));
        list.take(ending(reply));
        CHECK(list.finished());
        CHECK_FALSE(list.complete());
        CHECK(list.found() == Numbers{2});
        CHECK_FALSE(words(list.last().reply).empty());
    }
}

TEST_CASE("a server that picks what was not offered, or the same again, ends the list") {
    Enumeration list({1, 2});
    list.take(choosing(2));
    list.take(choosing(2));
    CHECK(list.finished());
    CHECK_FALSE(list.complete());
    CHECK(list.last().reply == Reply::other_offer);
    CHECK(list.found() == Numbers{2});
}

TEST_CASE("the order is the server's when the other way round makes no difference") {
    CHECK(order_of(1, 3, choosing(1), choosing(1)) == Order::server);
    CHECK(order_of(1, 3, choosing(1), choosing(3)) == Order::client);
    CHECK(order_of(1, 3, choosing(1), choosing(2)) == Order::mixed);
    CHECK(order_of(1, 3, choosing(1), ending(Reply::silent)) == Order::unknown);
    CHECK(order_of(1, 1, choosing(1), choosing(1)) == Order::unknown);
}
