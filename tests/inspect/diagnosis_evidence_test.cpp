// The property: no diagnosis says what its own evidence refutes. Checked over every case, and over
// attempts made by the thousand.
#include <fmt/format.h>

#include <random>

#include "inspect/diagnosis/experiments.h"
#include "tests/inspect/diagnosis_cases.h"
#include "tests/inspect/evidence_rules.h"
#include "tests/support/catch.h"

using namespace inspect::diagnosis;
using namespace tests;
using Kind = tls::ProbeAnswer::Kind;
using tls::FailureKind;
using tls::Milestone;

namespace {

const Forged& root() {
    static const Forged forged = Forge::root("Root").self_signed();
    return forged;
}

void check(const Attempt& attempt, std::string_view what) {
    const Diagnosis diagnosis = explain(attempt);
    for (const std::string& contradiction : contradictions(attempt, diagnosis)) {
        INFO(what << ": " << diagnosis.code << ": " << diagnosis.title);
        FAIL_CHECK(contradiction);
    }
}

// What people write around a name; {} stands for it.
std::vector<std::string> written(const std::string& name) {
    std::vector<std::string> all;
    for (const char* form : {"{}",        " {}",        "{} ",        "{}\r\n",
                             "\t{}",      "'{}'",       "\"{}\"",     "<{}>",
                             "DNS:{}",    "IP:{}",      "dns={}",     "{},www.example.org",
                             "a.test {}", "https://{}", "http://{}/", "//{}",
                             "{}/",       "{}/v1",      "{}:443",     "https://{}:8443/x",
                             "user@{}",   "u:p@{}",     "{}.",        "{}..",
                             ".{}",       "*.{}",       "www.{}",     "x{}",
                             "{}x"}) {
        // RFC 3986 §3.2.2: an IPv6 address before a port, or in a URL, is in brackets.
        const bool brackets =
            name.contains(':') && (std::string_view(form).contains("//") || std::string_view(form).contains("}:"));
        all.push_back(fmt::format(fmt::runtime(form), brackets ? "[" + name + "]" : name));
    }
    all.push_back(name + std::string("\0", 1));
    all.push_back(name + std::string("\0.example.org", 13));
    all.push_back(name + "\xE2\x80\x8B");
    all.push_back("\xEF\xBB\xBF" + name);
    std::string percent = name, upper = name;
    if (const auto dot = percent.find('.'); dot != std::string::npos) percent.replace(dot, 1, "%2E");
    for (char& each : upper) each = each >= 'a' && each <= 'z' ? static_cast<char>(each - 32) : each;
    all.push_back(percent);
    all.push_back(upper);
    return all;
}

Experiment dated(std::int64_t received, std::int64_t date) {
    Experiment asked;
    asked.trial = Trial::date_over_tls;
    asked.answer.kind = Kind::accepted;
    asked.status = "HTTP/1.1 200 OK";
    asked.received = {received};
    asked.date = certs::Time{date};
    return asked;
}

// What a server may choose from that offer.
std::vector<std::uint16_t> suites_of(const tls::ProbeHello& hello, tls::WireVersion version) {
    if (version == 0x0304) return {0x1301};
    switch (hello.suites) {
        case tls::Offer::obsolete: return {0x000A, 0x0005};
        case tls::Offer::dhe: return {0x009E};
        case tls::Offer::everything: return {0xC02F, 0x009E, 0x000A, 0x002F};
        default: return {0xC02F};
    }
}

}  // namespace

TEST_CASE("no diagnosis of the cases contradicts its evidence") {
    for (const Case& each : all_cases()) check(each.attempt, each.code);
}

TEST_CASE("a certificate that holds the name asked for is never said to be for another name") {
    for (const std::string host : {"api.example.com", "a_b.example.com", "localhost", "xn--mnchen-3ya.example",
                                   "192.0.2.7", "2001:db8::7", "x.y.z.example.co.uk"}) {
        std::vector<std::vector<certs::ByteVector>> lists;
        for (const std::string& text : written(host)) {
            lists.push_back({dns(text)});
            lists.push_back({dns("other.test"), dns(text)});
            lists.push_back({uri(text), dns("other.test")});
            lists.push_back({email(text), ip("192.0.2.9")});
        }
        for (const auto& names : lists)
            for (const bool offline : {false, true}) {
                std::optional<Attempt> attempt;
                try {
                    Attempt asked = attempt_at(host);
                    if (offline) asked.verified_file.emplace();
                    attempt = judged(asked, {Forge::leaf("x").names(names).signed_by(root())}, root());
                } catch (const std::exception&) {  // a name that no certificate of ours can carry
                    continue;
                }
                check(*attempt, fmt::format("{} asked of {}", host, certs::hex(names.front())));
            }
    }
}

TEST_CASE("the server's clock decides whose fault a date is, under a day too") {
    const double hours = 1.0 / 24;
    for (const double from : {-90.0, -0.2, 0.01, 0.4, 3.0, 100.0})
        for (const double length : {0.05, 0.5, 30.0, 90.0})
            for (const double ahead :
                 {0.0, 0.00005, 0.01, -12 * hours, 12 * hours, -30 * hours, 3.0, -3.0, -100.0, 200.0, -20'000.0}) {
                const auto leaf = Forge::leaf("api.example.com").dates(days_later(from), days_later(from + length));
                Attempt attempt = judged(attempt_at(), {leaf.signed_by(root())}, root());
                const std::int64_t now = forge_time.seconds, date = now - static_cast<std::int64_t>(ahead * 86'400);
                if (date > 0) attempt.experiments = {dated(now, date)};
                check(attempt, fmt::format("from {} for {} days, {} days ahead", from, length, ahead));
            }
}

TEST_CASE("what an experiment shows is never denied: a parameter that was accepted is not what is missing") {
    std::mt19937 random(20261128);  // NOLINT(cert-msc32-c,cert-msc51-cpp): the same attempts each time
    const auto one_of = [&](const auto& list) { return list[random() % std::size(list)]; };
    constexpr Kind answers[] = {Kind::accepted, Kind::accepted, Kind::accepted, Kind::alert,
                                Kind::closed,   Kind::reset,    Kind::silent};
    constexpr FailureKind kinds[] = {FailureKind::alert,   FailureKind::alert,  FailureKind::alert,
                                     FailureKind::closed,  FailureKind::reset,  FailureKind::timeout,
                                     FailureKind::version, FailureKind::cipher, FailureKind::protocol_error};
    constexpr int alerts[] = {10, 40, 47, 50, 70, 71, 80, 86, 109, 112, 120};
    for (int round = 0; round < 20'000; ++round) {
        const FailureKind kind = one_of(kinds);
        Attempt attempt = handshake_failed(kind, random() % 3 == 0 ? Milestone::server_hello : Milestone::client_hello,
                                           kind == FailureKind::alert ? one_of(alerts) : -1);
        attempt.check = random() % 2 == 0;
        if (random() % 5 == 0) attempt.versions.highest = tls::Version::tls_1_2;
        for (const Trial trial : experiments_for(attempt)) {
            if (random() % 4 == 0) continue;
            Experiment each;
            each.trial = trial;
            each.answer.kind = one_of(answers);
            if (each.answer.kind == Kind::alert) each.answer.alert = 40;
            if (const auto hello = hello_of(trial, attempt)) {
                each.answer.version = random() % 2 == 0 ? hello->highest : hello->lowest;
                each.answer.cipher = one_of(suites_of(*hello, each.answer.version));
            }
            attempt.experiments.push_back(each);
        }
        check(attempt, fmt::format("round {}", round));
    }
}

TEST_CASE(
    "a certificate of its CA's name is a warning, since OpenSSL takes it for self-signed; key identifiers that differ make it none") {
    const Forged ca = Forge::root("api.example.com").self_signed();
    Forge plain = Forge::leaf("api.example.com");
    const auto warned = [&](const Forge& leaf) {
        const Diagnosis found = explain(judged(attempt_at(), {leaf.signed_by(ca)}, ca));
        return found.outcome == Outcome::warning &&
               found.title.starts_with("ok, but refused by curl, Python and Node: ") &&
               !found.title.contains("self-signed");
    };
    CHECK_FALSE(warned(plain));
    CHECK(warned(Forge(plain).authority_key_identifier(std::nullopt)));
    CHECK(warned(Forge(plain).subject_key_identifier(std::nullopt)));
}
