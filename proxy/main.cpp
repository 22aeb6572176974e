// The process: reads the command line, runs what it asks for, prints what stopped it, chooses the
// exit code.
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <exception>
#include <stdexcept>
#include <string>
#include <system_error>

#include "inspect/report/print/redaction.h"
#include "proxy/command/ca/ca_command.h"
#include "proxy/command/check/check_command.h"
#include "proxy/command/config/config_command.h"
#include "proxy/command/exec/exec_command.h"
#include "proxy/command/explain/explain_command.h"
#include "proxy/command/log/log_command.h"
#include "proxy/command/options.h"
#include "proxy/command/sources/environment_source.h"
#include "proxy/command/verify/verify_command.h"
#include "proxy/log/log_writer.h"
#include "proxy/serve/server.h"
#include "proxy/settings/settings.h"

namespace {

// Each returns the exit code.
int run(const proxy::ProxyCommand& command) {
    proxy::serve(command.settings, command.read_again);
    return 0;
}
int run(const proxy::ExecCommand& command) { return proxy::run_exec_command(command); }
int run(const proxy::CheckCommand& command) { return proxy::run_check_command(command); }
int run(const proxy::VerifyCommand& command) { return proxy::run_verify_command(command); }
int run(const proxy::ExplainCommand& command) { return proxy::run_explain_command(command); }
int run(const proxy::LogCommand& command) { return proxy::run_log_command(command); }
int run(const proxy::CaCommand& command) { return proxy::run_ca_command(command); }
int run(const proxy::ConfigCommand& command) { return proxy::run_config_command(command); }
int run(const proxy::PrintAndExit& command) {
    std::fwrite(command.text.data(), 1, command.text.size(), stdout);
    return 0;
}

// The number of a closed standard stream would go to the next socket. That socket would get what is
// meant for the stream and be closed with it. A report that is written to a closed standard output
// fails, as it should: /dev/null is opened for reading there.
void fill_standard_streams() {
    for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
        // open() takes the lowest free number, which is fd.
        if (::fcntl(fd, F_GETFD) < 0) ::open("/dev/null", fd == STDERR_FILENO ? O_WRONLY : O_RDONLY);
}

// Repeats what was given, whatever it is, but not the password of a URL.
int stopped(std::string_view command, const std::exception& error, int code) {
    proxy::say(fmt::format("{}: {}", command, inspect::report::without_passwords(error.what())));
    return code;
}

}  // namespace

int main(int argc, char* argv[]) {
    fill_standard_streams();
    // A file at its limit (ulimit -f) then makes that write fail, as a full disk does.
    std::signal(SIGXFSZ, SIG_IGN);
    constexpr int broken_pipe = 128 + SIGPIPE;  // as the shell reports a program that ended with its reader
    proxy::Locate locate = [](const std::string& error) { return error; };
    try {
        const proxy::Environment environment = proxy::environment_of_this_process();
        const int code = std::visit([](const auto& command) { return run(command); },
                                    proxy::parse_command_line(argc, argv, environment, proxy::say, &locate));
        // A report that could not be written must not look like one that was.
        if (std::fflush(stdout) == 0) return code;
        throw std::system_error(errno, std::generic_category(), "standard output");
    } catch (const std::system_error& error) {
        if (error.code() == std::errc::broken_pipe) return broken_pipe;
        return stopped("whytls", error, 1);
    } catch (const proxy::CommandLineError& error) {
        stopped(error.command, error, 2);
        for (const std::string& line : error.below) proxy::say(line);
        return 2;
    } catch (const proxy::UsageError& error) {
        return stopped("whytls", proxy::UsageError(locate(error.what())), 2);
    } catch (const std::exception& error) { return stopped("whytls", std::runtime_error(locate(error.what())), 1); }
}
