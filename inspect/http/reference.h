// URI references (RFC 3986 §4.1) as browsers read them, who are more generous than the RFC (WHATWG URL §4.4): "\" for "/", "%2e" for ".", a
// scheme without slashes. A client's program that follows a reference and this must not differ on where it leads.
#pragma once

#include <string>
#include <string_view>

namespace inspect::http {

struct Reference {
    std::string scheme;     // lower case; "" when it takes that of its base
    std::string authority;  // "" when it names no host
    std::string rest;       // path, query and fragment; of another scheme than http and https all that is behind it, as it stood
};

// `base_scheme` is "http" or "https".
Reference parse_reference(std::string_view text, std::string_view base_scheme);

// Whether ".." stands in the path of this path, query and fragment.
bool has_parent_segment(std::string_view rest);

// Without "." and ".." in its path, and never above its root (RFC 3986 §5.2.4); `rest` begins with "/", or has no path.
std::string without_dot_segments(std::string_view rest);

// A `rest` that does not begin with "/", seen from `base`, a path with perhaps a query (RFC 3986 §5.2.3).
std::string merged(std::string_view base, std::string_view rest);

}  // namespace inspect::http
