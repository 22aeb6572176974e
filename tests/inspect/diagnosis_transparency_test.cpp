#include <algorithm>

#include "inspect/diagnosis/diagnosis.h"
#include "tests/inspect/diagnosis_cases.h"
#include "tests/support/catch.h"
#include "tests/support/forge_sct.h"

using namespace inspect::diagnosis;
using tests::Forge;

namespace {

const tests::Forged& root() {
    static const auto forged = Forge::root("Root").self_signed();
    return forged;
}

// One letter for each log that vouches for it.
Diagnosis with_logs(const std::string& logs, bool root_of_system = true, const std::string& host = "api.example.com") {
    Forge leaf = Forge::leaf(host);
    if (!logs.empty()) leaf.extension(tests::sct_extension(logs));
    auto attempt = tests::judged(tests::attempt_at(), {leaf.signed_by(root())}, root());
    attempt.root_of_system = root_of_system;
    return explain(attempt);
}

const Problem* ct_missing(const Diagnosis& diagnosis) {
    const auto found = std::ranges::find(diagnosis.problems, Code::ct_missing, &Problem::code);
    return found == diagnosis.problems.end() ? nullptr : &*found;
}

}  // namespace

TEST_CASE("a certificate below a root of the system's store without two logs' timestamps is a warning, and passes") {
    const Diagnosis none = with_logs("");
    REQUIRE(ct_missing(none));
    CHECK(none.code == Code::ct_missing);
    CHECK(none.outcome == Outcome::warning);
    CHECK(ct_missing(none)->title == "the certificate for api.example.com carries no proof that it is publicly logged");
    CHECK(ct_missing(none)->proof == Proof::likely);
    REQUIRE(ct_missing(with_logs("A")));
    CHECK(ct_missing(with_logs("A"))->title ==
          "the certificate for api.example.com carries proof of one public log only; browsers want two");
    CHECK(with_logs("AB").code == Code::none);
}

TEST_CASE("two timestamps of one log count as one") { CHECK(ct_missing(with_logs("AA"))); }

TEST_CASE("nothing is asked of a private root, nor of a chain that failed anyhow") {
    CHECK_FALSE(ct_missing(with_logs("", false)));
    const Diagnosis failed = with_logs("", true, "other.test");
    CHECK(failed.code == Code::hostname_mismatch);
    CHECK_FALSE(ct_missing(failed));
}

TEST_CASE("a list that cannot be read counts as none, and the evidence says why") {
    Forge leaf = Forge::leaf("api.example.com");
    leaf.extension({"1.3.6.1.4.1.11129.2.4.2", false, {0x04, 0x02, 0x00, 0x00}});
    auto attempt = tests::judged(tests::attempt_at(), {leaf.signed_by(root())}, root());
    attempt.root_of_system = true;
    const Diagnosis diagnosis = explain(attempt);
    REQUIRE(ct_missing(diagnosis));
    CHECK(ct_missing(diagnosis)->evidence.front().note ==
          "the list cannot be read: at least one timestamp was expected");
}
