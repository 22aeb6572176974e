#include "inspect/gateway/cross_site.h"

#include "tests/support/catch.h"

using namespace inspect::http;
using Sign = CrossSite::Sign;

namespace {

using Lines = std::vector<std::pair<std::string, std::string>>;

std::optional<CrossSite> judged(const Lines& lines, const std::vector<std::string>& allowed = {}) {
    RequestHead head;
    for (const auto& [name, value] : lines) head.fields.add(name, value);
    const auto host = head.fields.find("Host");
    return cross_site(head, "http://" + std::string(host.value_or("127.0.0.1:8080")), allowed);
}

}  // namespace

TEST_CASE("a client that is no browser may ask, under any address of the listener") {
    for (const auto* host :
         {"127.0.0.1:8080", "localhost:8080", "[::1]:8080", "192.168.1.7", "app.localhost:8080", "localhost."}) {
        INFO(host);
        CHECK_FALSE(judged({{"Host", host}}));
    }
    CHECK_FALSE(judged({}));
}

TEST_CASE("a name that others could let lead here is not the listener's: DNS rebinding") {
    for (const auto* host :
         {"evil.example:8080", "localhost.evil.example", "127.0.0.1.evil.example", "1e100.net", "whytls"}) {
        INFO(host);
        CHECK(judged({{"Host", host}}) == CrossSite{Sign::host, host});
    }
    CHECK(judged({{"Host", "evil.example"}}, {"*"}));
}

TEST_CASE("the name of an origin that is allowed is one of the listener's own: the user vouches for it") {
    CHECK_FALSE(judged({{"Host", "vm:8080"}}, {"http://vm:8080"}));
    CHECK_FALSE(judged({{"Host", "VM:8080"}, {"Origin", "http://vm:3000"}}, {"http://vm:3000"}));
    CHECK(judged({{"Host", "vm:8080"}, {"Origin", "http://vm:3001"}}, {"http://vm:3000"}) ==
          CrossSite{Sign::origin, "http://vm:3001"});
    CHECK(judged({{"Host", "vm.evil.example:8080"}}, {"http://vm:8080", "null", "*"}));
    CHECK(judged({{"Host", "vm:8080"}}, {"https://vm:8080"}) == CrossSite{Sign::host, "vm:8080"});
}

TEST_CASE("a page is named by its own origin alone, not by the star that lets any page in") {
    RequestHead head;
    const std::vector<std::string> named{"http://localhost:3000"}, any{"*"};
    CHECK(named_page(head, named) == "");
    head.fields.add("Origin", "http://localhost:3000");
    CHECK(named_page(head, named) == "http://localhost:3000");
    CHECK(named_page(head, any) == "");
    head.fields.set("Origin", "*");
    CHECK(named_page(head, any) == "");
}

TEST_CASE("a page may ask if it is the listener's own, or its origin is allowed") {
    CHECK_FALSE(judged({{"Host", "127.0.0.1:8080"}, {"Origin", "http://127.0.0.1:8080"}}));
    CHECK(judged({{"Host", "127.0.0.1:8080"}, {"Origin", "http://localhost:3000"}}) ==
          CrossSite{Sign::origin, "http://localhost:3000"});
    CHECK(judged({{"Host", "127.0.0.1:8080"}, {"Origin", "null"}}));
    CHECK_FALSE(judged({{"Host", "127.0.0.1:8080"}, {"Origin", "http://localhost:3000"}}, {"http://localhost:3000"}));
    CHECK_FALSE(judged({{"Host", "127.0.0.1:8080"}, {"Origin", "http://x.test"}}, {"*"}));
    CHECK(judged({{"Host", "127.0.0.1:8080"}, {"Origin", "http://localhost:30001"}}, {"http://localhost:3000"}));
}

TEST_CASE("of several Origin fields, and of several Sec-Fetch-Site, each is judged: no browser sends two") {
    const std::string own = "http://127.0.0.1:8080", evil = "http://evil.test";
    const auto both = [&](const std::string& name, const std::string& first, const std::string& second,
                          const Lines& more = {}) {
        Lines lines = {{"Host", "127.0.0.1:8080"}, {name, first}, {name, second}};
        lines.insert(lines.end(), more.begin(), more.end());
        return judged(lines);
    };
    CHECK(both("Origin", own, evil) == CrossSite{Sign::origin, evil});
    CHECK(both("Origin", evil, own) == CrossSite{Sign::origin, evil});
    CHECK(both("Origin", "null", evil, {{"Sec-Fetch-Site", "same-origin"}}) == CrossSite{Sign::origin, evil});
    CHECK_FALSE(both("Origin", own, own));
    CHECK(both("Sec-Fetch-Site", "same-origin", "cross-site") == CrossSite{Sign::fetch_site, "cross-site"});
    CHECK(both("Sec-Fetch-Site", "odd", "same-site") == CrossSite{Sign::fetch_site, "same-site"});
    CHECK(both("Sec-Fetch-Site", "same-origin", "none", {{"Origin", "null"}}) == CrossSite{Sign::origin, "null"});
}

TEST_CASE("a page that hides its address even from itself may ask when the browser vouches for it") {
    const Lines hidden = {{"Host", "127.0.0.1:8080"}, {"Origin", "null"}};
    for (const auto& [site, may] :
         {std::pair{"same-origin", true}, {"same-site", false}, {"cross-site", false}, {"none", false}}) {
        INFO(site);
        Lines lines = hidden;
        lines.emplace_back("Sec-Fetch-Site", site);
        CHECK(!judged(lines) == may);
    }
    CHECK(judged({{"Host", "127.0.0.1:8080"}, {"Origin", "http://evil.test"}, {"Sec-Fetch-Site", "same-origin"}}));
}

TEST_CASE("another port of the same host is another origin") {
    CHECK(judged({{"Host", "127.0.0.1:8080"}, {"Sec-Fetch-Site", "same-site"}}) ==
          CrossSite{Sign::fetch_site, "same-site"});
}

TEST_CASE("where no Origin is sent the Referer says whose page it is, and is allowed or named") {
    const auto linked = [](const std::string& referer, const std::vector<std::string>& allowed = {}) {
        return judged({{"Host", "127.0.0.1:8080"}, {"Sec-Fetch-Site", "cross-site"}, {"Referer", referer}}, allowed);
    };
    CHECK(linked("http://a.test:3000/x?y") == CrossSite{Sign::origin, "http://a.test:3000"});
    CHECK_FALSE(linked("http://a.test:3000/x?y", {"http://a.test:3000"}));
    CHECK(linked("http://a.test:3000.evil.test/", {"http://a.test:3000"}));
    for (const auto* unclear : {"", "about:blank", "/x", "http://", "http://127.0.0.1:8080/https://a.test/"}) {
        INFO(unclear);
        CHECK(linked(unclear, {"http://a.test"}) == CrossSite{Sign::fetch_site, "cross-site"});
    }
}

TEST_CASE("a cross-site request without an Origin, as of an image or a link, may not ask") {
    CHECK(judged({{"Host", "127.0.0.1:8080"}, {"Sec-Fetch-Site", "cross-site"}}) ==
          CrossSite{Sign::fetch_site, "cross-site"});
    CHECK_FALSE(judged({{"Host", "127.0.0.1:8080"}, {"Sec-Fetch-Site", "none"}}));
    CHECK_FALSE(judged({{"Host", "127.0.0.1:8080"}, {"Sec-Fetch-Site", "same-origin"}}));
    CHECK(judged({{"Host", "127.0.0.1:8080"}, {"Sec-Fetch-Site", "cross-site"}}, {"http://localhost:3000"}));
    CHECK_FALSE(judged({{"Host", "127.0.0.1:8080"}, {"Sec-Fetch-Site", "cross-site"}, {"Origin", "http://a.test"}},
                       {"http://a.test"}));
}

TEST_CASE("the unspecified address is nobody's name: to it browsers leave out Sec-Fetch-Site") {
    for (const auto* host : {"0.0.0.0:8080", "0.0.0.0", "[::]:8080", "[0:0::0]:8080", "[::0.0.0.0]",
                             "[::ffff:0.0.0.0]:8080", "0", "0.0.0.0."}) {
        INFO(host);
        CHECK(judged({{"Host", host}}) == CrossSite{Sign::host, host});
    }
    CHECK_FALSE(judged({{"Host", "10.0.0.0:8080"}}));
}

TEST_CASE("a browser that cannot say for which page it asks may not, where whytls is on another machine") {
    const std::string agent = "Mozilla/5.0 (X11; Linux x86_64)";
    const auto asked = [&](const std::string& host, const Lines& more, const std::vector<std::string>& allowed = {}) {
        Lines lines = {{"Host", host}, {"User-Agent", agent}};
        lines.insert(lines.end(), more.begin(), more.end());
        return judged(lines, allowed);
    };
    CHECK(asked("192.168.1.7:8080", {}) == CrossSite{Sign::user_agent, agent});
    CHECK(asked("[fe80::1]:8080", {}) == CrossSite{Sign::user_agent, agent});
    CHECK(asked("192.168.1.7:8080", {{"Referer", "http://evil.test/x"}}) ==
          CrossSite{Sign::origin, "http://evil.test"});
    CHECK_FALSE(asked("192.168.1.7:8080", {{"Referer", "http://192.168.1.7:8080/https://a.test/"}}));
    CHECK_FALSE(asked("192.168.1.7:8080", {{"Referer", "http://a.test/x"}}, {"http://a.test"}));
    CHECK_FALSE(asked("192.168.1.7:8080", {}, {"*"}));
    for (const auto* here : {"127.0.0.1:8080", "localhost:8080", "app.localhost", "[::1]:8080"}) {
        INFO(here);
        CHECK_FALSE(asked(here, {}));
    }
    CHECK_FALSE(judged({{"Host", "192.168.1.7:8080"}, {"User-Agent", "curl/8.1"}}));
}

namespace {

bool foreign(const Lines& lines, const std::vector<std::string>& allowed = {}, std::string_view target = "/") {
    RequestHead head;
    head.method = "GET";
    head.target = target;
    for (const auto& [name, value] : lines) head.fields.add(name, value);
    return is_foreign_page(head, allowed);
}

}  // namespace

TEST_CASE("a page is foreign by its Origin, whatever else the request says") {
    for (const auto* origin :
         {"https://evil.example", "null", "http://localhost.evil.example", "http://127.0.0.1.evil.example",
          "http://10.0.0.5", "nonsense", "", "http://localhost:3000/evil", "http://user@localhost",
          "http://localhost https://evil.example", "HTTPS://EVIL.EXAMPLE", "http://0.0.0.0:3000",
          "chrome-extension://abc"}) {
        INFO(origin);
        CHECK(foreign({{"Host", "api.test"}, {"Origin", origin}, {"Sec-Fetch-Site", "none"}}));
    }
    for (const auto* origin :
         {"http://localhost:3000", "https://app.localhost", "http://127.0.0.1:5173", "http://[::1]:5173",
          "https://front.example", "HTTPS://FRONT.EXAMPLE", "http://LOCALHOST", "http://localhost.:3000"}) {
        INFO(origin);
        CHECK_FALSE(foreign({{"Host", "api.test"}, {"Origin", origin}, {"Sec-Fetch-Site", "cross-site"}},
                            {"https://front.example"}));
    }
    CHECK(foreign({{"Host", "api.test"}, {"Origin", "http://localhost"}, {"Origin", "https://evil.example"}}));
    CHECK(foreign({{"Host", "api.test"}, {"Origin", "https://evil.example"}, {"Origin", "http://localhost"}}));
}

TEST_CASE(
    "a page is foreign without an Origin too: a same-origin fetch has none, and its name may lead elsewhere by now") {
    for (const auto* site : {"same-origin", "same-site", "cross-site", "SAME-ORIGIN", "unheard-of", ""}) {
        INFO(site);
        CHECK(foreign({{"Host", "evil.example"}, {"Sec-Fetch-Site", site}}));
        CHECK(foreign({{"Host", "other.example"}, {"Sec-Fetch-Site", site}}, {}, "http://evil.example:8443/x"));
        CHECK(foreign({{"Sec-Fetch-Site", site}}));
        CHECK_FALSE(foreign({{"Host", "127.0.0.1:8443"}, {"Sec-Fetch-Site", site}}));
        CHECK_FALSE(foreign({{"Host", "localhost:8443"}, {"Sec-Fetch-Site", site}}));
        CHECK_FALSE(foreign({{"Host", "evil.example"}, {"Sec-Fetch-Site", site}}, {}, "http://10.0.0.5/x"));
        CHECK_FALSE(foreign({{"Host", "front.example"}, {"Sec-Fetch-Site", site}}, {"https://front.example"}));
        CHECK_FALSE(foreign({{"Host", "front.example:8080"}, {"Sec-Fetch-Site", site}}, {"http://front.example"}));
        CHECK_FALSE(foreign({{"Host", "evil.example"}, {"Sec-Fetch-Site", site}}, {"*"}));
    }
    CHECK(foreign({{"Host", "evil.example"}, {"Sec-Fetch-Site", "none"}, {"Sec-Fetch-Site", "same-origin"}}));
    CHECK(foreign({{"Host", "evil.example"}, {"User-Agent", "Mozilla/5.0 (X11; Linux x86_64)"}}));
    CHECK_FALSE(foreign({{"Host", "localhost:3000"}, {"User-Agent", "Mozilla/5.0 (X11; Linux x86_64)"}}));
}

TEST_CASE("what the user types, what programs ask and what a trusted page leads to is no foreign page's") {
    CHECK_FALSE(foreign({{"Host", "inner.example"}, {"Sec-Fetch-Site", "none"}, {"User-Agent", "Mozilla/5.0"}}));
    CHECK_FALSE(foreign({{"Host", "inner.example"}, {"User-Agent", "curl/8.5.0"}}));
    CHECK_FALSE(foreign({{"Host", "inner.example"}, {"User-Agent", "node"}, {"Sec-Fetch-Mode", "cors"}}));  // undici
    CHECK_FALSE(foreign({{"Host", "inner.example"}}));
    CHECK_FALSE(
        foreign({{"Host", "inner.example"}, {"Sec-Fetch-Site", "cross-site"}, {"Referer", "http://localhost:3000/"}}));
    CHECK(foreign({{"Host", "inner.example"}, {"Sec-Fetch-Site", "cross-site"}, {"Referer", "https://evil.example/"}}));
}
