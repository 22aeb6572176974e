#include "inspect/diagnosis/expectation.h"

#include "tests/support/catch.h"

using namespace inspect::diagnosis;

TEST_CASE("expectations are read from a list and written as they were") {
    const auto all = parse_expectations("name, chain,expires>30d,tls>=1.2,tls>=1.3,ok");
    REQUIRE(all);
    std::string written;
    for (const Expectation& each : *all) written += to_string(each) + " ";
    CHECK(written == "name chain expires>30d tls>=1.2 tls>=1.3 ok ");
}

TEST_CASE("what is no expectation is named") {
    for (const char* item : {"", "expires", "expires>30", "expires>-1d", "expires>99999999999d", "tls>=1.1", "names"}) {
        const auto list = parse_expectations(std::string("name,") + item);
        REQUIRE_FALSE(list);
        CHECK(list.error() == item);
    }
}

TEST_CASE("a server that was not reached bears nothing out") {
    Attempt attempt;
    attempt.host = "a.test";
    attempt.failure = DnsFailure{true, ""};
    const Diagnosis diagnosis = explain(attempt);
    for (const Expectation& each : *parse_expectations("name,chain,expires>0d,tls>=1.2,ok"))
        CHECK_FALSE(judge(each, diagnosis).met);
}
