#include "inspect/diagnosis/experiments.h"

#include <algorithm>
#include <functional>
#include <random>

#include "inspect/diagnosis/diagnosis.h"
#include "inspect/report/render.h"
#include "tests/inspect/diagnosis_cases.h"
#include "tests/support/catch.h"

using namespace inspect::diagnosis;
using namespace tests;
using tls::FailureKind;
using tls::Milestone;
using Kind = tls::ProbeAnswer::Kind;

namespace {

Experiment agreed(Trial trial, std::uint16_t version, std::uint16_t cipher) {
    Experiment experiment{.trial = trial, .answer = {.kind = Kind::accepted, .version = version, .cipher = cipher}};
    experiment.hello_size = 150;
    return experiment;
}

Experiment refused(Trial trial, std::uint8_t alert = 40) {
    return {.trial = trial, .answer = {.kind = Kind::alert, .alert = alert}};
}

Diagnosis after(Attempt attempt, std::vector<Experiment> experiments) {
    attempt.experiments = std::move(experiments);
    return explain(attempt);
}

using Rule = std::function<bool(Trial)>;  // what a server accepts; may change its answer

// All rounds of experiments with a server that follows that rule.
Diagnosis tried_on(Attempt attempt, const Rule& accepts) {
    for (std::vector<Trial> trials = experiments_for(attempt); !trials.empty(); trials = experiments_for(attempt)) {
        for (const Trial trial : trials)
            attempt.experiments.push_back(!accepts(trial)                   ? refused(trial)
                                          : trial == Trial::tls_1_0         ? agreed(trial, 0x0301, 0x002F)
                                          : trial == Trial::tls_1_3         ? agreed(trial, 0x0304, 0x1301)
                                          : trial == Trial::obsolete_suites ? agreed(trial, 0x0303, 0x000A)
                                                                            : agreed(trial, 0x0303, 0xC02F));
        REQUIRE(attempt.experiments.size() <= most_experiments);
    }
    return explain(attempt);
}

Rule only(std::vector<Trial> accepted) {
    return
        [accepted = std::move(accepted)](Trial trial) { return std::ranges::find(accepted, trial) != accepted.end(); };
}

Attempt alert(int number) { return handshake_failed(FailureKind::alert, Milestone::client_hello, number); }
Attempt closed() { return handshake_failed(FailureKind::closed, Milestone::client_hello); }

}  // namespace

TEST_CASE("no failure calls for more than six experiments, and none where nothing listened") {
    for (const Case& each : all_cases()) CHECK(experiments_for(each.attempt).size() <= most_experiments);
    Attempt attempt = attempt_at();
    attempt.failure = ConnectFailure{};
    CHECK(experiments_for(attempt).empty());
}

TEST_CASE("what a server does by a rule is proven, since it does so again") {
    struct Row {
        Attempt attempt;
        Rule accepts;
        Code code;
        std::string title;
    };
    const std::vector<Row> rows = {
        {alert(40), only({Trial::without_sni}), Code::sni_unrecognized, "refuses the name api.example.com"},
        {alert(80), only({Trial::without_sni}), Code::sni_unrecognized, "refuses the name api.example.com"},
        {closed(), only({Trial::without_sni}), Code::sni_unrecognized, "refuses the name api.example.com"},
        {alert(40), only({Trial::without_alpn, Trial::alpn_h2}), Code::no_shared_alpn, "application protocols"},
        {alert(70), only({Trial::tls_1_0}), Code::protocol_version, "accepts TLS 1.0 only (tried)"},
        {alert(40), only({Trial::tls_1_2}), Code::tls_alert, "one for TLS 1.2 only is accepted (tried)"},
        {alert(40), only({Trial::tls_1_2, Trial::tls_1_3}), Code::tls_alert,
         "one for TLS 1.2 only is accepted (tried)"},
        {closed(), only({Trial::tls_1_2}), Code::connection_closed, "one of 1.2 only is accepted (tried)"},
        {closed(), only({Trial::tls_1_2, Trial::tls_1_3}), Code::connection_closed,
         "for TLS 1.2 only and for 1.3 only are accepted (tried)"},
        {closed(), only({Trial::small_hello}), Code::connection_closed, "large ClientHellos are dropped"},
        {closed(), only({Trial::small_hello, Trial::tls_1_2}), Code::connection_closed,
         "large ClientHellos are dropped"},
    };
    for (const Row& row : rows) {
        const Diagnosis found = tried_on(row.attempt, row.accepts);
        INFO(found.title);
        CHECK(found.code == row.code);
        CHECK(found.title.contains(row.title));
        CHECK(found.problems.front().proof == Proof::experiment);
    }
    for (const Attempt& attempt : {alert(40), closed()}) {
        const Diagnosis old = tried_on(attempt, only({Trial::tls_1_0}));
        CHECK(old.code == Code::protocol_version);
        // Whether 1.1 is accepted as well was not tried.
        CHECK(old.title == "api.example.com accepts TLS 1.0 (tried); we offered 1.2 and 1.3");
        // It was the last trial that there was room for.
        CHECK(old.problems.front().proof == Proof::likely);
    }
}

TEST_CASE("of a server that fails at random a cause is called proven in fewer than one of eight failures") {
    std::mt19937 random(20'261'129);
    constexpr int rounds = 400;
    for (const Attempt& attempt :
         {alert(40), alert(80), closed(), handshake_failed(FailureKind::timeout, Milestone::client_hello)})
        for (const double good : {0.1, 0.3, 0.5, 0.7, 0.9}) {
            std::bernoulli_distribution accepts(good);
            int proven = 0;
            for (int i = 0; i < rounds; ++i) {
                const Diagnosis found = tried_on(attempt, [&](Trial) { return accepts(random); });
                const bool passing = found.title.contains("the same again was accepted") ||
                                     found.title.contains("one of two alike was accepted");
                proven += !passing && found.problems.front().proof == Proof::experiment;
            }
            INFO(good << ": " << proven << " of " << rounds);
            CHECK(proven < rounds / 8);
        }
}

TEST_CASE("of a server that accepted the same handshake a moment ago no cause is called proven") {
    Attempt attempt = alert(40);
    attempt.accepted_before = 20;
    const Diagnosis found = tried_on(attempt, only({Trial::without_sni}));
    CHECK(found.code == Code::sni_unrecognized);
    CHECK(found.problems.front().proof == Proof::likely);
    CHECK(found.detail.contains("It accepted the same handshake 20 s before: it may fail only now and then."));
}

TEST_CASE("what is accepted once and refused another time is a passing trouble") {
    const Diagnosis found =
        after(alert(40), {refused(Trial::same_again), agreed(Trial::tls_1_2, 0x0303, 0xC02F), refused(Trial::tls_1_2)});
    CHECK(found.code == Code::tls_alert);
    CHECK(found.title.ends_with("; one of two alike was accepted (tried)"));
    CHECK_FALSE(found.problems.front().our_limit);
}

TEST_CASE("silence where the failure was none, and no connection, refute nothing") {
    for (const Kind kind : {Kind::silent, Kind::not_connected}) {
        const Experiment slow{.trial = Trial::without_sni, .answer = {.kind = kind}};
        const Diagnosis found =
            after(alert(40), {refused(Trial::same_again), agreed(Trial::without_sni, 0x0303, 0xC02F), slow});
        CHECK(found.code == Code::sni_unrecognized);
        CHECK(found.problems.front().proof == Proof::likely);
    }
    Experiment none{.trial = Trial::same_again, .answer = {.kind = Kind::not_connected}};
    CHECK(after(closed(), {none})
              .detail.ends_with("No new connection could be made since, so that nothing more could be tried."));
}

TEST_CASE("that a server prefers an obsolete suite does not say that it has no other") {
    const Experiment preferred = agreed(Trial::tls_1_2, 0x0303, 0x000A);
    const Diagnosis found =
        after(alert(40), {refused(Trial::same_again), preferred, agreed(Trial::obsolete_suites, 0x0303, 0x000A),
                          agreed(Trial::ecdhe_suites, 0x0303, 0xC02F)});
    CHECK(found.code == Code::tls_alert);
    CHECK(found.title.contains("one for TLS 1.2 only is accepted (tried)"));
}

TEST_CASE("a list of protocols with h2 in it that is refused where h2 alone is taken is no limit of whytls") {
    const Diagnosis found =
        after(alert(120), {refused(Trial::same_again, 120), agreed(Trial::alpn_h2, 0x0303, 0xC02B)});
    CHECK(found.title == "api.example.com takes h2 by itself (tried), and not h2 and http/1.1 together");
    CHECK_FALSE(found.problems.front().our_limit);
}

TEST_CASE("the alert protocol_version of a server that refuses each version by itself may be about something else") {
    const Diagnosis found =
        after(alert(70), {refused(Trial::same_again, 70), refused(Trial::tls_1_2, 70), refused(Trial::tls_1_3, 70),
                          refused(Trial::tls_1_0, 70), refused(Trial::tls_1_1, 70)});
    CHECK(found.detail.contains("may be about something else than the version"));
    CHECK_FALSE(found.detail.contains("speaks only TLS 1.0 or 1.1"));
}

TEST_CASE("a ClientHello is tried again within the versions that whytls offers") {
    Attempt attempt = closed();
    attempt.versions.highest = tls::Version::tls_1_2;
    CHECK(hello_of(Trial::small_hello, attempt)->highest == 0x0303);
    const Diagnosis found = tried_on(attempt, only({Trial::tls_1_3}));
    CHECK(found.code == Code::protocol_version);
    CHECK(found.detail.contains("narrowed by an option"));
}

TEST_CASE("what was not sent is not left out") {
    Attempt attempt = alert(112);
    attempt.sni.clear();
    CHECK(experiments_for(attempt) == std::vector{Trial::same_again});
    CHECK(handshake_of(Trial::without_sni, alert(112))->sni.empty());
}

TEST_CASE("a suite that whytls does not have is called what it is: sound, without forward secrecy, or obsolete") {
    const auto detail = [](std::uint16_t cipher) {
        const Problem problem = after(alert(40), {agreed(Trial::obsolete_suites, 0x0303, cipher)}).problems.front();
        CHECK(problem.our_limit);
        return problem.detail;
    };
    CHECK(detail(0xC05D).find("rare and sound") != std::string::npos);  // ECDHE, ARIA in GCM
    CHECK(detail(0xC09D).find("without forward secrecy") != std::string::npos);
    CHECK(detail(0xC0AE).find("unless they are told to") != std::string::npos);  // ECDHE, AES-CCM with a short tag
    CHECK(detail(0xC0AE).find("sound") == std::string::npos);
    for (const std::uint16_t camellia : {0xC076, 0x0041, 0x0088}) {
        CHECK(detail(camellia).find("in CBC mode are obsolete") != std::string::npos);
        CHECK(detail(camellia).find("sound") == std::string::npos);
    }
}

TEST_CASE("what an experiment accepted is said, and that nothing was verified") {
    const auto text = [](const Experiment& made) { return inspect::report::text(after(alert(40), {made})); };
    CHECK(text(agreed(Trial::tls_1_0, 0x0301, 0x002F)).find("Accepted: the server answered") != std::string::npos);
    CHECK(text(refused(Trial::tls_1_0)).find("Accepted: the server answered") == std::string::npos);
}

TEST_CASE("a ServerHello of an older version than was offered accepts nothing") {
    CHECK(was_accepted(agreed(Trial::tls_1_2, 0x0303, 0xC02F)));
    CHECK_FALSE(was_accepted(agreed(Trial::tls_1_2, 0x0301, 0x002F)));
}

TEST_CASE("obsolete versions alone are the cause, whatever the server's own word for it") {
    for (const Attempt& attempt : {alert(70), alert(40), closed()}) {
        const Diagnosis found =
            after(attempt, {refused(Trial::same_again), refused(Trial::tls_1_2, 70), refused(Trial::tls_1_1, 70),
                            agreed(Trial::tls_1_0, 0x0301, 0x002F), agreed(Trial::tls_1_0, 0x0301, 0x002F)});
        CHECK(found.code == Code::protocol_version);
        CHECK(found.problems.front().proof == Proof::experiment);
        CHECK(found.title == "api.example.com accepts TLS 1.0 only (tried); we offered 1.2 and 1.3");
    }
}

TEST_CASE(
    "where an option of ours keeps the versions apart, only that is to change, and the fix's command takes its place") {
    Attempt attempt = alert(70);
    attempt.check = true;
    attempt.versions.highest = tls::Version::tls_1_2;
    attempt.given = {{"--trust", "c.pem"}, {"--tls-max", "1.2"}};
    const Problem problem =
        after(attempt, {refused(Trial::tls_1_2, 70), agreed(Trial::tls_1_3, 0x0304, 0x1301)}).problems.front();
    CHECK(std::ranges::count(problem.fixes, Actor::server, &Fix::actor) == 0);
    CHECK(problem.fixes.front().command == "whytls check api.example.com --trust c.pem --tls-min 1.2 --tls-max 1.3");
}

TEST_CASE("obsolete suites alone are the cause when no modern one was accepted") {
    const Experiment obsolete = agreed(Trial::obsolete_suites, 0x0303, 0x000A);
    const Diagnosis found = after(alert(40), {refused(Trial::same_again), obsolete, refused(Trial::tls_1_3), obsolete});
    CHECK(found.code == Code::no_shared_cipher);
    CHECK(found.problems.front().proof == Proof::experiment);
    CHECK(found.title.find("TLS_RSA_WITH_3DES_EDE_CBC_SHA") != std::string::npos);
    const Diagnosis both =
        after(alert(40), {agreed(Trial::obsolete_suites, 0x0303, 0x000A), agreed(Trial::tls_1_3, 0x0304, 0x1301)});
    CHECK(both.code == Code::tls_alert);
    CHECK(both.title.find("a limit of whytls") != std::string::npos);
    CHECK(both.problems.front().fixes.front().command == "whytls proxy --passthrough api.example.com");
}

TEST_CASE(
    "an alert that the same handshake does not meet again is a passing trouble, whatever it says, and nobody's settings are accused") {
    for (const int number : {20, 40, 42, 70, 71, 80, 112, 116, 120}) {
        const Diagnosis found =
            after(alert(number), {agreed(Trial::same_again, 0x0304, 0x1301), agreed(Trial::alpn_h2, 0x0304, 0x1301),
                                  agreed(Trial::without_sni, 0x0303, 0xC02F), agreed(Trial::tls_1_2, 0x0303, 0xC02F)});
        CHECK(found.code == Code::tls_alert);
        CHECK(found.title.ends_with("; the same again was accepted (tried)"));
        CHECK_FALSE(found.problems.front().our_limit);
        CHECK(found.problems.front().fixes.front().text == "Send the request again.");
        CHECK(experiments_for(alert(number)).front() == Trial::same_again);
    }
}

TEST_CASE(
    "a handshake that is accepted again up to where a client certificate is asked for proves no passing trouble") {
    Experiment again = agreed(Trial::same_again, 0x0304, 0x1301);
    again.answer.certificate_requested = true;
    CHECK(after(alert(116), {again}).code == Code::client_certificate_required);
}

TEST_CASE("the name is the cause only when nothing that carried it was accepted") {
    for (const Attempt& attempt : {alert(40), alert(80), closed()}) {
        CHECK(after(attempt, {agreed(Trial::without_sni, 0x0303, 0xC02F), refused(Trial::tls_1_2)}).code ==
              Code::sni_unrecognized);
        CHECK(
            after(attempt, {agreed(Trial::without_sni, 0x0303, 0xC02F), agreed(Trial::tls_1_2, 0x0303, 0xC02F)}).code !=
            "sni_unrecognized");
    }
}

TEST_CASE("a small hello that is answered where a large one is not shows what is dropped on the way") {
    Experiment large{.trial = Trial::large_hello, .answer = {.kind = Kind::closed}};
    large.hello_size = 1'700;
    const Diagnosis found = after(closed(), {refused(Trial::same_again), agreed(Trial::small_hello, 0x0304, 0x1301),
                                             large, agreed(Trial::small_hello, 0x0304, 0x1301)});
    CHECK(found.code == Code::connection_closed);
    CHECK(found.problems.front().proof == Proof::experiment);
    CHECK(found.title.find("large ClientHellos are dropped") != std::string::npos);
}

TEST_CASE("nobody is sent to try what was tried in vain") {
    const auto fixes = [](const Diagnosis& found) {
        std::string text;
        for (const Fix& fix : found.problems.front().fixes) text += fix.text + "\n" + fix.command + "\n";
        return text;
    };
    const std::string untried = fixes(after(closed(), {}));
    CHECK(untried.contains(" -tls1_2"));
    CHECK(untried.contains("by its name (SNI)"));
    const std::string tried = fixes(after(closed(), {refused(Trial::tls_1_2), refused(Trial::without_sni)}));
    CHECK_FALSE(tried.contains("TLS 1.2"));
    CHECK_FALSE(tried.contains("SNI"));
    CHECK(tried.contains("error log"));
    CHECK(fixes(after(alert(112), {})).contains(" -noservername"));
    CHECK_FALSE(fixes(after(alert(112), {refused(Trial::without_sni, 112)})).contains(" -noservername"));
}

TEST_CASE("when nothing is accepted the answer says what was tried, and proves nothing") {
    const Diagnosis found = after(alert(40), {refused(Trial::tls_1_2), refused(Trial::without_sni)});
    CHECK(found.problems.front().proof == Proof::likely);
    CHECK(found.detail.find("TLS 1.2 only and without SNI") != std::string::npos);
    CHECK(found.experiments.front() == ToldExperiment{"TLS 1.2 only", "alert handshake_failure", ""});
}

TEST_CASE("a clock is asked for when a date failed by the local clock, not by --at") {
    const Forged root = Forge::root("Root").self_signed();
    const auto late = judged(
        attempt_at(), {Forge::leaf("api.example.com").dates(days_later(3), days_later(90)).signed_by(root)}, root);
    CHECK(calls_for_the_time(late));
    Attempt given = late;
    given.time_given = true;
    CHECK_FALSE(calls_for_the_time(given));

    Experiment asked{.trial = Trial::date_over_tls};
    asked.answer.kind = Kind::accepted;
    asked.status = "HTTP/1.1 200 OK";
    asked.received = forge_time;
    asked.date = days_later(4);
    const Diagnosis behind = after(late, {asked});
    REQUIRE(behind.problems.size() == 2);
    CHECK(behind.code == Code::not_yet_valid);
    CHECK(behind.problems[0].fixes.front().text.find("4 days behind") != std::string::npos);
    CHECK(behind.problems[1].code == Code::clock_skew);
    asked.date = days_later(0.9);
    CHECK(after(late, {asked}).problems.size() == 1);
}

TEST_CASE("of two clocks that disagree on whether a certificate has expired neither is said to be right") {
    const Forged root = Forge::root("Root").self_signed();
    const auto expired = judged(
        attempt_at(), {Forge::leaf("api.example.com").dates(days_later(-90), days_later(-0.1)).signed_by(root)}, root);
    Experiment asked{.trial = Trial::date_over_tls};
    asked.answer.kind = Kind::accepted;
    asked.status = "HTTP/1.1 200 OK";
    asked.received = forge_time;
    asked.date = days_later(-0.25);
    const Diagnosis diagnosis = after(expired, {asked});
    CHECK(diagnosis.title ==
          "this machine's clock is 6 hours ahead of the server's: only by it the certificate has expired");
    REQUIRE(diagnosis.problems.size() == 2);
    for (const Problem& problem : diagnosis.problems) {
        CHECK(problem.proof == Proof::likely);
        CHECK(problem.detail.find("third clock") != std::string::npos);
        CHECK(problem.fixes.front().text.find("Compare this machine's clock") != std::string::npos);
    }
}

TEST_CASE(
    "a server that wants a sound suite which whytls lacks is not blamed: that is a limit of whytls, with the way round") {
    for (const std::uint16_t suite : {0xC0AE, 0xC09E, 0xC09F, 0xC060, 0xC076, 0x1305}) {
        const std::uint16_t version = suite == 0x1305 ? 0x0304 : 0x0303;
        const Experiment chosen = agreed(suite == 0x1305 ? Trial::tls_1_3 : Trial::obsolete_suites, version, suite);
        const Diagnosis diagnosis = after(alert(40), {refused(Trial::same_again), chosen, chosen});
        INFO(diagnosis.title);
        REQUIRE(diagnosis.problems.size() == 1);
        const Problem& problem = diagnosis.problems.front();
        CHECK(problem.title.find("a limit of whytls") != std::string::npos);
        CHECK(problem.proof == Proof::experiment);
        CHECK(problem.fixes.front().command == "whytls proxy --passthrough api.example.com");
        CHECK(std::ranges::count(problem.fixes, Actor::server, &Fix::actor) == 0);
        CHECK(diagnosis.elsewhere.empty());
    }
    const Diagnosis blamed = after(alert(40), {agreed(Trial::obsolete_suites, 0x0303, 0x0005)});
    CHECK(blamed.title.find("obsolete") != std::string::npos);
    CHECK(std::ranges::count(blamed.problems.front().fixes, Actor::server, &Fix::actor) > 0);
}

TEST_CASE("a server that speaks HTTP/2 only is not blamed: its client may offer that") {
    Attempt attempt = alert(120);
    attempt.alpn = {"http/1.1"};
    const Diagnosis diagnosis =
        after(attempt, {refused(Trial::without_alpn, 120), agreed(Trial::alpn_h2, 0x0303, 0xC02B)});
    CHECK(diagnosis.title == "api.example.com takes h2, and the client offers only http/1.1 (tried)");
    CHECK(diagnosis.problems.front().fixes.front().text.contains("let the client offer h2"));
    CHECK(std::ranges::count(diagnosis.problems.front().fixes, Actor::server, &Fix::actor) == 0);
    CHECK(diagnosis.elsewhere.empty());
}

TEST_CASE(
    "a server that takes none of the protocols offered is not told to enable more before HTTP/2 alone was thought of") {
    Attempt attempt = alert(120);
    attempt.alpn = {"http/1.1"};
    const auto first = [](const Diagnosis& diagnosis) { return diagnosis.problems.front().fixes.front(); };
    CHECK(first(explain(attempt)).text.starts_with("If it takes only HTTP/2"));
    CHECK(first(explain(attempt)).actor == Actor::client);
    // Tried, and refused too.
    const Diagnosis refuses_both =
        after(attempt, {agreed(Trial::without_alpn, 0x0303, 0xC02B), refused(Trial::alpn_h2, 120)});
    CHECK(first(refuses_both).actor == Actor::server);
    attempt.alpn = {"h2", "http/1.1"};
    CHECK(first(explain(attempt)).actor == Actor::server);
}

TEST_CASE("what passes through untouched is a tunnel, which a request outside one is told") {
    Attempt attempt = alert(40);
    const Experiment chosen = agreed(Trial::obsolete_suites, 0x0303, 0xC09F);
    const auto first = [&] {
        return after(attempt, {refused(Trial::same_again), chosen, chosen}).problems.front().fixes.front().text;
    };
    CHECK_FALSE(first().contains("Only a tunnel passes so"));
    attempt.outside_tunnel = true;
    CHECK(first().contains("Only a tunnel passes so, and this request came outside one"));
}
