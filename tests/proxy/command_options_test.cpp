// The options of the commands beside the proxy: check, verify, ca and log.
#include "proxy/command/options.h"

#include <fmt/format.h>

#include "tests/support/catch.h"

using namespace proxy;

namespace {

Command parse(std::vector<const char*> arguments) {
    arguments.insert(arguments.begin(), "whytls");
    return parse_command_line(static_cast<int>(arguments.size()), arguments.data(), {}, [](const std::string&) {});
}

std::string refusal(std::vector<const char*> arguments) {
    try {
        (void)parse(std::move(arguments));
    } catch (const UsageError& error) { return error.what(); }
    return "";
}

bool contains(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("whytls verify takes files, a name, a time or a day, and what to verify with") {
    const auto verify = [](std::vector<const char*> arguments) {
        arguments.insert(arguments.begin(), "verify");
        return std::get<VerifyCommand>(parse(std::move(arguments)));
    };
    const VerifyCommand full =
        verify({"a.pem",  "-",           "--host",    "[::1]",       "--at",           "2026-12-01", "--trust",
                "r.pem",  "--add-trust", "s.pem",     "--untrusted", "i.pem",          "--crl",      "l.crl",
                "--ocsp", "o.der",       "--profile", "strict",      "--until-breaks", "--json"});
    CHECK(full.chains == std::vector<std::string>{"a.pem", "-"});
    CHECK(full.host == "::1");
    CHECK(full.judging.at == certs::parse_rfc3339("2026-12-01T00:00:00Z"));
    CHECK(full.untrusted == std::vector<std::string>{"i.pem"});
    CHECK(full.judging.profile == certs::Profile::strict);
    CHECK((full.until_breaks && full.json));
    CHECK(verify({"--trust", "r.pem", "a.pem"}).host.empty());
    CHECK(verify({"--trust", "r.pem", "a.pem"}).judging.profile == certs::Profile::client);
}

TEST_CASE("what whytls verify cannot take is named") {
    const auto refused = [](std::vector<const char*> arguments) {
        arguments.insert(arguments.begin(), "verify");
        try {
            (void)parse(std::move(arguments));
        } catch (const UsageError& error) { return std::string(error.what()); }
        return std::string();
    };
    CHECK(contains(refused({}), "CHAIN file"));
    CHECK(contains(refused({"-", "-"}), "once only"));
    for (const char* host : {"https://a.test/", "a.test:443", "", "*.a.test"})
        CHECK(contains(refused({"a.pem", "--host", host}), "--host takes a host name or an IP address"));
    for (const char* host : {"https://a.test/x", "a.test:443", "a.test/"})
        CHECK(contains(refused({"a.pem", "--host", host}), fmt::format("not '{}'; did you mean a.test?", host)));
    for (const char* host : {"", "*.a.test", "https://", "a b"})
        CHECK_FALSE(contains(refused({"a.pem", "--host", host}), "did you mean"));
    CHECK(contains(refused({"a.pem", "--at", "soon"}), "--at takes an RFC 3339 time"));
    CHECK(contains(refused({"a.pem", "--profile", "lax"}), "--profile takes client or strict, not 'lax'"));
    CHECK(contains(refused({"a.pem", "--listen", "127.0.0.1:0"}), "--listen"));
}

TEST_CASE("whytls check takes hosts, ports and URLs, in any form that names one server") {
    const auto target = [](const char* text) { return std::get<CheckCommand>(parse({"check", text})).targets.at(0); };
    CHECK(target("API.example.com") == CheckTarget{"api.example.com", 443});
    CHECK(target("api.example.com:8443") == CheckTarget{"api.example.com", 8443});
    CHECK(target("https://api.example.com/v1?a=b#c") == CheckTarget{"api.example.com", 443, "/v1?a=b"});
    CHECK(target("https://api.example.com?a=b") == CheckTarget{"api.example.com", 443, "/?a=b"});
    CHECK(target("https://api.example.com#c") == CheckTarget{"api.example.com", 443});
    CHECK(target("wss://api.example.com/socket") == CheckTarget{"api.example.com", 443});
    CHECK(target("https://[::1]:8443/") == CheckTarget{"::1", 8443, "/"});
    CHECK(target("[::1]") == CheckTarget{"::1", 443});
    CHECK(target("::1") == CheckTarget{"::1", 443});
    CHECK(target("bücher.example") == CheckTarget{"xn--bcher-kva.example", 443});
}

TEST_CASE("whytls check takes --connect-to as curl does, and a name to send") {
    const auto command = std::get<CheckCommand>(parse({"check", "a.test", "--connect-to", "a.test:443:b.test:8443",
                                                       "--connect-to", "::[::1]:81", "--servername", "c.test"}));
    REQUIRE(command.how.connect_to.size() == 2);
    CHECK(command.how.connect_to[0].asked == CheckTarget{"a.test", 443});
    CHECK(command.how.connect_to[0].instead == CheckTarget{"b.test", 8443});
    CHECK(command.how.connect_to[1].asked == CheckTarget{"", 0});
    CHECK(command.how.connect_to[1].instead == CheckTarget{"::1", 81});
    CHECK(command.how.server_name == "c.test");
}

TEST_CASE("whytls check takes the protocols to offer") {
    CHECK(std::get<CheckCommand>(parse({"check", "a.test"})).how.alpn.empty());
    CHECK(std::get<CheckCommand>(parse({"check", "a.test", "--alpn", "h2"})).how.alpn ==
          std::vector<std::string>{"h2"});
    CHECK(std::get<CheckCommand>(parse({"check", "a.test", "--alpn", "h2,http/1.1"})).how.alpn ==
          std::vector<std::string>{"h2", "http/1.1"});
    for (const char* text : {"", ",", "h2,", "h2, http/1.1", ",h2"})
        CHECK_THROWS_WITH(
            parse({"check", "a.test", "--alpn", text}),
            fmt::format("--alpn takes the names of protocols with commas between, for example h2,http/1.1, not '{}'",
                        text));
}

TEST_CASE("what whytls check cannot take is named") {
    const auto refused = [](std::vector<const char*> arguments) {
        arguments.insert(arguments.begin(), "check");
        try {
            (void)parse(std::move(arguments));
        } catch (const UsageError& error) { return std::string(error.what()); }
        return std::string();
    };
    for (const char* text :
         {"a/b", "http://a.test", "a.test:", "a.test:0", "a.test:99999", "u@a.test", "a b", "https://"})
        CHECK(contains(refused({text}), "check takes HOST[:PORT]"));
    for (const auto& [given, meant] : {std::pair{"http://a.test:81/x", "https://a.test:81/x"},
                                       {"a.test/v1", "https://a.test/v1"},
                                       {"a.test:", "a.test"},
                                       {"a.test 8443", "a.test:8443"}})
        CHECK(contains(refused({given}), fmt::format("not '{}'; did you mean {}?", given, meant)));
    for (const char* text : {"ftp://a.test", "a.test:99999", "u@a.test", "a b", "https://", ":", "http://", "/"})
        CHECK_FALSE(contains(refused({text}), "did you mean"));
    CHECK(contains(refused({}), "check takes HOST[:PORT]"));
    CHECK(contains(refused({"a.test", "--connect-to", "b"}), "--connect-to takes HOST:PORT:HOST2:PORT2"));
    CHECK(contains(refused({"a.test", "--servername", "b:1"}), "--servername takes a host name"));
    CHECK(contains(refused({"a.test", "--listen", "127.0.0.1:0"}), "--listen"));
}

TEST_CASE("whytls ca show and export take a directory") {
    const auto show = std::get<CaCommand>(parse({"ca", "show", "--ca-dir", "/x"}));
    CHECK(show.what == CaCommand::What::show);
    CHECK(show.ca_dir == "/x");
    CHECK(std::get<CaCommand>(parse({"ca", "export", "--ca-dir", "/x"})).what == CaCommand::What::export_certificate);
}

TEST_CASE("whytls ca install, uninstall and rotate may be limited to kinds of places") {
    const auto all = std::get<CaCommand>(parse({"ca", "install", "--ca-dir", "/x"}));
    CHECK((all.what == CaCommand::What::install && all.only.system && all.only.nss && all.only.java));
    const auto some =
        std::get<CaCommand>(parse({"ca", "uninstall", "--ca-dir", "/x", "--only", "nss", "--only", "java"}));
    CHECK((some.what == CaCommand::What::uninstall && !some.only.system && some.only.nss && some.only.java));
    CHECK(std::get<CaCommand>(parse({"ca", "rotate", "--ca-dir", "/x"})).what == CaCommand::What::rotate);
    CHECK_THROWS_WITH(parse({"ca", "install", "--only", "all"}), "--only takes system, nss or java, not 'all'");
}

TEST_CASE("whytls log takes files and what to show of them") {
    const auto log = [](std::vector<const char*> arguments) {
        arguments.insert(arguments.begin(), "log");
        return std::get<LogCommand>(parse(std::move(arguments)));
    };
    const LogCommand full = log({"a", "-", "--failed", "--host", "*.test", "--since", "90m", "--json"});
    CHECK(full.files == std::vector<std::string>{"a", "-"});
    CHECK((full.failed && full.json && full.host && full.host->matches("b.test")));
    CHECK(std::get<std::chrono::seconds>(full.since).count() == 5400);
    CHECK(std::get<certs::Time>(log({"a", "--since", "2026-11-20T12:00:00Z"}).since).seconds == 1'795'176'000);
    const auto refused = [&](std::vector<const char*> arguments) -> std::string {
        try {
            (void)log(std::move(arguments));
        } catch (const UsageError& error) { return error.what(); }
        return "";
    };
    CHECK(contains(refused({}), "log takes a FILE"));
    CHECK(contains(refused({"-", "-"}), "once only"));
    CHECK(contains(refused({"a", "--host", "a b"}), "--host takes a host name"));
    for (const char* since : {"1", "h", "1w", "-1h", "1e9d", "99999999999999999999h", "yesterday"})
        CHECK(contains(refused({"a", "--since", since}), "--since takes a while ago"));
}

TEST_CASE("days without their unit are told with it") {
    CHECK_THROWS_WITH(parse({"check", "--expect", "name,expires>30", "a.test"}),
                      Catch::Contains("not 'expires>30'; did you mean expires>30d?"));
}

TEST_CASE("a server in the place of a command is told the command that asks it") {
    CHECK(contains(refusal({"https://api.example.com"}),
                   "no command 'https://api.example.com'; did you mean whytls check https://api.example.com?"));
    CHECK(contains(refusal({"api.example.com:8443"}), "did you mean whytls check api.example.com:8443?"));
    CHECK(contains(refusal({"chek"}), "did you mean check?"));
}

TEST_CASE("the help of ca and its commands tells nothing of running the proxy") {
    for (const auto* command : {"show", "export", "install", "uninstall", "rotate"}) {
        INFO(command);
        CHECK_FALSE(contains(std::get<PrintAndExit>(parse({"ca", command, "--help"})).text, "runs the proxy"));
    }
    CHECK_FALSE(contains(std::get<PrintAndExit>(parse({"ca", "--help"})).text, "runs the proxy"));
}
