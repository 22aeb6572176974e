// The one stylesheet of every page that whytls writes: its diagnoses and http://why.tls/. System fonts, light and dark by
// the reader's own setting, readable on a phone and on paper; no script, nothing from outside.
#pragma once

#include <string>
#include <string_view>

namespace inspect::report {

std::string_view stylesheet();

// A page up to its body, and its end. `title` is plain text, escaped here.
std::string page_begin(std::string_view title);
std::string page_end();

}  // namespace inspect::report
