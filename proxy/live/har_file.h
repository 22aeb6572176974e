// The flows of this run as HAR 1.2: the file of --har, and what the live page gives to download.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "inspect/flow/filter.h"
#include "proxy/services/services.h"

namespace proxy {

// Hands the pieces of the file to `take`, the oldest flow first, until it returns false.
void each_piece_of_har(const Services& services, const inspect::Filter& filter,
                       const std::function<bool(std::string_view)>& take);

// Writes the file of --har, if there is one; it replaces an older one once it is whole. Returns what
// went wrong, for the user; "" when nothing did.
std::string write_har(const Services& services);

}  // namespace proxy
