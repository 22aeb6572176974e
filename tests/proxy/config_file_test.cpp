#include "proxy/command/sources/config_file.h"

#include <fstream>

#include "proxy/command/options.h"
#include "tests/support/catch.h"
#include "tests/support/temporary_directory.h"

using namespace proxy;

namespace {

Command parse(std::string_view text, std::vector<const char*> arguments) {
    const tests::TemporaryDirectory directory;
    const std::string path = directory / "whytls.toml";
    std::ofstream(path) << text;
    arguments.insert(arguments.begin(), "whytls");
    arguments.insert(arguments.end(), {"--config", path.c_str()});
    return parse_command_line(static_cast<int>(arguments.size()), arguments.data(), {}, [](const std::string&) {});
}

Settings settings(std::string_view text, std::vector<const char*> arguments = {"proxy"}) {
    arguments.insert(arguments.end(), {"--ca-dir", "/nowhere"});
    return std::get<ProxyCommand>(parse(text, std::move(arguments))).settings;
}

// The text of the error after the file's name.
std::string refusal(std::string_view text, std::vector<const char*> arguments = {"proxy"}) {
    try {
        (void)settings(text, std::move(arguments));
    } catch (const UsageError& error) {
        const std::string said = error.what();
        const auto name = said.find(".toml:");
        return name == std::string::npos ? said : said.substr(name + 6);
    }
    return "";
}

}  // namespace

TEST_CASE("a key is the option of its name: text, numbers, lists, flags and times") {
    const Settings read = settings(R"(
# where
listen = ["127.0.0.1:0", "[::1]:8081"]
allow-remote = true
listen-tls = false
response-timeout = 60
connect-timeout = 2.5
resolve = ["a.test:443:127.0.0.1", "*:80:127.0.0.1:81"]
tls-min = 1.3
aia = "off"
at = 2026-01-01T00:00:00Z
max-header = "8K"
workers = 3
)");
    REQUIRE(read.listen.size() == 2);
    CHECK(read.listen[1].address.to_string() == "[::1]:8081");
    CHECK(read.allow_remote);
    CHECK(read.response_timeout == 60);
    CHECK(read.connect_timeout == 2.5);
    CHECK(read.resolve.size() == 2);
    CHECK(read.tls_min == tls::Version::tls_1_3);
    CHECK_FALSE(read.aia);
    CHECK(read.at == certs::parse_rfc3339("2026-01-01T00:00:00Z"));
    CHECK(read.limits.head == 8192);
    CHECK(read.workers == 3);
}

TEST_CASE("insecure in a file is true, false, a pattern or a list of them") {
    CHECK(matches_any(settings("insecure = true").insecure, "a.test"));
    CHECK(settings("insecure = false").insecure.empty());
    const Settings one = settings("insecure = 'a.test'");
    CHECK(matches_any(one.insecure, "a.test"));
    CHECK_FALSE(matches_any(one.insecure, "b.test"));
    CHECK(matches_any(settings("insecure = ['a.test', '*.b.test']").insecure, "x.b.test"));
}

TEST_CASE("a bare whytls reads a file too, and a single value stands for a list of one") {
    CHECK(settings("listen = '127.0.0.1:1'", {}).listen.at(0).address.port() == 1);
}

TEST_CASE("what stands on the command line replaces the file's key, a list as a whole") {
    const std::string_view file = "listen = ['127.0.0.1:1', '127.0.0.1:2']\nworkers = 2\ninsecure = true\n";
    const Settings read = settings(file, {"proxy", "--listen", "127.0.0.1:3", "--insecure=a.test"});
    REQUIRE(read.listen.size() == 1);
    CHECK(read.listen[0].address.port() == 3);
    CHECK(read.workers == 2);
    CHECK_FALSE(matches_any(read.insecure, "b.test"));
    CHECK(settings(file, {"--workers", "5", "proxy"}).workers == 5);
    CHECK(settings("tls-min = '9'", {"proxy", "--tls-min", "1.3"}).tls_min == tls::Version::tls_1_3);
}

TEST_CASE("a key that does not exist is named with its line and the nearest that does") {
    CHECK(refusal("workers = 1\n\nlistn = '127.0.0.1:0'") == "3: no option 'listn' (did you mean 'listen'?)");
    CHECK(refusal("colour = 'red'") == "1: no option 'colour'");
    CHECK(refusal("'' = 1") == "1: no option ''");
    for (const char* none : {"help = true", "version = true", "config = 'other.toml'", "HOST = 'a'", "proxy = 1"})
        CHECK(refusal(none).starts_with("1: no option '"));
    CHECK(refusal("listn = 1", {"proxy", "--listen", "127.0.0.1:0"}).starts_with("1: no option 'listn'"));
}

TEST_CASE("a value of a kind that its option does not take is named with its line and what it takes") {
    CHECK(refusal("workers = 'many'") == "1: workers takes NUMBER, not 'many'");
    CHECK(refusal("workers = true") == "1: workers takes NUMBER, not true");
    CHECK(refusal("workers = [1, 2]") == "1: workers takes NUMBER, and no list");
    CHECK(refusal("\nallow-remote = 'yes'") == "2: allow-remote takes true or false, not 'yes'");
    CHECK(refusal("allow-remote = [true]") == "1: allow-remote takes true or false, and no list");
    CHECK(refusal("insecure = [\n'a.test',\n[]]").starts_with("1: 'insecure' cannot hold"));
}

TEST_CASE("a value that its option refuses is named with its line") {
    CHECK(refusal("\ntls-min = 1.1") == "2: --tls-min takes 1.2 or 1.3, not '1.1'");
    CHECK(refusal("aia = 'maybe'") == "1: --aia takes on or off, not 'maybe'");
    CHECK(refusal("idle-timeout = 0") == "1: --idle-timeout takes seconds, more than 0");
    CHECK(refusal("resolve = [\n'a.test:443:127.0.0.1',\n'a:b:c',\n]").starts_with("3: --resolve"));
    CHECK(refusal("passthrough = ['a.test',\n'a b']") ==
          "2: --passthrough takes a host name, an address, *.example.com or *, not 'a b'");
    CHECK(refusal("workers = 2", {"proxy", "--tls-min", "1.1"}) == "--tls-min takes 1.2 or 1.3, not '1.1'");
}

TEST_CASE("sections are refused by name, and what is not TOML with its line") {
    CHECK(refusal("[proxy]\nworkers = 1").starts_with("1: 'proxy' "));
    CHECK(refusal("\n[[listen]]\n").starts_with("2: "));
    CHECK(refusal("workers = 1\nlisten = ").starts_with("2: not TOML: "));
    CHECK(refusal("workers = 1\nworkers = 2").starts_with("2: not TOML: "));
    CHECK(refusal("workers = \xff").starts_with("1: not TOML: "));
    CHECK(refusal("a = " + std::string(100'000, '[')).starts_with("1: not TOML: "));
}

TEST_CASE("a text without quotes is answered with the line as it has to be") {
    CHECK(refusal("workers = 1\ntrust = root.pem") ==
          "2: not TOML: a text stands in quotes; did you mean trust = \"root.pem\"?");
    CHECK(refusal("log = /var/log/whytls.jsonl\nworkers = 1") ==
          "1: not TOML: a text stands in quotes; did you mean log = \"/var/log/whytls.jsonl\"?");
    CHECK(refusal("trust = root.pem  # ours\n").ends_with("did you mean trust = \"root.pem\"?"));
    CHECK(refusal("listen = [127.0.0.1:8080, \"127.0.0.1:8081\"]") ==
          "1: not TOML: a text stands in quotes; did you mean listen = [\"127.0.0.1:8080\", \"127.0.0.1:8081\"]?");
    CHECK(refusal("listen = 127.0.0.1:8080\n").ends_with("did you mean listen = \"127.0.0.1:8080\"?"));
    CHECK(refusal("insecure = *.example.com\n").ends_with("did you mean insecure = \"*.example.com\"?"));
    for (const char* other : {"= 1", "workers 1", "workers = ", "workers = \"1", "a = b\"c\\"}) {
        INFO(other);
        CHECK_FALSE(refusal(other).contains("did you mean"));
    }
}

TEST_CASE("a file that cannot be read is named") {
    const auto refused = [](const char* file) {
        const std::array words{"whytls", "proxy", "--config", file};
        return parse_command_line(static_cast<int>(words.size()), words.data(), {}, [](const std::string&) {});
    };
    CHECK_THROWS_WITH(refused("/nowhere/whytls.toml"),
                      "--config /nowhere/whytls.toml: cannot be read: No such file or directory");
    CHECK_THROWS_AS(refused("/"), UsageError);
}

TEST_CASE("one file serves every command: what only another one takes is left out") {
    const std::string_view file =
        "listen = ['127.0.0.1:1']\nui = '127.0.0.1:2'\nconnect-timeout = 3\nhost = 'a.test'\n";
    CHECK(settings(file).listen.at(0).address.port() == 1);
    CHECK(settings(file).ui->address.port() == 2);
    CHECK(std::get<CheckCommand>(parse(file, {"check", "a.test"})).settings.connect_timeout == 3);
    CHECK(std::get<VerifyCommand>(parse(file, {"verify", "-"})).host == "a.test");
    for (const char* command : {"check", "verify"})
        CHECK_THROWS_AS(parse("listn = 1", {command, "a.test"}), UsageError);
}

TEST_CASE("exec takes from a file what is its own: not the listeners and the page of a proxy") {
    const std::string_view file = "listen = ['0.0.0.0:1']\nui = '127.0.0.1:2'\nopen = true\nconnect-timeout = 3\n";
    const tests::TemporaryDirectory directory;
    const std::string path = directory / "whytls.toml";
    std::ofstream(path) << file;
    const std::array words{"whytls", "exec", "--config", path.c_str(), "--", "true"};
    const auto read = std::get<ExecCommand>(
        parse_command_line(static_cast<int>(words.size()), words.data(), {}, [](const std::string&) {}));
    CHECK(read.settings.connect_timeout == 3);
    CHECK(read.settings.listen.at(0).address.port() == 0);
    CHECK_FALSE(read.settings.ui);
    CHECK_FALSE(read.settings.open_ui);
}

TEST_CASE("check and verify read a file of their own options") {
    CHECK(std::get<CheckCommand>(parse("json = true\nconnect-timeout = 3", {"check", "a.test"}))
              .settings.connect_timeout == 3);
    CHECK(std::get<VerifyCommand>(parse("host = 'a.test'", {"verify", "-"})).host == "a.test");
}
