#include "proxy/terminal.h"

#include <unistd.h>

#include <cstdlib>
#include <string_view>

namespace proxy {

namespace {

bool is_dumb() {
    const char* const terminal = std::getenv("TERM");
    return terminal == nullptr || std::string_view(terminal) == "dumb";
}

}  // namespace

inspect::report::Ink ink_of_stdout() {
    // https://no-color.org: any value but an empty one asks for none.
    const char* const no_colour = std::getenv("NO_COLOR");
    const bool wanted = (no_colour == nullptr || *no_colour == 0) && !is_dumb();
    return wanted && ::isatty(STDOUT_FILENO) == 1 ? inspect::report::Ink::colour : inspect::report::Ink::plain;
}

bool can_rewrite_stderr() { return !is_dumb() && ::isatty(STDERR_FILENO) == 1; }

}  // namespace proxy
