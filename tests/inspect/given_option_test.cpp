#include "inspect/diagnosis/given_option.h"

#include <algorithm>

#include "certs/verify.h"
#include "inspect/report/render.h"
#include "tests/inspect/diagnosis_cases.h"
#include "tests/support/catch.h"
#include "tests/support/forge.h"

using namespace inspect::diagnosis;
using namespace tests;

TEST_CASE("the options given are words for a shell, a switch without a value") {
    CHECK(as_words({}).empty());
    const std::vector<GivenOption> given = {
        {"--trust", "my root.pem"}, {"--listen-tls", ""}, {"--resolve", "*:443:127.0.0.1"}};
    CHECK(as_words(given) == " --trust 'my root.pem' --listen-tls --resolve '*:443:127.0.0.1'");
    CHECK(as_words(given, {"--trust", "--resolve"}) == " --listen-tls");
}

TEST_CASE("a fix that gives a reverse listener its server by name takes the place of the address that it was given") {
    const Forged leaf = Forge::leaf("api.example.com").self_signed();
    const std::vector<certs::Bytes> served{leaf};
    certs::TrustStore trust;
    trust.add(leaf.certificate());
    Attempt attempt = tests::attempt_at("127.0.0.1", 8443);
    attempt.verdict = certs::verify({served, trust, "127.0.0.1", forge_time});
    attempt.given = {{"--reverse", "https://127.0.0.1:8443/base"}, {"--trust", "root.pem"}};
    const auto command = [&] {
        const auto fixes = explain(attempt).problems.front().fixes;
        const auto found =
            std::ranges::find_if(fixes, [](const Fix& fix) { return fix.command.contains("--resolve"); });
        return found == fixes.end() ? "" : found->command;
    };
    CHECK(explain(attempt).code == Code::hostname_mismatch);
    CHECK(command().starts_with(
        "whytls proxy --trust root.pem --reverse https://api.example.com:8443/base --resolve api.example.com:8443:"));
    attempt.given[0].value = "https://other.example.com";
    CHECK(command().starts_with(
        "whytls proxy --reverse https://other.example.com --trust root.pem --resolve api.example.com:8443:"));
}

TEST_CASE("a command of a fix repeats what was given, before what the fix adds") {
    Attempt attempt = tests::attempt_at("api.example.com", 8443);
    attempt.failure = DnsFailure{true, "no such name"};
    attempt.given = {{"--trust", "root.pem"}};
    const auto last_command = [&] { return explain(attempt).problems.front().fixes.back().command; };
    CHECK(last_command() == "whytls proxy --trust root.pem --resolve api.example.com:8443:ADDRESS");
    attempt.check = true;
    CHECK(last_command() ==
          "whytls check api.example.com:8443 --trust root.pem --resolve api.example.com:8443:ADDRESS");
    attempt.waypoint = {Waypoint::Kind::given_address, "other.example.com:443"};
    CHECK(last_command() ==
          "whytls check other.example.com:443 --trust root.pem --resolve api.example.com:8443:ADDRESS");
}
