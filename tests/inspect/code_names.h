// Codes by name: tests compare what users and scripts see.
#pragma once

#include <ostream>
#include <string_view>

#include "inspect/diagnosis/code.h"

namespace inspect::diagnosis {

inline bool operator==(Code code, std::string_view text) { return name(code) == text; }
inline std::ostream& operator<<(std::ostream& out, Code code) { return out << name(code); }

}  // namespace inspect::diagnosis
