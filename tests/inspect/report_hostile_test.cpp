// A certificate's own texts as an attacker writes them, in its subject, its names and its issuer,
// through every rendering. The certificates are real: the real parser reads them and the real
// verifier judges them.
#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>

#include "inspect/report/grpc.h"
#include "inspect/report/json_report.h"
#include "inspect/report/log.h"
#include "inspect/report/page/chain_svg.h"
#include "inspect/report/print/escape.h"
#include "inspect/report/render.h"
#include "tests/inspect/diagnosis_cases.h"
#include "tests/support/catch.h"
#include "tests/support/json.h"
#include "tests/support/page_elements.h"
#include "tests/support/plain_text.h"

using namespace inspect::report;
using inspect::diagnosis::Diagnosis;
using inspect::diagnosis::explain;
using tests::Forge;
using tests::Forged;

namespace {

enum class Place { subject, names, issuer, root };
constexpr std::array places = {Place::subject, Place::names, Place::issuer, Place::root};

// A certificate is at most 64 kB in all, with room for the rest.
std::string bounded(const std::string& text) { return text.substr(0, 60'000); }

// The chain with the text in one place, judged with its root trusted or with another one.
Diagnosis with_text(const std::string& text, Place place, bool trusted) {
    const auto named = [&](Place here, const std::string& otherwise) {
        return tests::name({{"O", place == here ? text : "Org"}, {"CN", place == here ? text : otherwise}});
    };
    const Forged root = Forge::root("Root").subject(named(Place::root, "Root")).self_signed();
    const Forged issuer = Forge::intermediate("CA").subject(named(Place::issuer, "CA")).signed_by(root);
    Forge leaf = Forge::leaf("www.example.com");
    leaf.subject(named(Place::subject, "www.example.com"));
    if (place == Place::names)
        leaf.names({tests::dns(text), tests::dns("*." + text), tests::email(text), tests::uri(text),
                    tests::directory(tests::common_name(text))});
    const Forged other = Forge::root("Another Root").self_signed();
    return explain(tests::judged(tests::attempt_at(), {leaf.signed_by(issuer), issuer, root}, trusted ? root : other));
}

bool is_field_value(const std::string& value) {
    return !value.empty() && std::ranges::all_of(value, [](char c) { return c >= 0x20 && c < 0x7F; }) &&
           value.front() != ' ' && value.back() != ' ';
}

void check_page(const std::string& page) {
    CHECK(tests::is_plain_text(page));
    CHECK(page.size() < 400'000);
    const tests::PageElements elements = tests::elements_of(page);
    CHECK(elements.error == "");
    static const std::set<std::string> ours = {
        "html",    "head",   "meta",    "link",  "title", "style", "body", "main",   "header", "footer",
        "section", "div",    "p",       "b",     "h1",    "h2",    "h3",   "span",   "ul",     "ol",
        "li",      "table",  "caption", "tbody", "tr",    "th",    "td",   "pre",    "code",   "details",
        "summary", "figure", "svg",     "desc",  "g",     "rect",  "path", "circle", "text",   "script"};
    for (const auto& [element, count] : elements.counts) {
        INFO(element);
        CHECK(ours.contains(element));
        if (element == "script" || element == "style" || element == "h1") CHECK(count == 1);
    }
    for (const std::string& attribute : elements.attributes) {
        INFO(attribute);
        CHECK_FALSE(attribute.starts_with("on"));
        CHECK(attribute != "style");
    }
}

void check_every_rendering(const Diagnosis& diagnosis) {
    for (const Detail detail : {Detail::full, Detail::brief, Detail::off}) {
        const std::string plain = text(diagnosis, detail);
        CHECK(tests::is_plain_text(plain));
        CHECK(plain.size() < 100'000);
        check_page(html(diagnosis, detail));
        const std::string report = json(diagnosis, detail);
        CHECK(tests::is_plain_text(report));
        CHECK(report.size() < 1'000'000);
        CHECK(tests::is_json(report));
        CHECK(is_field_value(grpc_message(diagnosis, detail)));
        CHECK(grpc_message(diagnosis, detail).size() <= 4096);
        CHECK(grpc(diagnosis, GrpcForm::web, detail).body.size() < 5'000);
    }
    const std::string picture = chain_svg(inspect::diagnosis::picture_of(diagnosis));
    CHECK(tests::is_plain_text(picture));
    CHECK(picture.size() < 20'000);
    CHECK(tests::elements_of(picture).error == "");
    CHECK(is_field_value(proxy_status(diagnosis)));
    const std::string said = sentence(diagnosis);
    CHECK(tests::is_plain_text(said));
    CHECK(said.find('\n') == std::string::npos);
    CHECK(said.size() < 1'000);
    const std::string line = upstream_handshake_line("f-1", diagnosis);
    CHECK(tests::is_plain_text(line));
    CHECK(tests::is_json(line));
}

}  // namespace

TEST_CASE(
    "hostile text in a subject, a name, an issuer or a root comes out of every rendering escaped, bounded and valid") {
    for (const std::string& hostile : tests::hostile_texts()) {
        INFO(printable(hostile, 60));
        for (const Place place : places) {
            INFO("place " << static_cast<int>(place));
            for (const bool trusted : {true, false}) check_every_rendering(with_text(bounded(hostile), place, trusted));
        }
    }
}

// For a validator and a browser, as in report_golden_test.cpp.
TEST_CASE("the hostile pages are written to a folder", "[.pages]") {
    const char* const asked = std::getenv("WHYTLS_PAGES");
    REQUIRE(asked != nullptr);
    std::filesystem::create_directories(asked);
    int number = 0;
    for (const std::string& hostile : tests::hostile_texts())
        for (const Place place : places)
            std::ofstream(std::filesystem::path(asked) / ("hostile-" + std::to_string(++number) + ".html"),
                          std::ios::binary)
                << html(with_text(bounded(hostile), place, false));
}

TEST_CASE("the scanner of pages sees an injected element, attribute and entity") {
    CHECK(tests::elements_of("<p>a</p><script src=x></script>").error != "");
    CHECK(tests::elements_of("<p title=\"a\" onclick=\"b\">a</p>").attributes.contains("onclick"));
    CHECK(tests::elements_of("<p>a</p><img>").counts.at("img") == 1);
    CHECK(tests::elements_of("<p>a & b</p>").error != "");
    CHECK(tests::elements_of("<p>a<b></p>").error != "");
    CHECK(tests::elements_of("<p>a &lt;b&gt; &#39;</p>").error == "");
}
