#include "proxy/io/child.h"

#include <string>

#include "tests/support/catch.h"

using proxy::run_child;

namespace {

std::string shell(const char* script, std::string_view input = {}) {
    const auto child = run_child({"/bin/sh", "-c", script}, input);
    return child ? std::to_string(child->exit_code) + " " + child->output : child.error();
}

}  // namespace

TEST_CASE("a child's exit code and both of its outputs are known") {
    CHECK(shell("echo one; echo two >&2; exit 3") == "3 one\ntwo\n");
    CHECK(shell("kill -9 $$") == "was ended by signal 9");
    CHECK(run_child({"/nonexistent/program"}).error() == "No such file or directory");
}

TEST_CASE("a child's arguments reach it as they are, and its input is what is given") {
    CHECK(run_child({"/bin/echo", "-n", "a b", "$HOME;'"})->output == "a b $HOME;'");
    CHECK(shell("cat", "given") == "0 given");
    CHECK(shell("cat") == "0 ");
}

TEST_CASE("a child has no terminal to ask at") { CHECK_FALSE(shell("(: </dev/tty) 2>/dev/null").starts_with("0")); }

TEST_CASE("a child that says too much is heard to the end and remembered in part") {
    const auto child = run_child({"/bin/sh", "-c", "head -c 1000000 /dev/zero"});
    REQUIRE(child);
    CHECK(child->exit_code == 0);
    CHECK(child->output.size() == 256 << 10);
}

TEST_CASE("a child that does not end in time is ended") {
    CHECK(run_child({"/bin/sh", "-c", "while :; do :; done"}, "", std::chrono::seconds(0)).error() ==
          "did not end within 0 s");
}

TEST_CASE("a child's last words are its last line that says something, safe for a terminal") {
    CHECK(proxy::ChildResult{1, "first\nlast \x1b[31m\n \n"}.last_words().starts_with("last "));
    CHECK_FALSE(proxy::ChildResult{1, "\x1b[31m"}.last_words().contains('\x1b'));
    CHECK(proxy::ChildResult{7, "\n"}.last_words() == "exit code 7");
}

TEST_CASE("a program is found in the directories of PATH, by its name alone") {
    CHECK(proxy::find_program("sh"));
    CHECK_FALSE(proxy::find_program("no such program"));
}
