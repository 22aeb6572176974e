// The options of the proxy.
#include "proxy/command/options.h"

#include <array>

#include <fmt/format.h>

#include "tests/support/catch.h"

using namespace proxy;

namespace {

Command parse(std::vector<const char*> arguments) {
    arguments.insert(arguments.begin(), "whytls");
    return parse_command_line(static_cast<int>(arguments.size()), arguments.data(), {}, [](const std::string&) {});
}

Settings settings(std::vector<const char*> arguments) {
    arguments.insert(arguments.end(), {"--ca-dir", "/nowhere"});
    return std::get<ProxyCommand>(parse(std::move(arguments))).settings;
}

std::string refusal(std::vector<const char*> arguments) {
    try {
        (void)settings(std::move(arguments));
    } catch (const UsageError& error) { return error.what(); }
    return "";
}

bool contains(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("a bare whytls listens on 127.0.0.1:8080, as does whytls proxy") {
    CHECK(settings({}).listen.at(0).address.to_string() == "127.0.0.1:8080");
    CHECK(settings({"proxy"}).listen.at(0).address.to_string() == "127.0.0.1:8080");
}

TEST_CASE("--listen may be given again and takes IPv6 in brackets") {
    const Settings both = settings({"proxy", "--listen", "127.0.0.1:0", "--listen", "[::1]:8081"});
    REQUIRE(both.listen.size() == 2);
    CHECK(both.listen[0].address.to_string() == "127.0.0.1:0");
    CHECK(both.listen[1].address.to_string() == "[::1]:8081");
}

TEST_CASE("--transparent is a listener beside the others, and none that a password could guard") {
    const Settings both = settings({"proxy", "--transparent", "127.0.0.1:8443", "--transparent", "[::1]:8443"});
    REQUIRE(both.listen.size() == 3);
    CHECK(both.listen[0].is_proxy());
    CHECK(both.listen[1].transparent);
    CHECK_FALSE(both.listen[2].is_proxy());
    CHECK(contains(refusal({"--transparent", "0.0.0.0:8443"}), "--transparent 0.0.0.0:8443 is not a loopback address"));
    CHECK(settings({"--transparent", "0.0.0.0:8443", "--allow-remote"}).listen.size() == 2);
    CHECK(contains(refusal({"--transparent", "8443"}), "--transparent takes ADDR:PORT"));
}

TEST_CASE("an address that is not loopback needs --allow-remote, and then tells less") {
    CHECK(contains(refusal({"proxy", "--listen", "0.0.0.0:8080"}), "--allow-remote"));
    CHECK(contains(refusal({"proxy", "--listen", "0.0.0.0:8080", "--allow-remote"}),
                   "needs --proxy-auth USER:PASS, or --allow-anonymous"));
    CHECK(settings({"proxy", "--listen", "0.0.0.0:8080", "--allow-remote", "--reverse", "https://a.test"})
              .listen.size() == 1);
    CHECK(settings({"proxy", "--listen", "0.0.0.0:8080", "--allow-remote", "--proxy-auth", "me:a:b"})
              .proxy_auth->password == "a:b");
    CHECK(contains(refusal({"--proxy-auth", "secret"}), "--proxy-auth takes USER:PASS"));
    CHECK_FALSE(contains(refusal({"--proxy-auth", "secret"}), "secret"));
    const Settings remote = settings({"proxy", "--listen", "0.0.0.0:8080", "--allow-remote", "--allow-anonymous"});
    CHECK(remote.detail == inspect::report::Detail::brief);
    CHECK(settings({}).detail == inspect::report::Detail::full);
}

TEST_CASE("--resolve takes curl's forms, with another port, brackets and a star") {
    const Settings rules = settings({"proxy", "--resolve", "api.example.com:443:127.0.0.1:8443", "--resolve",
                                     "*:80:[::1]:81", "--resolve", "b.test:443:::1"});
    const ResolveRule* api = rules.find_resolve("API.example.com.", 443);
    REQUIRE(api);
    CHECK(api->addresses.front().to_string() == "127.0.0.1:8443");
    CHECK(rules.find_resolve("api.example.com", 8443) == nullptr);
    REQUIRE(rules.find_resolve("any.test", 80));
    CHECK(rules.find_resolve("any.test", 80)->addresses.front().to_string() == "[::1]:81");
    CHECK(rules.find_resolve("b.test", 443)->addresses.front().to_string() == "[::1]:443");
    const Settings unicode = settings({"proxy", "--resolve",
                                       "B\xC3\xBC"
                                       "cher.test:443:127.0.0.1"});
    CHECK(unicode.find_resolve("xn--bcher-kva.test", 443));
    CHECK(contains(refusal({"proxy", "--resolve", "nonsense"}),
                   "--resolve takes HOST:PORT:ADDR[:PORT][,ADDR...], or -HOST:PORT to take one back, not 'nonsense'"));
    CHECK(contains(refusal({"proxy", "--resolve", "a:443:b"}), "--resolve"));
    CHECK(contains(refusal({"proxy", "--resolve", "a:x:127.0.0.1"}), "'x' is not a port"));
}

TEST_CASE(
    "--resolve: the host's own rule comes before that of *, in any order, and the last of two for one host counts") {
    const auto at = [](const Settings& given, std::string_view host) {
        std::string all;
        const ResolveRule* rule = given.find_resolve(host, 443);
        for (const io::Address& each : rule ? rule->addresses : std::vector<io::Address>())
            all += each.to_string() + " ";
        return all;
    };
    const Settings star_first = settings({"proxy", "--resolve", "*:443:127.0.0.9", "--resolve", "a.test:443:127.0.0.1",
                                          "--resolve", "A.test:443:127.0.0.2"});
    CHECK(at(star_first, "a.test.") == "127.0.0.2:443 ");
    CHECK(at(star_first, "b.test") == "127.0.0.9:443 ");
    const Settings forms =
        settings({"proxy", "--resolve", "+a.test:443:127.0.0.1,[::1]:8443,::2,127.0.0.3:44", "--resolve",
                  "b.test:443:127.0.0.1", "--resolve=-B.test:443", "--resolve", "[2001:db8::1]:443:127.0.0.7"});
    CHECK(at(forms, "a.test") == "127.0.0.1:443 [::1]:8443 [::2]:443 127.0.0.3:44 ");
    CHECK(at(forms, "b.test").empty());
    CHECK(at(forms, "2001:db8::1") == "127.0.0.7:443 ");
    for (const std::string bad : {"a:443:127.0.0.1,", "a:443:,127.0.0.1", "a:443:127.0.0.1,b.test", "-a:443:127.0.0.1",
                                  "+a:443", "a:443", "a:443:", "+", "-a", "-"}) {
        INFO(bad);
        const std::string given = "--resolve=" + bad;
        CHECK(contains(refusal({"proxy", given.c_str()}), "--resolve"));
    }
}

TEST_CASE("--insecure alone means every host, with a pattern only those") {
    CHECK(matches_any(settings({"proxy", "--insecure"}).insecure, "a.test"));
    const Settings one = settings({"proxy", "--insecure=*.dev.test", "--insecure=b.test"});
    CHECK(matches_any(one.insecure, "x.dev.test"));
    CHECK(matches_any(one.insecure, "b.test"));
    CHECK_FALSE(matches_any(one.insecure, "a.test"));
    CHECK(settings({}).insecure.empty());
}

TEST_CASE("revocation is judged by what is stapled, and missing issuers are looked for, unless told otherwise") {
    CHECK(settings({}).revocation == Revocation::staple);
    CHECK(settings({"proxy", "--revocation", "off"}).revocation == Revocation::off);
    CHECK(settings({"proxy", "--revocation", "soft"}).revocation == Revocation::soft);
    CHECK(settings({"proxy", "--revocation", "hard"}).revocation == Revocation::hard);
    CHECK(refusal({"proxy", "--revocation", "on"}) == "--revocation takes off, staple, soft or hard, not 'on'");
    CHECK(settings({}).aia);
    CHECK_FALSE(settings({"proxy", "--aia", "off"}).aia);
    CHECK(refusal({"proxy", "--aia", "no"}) == "--aia takes on or off, not 'no'");
}

TEST_CASE("the first --reverse is for the first --listen, and what has none is a forward proxy") {
    const Settings one =
        settings({"--reverse", "https://api.example.com/v1", "--listen", "127.0.0.1:1", "--listen", "127.0.0.1:2"});
    REQUIRE(one.listen.size() == 2);
    REQUIRE(one.listen[0].reverse);
    CHECK(one.listen[0].reverse->host == "api.example.com");
    CHECK(one.listen[0].reverse->path_and_query == "/v1");
    CHECK_FALSE(one.listen[0].tls);
    CHECK_FALSE(one.listen[1].reverse);
    CHECK(settings({"--reverse", "http://a.test:81", "--listen-tls"}).listen.at(0).tls);
    CHECK(contains(refusal({"--reverse", "http://a.test", "--reverse", "http://b.test"}),
                   "--reverse was given 2 times for 1 --listen"));
    CHECK(contains(refusal({"--listen-tls"}), "--listen-tls needs --reverse"));
    for (const char* wrong :
         {"api.example.com", "ftp://a.test", "https://a.test/?x", "https://user@a.test", "https://"}) {
        INFO(wrong);
        CHECK(contains(refusal({"--reverse", wrong}), "--reverse takes a URL"));
    }
    CHECK(contains(refusal({"--reverse", "a.test:8443"}), "not 'a.test:8443'; did you mean https://a.test:8443?"));
    CHECK_FALSE(contains(refusal({"--reverse", "https://a.test/?x"}), "did you mean"));
}

TEST_CASE("--allow-origin takes origins as browsers write them") {
    CHECK(settings({"--allow-origin", "http://LOCALHOST:3000", "--allow-origin", "https://a.test:443", "--allow-origin",
                    "*"})
              .allow_origin == std::vector<std::string>{"http://localhost:3000", "https://a.test", "*"});
    for (const char* wrong : {"localhost:3000", "http://a.test/", "http://a.test/x", ""}) {
        INFO(wrong);
        CHECK(contains(refusal({"--allow-origin", wrong}), "--allow-origin takes an origin"));
    }
}

TEST_CASE("the live page is on this machine at 8081 unless --ui says otherwise, and off leaves it out") {
    CHECK(settings({}).ui->address.to_string() == "127.0.0.1:8081");
    CHECK(!settings({}).ui_chosen);
    CHECK(settings({"proxy", "--ui", "127.0.0.1:0"}).ui_chosen);
    CHECK(!settings({"proxy", "--ui", "off"}).ui);
    CHECK(refusal({"proxy", "--ui", "off", "--open"}) == "--open needs the live page, which --ui off leaves out");
    CHECK(contains(refusal({"proxy", "--ui", "0.0.0.0:1"}), "--ui 0.0.0.0:1 is not a loopback address"));
    CHECK(contains(refusal({"proxy", "--ui", "0.0.0.0:1", "--allow-remote"}), "--proxy-auth USER:PASS"));
    CHECK(settings({"proxy", "--ui", "0.0.0.0:1", "--allow-remote", "--proxy-auth", "u:p"}).ui);
}

TEST_CASE("a usage error names the option and what it takes, in one line") {
    CHECK(contains(refusal({"proxy", "--nonsense"}), "--nonsense"));
    CHECK(contains(refusal({"proxy", "--listen", "8080"}), "--listen takes ADDR:PORT"));
    CHECK(contains(refusal({"proxy", "--listen", "127.0.0.1:99999"}), "'99999' is not a port"));
    CHECK(contains(refusal({"proxy", "--tls-min", "1.1"}), "--tls-min takes 1.2 or 1.3"));
    CHECK(contains(refusal({"proxy", "--tls-min", "1.3", "--tls-max", "1.2"}), "--tls-min 1.3 is above --tls-max 1.2"));
    CHECK(contains(refusal({"proxy", "--connect-timeout", "0"}), "--connect-timeout takes seconds"));
    CHECK(contains(refusal({"proxy", "--at", "tomorrow"}), "--at takes an RFC 3339 time"));
    CHECK(contains(refusal({"proxy", "--detail", "loud"}), "--detail takes full, brief or off"));
    for (const auto& text : {refusal({"proxy", "--nonsense"}), refusal({"proxy", "--workers", "many"})}) {
        CHECK_FALSE(text.empty());
        CHECK_FALSE(contains(text, "\n"));
    }
}

TEST_CASE("a response time-out of 0 means none") {
    CHECK(settings({"proxy", "--response-timeout", "0"}).response_timeout == 0);
}

TEST_CASE("what an option takes is said in words") {
    CHECK(contains(refusal({"proxy", "--workers", "many"}), "--workers takes NUMBER, not 'many'"));
    CHECK(contains(refusal({"proxy", "--connect-timeout", "soon"}), "--connect-timeout takes SECONDS, not 'soon'"));
    for (const char* command : {"proxy", "check", "verify", "explain", "log", "ca"}) {
        const std::string help = std::get<PrintAndExit>(parse({command, "--help"})).text;
        for (const char letter : {'N', 'S'}) CHECK_FALSE(contains(help, fmt::format(" {} ", letter)));
    }
}

TEST_CASE("--help and --version are printed") {
    for (const char* word : {"--version", "-V", "version"})
        CHECK(std::get<PrintAndExit>(parse({word})).text == std::get<PrintAndExit>(parse({"--version"})).text);
    CHECK(std::get<PrintAndExit>(parse({"--version"})).text.starts_with("whytls " WHYTLS_VERSION "\n"));
    CHECK(contains(refusal({"version", "--workers", "2"}), "no command 'version'"));
    CHECK(contains(std::get<PrintAndExit>(parse({"proxy", "--help"})).text, "--listen"));
    CHECK(contains(std::get<PrintAndExit>(parse({"ca", "show", "--help"})).text, "--ca-dir"));
}

TEST_CASE("the log is rotated at 100 MiB with five files kept, unless told otherwise") {
    CHECK(settings({}).log_rotation.max_size == 100 << 20);
    CHECK(settings({}).log_rotation.keep == 5);
    CHECK(settings({"proxy", "--log-max-size", "0"}).log_rotation.max_size == 0);
    CHECK(settings({"proxy", "--log-max-size", "4096"}).log_rotation.max_size == 4096);
    CHECK(settings({"proxy", "--log-max-size", "2K", "--log-keep", "0"}).log_rotation.max_size == 2048);
    CHECK(settings({"proxy", "--log-max-size", "3g"}).log_rotation.max_size == std::uint64_t{3} << 30);
    for (const char* size : {"", "M", "-1", "1.5M", "1T", "99999999999999999999", "9999999999999G"})
        CHECK(contains(refusal({"proxy", "--log-max-size", size}),
                       "--log-max-size takes bytes, with K, M or G after them"));
    CHECK(refusal({"proxy", "--log-keep", "101"}) == "--log-keep takes 0 to 100, not 101");
}

TEST_CASE("--keylog names the key log and is warned of; check takes it too, and an empty one is none") {
    const Settings given = settings({"proxy", "--keylog", "/nowhere/keys"});
    CHECK(given.key_log.path == "/nowhere/keys");
    REQUIRE(given.warnings.size() == 1);
    CHECK(given.warnings[0].starts_with("warning: --keylog: whoever reads /nowhere/keys can decrypt"));
    CHECK(std::get<CheckCommand>(parse({"check", "a.test", "--keylog", "x"})).settings.key_log.path == "x");
    CHECK(settings({"proxy", "--keylog", ""}).key_log.path.empty());
    CHECK(settings({"proxy", "--keylog", ""}).warnings.empty());
    CHECK(contains(refusal({"proxy", "--keylog", "-"}), "--keylog takes a file, not -"));
}

TEST_CASE("a session is recorded where a directory is given, with a megabyte of each body unless told otherwise") {
    CHECK(settings({}).record.empty());
    CHECK(settings({"proxy", "--record", "session"}).record == "session");
    CHECK(refusal({"proxy", "--record", ""}) == "--record takes a directory");
    CHECK(settings({}).body_limit == 1 << 20);
    CHECK(settings({"proxy", "--body-limit", "0"}).body_limit == 0);
    CHECK(settings({"proxy", "--body-limit", "256M"}).body_limit == 256 << 20);
    CHECK(refusal({"proxy", "--body-limit", "257M"}) == "--body-limit takes 0 to 256M, not '257M'");
}

TEST_CASE("--otlp takes the base URL of a collector, and --otlp-header fields for it that are never repeated") {
    CHECK_FALSE(settings({}).otlp);
    const auto collector = [](const char* url) { return *settings({"proxy", "--otlp", url}).otlp; };
    for (const auto& [url, path, shown] : {std::array{"http://localhost:4318", "/", "http://localhost:4318"},
                                           {"https://a.test/", "/", "https://a.test"},
                                           {"https://a.test/otlp", "/otlp/", "https://a.test/otlp/"},
                                           {"https://a.test/otlp//", "/otlp/", "https://a.test/otlp/"},
                                           {"http://a.test:4318/v1/traces", "/", "http://a.test:4318"},
                                           {"http://a.test/x/v1/logs/", "/x/", "http://a.test/x/"}}) {
        CAPTURE(url);
        CHECK(collector(url).url.path_and_query == path);
        CHECK(collector(url).shown == shown);
    }
    CHECK(collector("http://localhost:4318").url.port == 4318);
    CHECK(collector("https://a.test").url.port == 443);
    CHECK(settings({"proxy", "--otlp", "http://localhost:4318"}).warnings.empty());
    CHECK(settings({"proxy", "--otlp", "http://localhost:4317"}).warnings ==
          std::vector<std::string>{
              "warning: --otlp http://localhost:4317: 4317 is the port of OTLP over gRPC; OTLP/HTTP, "
              "which is spoken here, has 4318"});
    CHECK(refusal({"proxy", "--otlp", "localhost:4318"}) ==
          "--otlp takes the URL of a collector, without a query, for example http://127.0.0.1:4318, not "
          "'localhost:4318'; did you mean http://localhost:4318?");
    for (const char* url : {"", "a b", "ftp://a.test", "http://a.test/?key=1", "http://", "http://a.test/#x"})
        CHECK(contains(refusal({"proxy", "--otlp", url}), "--otlp takes the URL of a collector"));
    CHECK(contains(refusal({"proxy", "--otlp", "http://me:s3cret@a.test"}), "--otlp-header 'Authorization: Basic"));
    CHECK_FALSE(contains(refusal({"proxy", "--otlp", "http://me:s3cret@a.test"}), "s3cret"));

    const Settings given = settings({"proxy", "--otlp", "http://a.test", "--otlp-header", "Authorization: Bearer x",
                                     "--otlp-header", "x-team:  blue "});
    CHECK(std::vector<inspect::http::Field>(given.otlp->headers.begin(), given.otlp->headers.end()) ==
          std::vector<inspect::http::Field>{{"Authorization", "Bearer x"}, {"x-team", "blue"}});
    CHECK(refusal({"proxy", "--otlp-header", "a: b"}) ==
          "--otlp-header needs --otlp: it is for requests to that collector");
    for (const char* field : {"s3cret", ": s3cret", "a b: s3cret", "a: s3cret\r\nb: c"}) {
        const std::string said = refusal({"proxy", "--otlp", "http://a.test", "--otlp-header", field});
        CHECK(contains(said, "--otlp-header takes 'NAME: VALUE'"));
        CHECK_FALSE(contains(said, "s3cret"));
    }
    CHECK(refusal({"proxy", "--otlp", "http://a.test", "--otlp-header", "content-type: x"}) ==
          "--otlp-header content-type: whytls sets that field itself");
}

TEST_CASE("--redact takes names of query parameters, again and again") {
    CHECK(settings({"proxy", "--redact", "token", "--redact", "api key"}).secrets.names ==
          std::vector<std::string>{"token", "api key"});
    CHECK(contains(refusal({"proxy", "--redact", "a=b"}), "--redact takes the name of a query parameter"));
    CHECK(contains(refusal({"proxy", "--redact", ""}), "--redact takes the name of a query parameter"));
    CHECK(settings({"proxy", "--log-secrets"}).secrets.shown);
}

TEST_CASE("limits have defaults, and take what makes sense") {
    const Settings standard = settings({"proxy"});
    CHECK(standard.idle_timeout == 300);
    CHECK(standard.limits.head == 65'536);
    CHECK(standard.most_connections_per_client == 4096);
    const Settings given =
        settings({"--idle-timeout", "2.5", "--max-header", "16k", "--max-connections-per-client", "7"});
    CHECK(given.idle_timeout == 2.5);
    CHECK(given.limits.head == 16'384);
    CHECK(given.limits.trailers == 16'384);
    CHECK(given.most_connections_per_client == 7);
    CHECK(contains(refusal({"--idle-timeout", "0"}), "--idle-timeout takes seconds"));
    CHECK(contains(refusal({"--max-header", "10"}), "--max-header takes 1K to 16M, not '10'"));
    CHECK(contains(refusal({"--max-header", "1G"}), "--max-header takes 1K to 16M"));
    CHECK(contains(refusal({"--max-connections-per-client", "0"}), "--max-connections-per-client takes"));
    CHECK(contains(refusal({"--max-connections-per-client", "-1"}), "--max-connections-per-client"));
}

TEST_CASE("what decides which server is reached and how it is judged is kept as typed, without its secrets") {
    const Settings given =
        settings({"--trust", "a.pem", "proxy", "--listen", "127.0.0.1:0", "--trust", "b.pem", "--log", "x", "--detail",
                  "brief", "--proxy-auth", "me:s3cret", "--upstream-proxy", "http://me:s3cret@proxy.test:3128"});
    const std::vector<inspect::diagnosis::GivenOption> expected = {
        {"--trust", "a.pem"},
        {"--listen", "127.0.0.1:0"},
        {"--proxy-auth", "USER:PASSWORD"},
        {"--ca-dir", "/nowhere"},
        {"--trust", "b.pem"},
        {"--upstream-proxy", "http://USER:PASSWORD@proxy.test:3128"}};
    CHECK(given.given == expected);
    const auto verify =
        std::get<VerifyCommand>(parse({"verify", "x.pem", "--host", "a.test", "--untrusted", "u.pem", "--json"}));
    CHECK(verify.given == std::vector<inspect::diagnosis::GivenOption>{{"--untrusted", "u.pem"}});
}

TEST_CASE("an option's missing value is said, and never is the next option taken for it") {
    CHECK(contains(refusal({"proxy", "--log", "--listen-tls"}), "--log takes FILE, and --listen-tls comes after it"));
    CHECK(contains(refusal({"--trust", "--resolve", "a:1:127.0.0.1"}),
                   "--trust takes FILE, and --resolve comes after it"));
    CHECK(contains(refusal({"proxy", "-r", "-k"}), "-r takes URL, and -k comes after it"));
    CHECK(contains(refusal({"proxy", "--insecure", "a.test"}),
                   "--insecure takes its PATTERN after a '='; did you mean --insecure=a.test?"));
    CHECK(contains(refusal({"-k", "*.a.test"}), "did you mean --insecure=*.a.test?"));
    CHECK(contains(refusal({"-k", "chek"}), "no command 'chek'; did you mean check?"));
    CHECK_THROWS_WITH(parse({"check", "--expect", "--json", "a.test"}),
                      Catch::Contains("if that is meant: --expect=--json (whytls check --help)"));
    CHECK(settings({"proxy", "--log", "-"}).log == "-");
    CHECK(settings({"proxy", "--log=--json"}).log == "--json");
    CHECK(settings({"proxy", "--log", "--no-such-option"}).log == "--no-such-option");
}

TEST_CASE("a pattern that is no host name is refused with its option, and one with a port with what was meant") {
    CHECK_THROWS_WITH(parse({"log", "x.jsonl", "--host", "api.test:24001"}),
                      Catch::Contains("--host api.test:24001: a pattern has no port; did you mean --host api.test?"));
    CHECK_THROWS_WITH(parse({"log", "x.jsonl", "--host", "a.*"}),
                      Catch::Contains("--host takes a host name, an address, *.example.com or *, not 'a.*'"));
    CHECK(contains(refusal({"proxy", "--passthrough", "api.test:443"}), "did you mean --passthrough api.test?"));
    CHECK(contains(refusal({"proxy", "--insecure=api.test:443"}), "did you mean --insecure api.test?"));
}

TEST_CASE("what is nearly ADDR:PORT or HOST:PORT is answered with what was meant") {
    for (const auto& [given, meant] : {std::pair{"8080", "127.0.0.1:8080"},
                                       {":8080", "127.0.0.1:8080"},
                                       {"*:8080", "0.0.0.0:8080"},
                                       {"localhost", "127.0.0.1:8080"},
                                       {"127.0.0.1", "127.0.0.1:8080"},
                                       {"::1", "[::1]:8080"},
                                       {"http://127.0.0.1:9090/", "127.0.0.1:9090"}}) {
        INFO(given);
        CHECK(contains(refusal({"--listen", given}), std::string("did you mean ") + meant + "?"));
    }
    CHECK_THROWS_WITH(parse({"check", "api.test", "443"}), Catch::Contains("did you mean api.test:443?"));
    CHECK_THROWS_WITH(parse({"check", "443"}), Catch::Contains("did you mean HOST:443?"));
}

TEST_CASE("the five options that are used most have a letter") {
    const Settings given = settings({"proxy", "-l", "127.0.0.1:0", "-r", "https://a.test", "-k", "-v"});
    CHECK(given.listen.at(0).reverse->host == "a.test");
    CHECK(given.insecure.size() == 1);
    CHECK(given.verbose);
    CHECK(std::get<VerifyCommand>(parse({"verify", "x.pem", "-t", "roots.pem"})).judging.trust.size() == 1);
}
