#include "inspect/flow/filter.h"

#include "tests/support/catch.h"

using inspect::deepest_filter, inspect::Filter, inspect::FilterError, inspect::longest_filter, inspect::Subject;

namespace {

const Subject request = {.url = "https://api.example.com:8443/v1/things?q=a b",
                         .host = "api.example.com",
                         .method = "GET",
                         .status = 502,
                         .code = "hostname_mismatch",
                         .title = "The certificate is for *.cloudfront.net",
                         .client = "127.0.0.1:51000",
                         .client_protocol = "h2",
                         .server_protocol = "http/1.1",
                         .mime = "application/problem+json; charset=utf-8",
                         .size = 2'000'000,
                         .milliseconds = 250.5,
                         .failed = true};

bool matches(std::string_view text, const Subject& subject = request) {
    const auto filter = Filter::parse(text);
    INFO(text << ": " << (filter ? "" : filter.error().message));
    REQUIRE(filter);
    return filter->matches(subject);
}

FilterError wrong(std::string_view text) {
    const auto filter = Filter::parse(text);
    INFO(text);
    REQUIRE_FALSE(filter);
    CHECK(filter.error().position <= text.size());
    CHECK_FALSE(filter.error().message.contains('\n'));
    CHECK_FALSE(filter.error().message.contains('\x1b'));
    return filter.error();
}

}  // namespace

TEST_CASE("an empty filter takes every flow") {
    CHECK(matches(""));
    CHECK(matches(" \t "));
    CHECK(matches("", {}));
    CHECK(Filter().matches(request));
}

TEST_CASE("a word is looked for in URL, host, code and title, in any case") {
    for (const std::string_view word : {"things", "API.Example", "MISMATCH", "cloudfront",
                                        "https://api.example.com:8443/v1", "api.example.com:8443", "localhost"})
        CHECK(matches(word) == (word != "localhost"));
    CHECK_FALSE(matches("GET"));
    CHECK_FALSE(matches("127.0.0.1"));
}

TEST_CASE("a blank is and, `or` binds weaker, `-` negates, parentheses group") {
    CHECK(matches("things failed"));
    CHECK(matches("things and failed"));
    CHECK_FALSE(matches("things warned"));
    CHECK(matches("things or warned"));
    CHECK(matches("warned OR things"));
    CHECK(matches("none nothing or things"));
    CHECK_FALSE(matches("(things or none) warned"));
    CHECK(matches("things or none warned"));
    CHECK(matches("-warned"));
    CHECK(matches("not warned"));
    CHECK_FALSE(matches("-failed"));
    CHECK(matches("--failed"));
    CHECK_FALSE(matches("-(things or none)"));
    CHECK(matches("-host:other -status:200"));
    CHECK(matches("( ( things ) )"));
    CHECK(matches("(none)or(things)"));
    CHECK_FALSE(matches("order"));
    CHECK(matches("hostname_mismatch-x or things"));
}

TEST_CASE("quotes keep blanks, and take from words and signs their meaning") {
    CHECK(matches("\"q=a b\""));
    CHECK(matches("q=\"a b\""));
    CHECK_FALSE(matches("\"or\" \"failed\""));
    CHECK_FALSE(matches("\"-warned\""));
    CHECK(matches("-\"a  b\""));
    CHECK_FALSE(matches("\"host:api\""));
    CHECK(matches("host:\"api.example\""));
    CHECK(matches("\"*.cloudfront\""));
    CHECK(matches(R"("say \"hi\" \\")", {.url = R"(say "hi" \)"}));
    CHECK(matches("Entities(1)", {.url = "/odata/entities(1)/x"}));
    CHECK(matches("(Entities(1))", {.url = "/odata/entities(1)/x"}));
}

TEST_CASE("host: takes a part of a name, all of it, or what ends in it") {
    CHECK(matches("host:example"));
    CHECK(matches("HOST:Example.COM"));
    CHECK_FALSE(matches("host:v1"));
    CHECK(matches("host:=api.example.com"));
    CHECK_FALSE(matches("host:=example.com"));
    CHECK(matches("host:*.example.com"));
    CHECK(matches("host:*.com"));
    CHECK_FALSE(matches("host:*.example.com", {.host = "example.com"}));
    CHECK_FALSE(matches("host:*.example.com", {.host = "badexample.com"}));
    CHECK(matches("host:=a.test", {.host = "a.test."}));
    CHECK(matches("host:*"));
    CHECK_FALSE(matches("host:*", {}));
    CHECK(matches("host:::1", {.host = "::1"}));
}

TEST_CASE("method:, code:, client:, mime: and proto: compare text in any case") {
    CHECK(matches("method:get"));
    CHECK_FALSE(matches("method:ge"));
    CHECK(matches("code:hostname"));
    CHECK_FALSE(matches("code:=hostname"));
    CHECK(matches("code:=hostname_mismatch"));
    CHECK(matches("client:127.0.0"));
    CHECK(matches("client:=127.0.0.1"));
    CHECK(matches("client:=127.0.0.1:51000"));
    CHECK_FALSE(matches("client:=127.0.0"));
    CHECK(matches("client:=::1", {.client = "[::1]:80"}));
    CHECK(matches("mime:json"));
    CHECK(matches("mime:=application/problem+json"));
    CHECK_FALSE(matches("mime:=json"));
    CHECK_FALSE(matches("mime:json", {}));
}

TEST_CASE("proto: holds when either leg speaks it, by any of its names") {
    for (const std::string_view name : {"h2", "H2", "http/2", "h1", "http/1.1"})
        CHECK(matches("proto:" + std::string(name)));
    CHECK_FALSE(matches("proto:h3"));
    CHECK_FALSE(matches("proto:http/1.0"));
}

TEST_CASE("status: takes a number, a class, a bound or a range") {
    for (const std::string_view yes :
         {"502", "=502", "5xx", "5XX", ">=500", ">500", ">=502", "<=502", "<600", "500..599", "*..502", "502..*"})
        CHECK(matches("status:" + std::string(yes)));
    for (const std::string_view no : {"500", "4xx", ">502", "<502", "<=501", "400..499"})
        CHECK_FALSE(matches("status:" + std::string(no)));
}

TEST_CASE("a flow without a response has no status below another, and status:0 finds it") {
    const Subject none = {.status = 0};
    CHECK(matches("status:0", none));
    CHECK_FALSE(matches("status:<400", none));
    CHECK_FALSE(matches("status:>=0", none));
    CHECK(matches("-status:200", none));
    CHECK_FALSE(matches("status:0", {}));
}

TEST_CASE("size: and time: take bounds with units") {
    CHECK(matches("size:>1mb"));
    CHECK_FALSE(matches("size:>1.95MB"));
    CHECK(matches("size:2000000"));
    CHECK(matches("size:1m..2m"));
    CHECK(matches("size:<1gb"));
    CHECK(matches("size:0", {.size = 0}));
    CHECK_FALSE(matches("size:<1gb", {}));
    CHECK(matches("time:>200ms"));
    CHECK(matches("time:>200"));
    CHECK(matches("time:>0.25s"));
    CHECK_FALSE(matches("time:>0.3s"));
    CHECK(matches("time:<1m"));
    CHECK(matches("time:200ms..1s"));
    CHECK_FALSE(matches("time:<1m", {}));
}

TEST_CASE("a mistake names what is wrong, where, and what to write instead") {
    const auto says = [](std::string_view text, std::size_t position, std::string_view part) {
        const FilterError error = wrong(text);
        INFO(text << ": " << error.message);
        CHECK(error.position == position);
        CHECK(error.message.contains(part));
    };
    says("things hots:x", 7, "there is no 'hots:' (did you mean host:?): the keys are host:, method:");
    says("things:x", 0, "there is no 'things:': the keys are host:, method:");
    says("a hoste:x", 2, "there is no 'hoste:' (did you mean host:?): the keys are");
    says("a stauts:500", 2, "there is no 'stauts:' (did you mean status:?): the keys are");
    says("-statsu:404", 1, "did you mean status:?");
    says("sice:1000000", 0, "did you mean size:?");
    for (const char* word : {"localhost:8080", "https://x", "status.example:500", "\"stauts:500\"", "sits:443",
                             "node:3000", "state:8080", "stauts://x", "sise:99999"})
        CHECK(Filter::parse(word));
    says("urn:whytls:expired", 0, "put it in quotes");
    says("status:abc", 7, "status: takes a status, a class, a bound or a range, as in status:404");
    says("status:", 7, "status: takes");
    says("status:>5xx", 7, "not '>5xx'");
    says("status:499..400", 7, "status:400..499");
    says("status:1000", 7, "status: takes");
    says("status:40.4", 7, "status: takes");
    says("host:", 5, "host: takes a part of a host's name");
    says("host:a*.com", 5, "*.example.com");
    says("host:*example.com", 5, "*.example.com");
    says("a host:=", 7, "=NAME for all of it");
    says("time:200ms", 5, "time:>200ms");
    says("time:>2h", 5, "ms, s or m");
    says("size:>1tb", 5, "kb, mb or gb");
    says("size:>-1", 5, "size: takes");
    says("size:inf", 5, "size: takes");
    says("size:1e9", 5, "size: takes");
    says("\"open", 0, "not closed");
    says("a b\"c", 3, "not closed");
    says("a \"\"", 2, "between these quotes");
    says("or a", 0, "'or' stands between two terms");
    says("a or", 4, "missing here");
    says("a or or b", 5, "missing here");
    says("a and", 5, "missing here");
    says("not", 3, "missing here");
    says("a -", 2, "write \"-\"");
    says("a - b", 2, "without a blank");
    says("(a", 0, "not closed");
    says("a (", 2, "not closed");
    says("a)", 1, "closes nothing");
    says("a ()", 2, "between these parentheses");
    says("(a or )", 6, "missing here");
    says("status:\x1b[2J\x7f", 7, "not '?[2j?'");
}

TEST_CASE("a filter is bounded in length and depth") {
    CHECK(Filter::parse(std::string(longest_filter, 'a')));
    CHECK(wrong(std::string(longest_filter + 1, 'a')).message.contains("at most 2048 bytes"));
    CHECK(matches(std::string(deepest_filter, '-') + "failed"));
    CHECK(wrong(std::string(deepest_filter + 1, '-') + "failed").message.contains("write it flatter"));
    CHECK(wrong(std::string(longest_filter, '(')).message.contains("write it flatter"));
    std::string wide = "a";
    while (wide.size() + 4 <= longest_filter) wide += " -a";
    CHECK(Filter::parse(wide));
}

TEST_CASE("a filter is a value") {
    const Filter filter = *Filter::parse("host:a or status:>=500");
    const Filter copy = filter;
    CHECK(copy == filter);
    CHECK(copy == *Filter::parse("  HOST:a   OR status:>=500 "));
    CHECK_FALSE(copy == *Filter::parse("host:a status:>=500"));
}
