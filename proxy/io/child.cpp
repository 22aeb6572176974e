#include "proxy/io/child.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <system_error>

#include "inspect/report/print/escape.h"

namespace proxy {

namespace {

constexpr std::size_t most_output = 256 << 10;

std::unexpected<std::string> failure(int error) { return std::unexpected(std::generic_category().message(error)); }

class Descriptor {
public:
    explicit Descriptor(int number) : number_(number) {}
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor() { close(); }
    int get() const { return number_; }
    void close() {
        if (number_ >= 0) ::close(number_);
        number_ = -1;
    }

private:
    int number_;
};

// Returns the pid; the error is the system's number.
std::expected<pid_t, int> spawn(const std::vector<std::string>& arguments, int input, int output) {
    std::vector<char*> argv;
    for (const std::string& each : arguments)
        argv.push_back(const_cast<char*>(each.c_str()));  // NOLINT: execve's signature
    argv.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, output, STDERR_FILENO);
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    // A session of its own has no terminal, so the program cannot ask for a password.
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID);
    pid_t pid = 0;
    const int error = posix_spawn(&pid, argv.front(), &actions, &attributes, argv.data(), environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    if (error != 0) return std::unexpected(error);
    return pid;
}

// Appends what can be read without waiting. False at the end.
bool drain(int pipe, std::string& output) {
    std::array<char, 4'096> piece;
    while (true) {
        const ssize_t count = ::read(pipe, piece.data(), piece.size());
        if (count <= 0) return count < 0 && (errno == EAGAIN || errno == EINTR);
        output.append(piece.data(), std::min(static_cast<std::size_t>(count), most_output - output.size()));
    }
}

// Whether the process ended in time. Its descendants may hold the pipe longer; it does not wait for
// them.
bool read_until_end(int process, int pipe, std::string& output, std::chrono::seconds patience) {
    const auto deadline = std::chrono::steady_clock::now() + patience;
    bool open = true;
    while (true) {
        const auto left =
            std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
        std::array<pollfd, 2> wanted{pollfd{process, POLLIN, 0}, pollfd{open ? pipe : -1, POLLIN, 0}};
        const int ready = poll(wanted.data(), wanted.size(), static_cast<int>(std::max<std::int64_t>(left.count(), 0)));
        if (ready < 0 && errno == EINTR) continue;
        if (ready <= 0) return false;
        if (open) open = drain(pipe, output);
        if (wanted[0].revents != 0) return true;
    }
}

}  // namespace

std::string ChildResult::last_words() const {
    std::string_view rest = output;
    while (!rest.empty()) {
        const std::size_t end = rest.rfind('\n');
        const std::string_view line = end == std::string_view::npos ? rest : rest.substr(end + 1);
        if (line.find_first_not_of(" \t\r") != std::string_view::npos) return inspect::report::for_terminal(line, 200);
        rest = rest.substr(0, end == std::string_view::npos ? 0 : end);
    }
    return fmt::format("exit code {}", exit_code);
}

std::expected<ChildResult, std::string> run_child(const std::vector<std::string>& arguments, std::string_view input,
                                                  std::chrono::seconds patience) {
    const Descriptor given(memfd_create("input", MFD_CLOEXEC));
    if (given.get() < 0 || pwrite(given.get(), input.data(), input.size(), 0) != static_cast<ssize_t>(input.size()))
        return failure(errno);
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0) return failure(errno);
    const Descriptor read_end(ends[0]);
    Descriptor write_end(ends[1]);
    fcntl(read_end.get(), F_SETFL, O_NONBLOCK);
    const std::expected<pid_t, int> pid = spawn(arguments, given.get(), write_end.get());
    write_end.close();
    if (!pid) return failure(pid.error());
    // By number, because glibc 2.36 declares the function without extern "C".
    const Descriptor process(static_cast<int>(syscall(SYS_pidfd_open, *pid, 0)));
    ChildResult result;
    const bool in_time = read_until_end(process.get(), read_end.get(), result.output, patience);
    if (!in_time) kill(-*pid, SIGKILL);
    int status = 0;
    while (waitpid(*pid, &status, 0) < 0 && errno == EINTR) continue;
    if (!in_time) return std::unexpected(fmt::format("did not end within {} s", patience.count()));
    if (!WIFEXITED(status)) return std::unexpected(fmt::format("was ended by signal {}", WTERMSIG(status)));
    result.exit_code = WEXITSTATUS(status);
    return result;
}

std::optional<std::filesystem::path> find_program(std::string_view name) {
    const char* path = std::getenv("PATH");
    std::string_view rest = path != nullptr ? path : "";
    while (!rest.empty()) {
        const std::size_t colon = std::min(rest.find(':'), rest.size());
        std::filesystem::path file = std::filesystem::path(rest.substr(0, colon)) / name;
        std::error_code ignored;
        if (file.is_absolute() && std::filesystem::is_regular_file(file, ignored) && access(file.c_str(), X_OK) == 0)
            return file;
        rest.remove_prefix(std::min(colon + 1, rest.size()));
    }
    return std::nullopt;
}

}  // namespace proxy
