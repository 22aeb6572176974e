// What servers say in the name of whytls does not pass.
#include "inspect/http/proxy_status.h"

#include "tests/support/catch.h"

using inspect::http::Fields;

namespace {

std::vector<std::string> passed(const std::vector<std::string>& lines) {
    Fields fields;
    for (const std::string& line : lines) fields.add("proxy-status", line);
    remove_proxy_status(fields, "whytls");
    std::vector<std::string> values;
    for (const auto& [name, value] : fields) values.emplace_back(value);
    return values;
}

}  // namespace

TEST_CASE("a member of Proxy-Status that claims to be whytls is taken out, whatever its form") {
    for (const std::string claim :
         {"whytls", "whytls; error=http_protocol_error; details=\"x\"", "\"whytls\"", "\"why\\tls\"; error=dns_error",
          "WhyTLS", " whytls ;a=b", "\"whytls", "whytls;details=\"a, b\\\", c\""}) {
        INFO(claim);
        CHECK(passed({claim}).empty());
        CHECK(passed({"cdn.example; error=dns_error, " + claim}) ==
              std::vector<std::string>{"cdn.example; error=dns_error"});
        CHECK(passed({"cdn.example", claim}) == std::vector<std::string>{"cdn.example"});
    }
    CHECK(passed({"whytls, cdn.example; details=\"whytls, whytls\", whytls"}) ==
          std::vector<std::string>{"cdn.example; details=\"whytls, whytls\""});
}

TEST_CASE("the lines of Proxy-Status are one list, in which a string may begin in one line and end in another") {
    CHECK(passed({"\"a", "b\", whytls; error=dns_error"}) == std::vector<std::string>{"\"a, b\""});
    CHECK(passed({"cdn.example; details=\"x", "y\"", "whytls"}) ==
          std::vector<std::string>{"cdn.example; details=\"x", "y\""});
    CHECK(passed({"\"a", "b\"", "c"}) == std::vector<std::string>{"\"a", "b\"", "c"});
    // A reader that goes line by line does not see a string there.
    CHECK(passed({"\"a", "whytls; error=dns_error"}) == std::vector<std::string>{"\"a"});
}

TEST_CASE("what others say in Proxy-Status passes as it came") {
    for (const std::string line : {"cdn.example; next-hop=\"whytls\"", "whytls2; error=dns_error", "a ,b,, c",
                                   "\"a, whytls\"", "", "\"unended, whytls", "x-whytls"}) {
        INFO(line);
        CHECK(passed({line}) == std::vector<std::string>{line});
    }
}
