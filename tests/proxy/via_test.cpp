#include "proxy/upstream/via.h"

#include "tests/support/catch.h"

using namespace proxy;

namespace {

inspect::http::Fields fields(std::initializer_list<std::string_view> vias) {
    inspect::http::Fields result;
    result.add("Host", "a.test");
    for (const std::string_view via : vias) result.add("Via", via);
    return result;
}

inspect::http::Fields hidden(std::initializer_list<std::string_view> vias) {
    auto result = fields(vias);
    hide_whytls(result);
    return result;
}

}  // namespace

TEST_CASE("each process has a pseudonym of its own, which is a token") {
    CHECK(make_pseudonym() != make_pseudonym());
    CHECK(inspect::http::is_token(make_pseudonym()));
}

TEST_CASE("a parent is told of all proxies on the way, ourselves at the end") {
    CHECK(passed_proxies(fields({})).empty());
    CHECK(via_of(passed_proxies(fields({})), "2.0", "whytls-1") == "2.0 whytls-1");
    CHECK(via_of(passed_proxies(fields({"1.0 fred, 1.1 p.example.net", "1.1 whytls-2"})), "1.1", "whytls-1") ==
          "1.0 fred, 1.1 p.example.net, 1.1 whytls-2, 1.1 whytls-1");
}

TEST_CASE("a mark of CDN-Loop is added behind others, and whytls's own are taken out") {
    inspect::http::Fields marked;
    marked.add("CDN-Loop", "other.example; v=1");
    mark(marked, "whytls-0123456789abcdef");
    CHECK(loop_marks(marked) == "other.example; v=1, whytls-0123456789abcdef");
    hide_marks(marked);
    CHECK(loop_marks(marked) == "other.example; v=1");
    CHECK(loop_marks(fields({})).empty());
}

TEST_CASE("a server is told of other proxies as they wrote it, and of no whytls") {
    CHECK(hidden({}) == fields({}));
    CHECK(hidden({"1.0 fred,\t1.1 p.example.net (a, b)", "HTTP/1.1 x"}) ==
          fields({"1.0 fred,\t1.1 p.example.net (a, b)", "HTTP/1.1 x"}));
    CHECK(hidden({"1.1 whytls-0123456789abcdef, 1.1 whytls-00000000000000ff"}) == fields({}));
    CHECK(hidden({"1.0 fred, 1.1 whytls-0123456789abcdef, 1.1 p.example.net", "1.1\twhytls-00000000000000ff",
                  "1.1 whytlsx"}) == fields({"1.0 fred, 1.1 p.example.net", "1.1 whytlsx"}));
    CHECK(hidden({"whytls-0123456789abcdef", ",", " "}) == fields({"whytls-0123456789abcdef", ",", ""}));
    CHECK(hidden({"1.1 WhyTLS-0123456789ABCDEF"}) == fields({}));
    CHECK(hidden({"1.1 whytls-fred.example.com"}) == fields({"1.1 whytls-fred.example.com"}));
    CHECK(hidden({"1.1 fred (a, b whytls-0123456789abcdef), 1.0 x"}) ==
          fields({"1.1 fred (a, b whytls-0123456789abcdef), 1.0 x"}));
}
