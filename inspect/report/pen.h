// What colour says on a terminal, and how it is switched on and off (ECMA-48). Signs and words say
// the same without it.
#pragma once

#include <string>
#include <string_view>

#include "certs/verdict.h"
#include "inspect/diagnosis/diagnosis.h"
#include "inspect/report/render.h"

namespace inspect::report {

enum class Pen { bold, good, bad, warning, soft };

// The text in the pen's colour, which changes none of its columns; only the text when the ink is
// plain.
std::string painted(std::string_view text, Pen pen, Ink ink);

Pen pen_of(certs::Status status);
Pen pen_of(diagnosis::Outcome outcome);

}  // namespace inspect::report
