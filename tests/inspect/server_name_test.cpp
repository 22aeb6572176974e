// The name in the ClientHello is not always the host that was connected to: a command that speaks
// TLS to the server repeats it.
#include <algorithm>

#include "inspect/diagnosis/diagnosis.h"
#include "tests/inspect/diagnosis_cases.h"
#include "tests/support/catch.h"

using namespace inspect::diagnosis;
using tls::FailureKind;
using tls::Milestone;

namespace {

constexpr std::string_view host = "old.example.net", given_name = "api.example.com";

// All that can go wrong, and what answers in the clear.
std::vector<tests::Case> cases() {
    auto all = tests::all_cases();
    for (const std::string answer :
         {"220 mail.example.com ESMTP\r\n", "* OK IMAP4rev1\r\n", "+OK POP3\r\n", "SSH-2.0-x\r\n",
          "HTTP/1.1 400 Bad Request\r\n\r\n", "<?xml version='1.0'?><stream:stream xmlns='jabber:client'>", "?"})
        all.push_back({"not_tls", tests::handshake_failed(FailureKind::not_tls, Milestone::client_hello, -1, answer)});
    for (const Trial trial : {Trial::without_sni, Trial::tls_1_2, Trial::small_hello}) {
        auto attempt = tests::handshake_failed(FailureKind::closed, Milestone::client_hello);
        Experiment made;
        made.trial = trial;
        attempt.experiments.push_back(made);
        all.push_back({"connection_closed", attempt});
    }
    return all;
}

// A name that the user gave, or that a client of the proxy sent in a tunnel to somewhere else.
Attempt under_another_name(Attempt attempt, bool check) {
    attempt.host = host;
    attempt.sni = given_name;
    attempt.check = check;
    if (check) attempt.given = {{"--servername", std::string(given_name)}};
    return attempt;
}

// What is wrong with a command that speaks TLS to the server; "" for any other, and for a right
// one.
std::string wrong(const Fix& fix, bool check) {
    const std::string& command = fix.command;
    const bool named = command.contains(" -servername " + std::string(given_name) + " ") ||
                       command.ends_with(" -servername " + std::string(given_name));
    if (command.contains("s_client") && !named &&
        !(command.contains(" -noservername") && fix.text.contains("without a name")))
        return "s_client without the name";
    if (command.contains("https://" + std::string(host))) return "a URL of the host in the place of the name";
    if (command.contains("https://" + std::string(given_name)) &&
        !command.contains("--connect-to " + std::string(given_name) + ":"))
        return "a URL of the name that leads elsewhere";
    const bool without = fix.text.contains("without it the host's own name is asked for");
    if (command.contains("whytls check") && !without && !command.contains("--servername " + std::string(given_name)))
        return check ? "whytls check without what was given" : "whytls check without the name that the client sent";
    return "";
}

}  // namespace

TEST_CASE("every command of a fix that speaks TLS to the server sends the name that was given in the host's place") {
    std::size_t commands = 0;
    for (const tests::Case& one : cases())
        for (const bool check : {true, false}) {
            if (one.attempt.at_parent() || !one.attempt.parent.empty()) continue;
            const Diagnosis diagnosis = explain(under_another_name(one.attempt, check));
            for (const Problem& problem : diagnosis.problems)
                for (const Fix& fix : problem.fixes) {
                    INFO(one.code << (check ? ", check: " : ", proxy: ") << fix.text << "\n  " << fix.command);
                    CHECK(wrong(fix, check).empty());
                    commands += fix.command.contains("s_client") || fix.command.contains("https://") ||
                                fix.command.contains("whytls check");
                }
        }
    CHECK(commands > 100);
}

TEST_CASE(
    "a request that the name in the ClientHello led to is repeated under that name, at the address that was connected to") {
    Attempt attempt = tests::attempt_at(std::string(host), 8443);
    attempt.sni = given_name;
    attempt.tls = true;
    attempt.failure = HttpFailure{HttpFailure::Kind::closed, std::nullopt, ""};
    const auto curl = [&] {
        std::string all;
        for (const Fix& fix : explain(attempt).problems.front().fixes) all += fix.command + "\n";
        return all;
    };
    CHECK(curl().contains("--connect-to api.example.com:8443:old.example.net:8443 https://api.example.com:8443/"));
    attempt.sni = host;
    CHECK(curl().contains("curl --noproxy '*' -v https://old.example.net:8443/"));
}

TEST_CASE("a request is repeated with its path, where that is known, short, and no pattern to curl") {
    Attempt attempt = tests::attempt_at(std::string(host));
    attempt.failure = HttpFailure{HttpFailure::Kind::closed, std::nullopt, ""};
    const auto repeats = [&](std::string path, std::string_view command) {
        attempt.path = std::move(path);
        return std::ranges::any_of(explain(attempt).problems.front().fixes,
                                   [&](const Fix& fix) { return fix.command == command; });
    };
    CHECK(repeats("", "curl --noproxy '*' -v https://old.example.net/"));
    CHECK(repeats("*", "curl --noproxy '*' -v https://old.example.net/"));
    CHECK(repeats("/orders/7?token=***&all", "curl --noproxy '*' -v 'https://old.example.net/orders/7?token=***&all'"));
    CHECK(repeats("/list?id[]=7", "curl --noproxy '*' -v -g 'https://old.example.net/list?id[]=7'"));
    CHECK(repeats("/" + std::string(200, 'a'), "curl --noproxy '*' -v https://old.example.net/"));
}

TEST_CASE("a server that was asked without a name is asked again without one") {
    Attempt attempt = tests::handshake_failed(FailureKind::alert, Milestone::server_hello, 80);
    attempt.sni.clear();
    for (const Fix& fix : explain(attempt).problems.front().fixes)
        if (fix.command.contains("s_client")) CHECK(fix.command.contains(" -noservername"));
}
