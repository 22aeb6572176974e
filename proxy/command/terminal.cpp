#include "proxy/command/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <string_view>

namespace proxy {

namespace {

bool is_dumb() {
    const char* const terminal = std::getenv("TERM");
    return terminal == nullptr || std::string_view(terminal) == "dumb";
}

}  // namespace

inspect::report::Paper paper_of_stdout() {
    inspect::report::Paper paper;
    if (::isatty(STDOUT_FILENO) != 1) return paper;
    winsize size{};
    constexpr std::size_t least = 60, most = 120;  // below, tables fall apart; above, lines are hard to read
    if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        paper.width = std::clamp<std::size_t>(size.ws_col, least, most);
    // https://no-color.org: any value but an empty one asks for none.
    const char* const no_colour = std::getenv("NO_COLOR");
    const bool wanted = (no_colour == nullptr || *no_colour == 0) && !is_dumb();
    if (wanted) paper.ink = inspect::report::Ink::colour;
    return paper;
}

bool can_rewrite_stderr() { return !is_dumb() && ::isatty(STDERR_FILENO) == 1; }

}  // namespace proxy
