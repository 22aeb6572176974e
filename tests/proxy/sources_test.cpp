#include "proxy/command/sources/sources.h"

#include <array>
#include <fstream>

#include "proxy/command/options.h"
#include "proxy/command/sources/environment_source.h"
#include "tests/support/catch.h"
#include "tests/support/temporary_directory.h"

using namespace proxy;

namespace {

struct Parsed {
    Command command;
    std::vector<std::string> told;
};

Parsed parse(const Environment& environment, std::vector<const char*> arguments = {"proxy"}) {
    arguments.insert(arguments.begin(), "whytls");
    std::vector<std::string> told;
    Command command = parse_command_line(static_cast<int>(arguments.size()), arguments.data(), environment,
                                         [&](std::string line) { told.push_back(std::move(line)); });
    return {std::move(command), std::move(told)};
}

Settings settings(const Environment& environment, std::vector<const char*> arguments = {"proxy"}) {
    arguments.insert(arguments.end(), {"--ca-dir", "/nowhere"});
    return std::get<ProxyCommand>(parse(environment, std::move(arguments)).command).settings;
}

std::string refusal(const Environment& environment) {
    try {
        (void)settings(environment);
    } catch (const UsageError& error) { return error.what(); }
    return "";
}

// A home with a configuration file in it.
class Home {
public:
    explicit Home(std::string_view text) {
        std::filesystem::create_directories(directory_ / "home/.config/whytls");
        std::ofstream(file()) << text;
    }
    std::string file() const { return directory_ / "home/.config/whytls/config.toml"; }
    Environment with(Environment more = {}) const {
        more.emplace("HOME", (directory_ / "home").string());
        return more;
    }

private:
    tests::TemporaryDirectory directory_;
};

}  // namespace

TEST_CASE("an option's variable is its name in capitals after WHYTLS_") {
    CHECK(variable_of("idle-timeout") == "WHYTLS_IDLE_TIMEOUT");
    const Settings read = settings({{"WHYTLS_IDLE_TIMEOUT", "7"},
                                    {"WHYTLS_LISTEN", "127.0.0.1:1;[::1]:2"},
                                    {"WHYTLS_ALLOW_REMOTE", "1"},
                                    {"WHYTLS_VERBOSE", "true"},
                                    {"WHYTLS_LOG_SECRETS", "0"},
                                    {"WHYTLS_PROXY_AUTH", "me:a;b"},
                                    {"WHYTLS_RESOLVE", "a.test:443:127.0.0.1,127.0.0.2"},
                                    {"WHYTLS_AIA", "off"},
                                    {"WHYTLS_WORKERS", "3"}});
    CHECK(read.idle_timeout == 7);
    REQUIRE(read.listen.size() == 2);
    CHECK(read.listen[1].address.to_string() == "[::1]:2");
    CHECK(read.allow_remote);
    CHECK(read.verbose);
    CHECK_FALSE(read.secrets.shown);
    CHECK(read.proxy_auth->password == "a;b");
    CHECK(read.resolve.at(0).addresses.size() == 2);
    CHECK_FALSE(read.aia);
    CHECK(read.workers == 3);
}

TEST_CASE("WHYTLS_INSECURE is a switch or a list of hosts") {
    CHECK(matches_any(settings({{"WHYTLS_INSECURE", "1"}}).insecure, "a.test"));
    CHECK(settings({{"WHYTLS_INSECURE", "false"}}).insecure.empty());
    const Settings two = settings({{"WHYTLS_INSECURE", "a.test;b.test"}});
    CHECK(matches_any(two.insecure, "b.test"));
    CHECK_FALSE(matches_any(two.insecure, "c.test"));
}

TEST_CASE("an empty variable is one that is not set") {
    CHECK(settings({{"WHYTLS_IDLE_TIMEOUT", ""}, {"WHYTLS_VERBOSE", ""}, {"WHYTLS_CONFIG", ""}}).idle_timeout == 300);
}

TEST_CASE("the command line comes before the environment, that before the file, and the file before the default") {
    const Home home("idle-timeout = 1\nconnect-timeout = 1\nhandshake-timeout = 1\nverbose = true\n");
    const Environment environment =
        home.with({{"WHYTLS_IDLE_TIMEOUT", "2"}, {"WHYTLS_CONNECT_TIMEOUT", "2"}, {"WHYTLS_VERBOSE", "0"}});
    const Settings read = settings(environment, {"proxy", "--idle-timeout", "3"});
    CHECK(read.idle_timeout == 3);
    CHECK(read.connect_timeout == 2);
    CHECK(read.handshake_timeout == 1);
    CHECK_FALSE(read.verbose);
    CHECK(read.response_timeout == 300);
    CHECK(settings(environment, {"--idle-timeout", "3", "proxy"}).idle_timeout == 3);
}

TEST_CASE("a value that is refused names its variable, and no secret") {
    CHECK(refusal({{"WHYTLS_IDLE_TIMEOUT", "long"}}) == "WHYTLS_IDLE_TIMEOUT: idle-timeout takes SECONDS, not 'long'");
    CHECK(refusal({{"WHYTLS_TLS_MIN", "9"}}) == "WHYTLS_TLS_MIN: --tls-min takes 1.2 or 1.3, not '9'");
    CHECK(refusal({{"WHYTLS_VERBOSE", "yes"}}) == "WHYTLS_VERBOSE: verbose takes true or false, not 'yes'");
    CHECK(refusal({{"WHYTLS_PASSTHROUGH", "a.test;b c"}}).starts_with("WHYTLS_PASSTHROUGH: --passthrough takes"));
    CHECK(refusal({{"WHYTLS_NO_CONFIG", "maybe"}}).starts_with("WHYTLS_NO_CONFIG takes 1, 0, true or false"));
    const std::string secret = refusal({{"WHYTLS_PROXY_AUTH", "geheim"}});
    CHECK(secret.starts_with("WHYTLS_PROXY_AUTH: --proxy-auth takes USER:PASS"));
    CHECK(secret.find("geheim") == std::string::npos);
}

TEST_CASE("every option of every command that takes values from elsewhere has a variable of its own") {
    // Those of check, verify, exec and ca are found by the same walk as the proxy's.
    const Environment one{
        {"WHYTLS_CONNECT_TIMEOUT", "3"}, {"WHYTLS_LISTEN", "127.0.0.1:0"}, {"WHYTLS_CA_DIR", "/some"}};
    CHECK(std::get<CheckCommand>(parse(one, {"check", "a.test"}).command).settings.connect_timeout == 3);
    CHECK(std::get<VerifyCommand>(parse({{"WHYTLS_HOST", "a.test"}}, {"verify", "-"}).command).host == "a.test");
    CHECK(std::get<CaCommand>(parse(one, {"ca", "show"}).command).ca_dir == "/some");
    CHECK(std::get<ExecCommand>(parse(one, {"exec", "true"}).command).settings.connect_timeout == 3);
}

TEST_CASE("a misspelt variable is told with the nearest option, and a foreign one is let be") {
    const auto told = [](const char* name) { return parse({{name, "secret"}}).told; };
    CHECK(told("WHYTLS_IDLE_TIMEOUTS") ==
          std::vector<std::string>{
              "whytls: warning: WHYTLS_IDLE_TIMEOUTS names no option; did you mean WHYTLS_IDLE_TIMEOUT?"});
    CHECK(told("WHYTLS_TEST_IN_NAMESPACE").empty());
    CHECK(told("WHYTLS_SANITIZE").empty());
    CHECK(told("WHYTLS_FULL").empty());  // of check
}

TEST_CASE("the user's own file is read where none is named, and that is told") {
    const Home home("idle-timeout = 1\n");
    const Parsed read = parse(home.with());
    CHECK(std::get<ProxyCommand>(read.command).settings.idle_timeout == 1);
    REQUIRE(read.told.size() == 1);
    CHECK(read.told[0].find(home.file()) != std::string::npos);
    const tests::TemporaryDirectory other;
    CHECK(settings(home.with({{"XDG_CONFIG_HOME", (other / "").string()}})).idle_timeout == 300);
    CHECK(settings(home.with({{"XDG_CONFIG_HOME", "relative"}})).idle_timeout == 1);
}

TEST_CASE("the user's own file is left out by --no-config, its variable, and a file that is named") {
    const Home home("idle-timeout = 1\n"), named("idle-timeout = 2\n");
    CHECK(settings(home.with(), {"proxy", "--no-config"}).idle_timeout == 300);
    CHECK(settings(home.with(), {"--no-config", "proxy"}).idle_timeout == 300);
    CHECK(settings(home.with({{"WHYTLS_NO_CONFIG", "1"}})).idle_timeout == 300);
    CHECK(settings(home.with({{"WHYTLS_NO_CONFIG", "0"}})).idle_timeout == 1);
    const Environment by_variable = home.with({{"WHYTLS_CONFIG", named.file()}});
    CHECK(settings(by_variable).idle_timeout == 2);
    CHECK(settings(by_variable, {"proxy", "--no-config"}).idle_timeout == 300);
    CHECK(parse(by_variable).told.empty());
    const std::string file = named.file();
    CHECK(settings(home.with({{"WHYTLS_NO_CONFIG", "1"}}), {"proxy", "--config", file.c_str()}).idle_timeout == 2);
}

TEST_CASE("the user's own file is refused with its name, the line and the option when it is wrong") {
    const Home wrong("\nidle-timeout = 'long'\n");
    CHECK(refusal(wrong.with()) == wrong.file() + ":2: idle-timeout takes SECONDS, not 'long'");
    const Home directory("");
    std::filesystem::remove(directory.file());
    std::filesystem::create_directory(directory.file());
    CHECK(refusal(directory.with()).starts_with(directory.file() + ": cannot be read: Is a directory; --no-config"));
    CHECK(refusal({{"WHYTLS_CONFIG", "/nowhere/a.toml"}}) ==
          "WHYTLS_CONFIG /nowhere/a.toml: cannot be read: No such file or directory");
}

TEST_CASE("config prints any text as TOML, and as a comment what no TOML can be") {
    const auto line = [](std::string value) {
        return as_toml(
            {.options = {{.name = "har", .kind = {}, .values = {std::move(value)}, .origin = "command line"}}});
    };
    for (const char* text : {"", "a'b", "a\"b", "C:\\d", "a\nb\tc\x7f\x01", "\u00e9", "'''", "# = [", "true"}) {
        INFO(line(text));
        const Home home(line(text));
        CHECK(settings(home.with()).har == text);
    }
    CHECK(line("\xff").ends_with("\n# har: cannot be written here  # command line\n"));
}

TEST_CASE("config prints what is in force as a file that is read again, with where it comes from") {
    const Home home("idle-timeout = 1\nproxy-auth = 'me:geheim'\nadd-trust = ['a b.pem', 'c\\d.pem']\n");
    const Environment environment = home.with(
        {{"WHYTLS_VERBOSE", "1"}, {"WHYTLS_OTLP", "http://127.0.0.1:4318"}, {"WHYTLS_OTLP_HEADER", "key: geheim"}});
    const auto shown = [&](std::vector<const char*> more = {}) {
        more.insert(more.begin(), {"config", "--ca-dir", "/nowhere"});
        return std::get<ConfigCommand>(parse(environment, std::move(more)).command);
    };
    const std::string text = as_toml(shown({"-k"}));
    INFO(text);
    const auto has = [&](const std::string& line) { return text.find("\n" + line + "\n") != std::string::npos; };
    CHECK(has("idle-timeout = 1  # " + home.file() + ":1"));
    CHECK(has("verbose = true  # environment WHYTLS_VERBOSE"));
    CHECK(has("ca-dir = \"/nowhere\"  # command line"));
    CHECK(has("insecure = [\"*\"]  # command line"));
    CHECK(has("# connect-timeout = 10  # default"));
    CHECK(has("# redact: not set"));
    CHECK(has("# proxy-auth = \"********\"  # " + home.file() + ":2; --show-secrets prints it"));
    CHECK(text.find("geheim") == std::string::npos);
    CHECK(as_json(shown()).find("geheim") == std::string::npos);

    const Home again(as_toml(shown({"--show-secrets"})));
    const Settings first = settings(environment), second = settings(again.with());
    CHECK(second.idle_timeout == 1);
    CHECK(second.verbose);
    CHECK(second.proxy_auth->password == "geheim");
    CHECK(second.add_trust == first.add_trust);
    CHECK(second.otlp->headers.find("key").has_value());
    CHECK_FALSE(second.ui_chosen);
}
