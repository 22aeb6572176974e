// Programs run to their end without a shell. They cannot ask the user: their input is what is
// given, and they have no terminal.
#pragma once

#include <chrono>
#include <expected>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace proxy {

struct ChildResult {
    int exit_code = 0;
    std::string output;  // stdout and stderr, interleaved as they came; the first 256 KiB

    // The last line of the output that is not blank, safe for a terminal.
    std::string last_words() const;
};

// Runs `arguments` with `input` as standard input; the first argument is the program's path. The
// error is a sentence: the system's reason, or that the program was ended by a signal, or that it
// was ended when `patience` was over (then with everything it had started in its session).
std::expected<ChildResult, std::string> run_child(const std::vector<std::string>& arguments,
                                                  std::string_view input = {},
                                                  std::chrono::seconds patience = std::chrono::seconds(60));

// The first executable file of this name in the directories of $PATH.
std::optional<std::filesystem::path> find_program(std::string_view name);

}  // namespace proxy
