#include "inspect/scan/question.h"

#include <set>

#include "tests/support/catch.h"
#include "tls/client_hello.h"
#include "tls/groups.h"

using namespace inspect::scan;
using Kind = tls::ProbeAnswer::Kind;

namespace {

using Numbers = std::vector<std::uint16_t>;
constexpr tls::WireVersion tls_1_2 = 0x0303, tls_1_3 = 0x0304;

tls::ClientHello reread(const Question& question) {
    const tls::PeekResult result = tls::peek_client_hello(to_wire(question, tls::ProbeRandom{}));
    REQUIRE(result.state == tls::Peek::complete);
    return result.hello;
}

Answered agreed(tls::WireVersion version, std::uint16_t suite, std::uint16_t group = 0) {
    Answered answered;
    answered.answer.kind = Kind::accepted;
    answered.flight.hello = true;
    answered.flight.version = version;
    answered.flight.suite = suite;
    answered.flight.group = group;
    return answered;
}

Answered ended(Kind kind) {
    Answered answered;
    answered.answer.kind = kind;
    return answered;
}

}  // namespace

TEST_CASE("the candidates are all named suites of the version, once, in lists that no server finds too long") {
    std::set<std::uint16_t> all;
    for (const tls::WireVersion version : {tls_1_2, tls_1_3}) {
        for (const Numbers& list : suite_candidates(version)) {
            CHECK_FALSE(list.empty());
            CHECK(list.size() <= 120);
            for (const std::uint16_t suite : list) {
                CHECK(tls::is_of_tls_1_3(suite) == (version == tls_1_3));
                CHECK(all.insert(suite).second);
            }
        }
    }
    CHECK(all.size() == tls::known_suites().size() + tls::rare_suites().size());
    CHECK(all.size() > 370);
    CHECK(suite_candidates(tls_1_3).size() == 1);
}

TEST_CASE("no suite and no group has two names") {
    std::set<std::string> names;
    for (const auto table : {tls::known_suites(), tls::rare_suites()})
        for (const tls::Suite& suite : table) CHECK(names.insert(suite.name).second);
    for (const tls::Group& group : tls::known_groups()) {
        CHECK(names.insert(group.name).second);
        CHECK(tls::group_name(group.number) == group.name);
    }
    CHECK(tls::group_name(0x7777) == "0x7777");
}

TEST_CASE("a question offers one version only") {
    const tls::ClientHello newest = reread(usual_question(tls_1_3, "api.example.com"));
    CHECK(newest.version == tls_1_3);
    CHECK(newest.sni == "api.example.com");
    CHECK(newest.ciphers == suite_candidates(tls_1_3).front());
    const tls::ClientHello old = reread(usual_question(0x0301, ""));
    CHECK(old.version == 0x0301);
    CHECK(old.sni.empty());
    CHECK(old.ciphers.back() == 0x00FF);  // RFC 5746 §3.3
    const tls::ClientHello oldest = reread(usual_question(0x0300, "api.example.com"));
    CHECK(oldest.version == 0x0300);
    CHECK(oldest.sni.empty());  // SSL 3 has no extensions
}

TEST_CASE("TLS 1.3 is asked without a key share, unless the server never asks for one") {
    Question question = usual_question(tls_1_3, "");
    const std::size_t without = to_wire(question, tls::ProbeRandom{}).size();
    question.share_key = true;
    CHECK(to_wire(question, tls::ProbeRandom{}).size() == without + 36);
    std::erase(question.groups, 0x001D);  // a share of a group that is not offered is not allowed (RFC 8446 §4.2.8)
    CHECK(to_wire(question, tls::ProbeRandom{}).size() == without - 2);
}

TEST_CASE("a fallback is one more suite, a heartbeat one more extension") {
    Question question = usual_question(tls_1_2, "");
    const std::size_t usual = to_wire(question, tls::ProbeRandom{}).size();
    question.fallback = true;
    CHECK(to_wire(question, tls::ProbeRandom{}).size() == usual + 2);
    question.heartbeat = true;
    CHECK(to_wire(question, tls::ProbeRandom{}).size() == usual + 2 + 5);
}

TEST_CASE("an answer is a choice only when version and suite were offered") {
    const Question question{.version = tls_1_2, .suites = {0xC02F, 0x009C}, .groups = {0x0017}};
    CHECK(suite_chosen(question, agreed(tls_1_2, 0x009C)).choice == 0x009C);
    CHECK(suite_chosen(question, agreed(tls_1_2, 0x002F)).reply == Reply::other_offer);
    CHECK(suite_chosen(question, agreed(tls_1_3, 0x1301)).reply == Reply::other_offer);
    CHECK(suite_chosen(question, agreed(0x0301, 0x009C)).reply == Reply::refused);  // it has no TLS 1.2
    CHECK(suite_chosen(question, agreed(0x0301, 0x002F)).reply == Reply::other_offer);
    CHECK(suite_chosen(question, agreed(0x0002, 0x009C)).reply == Reply::other_offer);
    CHECK(group_chosen(question, agreed(tls_1_2, 0xC02F, 0x0017)).choice == 0x0017);
    CHECK(group_chosen(question, agreed(tls_1_2, 0xC02F, 0x0018)).reply == Reply::other_offer);
}

TEST_CASE("a flight that was cut before its group names none, and refuses none") {
    const Question question{.version = tls_1_2, .suites = {0xC02F, 0x009C}, .groups = {0x0017}};
    CHECK(group_chosen(question, agreed(tls_1_2, 0xC02F)).reply == Reply::cut);
    Answered whole = agreed(tls_1_2, 0xC02F);
    whole.flight.done = true;
    CHECK(group_chosen(question, whole).reply == Reply::other_offer);  // explicit parameters
    const Question newer{.version = tls_1_3, .suites = {0x1301}, .groups = {0x0017}};
    CHECK(group_chosen(newer, agreed(tls_1_3, 0x1301)).reply == Reply::malformed);  // no key share
}

TEST_CASE("only an alert is a refusal by itself") {
    const Question question{.version = tls_1_2, .suites = {0xC02F}, .groups = {}};
    Answered alert = ended(Kind::alert);
    alert.answer.alert = 40;
    CHECK(suite_chosen(question, alert) == Heard{.reply = Reply::refused, .choice = 0, .alert = 40});
    CHECK(suite_chosen(question, ended(Kind::closed)).reply == Reply::ended);
    CHECK(suite_chosen(question, ended(Kind::reset)).reply == Reply::ended);
    CHECK(suite_chosen(question, ended(Kind::silent)).reply == Reply::silent);
    CHECK(suite_chosen(question, ended(Kind::not_connected)).reply == Reply::unreachable);
    CHECK(suite_chosen(question, ended(Kind::not_tls)).reply == Reply::malformed);
    CHECK(suite_chosen(question, ended(Kind::malformed)).reply == Reply::malformed);
    Answered never = ended(Kind::silent);
    never.asked = false;
    CHECK(suite_chosen(question, never).reply == Reply::not_asked);
}

TEST_CASE("a protocol is chosen by its place in the question") {
    const Question question{.version = tls_1_2, .suites = {0xC02F}, .groups = {}, .alpn = {"h2", "http/1.1"}};
    Answered answered = agreed(tls_1_2, 0xC02F);
    CHECK(protocol_chosen(question, answered).reply == Reply::refused);
    answered.answer.alpn = "http/1.1";
    CHECK(protocol_chosen(question, answered).choice == 1);
    answered.answer.alpn = "spdy/1";
    CHECK(protocol_chosen(question, answered).reply == Reply::other_offer);
}
