// A command that is broken over several lines is the same command: names and paths in it come from
// a server, and it is pasted into a shell.
#include <array>
#include <cstdio>
#include <string>

#include "inspect/diagnosis/wording.h"
#include "inspect/report/print/lines.h"
#include "tests/support/catch.h"
#include "tests/support/temporary_directory.h"

namespace {

// What a shell prints when it is given the script.
std::string run(const std::string& script) {
    const tests::TemporaryDirectory directory;
    const std::string file = directory / "script";
    std::FILE* const written = std::fopen(file.c_str(), "w");
    REQUIRE(written != nullptr);
    std::fputs(script.c_str(), written);
    std::fclose(written);
    std::FILE* const pipe = ::popen(("sh " + file + " 2>&1").c_str(), "r");
    REQUIRE(pipe != nullptr);
    std::string output;
    std::array<char, 4096> block{};
    for (std::size_t size = 0; (size = std::fread(block.data(), 1, block.size(), pipe)) > 0;)
        output.append(block.data(), size);
    ::pclose(pipe);
    return output;
}

}  // namespace

TEST_CASE("a shell reads a broken command as it reads the whole one, wherever the lines end") {
    std::string script, expected;
    for (const std::string tail : {R"x(';echo broken;')x", R"x(\';echo broken;\')x", "''''", R"x("$(echo broken)")x",
                                   R"x( a b 'c' \ d)x", R"x(\\'x')x", "é'é'é"})
        for (std::size_t before = 0; before < 90; ++before)
            for (const std::size_t width : {std::size_t{60}, std::size_t{80}}) {
                const std::string word = std::string(before, 'a') + tail;
                script += inspect::report::broken_command(
                    "printf '%s\\n' " + inspect::diagnosis::shell_word(word) + " && :", 7, width);
                expected += word + "\n";
            }
    CHECK(run(script) == expected);
}
