// What can be said of a code without an attempt: its title and what to do, as `whytls explain CODE`
// prints them. The explain_ files say more of a particular failure, with its names and values.
#pragma once

#include <array>
#include <span>
#include <string_view>

#include "inspect/diagnosis/diagnosis.h"

namespace inspect::diagnosis {

struct GeneralFix {
    Actor actor = Actor::server;
    std::string_view text;     // one imperative sentence
    std::string_view command;  // HOST stands for the host; "" without
};

struct Advice {
    Code code = Code::none;
    std::string_view title;           // a sentence without its full stop, at most title_limit characters
    std::array<GeneralFix, 3> fixes;  // the first is always there; an empty text ends them

    std::span<const GeneralFix> all_fixes() const;
};

// One for each code of the catalogue, in its order.
std::span<const Advice> advice();

// nullptr for an unknown code.
const Advice* advice_about(Code code);

}  // namespace inspect::diagnosis
