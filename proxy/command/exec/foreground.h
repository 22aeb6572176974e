// A command that has this process's terminal, input and output: how it is begun, and how it ended.
#pragma once

#include <sys/resource.h>
#include <sys/types.h>

#include <csignal>
#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "proxy/command/exec/environment.h"

namespace proxy {

class Enclosure;

// What a process gives to the programs that it starts, as it was before whytls changed it for
// itself.
struct Inheritance {
    sigset_t blocked{};         // signals
    bool ignores_pipe = false;  // SIGPIPE
    rlimit descriptors{};       // RLIMIT_NOFILE
    static Inheritance of_this_process();
};

// Why a command was not begun, and the exit code that shells have for that.
struct NotBegun {
    int exit_code = 0;   // 127: not found, 126: found and not executable
    std::string reason;  // names the command
};

// Starts `arguments`, looking for the first of them in PATH, in this process's group, with its
// standard streams and no other descriptor. A file without a format that the system knows is given
// to the shell, as execvp(3) does. With `enclosure` it is begun inside. The process is the caller's
// to wait for.
std::expected<pid_t, NotBegun> begin_in_foreground(const std::vector<std::string>& arguments,
                                                   const Environment& environment, const Inheritance& inheritance,
                                                   const Enclosure* enclosure = nullptr);

// The exit code that a shell has for this status of waitpid(2): 128+n of one that signal n ended.
int exit_code_of(int status);

}  // namespace proxy
