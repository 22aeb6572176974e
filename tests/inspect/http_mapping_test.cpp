#include "inspect/gateway/mapping.h"

#include "tests/support/catch.h"

using namespace inspect::http;

namespace {

const Mapping gateway{.here_origin = "http://127.0.0.1:8080",
                      .here_path = "/https://api.example.com",
                      .there_origin = "https://api.example.com",
                      .there_path = "",
                      .reaches_all = true};
const Mapping reverse{.here_origin = "http://localhost:8080",
                      .here_path = "",
                      .there_origin = "https://api.example.com",
                      .there_path = ""};
const Mapping below{.here_origin = "https://localhost:8443",
                    .here_path = "",
                    .there_origin = "https://api.example.com",
                    .there_path = "/v1"};

std::string response(const Mapping& mapping, std::string_view name, std::string_view value) {
    Fields fields;
    fields.add(name, value);
    map_response(fields, mapping);
    return std::string(fields.find(name).value_or("(gone)"));
}

std::string request(const Mapping& mapping, std::string_view name, std::string_view value) {
    Fields fields;
    fields.add("Host", "127.0.0.1:8080");
    fields.add(name, value);
    map_request(fields, mapping);
    return std::string(fields.find(name).value_or("(gone)"));
}

}  // namespace

TEST_CASE("a gateway path holds the URL of the server, with one slash or two behind its scheme") {
    for (const auto* path : {"/https://api.example.com/v1/things?x=1", "/https:/api.example.com/v1/things?x=1",
                             "/WSS://API.example.com/v1/things?x=1"}) {
        const auto target = parse_gateway(path);
        REQUIRE(target);
        CHECK(origin_of(*target) == "https://api.example.com");
        CHECK(target->path_and_query == "/v1/things?x=1");
    }
    CHECK(parse_gateway("/http://[::1]:81")->port == 81);
    CHECK(parse_gateway("/http://[::1]:81")->path_and_query == "/");
    CHECK(parse_gateway("/ws://a.test?x")->path_and_query == "/?x");
}

TEST_CASE("what begins like a gateway path and names no host is one all the same, but leads nowhere") {
    for (const auto* path :
         {"/https://", "/https:///x", "/http://user:pass@host/", "/https://a b/", "/https://host:99999/"}) {
        CHECK(names_gateway(path));
        CHECK_FALSE(parse_gateway(path));
    }
    for (const auto* path : {"/", "/ca.pem", "/httpsx://a", "/ftp://a", "https://a", ""})
        CHECK_FALSE(names_gateway(path));
}

TEST_CASE("a path from the root that a gateway page asks for belongs to that page's server") {
    const auto asked = [](const std::string& target, const std::string& referer) {
        RequestHead head;
        head.target = target;
        head.fields.add("Referer", referer);
        return gateway_path_of(head, "http://127.0.0.1:8080");
    };
    CHECK(asked("/login?x", "http://127.0.0.1:8080/https://a.test:444/shop/1?y") == "/https://a.test:444/login?x");
    CHECK(asked("/", "http://127.0.0.1:8080/http://a.test/shop") == "/http://a.test/");
    for (const auto* referer :
         {"http://127.0.0.1:8080/", "http://127.0.0.1:8081/https://a.test/", "http://127.0.0.1:80801/https://a.test/",
          "http://127.0.0.1:8080/https://", "https://a.test/", ""}) {
        INFO(referer);
        CHECK_FALSE(asked("/login", referer));
    }
    CHECK_FALSE(asked("*", "http://127.0.0.1:8080/https://a.test/"));
    CHECK_FALSE(gateway_path_of({}, "http://127.0.0.1:8080"));
}

TEST_CASE("through the gateway a redirect stays on the gateway, wherever it leads") {
    CHECK(response(gateway, "Location", "https://api.example.com/login?next=/") ==
          "http://127.0.0.1:8080/https://api.example.com/login?next=/");
    CHECK(response(gateway, "Location", "https://API.example.com:443") ==
          "http://127.0.0.1:8080/https://api.example.com/");
    CHECK(response(gateway, "Location", "/login") == "/https://api.example.com/login");
    CHECK(response(gateway, "Location", "//other.test/a") == "http://127.0.0.1:8080/https://other.test/a");
    CHECK(response(gateway, "Location", "http://other.test/a#b") == "http://127.0.0.1:8080/http://other.test/a#b");
    CHECK(response(gateway, "Location", "mailto:a@b.test") == "mailto:a@b.test");
    CHECK(response(gateway, "Content-Location", "/things/7") == "/https://api.example.com/things/7");
}

TEST_CASE("a reverse listener maps its own server alone, and only below the path that it stands for") {
    CHECK(response(reverse, "Location", "https://api.example.com/a") == "http://localhost:8080/a");
    CHECK(response(reverse, "Location", "/a") == "/a");
    CHECK(response(reverse, "Location", "https://other.test/a") == "https://other.test/a");
    CHECK(response(below, "Location", "https://api.example.com/v1/a") == "https://localhost:8443/a");
    CHECK(response(below, "Location", "/v1") == "/");
    CHECK(response(below, "Location", "https://api.example.com/v10/a") == "https://api.example.com/v10/a");
    CHECK(response(below, "Location", "/login") == "https://api.example.com/login");
}

TEST_CASE("a path of the server's never becomes another host's name when its base is taken off") {
    CHECK(response(below, "Location", "/v1//evil.test/") == "https://localhost:8443//evil.test/");
    CHECK(response(below, "Location", "/v1/\\evil.test/") == "https://localhost:8443//evil.test/");
    CHECK(response(below, "Location", "/v1/\t/evil.test/") == "https://localhost:8443//evil.test/");
    CHECK(response(below, "Location", "/v1/\t\\evil.test/") == "https://localhost:8443//evil.test/");
    CHECK(response(below, "Location", "/v1/\tx/") == "/x/");
    CHECK(response(below, "Location", "/v1/") == "/");
    CHECK(response(gateway, "Location", "https: //evil.test/").starts_with("/https://api.example.com/ //evil.test/"));
    CHECK(response(below, "Refresh", "0; url=/v1//evil.test") == "0; url=https://localhost:8443//evil.test");
}

TEST_CASE("a relative reference that climbs is resolved on the server, and ends at the server's root") {
    Mapping asked = gateway;
    asked.there_target = "/a/b?c=/d/";
    const auto mapped = [&](std::string_view reference) { return response(asked, "Location", reference); };
    CHECK(mapped("../home") == "/https://api.example.com/home");
    CHECK(mapped("../../../x?y=../z#../w") == "/https://api.example.com/x?y=../z#../w");
    CHECK(mapped("x/..") == "/https://api.example.com/a/");
    CHECK(mapped("/../x") == "/https://api.example.com/x");
    CHECK(mapped("https://api.example.com/../x") == "http://127.0.0.1:8080/https://api.example.com/x");
    CHECK(mapped("https://other.test/../../x") == "http://127.0.0.1:8080/https://other.test/x");
    for (const auto* stays : {"home?x=1", "./x", "?x=..", "#..", "", "x..y/.../z", "mailto:a@b", "javascript:../x"})
        CHECK(mapped(stays) == stays);
    CHECK(response(asked, "Content-Location", "../x") == "/https://api.example.com/x");
    CHECK(response(asked, "Refresh", "0; url=../x") == "0; url=/https://api.example.com/x");
    CHECK(response(asked, "Link", "<../x>; rel=next") == "</https://api.example.com/x>; rel=next");
}

TEST_CASE("a reference means what it means to a browser: backslashes, percent-encoded dots, a scheme without slashes") {
    Mapping asked = gateway;
    asked.there_target = "/a/b";
    const auto mapped = [&](std::string_view reference) { return response(asked, "Location", reference); };
    for (const auto* climbing : {"..\\x", ".%2E/x", "%2e%2e/x", "https:../x", ".\t./x"})
        CHECK(mapped(climbing) == "/https://api.example.com/x");
    CHECK(mapped("\\x") == "/https://api.example.com/x");
    CHECK(mapped("///other.test/x") == "http://127.0.0.1:8080/https://other.test/x");
    CHECK(mapped("\\\\other.test/x") == "http://127.0.0.1:8080/https://other.test/x");
    CHECK(mapped("http:other.test") == "http://127.0.0.1:8080/http://other.test/");
}

TEST_CASE(
    "at the server's root a relative reference gets its server's name: the client's URL may end without a slash") {
    CHECK(response(gateway, "Location", "home?x=1") == "/https://api.example.com/home?x=1");
    CHECK(response(gateway, "Location", "?x=1") == "?x=1");
}

TEST_CASE("below a reverse listener's path a reference that climbs out of it leads to the server itself") {
    Mapping asked = below;
    asked.there_target = "/v1/a/b";
    CHECK(response(asked, "Location", "../x") == "/x");
    CHECK(response(asked, "Location", "../../x") == "https://api.example.com/x");
    CHECK(response(asked, "Location", "/v1/../x") == "https://api.example.com/x");
    CHECK(response(asked, "Location", "x") == "x");
}

TEST_CASE("the URLs in Link and Refresh are mapped, and nothing else of them") {
    CHECK(response(gateway, "Link", R"(</a?x=1,2>; rel="next", <https://other.test/>;rel=last)") ==
          R"(</https://api.example.com/a?x=1,2>; rel="next", <http://127.0.0.1:8080/https://other.test/>;rel=last)");
    CHECK(response(gateway, "Link", "<unclosed") == "<unclosed");
    CHECK(response(gateway, "Refresh", "5; url=/a") == "5; url=/https://api.example.com/a");
    CHECK(response(gateway, "Refresh", "5;URL='https://api.example.com/a'") ==
          "5; url='http://127.0.0.1:8080/https://api.example.com/a'");
    CHECK(response(gateway, "Refresh", "5") == "5");
    CHECK(response(gateway, "Refresh", "0; ../../https://b.test/x") ==
          "0; url=/https://api.example.com/https://b.test/x");
    CHECK(response(gateway, "Refresh", "0 url=/l") == "0; url=/https://api.example.com/l");
    CHECK(response(gateway, "Refresh", "0,/l") == "0; url=/https://api.example.com/l");
}

TEST_CASE("over plain HTTP a cookie keeps its value and loses its domain and what needs a secure connection") {
    CHECK(response(gateway, "Set-Cookie",
                   "sid=a=b; Domain=example.com; Path=/v1; Secure; HttpOnly; SameSite=None; Partitioned") ==
          "whytls-137b9e5e4e13-sid=a=b; Path=/https://api.example.com/v1; HttpOnly");
    CHECK(response(gateway, "Set-Cookie", "sid=1; SameSite=Lax") == "whytls-137b9e5e4e13-sid=1; SameSite=Lax");
    CHECK(response(gateway, "Set-Cookie", "sid=1; path=/") ==
          "whytls-137b9e5e4e13-sid=1; Path=/https://api.example.com/");
    CHECK(response(gateway, "Set-Cookie", "Path=kept; Path=/") ==
          "whytls-137b9e5e4e13-Path=kept; Path=/https://api.example.com/");
    CHECK(response(below, "Set-Cookie", "sid=1; Path=/v1/x; Secure; SameSite=None") ==
          "sid=1; Path=/x; Secure; SameSite=None");
    CHECK(response(below, "Set-Cookie", "sid=1; Path=/") == "sid=1; Path=/");
}

TEST_CASE(
    "a cookie for no path in particular is never the other servers' too, though the gateway path ended with its server's name") {
    Mapping pathless = gateway;
    pathless.pathless = true;
    CHECK(response(pathless, "Set-Cookie", "sid=1") == "whytls-137b9e5e4e13-sid=1; Path=/https://api.example.com/");
    CHECK(response(pathless, "Set-Cookie", "sid=1; Path=v1; HttpOnly") ==
          "whytls-137b9e5e4e13-sid=1; Path=v1; HttpOnly; Path=/https://api.example.com/");
    CHECK(response(pathless, "Set-Cookie", "sid=1; Path=/a; Path=") ==
          "whytls-137b9e5e4e13-sid=1; Path=/https://api.example.com/a; Path=; Path=/https://api.example.com/");
    CHECK(response(pathless, "Set-Cookie", "sid=1; Path=/a") ==
          "whytls-137b9e5e4e13-sid=1; Path=/https://api.example.com/a");
    for (const auto& [path, is] : {std::pair{"/https://a.test", true},
                                   {"/https:/a.test?x=/", true},
                                   {"/wss://a.test:1#/", true},
                                   {"/https://a.test/", false},
                                   {"/https:/a.test/v1", false},
                                   {"/v1", false}}) {
        INFO(path);
        CHECK(is_pathless(path) == is);
    }
}

TEST_CASE(
    "behind the gateway each challenge has a line of its own, and Basic's realm says whose it is, for browsers keep passwords by realm") {
    const auto challenges = [](std::string_view value) {
        Fields fields;
        fields.add("WWW-Authenticate", value);
        map_response(fields, gateway);
        std::vector<std::string> lines;
        for (const FieldLine field : fields) lines.emplace_back(field.value);
        return lines;
    };
    using Lines = std::vector<std::string>;
    CHECK(challenges(R"(Basic realm="a, b", charset="UTF-8")") ==
          Lines{R"(Basic realm="https://api.example.com a, b")"});
    CHECK(challenges("basic charset=UTF-8, Realm = x") == Lines{R"(Basic realm="https://api.example.com x")"});
    CHECK(challenges("Basic") == Lines{R"(Basic realm="https://api.example.com")"});
    CHECK(challenges(R"(Negotiate, Basic realm="q\"x")") ==
          Lines{"Negotiate", R"(Basic realm="https://api.example.com qx")"});
    CHECK(challenges(R"(Basic a=1, Foo y=2, realm="%B Bank")") ==
          Lines{R"(Basic realm="https://api.example.com")", R"(Foo y=2, realm="%B Bank")"});
    CHECK(challenges(R"(Basic realm=x",realm="%B Bank",y=")") ==
          Lines{R"(Basic realm="https://api.example.com x,realm=%B Bank,y=")"});
    // A digest is made from the realm, and Bearer's realm says where to ask for a token.
    CHECK(challenges(R"(Digest realm="x", nonce="1", Bearer realm="https://auth.test")") ==
          Lines{R"(Digest realm="x", nonce="1")", R"(Bearer realm="https://auth.test")"});
    CHECK(challenges(R"(Negotiate YII==)") == Lines{"Negotiate YII=="});
    CHECK(challenges(R"(Basic realm="x)").empty());
    CHECK(challenges("").empty());
    CHECK(response(reverse, "WWW-Authenticate", R"(Basic realm="x", a=1)") == R"(Basic realm="x", a=1)");
}

TEST_CASE(
    "a cookie whose name demands a secure connection is kept under another name, and has its own towards the server") {
    CHECK(response(reverse, "Set-Cookie", "__Host-sid=1; Path=/; Secure") == "whytls__Host-sid=1; Path=/");
    CHECK(request(reverse, "Cookie", "a=1; whytls__Host-sid=1; whytls__secure-b=2") ==
          "a=1; __Host-sid=1; __secure-b=2");
    CHECK(request(reverse, "Cookie", "whytls=1; x=whytls__Host-") == "whytls=1; x=whytls__Host-");
    CHECK(response(below, "Set-Cookie", "__Host-sid=1; Path=/; Secure") == "__Host-sid=1; Path=/; Secure");
    CHECK(request(below, "Cookie", "whytls__Host-sid=1;  b") == "whytls__Host-sid=1;  b");
}

TEST_CASE("behind the gateway a cookie's name says of which server it is, and no other cookie goes to that") {
    const std::string mine = "whytls-137b9e5e4e13-";
    for (const auto* cookie : {"sid=1", "__Host-sid=1", "__Secure-sid=\"a b\"", "whytls=1", "nameless", "=valued",
                               "whytls-aaaaaaaaaaaa-b=1"}) {
        INFO(cookie);
        CHECK(response(gateway, "Set-Cookie", std::string(cookie) + "; Secure; HttpOnly") ==
              mine + cookie + "; HttpOnly");
        CHECK(request(gateway, "Cookie", mine + cookie) == cookie);
        CHECK(request(gateway, "Cookie", "theme=dark; " + mine + cookie + ";" + mine + "b=2; csrf=x") ==
              std::string(cookie) + "; b=2");
        CHECK(request(gateway, "Cookie", cookie) == "(gone)");
    }
    Mapping other = gateway;
    other.there_origin = "https://other.test";
    CHECK(request(other, "Cookie", mine + "sid=1") == "(gone)");
    CHECK(request(gateway, "Cookie", "; ;") == "(gone)");
    Mapping secure = gateway;
    secure.here_origin = "https://127.0.0.1:8443";
    CHECK(response(secure, "Set-Cookie", "__Host-sid=1; Path=/; Secure") ==
          mine + "__Host-sid=1; Path=/https://api.example.com/; Secure");
    CHECK(request(secure, "Cookie", "app=SECRET; " + mine + "sid=1") == "sid=1");
    Fields fields;
    fields.add("Cookie", "app=SECRET; " + mine + "a=1");
    fields.add("Cookie", mine + "b=2");
    map_request(fields, gateway);
    CHECK(*fields.find("Cookie") == "a=1; b=2");
}

TEST_CASE("the server is told its own name as Host, Origin and Referer") {
    CHECK(request(gateway, "X", "") == "");
    CHECK(request(gateway, "Host", "127.0.0.1:8080") == "api.example.com");
    CHECK(request(gateway, "Origin", "http://127.0.0.1:8080") == "https://api.example.com");
    CHECK(request(gateway, "Origin", "http://localhost:3000") == "http://localhost:3000");
    CHECK(request(gateway, "Referer", "http://127.0.0.1:8080/https://api.example.com/a?b") ==
          "https://api.example.com/a?b");
    CHECK(request(reverse, "Referer", "http://localhost:8080/a?b") == "https://api.example.com/a?b");
    CHECK(request(below, "Referer", "https://localhost:8443/a") == "https://api.example.com/v1/a");
    CHECK(response(gateway, "Access-Control-Allow-Origin", "https://api.example.com") == "http://127.0.0.1:8080");
    CHECK(response(gateway, "Access-Control-Allow-Origin", "*") == "*");
}

TEST_CASE("a page whose name somebody else could have let lead here stays foreign to the server (DNS rebinding)") {
    Mapping rebound = reverse;
    rebound.here_origin = "http://evil.example:8080";
    rebound.here_is_own = false;
    CHECK(request(rebound, "Host", "evil.example:8080") == "api.example.com");
    CHECK(request(rebound, "Origin", "http://evil.example:8080") == "http://evil.example:8080");
    CHECK(request(rebound, "Referer", "http://evil.example:8080/a?b") == "http://evil.example:8080/a?b");
    CHECK(request(rebound, "Sec-Fetch-Site", "same-origin") == "cross-site");
    CHECK(request(rebound, "Sec-Fetch-Site", "none") == "none");
    CHECK(request(reverse, "Sec-Fetch-Site", "same-origin") == "same-origin");
    CHECK(response(rebound, "Location", "https://api.example.com/a") == "http://evil.example:8080/a");
}

TEST_CASE(
    "a page that --allow-origin names may read what the server says nothing of, and as the server says where it does") {
    Mapping asked = gateway;
    asked.page_origin = "http://localhost:3000";
    const auto fields_of = [&](const std::string& said) {
        Fields fields;
        if (!said.empty()) fields.add("Access-Control-Allow-Origin", said);
        map_response(fields, asked);
        return fields;
    };
    CHECK(*fields_of("").find("Access-Control-Allow-Origin") == "http://localhost:3000");
    CHECK(*fields_of("").find("Access-Control-Allow-Credentials") == "true");
    CHECK(*fields_of("").find("Access-Control-Expose-Headers") == "*");
    CHECK(fields_of("").has_token("Vary", "Origin"));
    CHECK(fields_of("https://other.test").size() == 1);
    asked.page_origin = "null";
    CHECK_FALSE(fields_of("").has("Access-Control-Allow-Credentials"));
    asked.page_origin = "";
    CHECK(fields_of("").size() == 0);
}

TEST_CASE("user information is found in a gateway path and in absolute form, and nowhere else") {
    for (const auto* with : {"/https://ann:hunter2@app.test/", "/http:/ann@app.test", "http://ann@app.test?x"})
        CHECK(has_user_information(with));
    for (const auto* without :
         {"/https://app.test/@x", "/https://app.test?a=@b", "/a@b", "a@b:443", "http://app.test/x@y", ""})
        CHECK_FALSE(has_user_information(without));
}

TEST_CASE(
    "a page of one server behind the gateway is known to another by its origin alone, the gateway's own pages not at all") {
    CHECK(request(gateway, "Referer", "http://127.0.0.1:8080/https://other.test/secret?token=1") ==
          "https://other.test/");
    CHECK(request(gateway, "Referer", "http://127.0.0.1:8080/") == "(gone)");
    CHECK(request(gateway, "Referer", "http://elsewhere.test/x") == "http://elsewhere.test/x");
}

TEST_CASE("a page of one server behind the gateway is not told to another as that one's own") {
    Fields fields;
    fields.add("Origin", "http://127.0.0.1:8080");
    fields.add("Referer", "http://127.0.0.1:8080/https://other.test/form");
    fields.add("Sec-Fetch-Site", "same-origin");
    map_request(fields, gateway);
    CHECK(*fields.find("Sec-Fetch-Site") == "cross-site");
    CHECK(*fields.find("Origin") == "https://other.test");
    CHECK(*fields.find("Referer") == "https://other.test/");
}

TEST_CASE("what a server says about its own host's future connections is not said about the listener") {
    CHECK(response(reverse, "Strict-Transport-Security", "max-age=63072000") == "(gone)");
    CHECK(response(reverse, "Alt-Svc", "h3=\":443\"") == "(gone)");
}

TEST_CASE("a server behind the gateway may neither rule over the others' pages nor clear what they keep") {
    CHECK(response(gateway, "Service-Worker-Allowed", "/") == "(gone)");
    CHECK(response(gateway, "Clear-Site-Data", "\"*\"") == "(gone)");
    CHECK(response(gateway, "NEL", "{}") == "(gone)");
    CHECK(response(gateway, "Report-To", "{}") == "(gone)");
    CHECK(response(reverse, "Service-Worker-Allowed", "/") == "/");
    CHECK(response(reverse, "Clear-Site-Data", "\"cookies\"") == "\"cookies\"");
}
