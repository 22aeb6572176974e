#include "proxy/command/exec/foreground.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string_view>

#include "certs/bytes.h"
#include "inspect/diagnosis/wording.h"
#include "proxy/command/exec/enclosure.h"
#include "proxy/io/child.h"

namespace proxy {

namespace {

std::vector<char*> pointers(const std::vector<std::string>& words) {
    std::vector<char*> result;
    for (const std::string& each : words)
        result.push_back(const_cast<char*>(each.c_str()));  // NOLINT: execve's signature
    result.push_back(nullptr);
    return result;
}

// posix_spawn(3) enters no namespace, and ties no command to its parent's life. Between fork and
// exec there are only system calls, for other threads may hold locks. Returns the system's number,
// 0 when it was begun.
int begin(pid_t& pid, const std::string& program, const std::vector<std::string>& arguments,
          const std::vector<std::string>& variables, const Inheritance& inheritance, const Enclosure* enclosure) {
    const std::vector<char*> words = pointers(arguments), environment = pointers(variables);
    std::error_code unnamed;
    const std::string directory = std::filesystem::current_path(unnamed).string();
    const int here = ::open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) return errno;
    const pid_t parent = ::getpid();
    pid = ::fork();
    if (pid == 0) {
        int error = enclosure != nullptr ? enclosure->enter() : 0;
        // By its name it is that of the other mount namespace; it may have none, or be behind a folder
        // that is closed to who comes by name.
        const bool elsewhere = enclosure != nullptr && error == 0;
        if (elsewhere && ::chdir(directory.c_str()) != 0 && ::fchdir(here) != 0) error = errno;
        std::signal(SIGXFSZ, SIG_DFL);
        if (!inheritance.ignores_pipe) std::signal(SIGPIPE, SIG_DFL);
        ::setrlimit(RLIMIT_NOFILE, &inheritance.descriptors);
        ::sigprocmask(SIG_SETMASK, &inheritance.blocked, nullptr);
        // Without whytls (kill -9) nothing that it asks for comes through.
        ::prctl(PR_SET_PDEATHSIG, SIGTERM);
        if (::getppid() != parent) ::_exit(127);
        if (error == 0) ::execvpe(program.c_str(), words.data(), environment.data());
        if (error == 0) error = errno;
        (void)!::write(ends[1], &error, sizeof error);
        ::_exit(127);
    }
    int error = pid < 0 ? errno : 0;
    ::close(ends[1]);
    if (here >= 0) ::close(here);
    while (pid > 0 && ::read(ends[0], &error, sizeof error) < 0 && errno == EINTR) continue;
    ::close(ends[0]);
    if (pid > 0 && error != 0) ::waitpid(pid, nullptr, 0);
    return error;
}

// POSIX.1-2024, Shell & Utilities, 2.9.1: words before a command's name that set variables.
bool is_assignment(std::string_view word) {
    const std::string_view name = word.substr(0, word.find('='));
    const auto of_name = [](unsigned char c) { return std::isalnum(c) != 0 || c == '_'; };
    return name.size() < word.size() && !name.empty() && std::isdigit(static_cast<unsigned char>(name.front())) == 0 &&
           std::ranges::all_of(name, of_name);
}

// What was likely meant by a command that is not there, but is a line for a shell.
std::string meant_line(const std::vector<std::string>& arguments) {
    const std::string& command = arguments.front();
    if (arguments.size() > 1 || command.find_first_of(" |&;<>$*`") == std::string::npos) return "";
    return fmt::format("; did you mean whytls exec -- sh -c {}?", inspect::diagnosis::shell_word(command));
}

// Why a command that is there "is not there": what its first line wants to interpret it is not, or
// the loader that its ELF header names. "" where the command itself is missing.
std::string missing_interpreter(const std::filesystem::path& program) {
    constexpr std::size_t longest_line = 256;  // the kernel's, BINPRM_BUF_SIZE
    std::error_code missing;
    if (!std::filesystem::is_regular_file(program, missing)) return "";
    std::ifstream file(program, std::ios::binary);
    std::string beginning(longest_line, '\0');
    file.read(beginning.data(), static_cast<std::streamsize>(beginning.size()));
    beginning.resize(static_cast<std::size_t>(file.gcount()));
    if (!beginning.starts_with("#!")) return "the program that loads it is not there: it was built for another system";
    const std::string_view line = std::string_view(beginning).substr(2, beginning.find('\n') - 2);
    const std::string_view words = certs::trimmed(line);
    const std::string_view interpreter = words.substr(0, words.find_first_of(" \t"));
    return interpreter.ends_with('\r')
               ? fmt::format(
                     "its first line ends with a carriage return, so its interpreter is sought as \"{}\\r\": take "
                     "that away (dos2unix)",
                     interpreter.substr(0, interpreter.size() - 1))
               : fmt::format("its interpreter {}, which its first line names, is not there", interpreter);
}

NotBegun not_begun(const std::vector<std::string>& arguments, int error) {
    const std::string& command = arguments.front();
    if (error == ENOENT && is_assignment(command)) {  // whose value may be a secret
        const std::string name = command.substr(0, command.find('='));
        return {127, fmt::format("{0}=…: command not found; did you mean whytls exec -- env {0}=… …?", name)};
    }
    const auto found = command.contains('/') ? std::optional<std::filesystem::path>(command) : find_program(command);
    if (const std::string why = error == ENOENT && found ? missing_interpreter(*found) : ""; !why.empty())
        return {127, fmt::format("{}: {}", found->string(), why)};
    const std::string meant = error == ENOENT ? meant_line(arguments) : "";
    const bool has_path = command.contains('/');
    if (error == ENOENT && !has_path)
        return {127, fmt::format("{}: command not found: no directory of PATH has it{}", command, meant)};
    struct stat status{};
    if (error == EACCES && ::stat(command.c_str(), &status) == 0 && S_ISDIR(status.st_mode))
        return {126, fmt::format("{}: is a directory, not a command", command)};
    if (error == EACCES) return {126, fmt::format("{}: not executable: {}", command, std::strerror(error))};
    return {error == ENOENT ? 127 : 126, fmt::format("{}: {}", command, std::strerror(error) + meant)};
}

}  // namespace

Inheritance Inheritance::of_this_process() {
    Inheritance now;
    ::pthread_sigmask(SIG_BLOCK, nullptr, &now.blocked);
    struct sigaction pipe{};
    now.ignores_pipe = ::sigaction(SIGPIPE, nullptr, &pipe) == 0 && pipe.sa_handler == SIG_IGN;
    ::getrlimit(RLIMIT_NOFILE, &now.descriptors);
    return now;
}

std::expected<pid_t, NotBegun> begin_in_foreground(const std::vector<std::string>& arguments,
                                                   const Environment& environment, const Inheritance& inheritance,
                                                   const Enclosure* enclosure) {
    std::vector<std::string> variables;
    for (const auto& [name, value] : environment) variables.push_back(fmt::format("{}={}", name, value));
    const std::string& command = arguments.front();
    if (command.empty()) return std::unexpected(NotBegun{127, "the command's name is empty"});
    pid_t pid = 0;
    // execvpe(3) gives the shell a script whose first line names no interpreter.
    const int error = begin(pid, command, arguments, variables, inheritance, enclosure);
    if (error != 0) return std::unexpected(not_begun(arguments, error));
    return pid;
}

int exit_code_of(int status) { return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status); }

}  // namespace proxy
