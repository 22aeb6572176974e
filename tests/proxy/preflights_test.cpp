// A request whose preflight whytls answered itself is answered by whytls itself: once, and no other
// request is.
#include "proxy/http/preflights.h"

#include "tests/support/catch.h"

using inspect::http::RequestHead;
using proxy::CrossOrigin;

namespace {

const CrossOrigin evil{"127.0.0.1", "https://evil.example", "api.test", 443};

RequestHead preflight(std::string_view method, std::string_view fields) {
    RequestHead head;
    head.method = "OPTIONS";
    head.fields.add("Access-Control-Request-Method", method);
    if (!fields.empty()) head.fields.add("Access-Control-Request-Headers", fields);
    return head;
}

RequestHead request(std::string_view method, std::vector<std::string> fields = {}) {
    RequestHead head;
    head.method = method;
    for (const std::string& name : fields) head.fields.add(name, "x");
    return head;
}

}  // namespace

TEST_CASE("the request that a failed preflight was about is known again, once") {
    proxy::Preflights preflights;
    inspect::diagnosis::Attempt failed;
    failed.host = "api.test";
    preflights.keep(evil, preflight("PUT", " content-type,\tx-api ,"), failed, {1'000});
    const RequestHead put = request("PUT", {"Content-Type", "X-Api", "Cookie"});
    CHECK_FALSE(preflights.take({"192.0.2.1", evil.page, evil.host, 443}, put, {1'000}));
    CHECK_FALSE(preflights.take({evil.client, "https://other.example", evil.host, 443}, put, {1'000}));
    CHECK_FALSE(preflights.take({evil.client, evil.page, "other.test", 443}, put, {1'000}));
    CHECK_FALSE(preflights.take({evil.client, evil.page, evil.host, 8443}, put, {1'000}));
    CHECK_FALSE(preflights.take(evil, request("DELETE", {"Content-Type", "X-Api"}), {1'000}));
    CHECK_FALSE(preflights.take(evil, request("PUT", {"Content-Type"}), {1'000}));
    const auto known = preflights.take(evil, put, {1'000});
    REQUIRE(known);
    CHECK(known->host == "api.test");
    CHECK_FALSE(preflights.take(evil, put, {1'000}));
}

TEST_CASE("a preflight that goes to the server itself makes an earlier failure no matter, and so does a minute") {
    proxy::Preflights preflights;
    preflights.keep(evil, preflight("PUT", ""), {}, {1'000});
    preflights.forget(evil, preflight("DELETE", ""));
    CHECK(preflights.take(evil, request("PUT"), {1'000}));
    preflights.keep(evil, preflight("PUT", ""), {}, {1'000});
    preflights.forget(evil, preflight("PUT", "x-api"));
    CHECK_FALSE(preflights.take(evil, request("PUT"), {1'000}));
    preflights.keep(evil, preflight("PUT", ""), {}, {1'000});
    CHECK_FALSE(preflights.take(evil, request("PUT"), {1'060}));
}

TEST_CASE("failed preflights are bounded: the oldest are forgotten") {
    proxy::Preflights preflights;
    const auto at = [](int port) {
        return CrossOrigin{"127.0.0.1", "https://evil.example", "api.test", static_cast<std::uint16_t>(port)};
    };
    for (int port = 0; port < 257; ++port) preflights.keep(at(port), preflight("PUT", ""), {}, {1'000});
    CHECK_FALSE(preflights.take(at(0), request("PUT"), {1'000}));
    CHECK(preflights.take(at(1), request("PUT"), {1'000}));
    CHECK(preflights.take(at(256), request("PUT"), {1'000}));
}

TEST_CASE(
    "what failed preflights take of memory is bounded too, whatever their servers' chains and however many fields they name") {
    proxy::Preflights preflights;
    inspect::diagnosis::Attempt failed;
    failed.verdict.emplace().served.push_back({certs::ByteVector(1'000'000), std::nullopt, std::nullopt});
    for (int i = 0; i < 6; ++i) preflights.keep(evil, preflight("M" + std::to_string(i), ""), failed, {1'000});
    CHECK_FALSE(preflights.take(evil, request("M1"), {1'000}));
    CHECK(preflights.take(evil, request("M2"), {1'000}));
    CHECK(preflights.take(evil, request("M5"), {1'000}));

    failed.verdict->served.front().der.resize(10'000'000);
    preflights.keep(evil, preflight("PUT", ""), failed, {1'000});
    CHECK_FALSE(preflights.take(evil, request("M3"), {1'000}));
    CHECK(preflights.take(evil, request("PUT"), {1'000}));

    std::string many;
    std::vector<std::string> names;
    for (int i = 0; i < 5'000; ++i) many += (i > 0 ? "," : "") + names.emplace_back("x-" + std::to_string(i));
    preflights.keep(evil, preflight("PUT", many), {}, {1'000});
    CHECK_FALSE(preflights.take(evil, request("PUT", {"x-0"}), {1'000}));
    names.resize(100);
    CHECK(preflights.take(evil, request("PUT", names), {1'000}));
}
