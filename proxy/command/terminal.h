// What the terminals behind stdout and stderr can show.
#pragma once

#include "inspect/report/render.h"

namespace proxy {

// Colour when stdout is a terminal that shows it, unless the user has disabled it
// (https://no-color.org). The width is the terminal's, between 60 and 120 columns; 100 when stdout
// is no terminal.
inspect::report::Paper paper_of_stdout();

// Whether stderr is a terminal, so that a line on it can be overwritten.
bool can_rewrite_stderr();

}  // namespace proxy
