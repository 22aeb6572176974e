// Opens a page in the user's browser (--open), by the desktop's own means.
#pragma once

#include <string>

namespace proxy {

// Returns what to tell the user when that does not work; "" when it was begun. Does not wait.
std::string open_in_browser(const std::string& url);

}  // namespace proxy
