// The process: reads the command line, runs what it asks for, prints what stopped it, picks the exit code.
#include <fmt/format.h>

#include <cstdio>
#include <exception>

#include "proxy/ca_command.h"
#include "proxy/log_writer.h"
#include "proxy/options.h"
#include "proxy/server.h"

namespace {

void run(const proxy::ProxyCommand& command) { proxy::serve(command.settings); }
void run(const proxy::CaCommand& command) { proxy::run_ca_command(command); }
void run(const proxy::PrintAndExit& command) { std::fwrite(command.text.data(), 1, command.text.size(), stdout); }

}  // namespace

int main(int argc, char* argv[]) {
    try {
        std::visit([](const auto& command) { run(command); }, proxy::parse_command_line(argc, argv));
        return 0;
    } catch (const proxy::UsageError& error) {
        proxy::say(fmt::format("whytls: {}", error.what()));
        return 2;
    } catch (const std::exception& error) {
        proxy::say(fmt::format("whytls: {}", error.what()));
        return 1;
    }
}
