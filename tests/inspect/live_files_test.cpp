#include "inspect/report/page/live_files.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "tests/support/catch.h"

using inspect::report::live_file;
using inspect::report::live_files;

namespace {

std::filesystem::path folder() { return std::filesystem::path(WHYTLS_SOURCE_DIR) / "inspect/report/page/live"; }

}  // namespace

TEST_CASE("every file of the live page is in the binary as it is in the sources") {
    std::size_t files = 0;
    for (const auto& each : std::filesystem::directory_iterator(folder())) {
        const std::string name = each.path().filename().string();
        const std::string path = name == "index.html" ? "/" : "/" + name;
        INFO(path);
        std::ifstream file(each.path(), std::ios::binary);
        const std::string bytes((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
        const auto found = live_file(path);
        REQUIRE(found);
        CHECK((found->bytes == bytes));
        CHECK_FALSE(found->type.empty());
        ++files;
    }
    CHECK(live_files().size() == files);
}

TEST_CASE("the live page itself is at the root, with a place for its token, and no other path has a file") {
    const auto page = live_file("/");
    REQUIRE(page);
    CHECK(page->type == "text/html; charset=utf-8");
    CHECK(page->bytes.find("content=\"@TOKEN@\"") != std::string_view::npos);
    CHECK_FALSE(live_file(""));
    CHECK_FALSE(live_file("/index.html"));
    CHECK_FALSE(live_file("/../live_files.h"));
    CHECK_FALSE(live_file("app.js"));
}

TEST_CASE("the live page runs nothing that its policy does not allow") {
    for (const auto& file : live_files()) {
        INFO(file.path);
        for (const std::string_view word : {"innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(",
                                            "new Function", "<style", " style=\"", " onclick="})
            CHECK(file.bytes.find(word) == std::string_view::npos);
    }
}
