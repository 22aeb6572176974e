// `whytls explain …`: what a code means, and what another program's message may mean.
#pragma once

#include <string>

namespace proxy {

struct ExplainCommand {
    enum class What { code, list, error } what = What::code;
    // The code (or a message in its place), or the message; a message of "-" is read from the
    // standard input.
    std::string text;
    bool json = false;
};

// Prints to stdout. Returns the exit code: 0, or 1 for a message that is not known. Throws
// UsageError for a word that is neither code nor message, with the codes similar to it, and for a
// standard input that cannot be read.
int run_explain_command(const ExplainCommand& command);

}  // namespace proxy
