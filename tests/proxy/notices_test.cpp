#include "proxy/log/notices.h"

#include "proxy/io/clock.h"
#include "tests/support/catch.h"

using proxy::LogWriter;
using proxy::Notices;
using proxy::Repeats;

TEST_CASE("failures and remarks have tables of their own: neither keeps the other from being told") {
    constexpr int room = 4096;  // of either table
    const auto key = [](int number) { return "host " + std::to_string(number); };
    LogWriter nowhere("");
    Notices notices(&nowhere);
    SECTION("the table of remarks is full") {
        for (int i = 1; i < room; ++i) notices.tell(key(i), "x", Repeats::day);
        CHECK(notices.tell("last", "the remark that fills the table", Repeats::day));
        CHECK_FALSE(notices.tell("more", "a remark that finds no room", Repeats::day));
        CHECK(notices.tell("failure", "a failure that is told all the same"));
    }
    SECTION("the table of failures is full") {
        for (int i = 1; i < room; ++i) notices.tell(key(i), "x");
        CHECK(notices.tell("last", "the failure that fills the table"));
        CHECK_FALSE(notices.tell("more", "a failure that finds no room"));
        CHECK(notices.tell("remark", "a remark that is told all the same", Repeats::day));
    }
}

TEST_CASE("each program of a client is told its own way to trust the CA, and once a minute") {
    LogWriter nowhere("");
    Notices notices(&nowhere);
    inspect::diagnosis::Diagnosis found;
    found.client = "127.0.0.1:50001";
    found.host = "good.test";
    found.code = inspect::diagnosis::Code::client_untrusted_ca;
    const auto kept = [&](std::string step) {
        found.next_step = std::move(step);
        const std::string key = "127.0.0.1 good.test:443 client_untrusted_ca " + found.next_step;
        notices.tell(found);
        return !notices.tell(key, "again");
    };
    CHECK(kept("give curl --cacert ca.pem"));
    CHECK(kept("give wget --ca-certificate ca.pem"));
}
