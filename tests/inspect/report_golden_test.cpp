// The renderings of every code, compared with the files in tests/data/golden, so that the diff
// shows a change of the words. After a wanted change, write them anew:
//
//     WHYTLS_GOLDEN=write build/tests/test-inspect '[golden]'
//
// The same pages, whole, for a validator and a browser to look at (tests/end_to_end/test_pages.py):
//
//     WHYTLS_PAGES=FOLDER build/tests/test-inspect '[.pages]'
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>

#include "inspect/diagnosis/catalog.h"
#include "inspect/diagnosis/explain/client_failure.h"
#include "inspect/report/json_report.h"
#include "inspect/report/render.h"
#include "tests/inspect/diagnosis_cases.h"
#include "tests/support/catch.h"

using namespace inspect::diagnosis;
namespace fs = std::filesystem;
namespace report = inspect::report;

namespace {

Diagnosis of_client(tls::FailureKind kind, int alert = -1) {
    ClientAttempt attempt{.client = "127.0.0.1:51234",
                          .host = "api.example.com",
                          .sni = "api.example.com",
                          .time = tests::forge_time,
                          .failure = {},
                          .ca_file = "/home/dev/.local/share/whytls/ca.pem"};
    attempt.failure.kind = kind;
    if (alert >= 0) attempt.failure.alert_received = static_cast<std::uint8_t>(alert);
    return explain_client(attempt);
}

// Codes that nothing raises yet; whoever adds one takes it out of here.
constexpr std::string_view not_raised[] = {"clock_skew", "client_pinned"};

// By file name: the code, numbered from its second case on.
std::map<std::string, Diagnosis> diagnoses() {
    std::map<std::string, Diagnosis> all;
    const auto add = [&](Diagnosis diagnosis, std::string code) {
        std::string name = code;
        for (int number = 2; all.contains(name); ++number) name = code + "-" + std::to_string(number);
        all.emplace(std::move(name), std::move(diagnosis));
    };
    for (const auto& one : tests::all_cases()) add(explain(one.attempt), one.code.empty() ? "ok" : one.code);
    using enum tls::FailureKind;
    for (const auto& diagnosis :
         {of_client(alert, 48), of_client(closed), of_client(alert, 70), of_client(alert, 40), of_client(not_tls)})
        add(diagnosis, std::string(name(diagnosis.code)));
    return all;
}

// Every run of hexadecimal digits that keys and signatures decide: numbered by first appearance.
std::string without_hashes(const std::string& text) {
    constexpr std::size_t least = 16;
    std::map<std::string, std::size_t> known;
    std::string result;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find_first_not_of("0123456789abcdefABCDEF", at), text.size());
        if (end - at >= least) {
            const auto number = known.try_emplace(text.substr(at, end - at), known.size() + 1).first->second;
            result += "<hash " + std::to_string(number) + ">";
            at = end;
        } else {
            result += text.substr(at, end - at + 1);
            at = end + 1;
        }
    }
    return result;
}

// What is between each `begin` and the next `end` is the same in all files, or different in each
// run.
std::string without(std::string text, const std::string& begin, const std::string& end) {
    for (std::size_t at = text.find(begin); at != std::string::npos; at = text.find(begin, at)) {
        at += begin.size();
        const std::size_t stop = text.find(end, at);
        if (stop == std::string::npos) break;
        text.replace(at, stop - at, "…");
    }
    return text;
}

std::string stable(std::string text) {
    text = without(std::move(text), "<style>", "</style>");
    text = without(std::move(text), "<script>", "</script>");
    text = without(std::move(text), "'sha256-", "'");
    text = without(std::move(text), "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----");
    return without_hashes(text);
}

std::string read(const fs::path& path) {
    std::ostringstream text;
    text << std::ifstream(path, std::ios::binary).rdbuf();
    return text.str();
}

fs::path folder() { return fs::path(WHYTLS_SOURCE_DIR) / "tests/data/golden"; }

bool wants_to_write() {
    const char* const asked = std::getenv("WHYTLS_GOLDEN");
    return asked != nullptr && std::string_view(asked) == "write";
}

void compare(const fs::path& path, const std::string& text) {
    if (wants_to_write()) {
        std::ofstream(path, std::ios::binary) << text;
        return;
    }
    INFO(path.filename().string() << " (see the head of report_golden_test.cpp for how to write it anew)");
    CHECK(read(path) == text);
}

}  // namespace

TEST_CASE("the renderings of every code are as the golden files have them", "[golden]") {
    if (wants_to_write()) {
        fs::remove_all(folder());
        fs::create_directories(folder());
    }
    for (const auto& [name, diagnosis] : diagnoses()) {
        compare(folder() / (name + ".txt"), stable(report::text(diagnosis)));
        compare(folder() / (name + ".html"), stable(report::html(diagnosis)));
        compare(folder() / (name + ".json"), stable(report::json_report(diagnosis).dump(2)) + "\n");
    }
}

TEST_CASE("every code that is raised has golden files, and no golden file is left over", "[golden]") {
    const auto all = diagnoses();
    for (const CatalogEntry& entry : catalog()) {
        INFO(entry.code);
        const bool raised = std::ranges::find(not_raised, name(entry.code)) == std::end(not_raised);
        CHECK(all.contains(std::string(name(entry.code))) == raised);
    }
    for (const auto& file : fs::directory_iterator(folder())) {
        INFO(file.path().filename().string());
        CHECK(all.contains(file.path().stem().string()));
    }
}

TEST_CASE("the pages are written to a folder", "[.pages]") {
    const char* const asked = std::getenv("WHYTLS_PAGES");
    REQUIRE(asked != nullptr);
    fs::create_directories(asked);
    for (const auto& [name, diagnosis] : diagnoses())
        std::ofstream(fs::path(asked) / (name + ".html"), std::ios::binary) << report::html(diagnosis);
    std::ofstream(fs::path(asked) / "brief.html") << report::html(explain(tests::cloudfront()), report::Detail::brief);
    std::ofstream(fs::path(asked) / "off.html") << report::html(explain(tests::cloudfront()), report::Detail::off);
}
