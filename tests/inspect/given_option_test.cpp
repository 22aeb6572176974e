#include "inspect/diagnosis/given_option.h"

#include "inspect/report/render.h"
#include "tests/inspect/diagnosis_cases.h"
#include "tests/support/catch.h"

using namespace inspect::diagnosis;

TEST_CASE("the options given are words for a shell, a switch without a value") {
    CHECK(as_words({}).empty());
    const std::vector<GivenOption> given = {{"--trust", "my root.pem"}, {"--listen-tls", ""}, {"--resolve", "*:443:127.0.0.1"}};
    CHECK(as_words(given) == " --trust 'my root.pem' --listen-tls --resolve '*:443:127.0.0.1'");
    CHECK(as_words(given, {"--trust", "--resolve"}) == " --listen-tls");
}

TEST_CASE("a command of a fix repeats what was given, before what the fix adds") {
    Attempt attempt = tests::attempt_at("api.example.com", 8443);
    attempt.failure = DnsFailure{true, "no such name"};
    attempt.given = {{"--trust", "root.pem"}};
    const auto last_command = [&] { return explain(attempt).problems.front().fixes.back().command; };
    CHECK(last_command() == "whytls proxy --trust root.pem --resolve api.example.com:8443:ADDRESS");
    attempt.check = true;
    CHECK(last_command() == "whytls check api.example.com:8443 --trust root.pem --resolve api.example.com:8443:ADDRESS");
    attempt.asked_for = "other.example.com:443";
    CHECK(last_command() == "whytls check other.example.com:443 --trust root.pem --resolve api.example.com:8443:ADDRESS");
}
