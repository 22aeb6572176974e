#include <algorithm>
#include <set>

#include "proxy/command/exec/browser.h"
#include "proxy/command/exec/environment.h"
#include "proxy/command/exec/exec_files.h"
#include "proxy/command/exec/foreground.h"
#include "proxy/command/exec/print_env.h"
#include "tests/support/catch.h"

using namespace proxy;

namespace {

const ExecPlace place{40'001, "/tmp/whytls-exec-a"};

Environment inside(const Environment& outer) { return with_settings(outer, exec_settings(place, outer)); }

std::string value(const Environment& environment, const std::string& name) {
    const auto found = environment.find(name);
    return found == environment.end() ? "(none)" : found->second;
}

}  // namespace

TEST_CASE("the proxy is named in both cases, and no host is exempt from it, loopback neither") {
    const Environment set = inside({{"NO_PROXY", "localhost"}, {"https_proxy", "http://other.test"}});
    for (const char* name :
         {"http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "npm_config_https_proxy"})
        CHECK(value(set, name) == "http://127.0.0.1:40001");
    for (const char* name : {"no_proxy", "NO_PROXY", "npm_config_noproxy"}) CHECK(value(set, name).empty());
}

TEST_CASE("each variable that names a list of anchors names the merged one") {
    const Environment set = inside({});
    for (const char* name : {"SSL_CERT_FILE", "CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "AWS_CA_BUNDLE", "GIT_SSL_CAINFO",
                             "PIP_CERT", "CARGO_HTTP_CAINFO", "NODE_EXTRA_CA_CERTS", "DENO_CERT",
                             "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH", "npm_config_cafile"})
        CHECK(value(set, name) == "/tmp/whytls-exec-a/bundle.pem");
}

TEST_CASE("what the user has put into a variable of several words stays before ours") {
    const Environment set = inside({{"NODE_OPTIONS", "--max-old-space-size=64"},
                                    {"JAVA_TOOL_OPTIONS", "-Xmx64m"},
                                    {"PHP_INI_SCAN_DIR", "/etc/php"}});
    CHECK(value(set, "NODE_OPTIONS") == "--max-old-space-size=64 --require=/tmp/whytls-exec-a/preload.cjs");
    CHECK(value(set, "JAVA_TOOL_OPTIONS").starts_with("-Xmx64m -Dhttp.proxyHost=127.0.0.1 -Dhttp.proxyPort=40001 "));
    CHECK(value(set, "JAVA_TOOL_OPTIONS")
              .contains(" -Dhttp.nonProxyHosts= -Djavax.net.ssl.trustStore=/tmp/whytls-exec-a/truststore.jks "));
    CHECK(value(set, "PHP_INI_SCAN_DIR") == "/etc/php:/tmp/whytls-exec-a/php");
    CHECK(value(inside({}), "PHP_INI_SCAN_DIR") == ":/tmp/whytls-exec-a/php");
}

TEST_CASE("git's settings follow the user's own, whose numbers stay") {
    const Environment set =
        inside({{"GIT_CONFIG_COUNT", "2"}, {"GIT_CONFIG_KEY_1", "a.b"}, {"GIT_CONFIG_VALUE_1", "c"}});
    CHECK(value(set, "GIT_CONFIG_COUNT") == "4");
    CHECK(value(set, "GIT_CONFIG_KEY_1") == "a.b");
    CHECK(value(set, "GIT_CONFIG_KEY_2") == "http.proxy");
    CHECK(value(set, "GIT_CONFIG_VALUE_3") == "/tmp/whytls-exec-a/bundle.pem");
    CHECK(value(inside({{"GIT_CONFIG_COUNT", "many"}}), "GIT_CONFIG_COUNT") == "2");
}

TEST_CASE("another spelling of npm's variables is taken away, for npm takes the one that it meets last") {
    const Environment outer{{"NPM_CONFIG_PROXY", "http://other.test"}, {"npm_config_registry", "https://a.test"}};
    const Environment set = inside(outer);
    CHECK(value(set, "NPM_CONFIG_PROXY") == "(none)");
    CHECK(value(set, "npm_config_registry") == "https://a.test");
    CHECK(print_environment(exec_settings(place, outer), EnvironmentForm::sh).contains("\nunset NPM_CONFIG_PROXY\n"));
}

TEST_CASE("no variable is set twice") {
    std::set<std::string> names;
    for (const EnvironmentSetting& each : exec_settings(place, {})) CHECK(names.insert(each.name).second);
}

TEST_CASE("a shell takes a value as it is, whatever it holds") {
    const std::vector<EnvironmentSetting> settings{{"A", "it's $HOME `id` \\ \"x\"\n"}, {"B", std::nullopt}};
    CHECK(print_environment(settings, EnvironmentForm::sh) == "export A='it'\\''s $HOME `id` \\ \"x\"\n'\nunset B\n");
    CHECK(print_environment(settings, EnvironmentForm::fish) ==
          "set -gx A 'it\\'s $HOME `id` \\\\ \"x\"\n'\nset -e B\n");
    CHECK(print_environment(settings, EnvironmentForm::json) ==
          "{\n  \"A\": \"it's $HOME `id` \\\\ \\\"x\\\"\\u000a\",\n  \"B\": null\n}\n");
}

TEST_CASE("the exit code of a command that a signal ended is 128 and its number") {
    CHECK(exit_code_of(7 << 8) == 7);
    CHECK(exit_code_of(15) == 143);
}

TEST_CASE("a browser is told by its command line; the user's own profile and other programs are left as they are") {
    const auto authority = certs::Authority::temporary("/nowhere", {1'700'000'000});
    const auto plan = [&](std::vector<std::string> arguments) { return browser_plan(arguments, place, authority); };
    const auto has = [](const BrowserPlan& made, std::string_view word) {
        return std::ranges::any_of(made.arguments, [&](const std::string& each) { return each.starts_with(word); });
    };
    for (const char* name : {"chromium", "/usr/bin/google-chrome-stable", "microsoft-edge", "brave-browser"}) {
        const BrowserPlan made = plan({name, "https://a.test/"});
        CHECK(has(made, "--proxy-server=http://127.0.0.1:40001"));
        CHECK(has(made, "--proxy-bypass-list=<-loopback>"));
        CHECK(has(made, "--user-data-dir=/tmp/whytls-exec-a/profile"));
        CHECK(made.arguments.back() == "https://a.test/");
    }
    CHECK_FALSE(has(plan({"chromium", "--user-data-dir=/mine"}), "--user-data-dir=/tmp"));
    const BrowserPlan firefox = plan({"firefox-esr", "https://a.test/"});
    CHECK(has(firefox, "--profile"));
    CHECK(firefox.files.front().content.contains("user_pref(\"network.proxy.ssl_port\", 40001);"));
    CHECK(firefox.before.size() == 2);
    CHECK(plan({"firefox", "-P", "mine"}).before.empty());
    CHECK(plan({"chromedriver"}).arguments == std::vector<std::string>{"chromedriver"});
}

TEST_CASE("of the files the bundle begins with the local CA, and the user's own settings of wget come before ours") {
    const auto authority = certs::Authority::temporary("/nowhere", {1'700'000'000});
    const auto files = exec_files(place, {}, authority.certificate(), "tries = 3", {1'700'000'000});
    const auto content = [&](std::string_view name) {
        return std::ranges::find(files, name, &ExecFile::name)->content;
    };
    CHECK(content(exec_file::bundle) == certs::to_pem(authority.certificate().der()));
    CHECK(content(exec_file::wget).starts_with("tries = 3\nca_certificate = /tmp/whytls-exec-a/bundle.pem\n"));
    CHECK(content(exec_file::java).starts_with("\xfe\xed\xfe\xed"));
}
