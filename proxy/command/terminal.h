// What the terminals behind stdout and stderr can show.
#pragma once

#include "inspect/report/render.h"

namespace proxy {

// Colour when stdout is a terminal that shows it and the user has not asked for none (https://no-color.org). As wide as the
// terminal, between 60 and 120 columns; 100 when stdout is no terminal.
inspect::report::Paper paper_of_stdout();

// Whether stderr is a terminal, so that a line on it can be written over.
bool can_rewrite_stderr();

}  // namespace proxy
