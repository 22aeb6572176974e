#include "inspect/diagnosis/explain/certificate/chain_picture.h"

#include "inspect/report/page/chain_svg.h"
#include "tests/inspect/diagnosis_cases.h"
#include "tests/support/catch.h"
#include "tests/support/page_elements.h"

using namespace inspect::diagnosis;
using tests::Forge;
using tests::Forged;

namespace {

Diagnosis diagnosis_of(std::string_view code, int skip = 0) {
    for (const auto& one : tests::all_cases())
        if (one.code == code && skip-- == 0) return explain(one.attempt);
    FAIL("no case of " << code);
    return {};
}

// "host -good-> node -BAD-> node!": an exclamation mark after what is at fault itself.
std::string sketch(const ChainPicture& picture) {
    std::string text;
    for (std::size_t i = 0; i < picture.nodes.size(); ++i) {
        const PictureNode& node = picture.nodes[i];
        text += node.kind == PictureNode::Kind::unknown  ? "?"
                : node.kind == PictureNode::Kind::absent ? "(" + node.name + ")"
                                                         : node.name;
        if (!node.fails.empty()) text += "!";
        if (i >= picture.links.size()) continue;
        text += picture.links[i].mark == Mark::bad ? " =/= " : picture.links[i].mark == Mark::good ? " -- " : " .. ";
    }
    return text;
}

}  // namespace

TEST_CASE("a good chain is drawn whole") {
    CHECK(sketch(picture_of(diagnosis_of(""))) == "api.example.com -- api.example.com -- Test CA R3 -- Test Root");
}

TEST_CASE("the broken link is the one that the failed step is about") {
    CHECK(sketch(picture_of(diagnosis_of("hostname_mismatch"))) ==
          "api.example.com =/= *.cloudfront.net -- Amazon RSA 2048 M01 -- Amazon Root CA 1");
    CHECK(sketch(picture_of(diagnosis_of("bad_signature"))) ==
          "api.example.com -- api.example.com =/= Test CA R3 -- Test Root");
    CHECK(sketch(picture_of(diagnosis_of("unknown_issuer"))) == "api.example.com -- api.example.com =/= ?");
    CHECK(sketch(picture_of(diagnosis_of("self_signed"))) == "api.example.com -- api.example.com =/= ?");
    CHECK(sketch(picture_of(diagnosis_of("untrusted_root"))) ==
          "api.example.com -- api.example.com -- Test CA R3 -- Test Root =/= ?");
    CHECK(sketch(picture_of(diagnosis_of("missing_intermediate", 0))) ==
          "api.example.com -- api.example.com =/= (Test CA R3) -- Test Root");
}

TEST_CASE("a certificate that is itself at fault is marked with the steps that it fails") {
    CHECK(sketch(picture_of(diagnosis_of("expired"))) ==
          "api.example.com -- api.example.com! -- Test CA R3 -- Test Root");
    const ChainPicture picture = picture_of(diagnosis_of("not_a_ca"));
    CHECK(sketch(picture) == "api.example.com -- api.example.com -- Not A CA! -- Test Root");
    CHECK(picture.nodes[2].fails.find("basic_constraints") != std::string::npos);
}

TEST_CASE("where there is no certificate there is no picture") {
    CHECK(picture_of(diagnosis_of("connection_refused")).nodes.empty());
    CHECK(inspect::report::chain_svg(picture_of(diagnosis_of("connection_refused"))).empty());
}

TEST_CASE("the picture says in words what it shows") {
    CHECK(
        described(picture_of(diagnosis_of("hostname_mismatch"))) ==
        "api.example.com (asked for) is not covered by *.cloudfront.net (server certificate, sent by the server): broken here. "
        "*.cloudfront.net is signed by Amazon RSA 2048 M01 (intermediate, sent by the server). "
        "Amazon RSA 2048 M01 is signed by Amazon Root CA 1 (root, in the trust store).");
    const std::string svg = inspect::report::chain_svg(picture_of(diagnosis_of("hostname_mismatch")));
    CHECK(svg.find("role=\"img\" aria-labelledby=\"picture-title picture-text\"") != std::string::npos);
    CHECK(tests::elements_of(svg).error == "");
}

TEST_CASE("a long chain is drawn up to a bound") {
    std::vector<Forged> chain = {Forge::root("R").self_signed()};
    for (int i = 0; i < 12; ++i)
        chain.push_back(Forge::intermediate("CA " + std::to_string(i)).basic_constraints(true).signed_by(chain.back()));
    chain.push_back(Forge::leaf("api.example.com").signed_by(chain.back()));
    const Forged root = chain.front();
    std::ranges::reverse(chain);
    const ChainPicture picture = picture_of(explain(tests::judged(tests::attempt_at(), chain, root)));
    CHECK(picture.nodes.size() <= 9);
    CHECK(picture.links.size() + 1 == picture.nodes.size());
}
