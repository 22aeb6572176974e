// The words for what was mended in a response on its way.
#pragma once

#include <string_view>

#include "inspect/http/http1/mend.h"

namespace inspect::diagnosis {

// "Content-Length said twice", for the log and stderr.
std::string_view words(http::Mend mend);

}  // namespace inspect::diagnosis
