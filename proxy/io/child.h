// Programs run to their end without a shell. They can ask nobody: their input is what is given, and they have no terminal.
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
    std::string output;  // stdout and stderr as they came; the first 256 KiB

    // The last line of the output that says something, safe for a terminal.
    std::string last_words() const;
};

// Runs `arguments`, the first of them the program's path, with `input` as its standard input. The error is a sentence: the system's
// reason, or that it was ended by a signal or when `patience` was over (then with all that it had started in its session).
std::expected<ChildResult, std::string> run_child(const std::vector<std::string>& arguments, std::string_view input = {},
                                                  std::chrono::seconds patience = std::chrono::seconds(60));

// The first executable file of this name in the directories of $PATH.
std::optional<std::filesystem::path> find_program(std::string_view name);

}  // namespace proxy
