#include "proxy/services.h"

#include "tests/proxy/worker_of_tests.h"

using proxy::Repeats;

TEST_CASE("failures and remarks have tables of their own: neither keeps the other from being told") {
    constexpr int room = 4096;  // of either
    const auto key = [](int number) { return "host " + std::to_string(number); };
    SECTION("the table of remarks is full") {
        proxy_test::WorkerOfTests fixture;
        for (int i = 1; i < room; ++i) fixture.services.remarks.admit(key(i), "x", proxy::now(), Repeats::day);
        CHECK(fixture.services.tell("last", "the remark that fills the table", Repeats::day));
        CHECK_FALSE(fixture.services.tell("more", "a remark that finds no room", Repeats::day));
        CHECK(fixture.services.tell("failure", "a failure that is told all the same"));
    }
    SECTION("the table of failures is full") {
        proxy_test::WorkerOfTests fixture;
        for (int i = 1; i < room; ++i) fixture.services.repeats.admit(key(i), "x", proxy::now());
        CHECK(fixture.services.tell("last", "the failure that fills the table"));
        CHECK_FALSE(fixture.services.tell("more", "a failure that finds no room"));
        CHECK(fixture.services.tell("remark", "a remark that is told all the same", Repeats::day));
    }
}

TEST_CASE("each program of a client is told its own way to trust the CA, and once a minute") {
    proxy_test::WorkerOfTests fixture;
    inspect::diagnosis::Diagnosis found;
    found.client = "127.0.0.1:50001";
    found.host = "good.test";
    found.code = "client_untrusted_ca";
    const auto kept = [&](std::string step) {
        found.next_step = std::move(step);
        const std::string key = "127.0.0.1 good.test:443 client_untrusted_ca " + found.next_step;
        fixture.services.tell(found);
        return !fixture.services.repeats.admit(key, "again", proxy::now());
    };
    CHECK(kept("give curl --cacert ca.pem"));
    CHECK(kept("give wget --ca-certificate ca.pem"));
}

TEST_CASE("a listener is recognised by every address that leads to it, and by none that does not") {
    const auto is_own = [](std::string_view listener, std::string_view asked) {
        proxy_test::WorkerOfTests fixture;
        fixture.services.listeners = {*proxy::io::Address::parse(listener, 8080)};
        return fixture.services.is_own_listener(*proxy::io::Address::parse(asked, 8080));
    };
    for (const char* asked : {"127.0.0.1", "0.0.0.0", "::ffff:0:0", "::ffff:127.0.0.1", "::ffff:7f00:1", "::1", "::"}) {
        INFO(asked);
        CHECK(is_own("127.0.0.1", asked));
        CHECK(is_own("0.0.0.0", asked));
        CHECK(is_own("::", asked));
        CHECK(is_own("::ffff:0.0.0.0", asked));
        CHECK_FALSE(is_own("192.0.2.1", asked));
    }
    CHECK(is_own("192.0.2.1", "::ffff:192.0.2.1"));
    CHECK(is_own("::ffff:192.0.2.1", "192.0.2.1"));
    CHECK_FALSE(is_own("127.0.0.1", "192.0.2.1"));
    CHECK_FALSE(is_own("0.0.0.0", "192.0.2.1"));
}
