#include "inspect/content/multipart.h"

#include "tests/support/catch.h"

using namespace inspect::content;

namespace {

// Its views are of the body, which must outlive it.
Multipart split(const std::string& body, std::string_view boundary = "x") {
    return split_multipart(certs::as_bytes(body), boundary);
}

}  // namespace

TEST_CASE("a body is split at its boundary into heads and contents") {
    const std::string body =
        "preamble\r\n--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\none\r\n--x\r\nContent-Type: text/plain\r\n\r\ntwo\r\nlines\r\n\r\n--x--\r\nepilogue";
    const Multipart parts = split(body);
    CHECK(parts.end == End::complete);
    REQUIRE(parts.parts.size() == 2);
    CHECK(*parts.parts[0].head.find("content-disposition") == "form-data; name=\"a\"");
    CHECK(certs::as_text(parts.parts[0].content) == "one");
    CHECK(certs::as_text(parts.parts[1].content) == "two\r\nlines\r\n");
    std::string bare = body;
    std::erase(bare, '\r');
    CHECK(certs::as_text(split(bare).parts.at(1).content) == "two\nlines\n");
}

TEST_CASE("only a line of its own is a delimiter") {
    const std::string body = "--x \r\n\r\na --x\r\n--xy\r\n--x-\r\n--x\t\r\n\r\n\r\n--x--";
    const Multipart parts = split(body);
    REQUIRE(parts.parts.size() == 2);
    CHECK(certs::as_text(parts.parts[0].content) == "a --x\r\n--xy\r\n--x-");
    CHECK(parts.parts[1].content.empty());
    CHECK(parts.end == End::complete);
}

TEST_CASE("of a body that was cut, the last part is shown as far as it came") {
    const std::string whole = "--x\r\nA: b\r\n\r\none\r\n--x\r\nC: d\r\n\r\ntwo\r\n--x--\r\n";
    for (std::size_t size = 0; size <= whole.size(); ++size) {
        const std::string body = whole.substr(0, size);
        const Multipart parts = split(body);
        INFO(size);
        CHECK(parts.end == (size >= whole.size() - 2 ? End::complete : End::cut));
        CHECK(parts.parts.size() <= 2);
    }
    const std::string body = whole.substr(0, whole.find("two") + 2);
    const Multipart parts = split(body);
    REQUIRE(parts.parts.size() == 2);
    CHECK(parts.parts[1].cut);
    CHECK(certs::as_text(parts.parts[1].content) == "tw");
}

TEST_CASE("parts and heads are bounded, and a boundary that can be none is malformed") {
    std::string many;
    for (int part = 0; part < 2000; ++part) many += "--x\r\n\r\n\r\n";
    CHECK(split(many).end == End::bounded);
    CHECK(split(many).parts.size() == most_parts);
    CHECK(split("--x\r\nA: " + std::string(20'000, 'a') + "\r\n\r\nb\r\n--x--").end == End::bounded);
    CHECK(split("a", "").end == End::malformed);
    CHECK(split("a", std::string(71, 'x')).end == End::malformed);
    CHECK(split("", "x").end == End::cut);
    CHECK(split("nothing of it", "x").parts.empty());
    CHECK(split("--x--", "x").end == End::complete);
}
