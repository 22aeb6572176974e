// What is told of a file that was verified, without a server.
#include <nlohmann/json.hpp>

#include "certs/verify.h"
#include "inspect/diagnosis/diagnosis.h"
#include "inspect/report/render.h"
#include "tests/inspect/diagnosis_cases.h"
#include "tests/support/catch.h"

using namespace inspect::diagnosis;
using tests::Forge;
using tests::Forged;

namespace {

const Forged& trusted() {
    static const Forged forged = Forge::root("Trusted Root").self_signed();
    return forged;
}

bool has(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

// Base64 of keys made by chance has any word now and then.
std::string without_certificates(std::string text) {
    constexpr std::string_view end = "-----END CERTIFICATE-----";
    for (std::size_t begin = 0; (begin = text.find("-----BEGIN", begin)) != std::string::npos;)
        text.erase(begin, text.find(end, begin) + end.size() - begin);
    return text;
}

}  // namespace

TEST_CASE("a file that was verified is told without a connection, a server that was asked or a request") {
    const Forged ca = Forge::intermediate("Test CA").signed_by(trusted());
    for (const auto& one : tests::all_cases()) {
        if (!one.attempt.verdict || one.code == Code::old_protocol || one.code == Code::no_secure_renegotiation ||
            one.code == Code::must_staple_missing || one.code.starts_with("upstream_"))
            continue;
        for (const std::string host : {"api.example.com", ""}) {
            Attempt attempt;
            attempt.verified_file.emplace().name = "chain.pem";
            attempt.host = host;
            attempt.time = tests::forge_time;
            attempt.trust_source = "root.pem";
            attempt.verdict = one.attempt.verdict;
            const Diagnosis diagnosis = explain(attempt);
            INFO(one.code);
            for (const auto& shown :
                 {inspect::report::text(diagnosis), without_certificates(inspect::report::json(diagnosis))}) {
                for (const std::string_view untrue :
                     {"s_client", "the server sent", "certificates sent", "of your request", "between whytls", "SNI",
                      "ALPN", "whytls proxy", "without the proxy", ":443", "this connection", "the server sends",
                      "\"address\"", "\"port\"", "DNS points", "--revocation"}) {
                    INFO(untrue << " in " << shown);
                    CHECK_FALSE(has(shown, untrue));
                }
            }
            for (std::size_t i = 0; i < 4; ++i) {
                CHECK(diagnosis.steps[i].status == certs::Status::skip);
                CHECK(has(diagnosis.steps[i].summary, "offline"));
            }
            if (host.empty() && one.code != Code::hostname_mismatch && one.code != Code::no_subject_alt_name)
                CHECK(has(inspect::report::text(diagnosis), "no host name was asked for"));
        }
    }
}

TEST_CASE("a fine file says for what it verifies, and until when if asked") {
    Attempt attempt =
        tests::judged(tests::attempt_at(), {Forge::leaf("api.example.com").signed_by(trusted())}, trusted());
    VerifiedFile& file = attempt.verified_file.emplace();
    file.name = "chain.pem";
    file.until_breaks = true;
    file.breaks = certs::Break{
        {tests::days_later(7).seconds + 1}, certs::Code::expired, 1, certs::Role::intermediate, "CN=R11", ""};
    const Diagnosis diagnosis = explain(attempt);
    CHECK(diagnosis.title == "chain.pem verifies for api.example.com");
    CHECK(has(inspect::report::text(diagnosis),
              "Verifies until 2026-06-08 12:00:00 UTC, in 7 days: then the intermediate \"R11\" expires.\n"));
    const auto report = nlohmann::json::parse(inspect::report::json(diagnosis));
    CHECK(report["breaks"]["at"] == "2026-06-08T12:00:01Z");
    CHECK(report["breaks"]["depth"] == 1);
    CHECK(report["breaks"]["code"] == "expired");
    CHECK(report["file"] == "chain.pem");
    file.breaks.reset();
    CHECK(has(inspect::report::text(explain(attempt)), "It does not verify now"));
    CHECK(nlohmann::json::parse(inspect::report::json(explain(attempt)))["breaks"].is_null());
}
