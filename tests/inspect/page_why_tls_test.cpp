#include "inspect/report/page/why_tls.h"

#include "inspect/diagnosis/wording.h"
#include "inspect/report/print/escape.h"
#include "tests/inspect/diagnosis_cases.h"
#include "tests/support/catch.h"
#include "tests/support/page_elements.h"

using inspect::page::State;

namespace {

State state() {
    State state;
    state.version = "0.1.0";
    state.listeners = {"127.0.0.1:8081"};
    state.proxy = "127.0.0.1:8081";
    state.live = "http://127.0.0.1:8082/";
    state.ca_file = "/home/dev/.local/share/whytls/ca.pem";
    state.install = "whytls ca install";
    state.ca = certs::describe(tests::Forge::root("whytls local CA").self_signed().certificate());
    state.trust_source = "/etc/ssl/certs/ca-certificates.crt";
    state.anchors = 140;
    state.requests = 7;
    return state;
}

}  // namespace

TEST_CASE("the proxy's page offers the CA and says how each client trusts it") {
    for (const auto& page : {inspect::page::html(state()), inspect::page::text(state())}) {
        for (const std::string_view word : {"/ca.pem",
                                            "curl",
                                            "Postman",
                                            "Node",
                                            "ProxyAgent",
                                            "https-proxy-agent",
                                            "Python",
                                            "Java",
                                            "Firefox",
                                            "Chrome",
                                            "Debian",
                                            "Fedora",
                                            "Alpine",
                                            "macOS",
                                            "Windows",
                                            "Android",
                                            "iOS",
                                            "127.0.0.1:8081",
                                            "/home/dev/.local/share/whytls/ca.pem",
                                            "whytls local CA"}) {
            INFO(word);
            CHECK(page.find(word) != std::string::npos);
        }
        CHECK(page.find("{ca}") == std::string::npos);
        CHECK(page.find("{proxy}") == std::string::npos);
        CHECK(page.find("{sha1}") == std::string::npos);
    }
    CHECK(inspect::page::html(state()).find("href=\"/ca.der\"") != std::string::npos);
}

TEST_CASE("the one command that does most comes before each program's own way") {
    const std::string text = inspect::page::text(state()), html = inspect::page::html(state());
    REQUIRE(text.find("    whytls ca install\n") != std::string::npos);
    REQUIRE(html.find("Trust it on this machine") != std::string::npos);
    for (const std::string_view own : {"--cacert", "NODE_EXTRA_CA_CERTS", "keytool"}) {
        CHECK(text.find("    whytls ca install\n") < text.find(own));
        CHECK(html.find("Trust it on this machine") < html.find(own));
    }
}

TEST_CASE(
    "a visitor from another machine is told of no file of this one, but how to get the CA, by the address that it used") {
    State remote = state();
    remote.listeners = {"0.0.0.0:8081"};
    remote.proxy = "vm:8081";
    remote.local = false;
    for (const auto& page : {inspect::page::html(remote), inspect::page::text(remote)}) {
        CHECK(page.find("vm:8081") != std::string::npos);
        CHECK(page.find("/home/dev") == std::string::npos);
        CHECK(page.find("http://0.0.0.0") == std::string::npos);
    }
    const std::string plain = inspect::page::text(remote);
    CHECK(plain.find("curl -o whytls-ca.pem http://vm:8081/ca.pem") != std::string::npos);
    CHECK(plain.find("curl -x http://vm:8081 --cacert whytls-ca.pem") != std::string::npos);
}

TEST_CASE("macOS and Windows get the file from the page, and take the CA back by its SHA-1") {
    State local = state();
    local.ca_sha1 = "0b4e1cfdd9aaf2a8cbd7e0cbca98d3d9b6d5a7f0";
    const std::string page = inspect::diagnosis::replaced(inspect::page::text(local), " \\\n        ", " ");
    for (const std::string_view command :
         {"/Library/Keychains/System.keychain whytls-ca.pem\n", "certutil -user -addstore Root whytls-ca.pem\n",
          "delete-certificate -Z 0b4e1cfdd9aaf2a8cbd7e0cbca98d3d9b6d5a7f0 /Library",
          "certutil -user -delstore Root 0b4e1cfdd9aaf2a8cbd7e0cbca98d3d9b6d5a7f0\n"}) {
        INFO(command);
        CHECK(page.find(command) != std::string::npos);
    }
}

TEST_CASE("a phone's steps name the address at which it reaches the proxy, or how to be reached") {
    State page = state();
    const auto holds = [&page](std::string_view words) {
        const std::string text = inspect::diagnosis::replaced(inspect::page::text(page), "\n    ", " ");
        INFO(text);
        INFO(words);
        CHECK(text.find(words) != std::string::npos);
    };
    holds("whytls proxy --listen 0.0.0.0:8081 --allow-remote --allow-anonymous");
    holds("Open http://ADDRESS:8081/ca.der in Chrome");
    page.reachable = {{"192.0.2.5:8081", "wlan0"}, {"[2001:db8::5]:8081", "wlan0"}};
    holds("Open http://192.0.2.5:8081/ca.der or http://[2001:db8::5]:8081/ca.der in Safari");
    holds("Configure Proxy > Manual, 192.0.2.5:8081 or [2001:db8::5]:8081.");
    CHECK(inspect::page::text(page).find("ADDRESS") == std::string::npos);
    page.local = false;
    page.reachable.clear();
    page.proxy = "vm:8081";
    holds("Open http://vm:8081/ca.der in Chrome");
    holds("Proxy: Manual, vm:8081.");
    CHECK(inspect::page::text(page).find("--allow-remote") == std::string::npos);
}

TEST_CASE("the page as text is no wider than its 100 columns") {
    State longer = state();
    longer.ca_file = "/home/a-developer-with-a-long-name/projects/whytls/.local/share/whytls/ca.pem";
    longer.install =
        "whytls ca install --ca-dir /home/a-developer-with-a-long-name/projects/whytls/.local/share/whytls";
    for (const bool asks : {false, true})
        for (const bool local : {true, false})
            for (State page : {state(), longer}) {
                page.asks_password = asks;
                page.local = local;
                const std::string text = inspect::page::text(page);
                for (std::size_t at = 0; at < text.size();) {
                    const std::size_t end = text.find('\n', at);
                    const std::string line = text.substr(at, end - at);
                    INFO(line);
                    CHECK(inspect::report::columns(line) <= 100);
                    at = end + 1;
                }
            }
}

TEST_CASE("where a password is asked for, each command has a place for it") {
    State closed = state();
    closed.asks_password = true;
    const std::string page = inspect::page::text(closed);
    CHECK(page.find("-x http://USER:PASS@127.0.0.1:8081") != std::string::npos);
    CHECK(page.find("Proxy-Authorization: Basic $(printf %s 'USER:PASS' | base64)") != std::string::npos);
    CHECK(page.find("--proxy-auth") != std::string::npos);
    CHECK(inspect::page::text(state()).find("USER:PASS") == std::string::npos);
}

TEST_CASE("nothing in the state can write HTML or a terminal's commands") {
    for (const auto& hostile : tests::hostile_texts()) {
        State bad = state();
        bad.ca_file = bad.install = bad.trust_source = bad.version = bad.ca.subject = hostile;
        bad.listeners = {hostile};
        bad.proxy = hostile;
        CHECK(tests::elements_of(inspect::page::html(bad)).error == "");
        CHECK(tests::elements_of(inspect::page::html(bad)).counts["script"] == 1);
        CHECK(inspect::page::html(bad).find("<h1>split") == std::string::npos);
        CHECK(inspect::page::text(bad).find('\x1b') == std::string::npos);
    }
}
