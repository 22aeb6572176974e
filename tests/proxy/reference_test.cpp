#include "proxy/command/reference/reference.h"

#include "proxy/command/options.h"
#include "tests/support/catch.h"

using namespace proxy;

namespace {

std::vector<std::string> values(std::string takes) { return fixed_values({.takes = std::move(takes)}); }

const CommandReference& command(const CommandReference& program, std::string_view name) {
    return *std::ranges::find(program.commands, name, &CommandReference::name);
}

OptionReference option(const CommandReference& command, std::string_view name) {
    for (const auto& [title, options] : command.groups)
        for (const OptionReference& each : options)
            if (each.name == name) return each;
    return {};
}

}  // namespace

TEST_CASE("a fixed set of values is read from what an option takes") {
    CHECK(values("on|off") == std::vector<std::string>{"on", "off"});
    CHECK(values("1.2|1.3") == std::vector<std::string>{"1.2", "1.3"});
    CHECK(values("[sh|fish|json]") == std::vector<std::string>{"sh", "fish", "json"});
    CHECK(values("ADDR:PORT|off") == std::vector<std::string>{"off"});
    for (const char* takes : {"", "FILE", "[=PATTERN]", "http[s]://[USER:PASSWORD@]HOST[:PORT]", "|", "[|]"})
        CHECK(values(takes).empty());
}

TEST_CASE("the reference says of each option whether it has a value, may be given again, and is a key of a file") {
    const CommandReference program = program_reference();
    const CommandReference& run = command(program, "proxy");
    CHECK(run.path == "whytls proxy");
    const OptionReference listen = option(run, "listen");
    CHECK((listen.letter == "l" && listen.takes == "ADDR:PORT"));
    CHECK((listen.needs_value && listen.repeated && listen.in_configuration));
    const OptionReference detail = option(run, "detail");
    CHECK((detail.needs_value && !detail.repeated));
    const OptionReference verbose = option(run, "verbose");
    CHECK((!verbose.needs_value && !verbose.repeated && verbose.takes.empty()));
    CHECK_FALSE(option(run, "insecure").needs_value);
    CHECK_FALSE(option(run, "config").in_configuration);
    CHECK_FALSE(option(run, "help").in_configuration);
    CHECK_FALSE(option(command(program, "exec"), "print-env").needs_value);
}

TEST_CASE("the reference has arguments, usage and the commands of commands") {
    const CommandReference program = program_reference();
    CHECK(command(program, "explain").arguments.at(0).name == "CODE");
    CHECK(command(program, "check").usage == "whytls check [options] HOST ...");
    CHECK(command(command(program, "ca"), "show").path == "whytls ca show");
}
