// What a code says in a few words that are true for every server: the title for readers who may not
// know more (--detail brief, foreign web pages). Knows nothing of an attempt.
#pragma once

#include <string>
#include <string_view>

#include "inspect/diagnosis/code.h"

namespace inspect::diagnosis {

// "the certificate is not for this host", for Code::hostname_mismatch; the code's own words for a
// code that has no title here. ASCII.
std::string class_title(Code code);

// Where that reader finds the rest.
inline constexpr std::string_view brief_hint = "The rest is told where whytls runs: on its stderr and in its log.";

}  // namespace inspect::diagnosis
