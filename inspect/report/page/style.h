// The one stylesheet of every page that whytls writes: its diagnoses and http://why.tls/. System
// fonts, light and dark by the reader's own setting, readable on a phone and on paper; nothing from
// outside.
#pragma once

#include <string_view>

namespace inspect::report {

std::string_view stylesheet();

}  // namespace inspect::report
