#include "inspect/before_tls/socks.h"

#include "tests/support/catch.h"

using namespace inspect::http::socks;

namespace {

certs::ByteVector bytes(std::initializer_list<int> values, std::string_view text = "",
                        std::initializer_list<int> behind = {}) {
    certs::ByteVector result;
    for (const int value : values) result.push_back(static_cast<std::uint8_t>(value));
    result.insert(result.end(), text.begin(), text.end());
    for (const int value : behind) result.push_back(static_cast<std::uint8_t>(value));
    return result;
}

// The result for the whole input, after every shorter input was found incomplete.
template <typename Parse>
auto whole(Parse parse, const certs::ByteVector& input) {
    for (std::size_t size = 0; size < input.size(); ++size) {
        const auto part = parse(certs::Bytes(input).first(size));
        REQUIRE_FALSE(part);
        CHECK(part.error() == Incomplete::more);
    }
    const auto all = parse(input);
    REQUIRE(all);
    CHECK(all->used == input.size());
    return *all;
}

std::string asked(const certs::ByteVector& input) {
    const Request request = whole(parse_request, input);
    return request.refused == Reply::succeeded ? request.target.host + " " + std::to_string(request.target.port)
                                               : "refused " + std::to_string(static_cast<int>(request.refused));
}

}  // namespace

TEST_CASE("a SOCKS greeting tells the methods that the client can do") {
    const Greeting both = whole(parse_greeting, bytes({5, 2, 0, 2}));
    CHECK(both.none);
    CHECK(both.password);
    const Greeting neither = whole(parse_greeting, bytes({5, 1, 1}));
    CHECK_FALSE(neither.none);
    CHECK_FALSE(neither.password);
    CHECK(whole(parse_greeting, bytes({5, 0})).used == 2);
    CHECK(parse_greeting(bytes({4, 1})).error() == Incomplete::malformed);
}

TEST_CASE("a SOCKS request names a host, an IPv4 or an IPv6 address, and a port") {
    CHECK(asked(bytes({5, 1, 0, 3, 11}, "API.example", {1, 187})) == "api.example 443");
    CHECK(asked(bytes({5, 1, 0, 1, 192, 0, 2, 7, 0, 80})) == "192.0.2.7 80");
    CHECK(asked(bytes({5, 1, 0, 4, 0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0x1f, 0x90})) ==
          "2001:db8:0:0:0:0:0:1 8080");
}

TEST_CASE("what is no connection to a host is refused with its reply, what is no request is malformed") {
    CHECK(asked(bytes({5, 2, 0, 1, 192, 0, 2, 7, 0, 80})) == "refused 7");
    CHECK(asked(bytes({5, 1, 0, 3, 3}, "a b", {0, 80})) == "refused 8");
    CHECK(asked(bytes({5, 1, 0, 3, 0}, "", {0, 80})) == "refused 8");
    CHECK(asked(bytes({5, 1, 0, 3, 1}, "a", {0, 0})) == "refused 8");
    CHECK(asked(bytes({5, 1, 0, 9})) == "refused 8");
    CHECK(asked(bytes({5, 1, 7, 1, 192, 0, 2, 7, 0, 80})) == "192.0.2.7 80");
    CHECK(parse_request(bytes({4})).error() == Incomplete::malformed);
}

TEST_CASE("SOCKS credentials are two counted strings") {
    const Credentials found = whole(parse_credentials, bytes({1, 4}, "user", {0}));
    CHECK(found.user == "user");
    CHECK(found.password.empty());
    CHECK(parse_credentials(bytes({5, 1})).error() == Incomplete::malformed);
    CHECK(credentials_answer(true) == std::string("\x01\x00", 2));
    CHECK(method_choice(Method::refused) == "\x05\xff");
    CHECK(reply(Reply::succeeded) == std::string("\x05\0\0\x01\0\0\0\0\0\0", 10));
}
