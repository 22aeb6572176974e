// What the terminals behind stdout and stderr can show.
#pragma once

#include "inspect/report/render.h"

namespace proxy {

// Colour when stdout is a terminal that shows it and nobody has asked for none (https://no-color.org).
inspect::report::Ink ink_of_stdout();

// Whether stderr is a terminal, so that a line on it can be written over.
bool can_rewrite_stderr();

}  // namespace proxy
