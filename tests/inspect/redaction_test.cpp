#include "inspect/report/print/redaction.h"

#include "tests/support/catch.h"

using inspect::report::redacted;

TEST_CASE("the values of redacted parameters are masked, however their names are written") {
    const std::vector<std::string> names = {"api_key", "pass word"};
    CHECK(redacted("https://a.test/x?api_key=s1&q=1&API_KEY=s2", names) ==
          "https://a.test/x?api_key=***&q=1&API_KEY=***");
    CHECK(redacted("/x?a%70i%5Fkey=s1&pass+word=s2&pass%20word=s3", names) ==
          "/x?a%70i%5Fkey=***&pass+word=***&pass%20word=***");
    CHECK(redacted("/x?q=1;api_key=s1#api_key=s2", names) == "/x?q=1;api_key=***");
    CHECK(redacted("/x?api_key=s1?s1;s1='s1'&y=2", names) == "/x?api_key=***&y=2");
    CHECK(redacted("/x?next=https://b.test/?api_key=s1", names) == "/x?next=https://b.test/?api_key=***");
    CHECK(redacted("/api_key=1?api_key&xapi_key=2&api_key%=3", names) == "/api_key=1?api_key&xapi_key=2&api_key%=3");
    CHECK(redacted("/x?api_key=s1", {}) == "/x?api_key=s1");
}

TEST_CASE("a parameter that frameworks read as a list or a member is redacted by the name that they call it") {
    for (const std::string name :
         {"token[]", "token[0]", "token[a][]", "a[token]", "a[b][token]", "a[token][]", "a%5Btoken%5D", "token%5b%5d",
          "%74oken[]", "a%255Btoken%255D", "user.token", "+token", "TOKEN[]", "[token", "a[+token+]"}) {
        INFO(name);
        CHECK(redacted("/x?" + name + "=s1&q=1", {"token"}) == "/x?" + name + "=***&q=1");
        CHECK(redacted("/x?q=1;" + name + "=s1;q=2", {"token"}) == "/x?q=1;" + name + "=***");
    }
    CHECK(redacted("/x?tokens[]=1&a[tokens]=2&xtoken=3&a[b]token2=4", {"token"}) ==
          "/x?tokens[]=1&a[tokens]=2&xtoken=3&a[b]token2=4");
    CHECK(redacted("/x?token[]=s1&token=2", {"token[]"}) == "/x?token[]=***&token=2");
}

TEST_CASE("user information is masked in every URL, with a scheme or without") {
    CHECK(redacted("https://dev:s1@a.test/b@c?d=e@f", {}) == "https://***@a.test/b@c?d=e@f");
    CHECK(redacted("https://dev:s@1@a.test", {}) == "https://***@a.test");
    CHECK(redacted("/https://dev:s1@a.test/", {}) == "/https://***@a.test/");
    CHECK(redacted("https://a.test/?u=http://dev:s1@b.test/", {}) == "https://a.test/?u=http://***@b.test/");
    CHECK(redacted("dev:s1@a.test:443", {}) == "***@a.test:443");
    CHECK(redacted("/https://m\xc3\xbcller:s\xc3\xa9@a.test/", {}) == "/https://***@a.test/");
    CHECK(redacted("https://a.test/b@c", {}) == "https://a.test/b@c");
    CHECK(redacted("@", {}) == "***@");
}

TEST_CASE("a sentence that repeats what was given shows no password, and leaves paths and addresses as they are") {
    using inspect::report::without_passwords;
    CHECK(without_passwords("hosts.txt, line 2: not 'https://u:s1@host/' here") ==
          "hosts.txt, line 2: not 'https://***@host/' here");
    CHECK(without_passwords("not 'u:s1@host'") == "not '***@host'");
    CHECK(without_passwords("--upstream-proxi=http://\xC3\xBC:s@1@a.test") == "--upstream-proxi=http://***@a.test");
    CHECK(without_passwords("--client-cert me@corp.pem: no such file") == "--client-cert me@corp.pem: no such file");
    CHECK(without_passwords(" a  @ b ") == " a  @ b ");
}

TEST_CASE("of a request's first bytes the target alone changes, and a binary protocol stays what it is") {
    CHECK(redacted("GET http://u:s1@a.test/?k=s2 HTTP/1.1\r\nHost: a.test\r\n", {"k"}) ==
          "GET http://***@a.test/?k=*** HTTP/1.1\r\nHost: a.test\r\n");
    const std::string hello("\x16\x03\x01\x02@\x00 x\x7f@y", 11);
    CHECK(redacted(hello, {"k"}) == hello);
}

TEST_CASE("user information of a URL within a URL is masked, in whatever of it is percent-encoded") {
    for (const std::string user : {"a:SECRET@", "a%3ASECRET%40", "a%3ASECRET@", "a:SEC%40RET@", "a%253ASECRET%2540"})
        for (const std::string scheme : {"https://", "https%3A%2F%2F", "https:%2F%2F"}) {
            const std::string shown = redacted("/x?next=" + scheme + user + "b.test/y&z=1", {});
            INFO(scheme << user << " " << shown);
            CHECK_FALSE(shown.find("RET") != std::string::npos);
            CHECK(shown.find("b.test/y&z=1") != std::string::npos);
        }
    CHECK(redacted("/x?next=https%3A%2F%2Fb.test%2Fa%40b", {}) == "/x?next=https%3A%2F%2Fb.test%2Fa%40b");
}

TEST_CASE("a URL within a URL is redacted too, however often it is percent-encoded") {
    CHECK(redacted("/x?next=https%3A%2F%2Fb.test%2F%3Fapi_key%3Ds1&y=2", {"api_key"}) ==
          "/x?next=https%3A%2F%2Fb.test%2F%3Fapi_key%3D***&y=2");
    CHECK(redacted("/x?next=b%253fq%253d1%2526api%25255Fkey%253Ds1%2526z&y=2", {"api_key"}) ==
          "/x?next=b%253fq%253d1%2526api%25255Fkey%253D***&y=2");
    CHECK(redacted("/x?q=100%&r=%3", {"api_key"}) == "/x?q=100%&r=%3");
}

TEST_CASE("user information is masked behind the one slash that the gateway path may have") {
    CHECK(redacted("/https:/dev:s1@a.test/", {}) == "/https:/***@a.test/");
    CHECK(redacted("/wss:/dev:s1@a.test", {}) == "/wss:/***@a.test");
}
