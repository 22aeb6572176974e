#include "proxy/http/max_forwards.h"

#include "tests/support/catch.h"

using namespace proxy;

namespace {

inspect::http::RequestHead request(const std::string& method, const std::vector<std::string>& values) {
    inspect::http::RequestHead head;
    head.method = method;
    head.target = "/a?b";
    head.fields.add("Host", "good.test");
    for (const std::string& value : values) head.fields.add("Max-Forwards", value);
    return head;
}

}  // namespace

TEST_CASE("a TRACE or an OPTIONS that may go on has one forward less") {
    for (const char* method : {"TRACE", "OPTIONS"}) {
        auto head = request(method, {"10"});
        CHECK_FALSE(answer_as_last(head));
        CHECK(*head.fields.find("Max-Forwards") == "9");
    }
}

TEST_CASE("one that may go no further is answered here: OPTIONS with nothing, TRACE with what came") {
    auto options = request("OPTIONS", {"0"});
    const auto nothing = answer_as_last(options);
    REQUIRE(nothing);
    CHECK((nothing->head.status == 200 && nothing->body.empty()));
    auto trace = request("TRACE", {"0"});
    const auto echo = answer_as_last(trace);
    REQUIRE(echo);
    CHECK(*echo->head.fields.find("Content-Type") == "message/http");
    CHECK(echo->body == "TRACE /a?b HTTP/1.1\r\nHost: good.test\r\nMax-Forwards: 0\r\n\r\n");
}

TEST_CASE("what comes back of a TRACE holds no secret") {
    auto trace = request("TRACE", {"0"});
    for (const char* name : {"Authorization", "proxy-authorization", "Cookie"}) trace.fields.add(name, "s3cret");
    CHECK_FALSE(answer_as_last(trace)->body.contains("s3cret"));
}

TEST_CASE("other methods, other numbers and two of them pass untouched") {
    const auto untouched = [](const std::string& method, const std::vector<std::string>& values) {
        auto head = request(method, values);
        return !answer_as_last(head) && head.fields == request(method, values).fields;
    };
    CHECK(untouched("GET", {"0"}));
    CHECK(untouched("TRACE", {}));
    CHECK(untouched("TRACE", {"0", "0"}));
    for (const char* number : {"-1", "+1", "1x", "", "0x1", "4294967296"}) CHECK(untouched("OPTIONS", {number}));
}
