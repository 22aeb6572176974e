// The content coding gzip (RFC 1952) applied, to what whytls itself sends. coding.h undoes codings.
#pragma once

#include <string>
#include <string_view>

namespace inspect::content {

// One member, compressed fast rather than small.
std::string gzip(std::string_view text);

}  // namespace inspect::content
