// The codes of this program in its own output, or in what another program shows of its answer.
#pragma once

#include <optional>
#include <string_view>

#include "inspect/diagnosis/known/causes.h"

namespace inspect::diagnosis {

// Each code in one of the forms in which it is written: "… [CODE]", "502 CODE", "details="CODE"",
// "urn:whytls:CODE", "code": "CODE". The first in the text, with the others after it; nullopt when
// there is none.
std::optional<Causes> own_causes(std::string_view text);

}  // namespace inspect::diagnosis
