#include "inspect/before_tls/dns.h"

#include <array>

#include "tests/support/catch.h"

using namespace inspect::dns;

namespace {

// RFC 1035 §4.1: id 0x1234, flags, one question for the name, type A or AAAA, class IN.
std::string query(std::string_view name, char type = 1, std::string_view flags = std::string_view("\1\0", 2)) {
    return "\x12\x34" + std::string(flags) + std::string("\0\1\0\0\0\0\0\0", 8) + std::string(name) +
           std::string("\0\0", 2) + type + std::string("\0\1", 2);
}

std::optional<Question> parsed(const std::string& text) { return parse_question(certs::as_bytes(text)); }

}  // namespace

TEST_CASE("a question is read in lower case, with where it ends") {
    const std::string text = query("\3API\7example\3com") + "an OPT record";
    const auto question = parsed(text);
    REQUIRE(question);
    CHECK(question->name == "api.example.com");
    CHECK(question->type == type_a);
    CHECK(question->end == 12 + 17 + 4);
    CHECK(parsed(query("\4host", 28))->type == type_aaaa);
}

TEST_CASE("what is no question for a host's address is none") {
    CHECK_FALSE(parsed(""));
    CHECK_FALSE(parsed(query("")));                                          // the root
    CHECK_FALSE(parsed(query("\4ho t")));                                    // no host's name
    CHECK_FALSE(parsed(query("\300\14")));                                   // points to itself
    CHECK_FALSE(parsed(query("\4host", 1, std::string_view("\x81\0", 2))));  // a response
    CHECK_FALSE(parsed(query("\4host", 1, std::string_view("\x28\0", 2))));  // an update
    const std::string whole = query("\4host");
    for (std::size_t size = 0; size < whole.size(); ++size) CHECK_FALSE(parsed(whole.substr(0, size)));
}

TEST_CASE("a response repeats the question and has at most one address") {
    const std::string text = query("\4host");
    const auto question = parsed(text);
    constexpr std::array<std::uint8_t, 4> address{198, 18, 0, 2};
    const std::string found = response(certs::as_bytes(text), *question, address);
    CHECK(found == "\x12\x34" + std::string("\x81\x80\0\1\0\1\0\0\0\0", 10) + text.substr(12) +
                       std::string("\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4\xc6\x12\0\2", 16));
    CHECK(response(certs::as_bytes(text), *question, {}) ==
          "\x12\x34" + std::string("\x81\x80\0\1\0\0\0\0\0\0", 10) + text.substr(12));
    CHECK(response(certs::as_bytes(text), *question, {}, Outcome::failed)[3] == '\x82');
}
