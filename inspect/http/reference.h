// URI references (RFC 3986 §4.1) as browsers read them. Browsers accept more than the RFC (WHATWG
// URL §4.4): "\" for "/", "%2e" for ".", a scheme without slashes. A client program that follows a
// reference must not differ from this code on where the reference leads.
#pragma once

#include <string>
#include <string_view>

namespace inspect::http {

struct Reference {
    std::string scheme;     // lower case; "" when the reference takes its base's
    std::string authority;  // "" when the reference names no host
    // Path, query and fragment. For a scheme other than http and https: everything after it,
    // unchanged.
    std::string rest;
};

// `base_scheme` is "http" or "https".
Reference parse_reference(std::string_view text, std::string_view base_scheme);

// Whether `rest` (path, query and fragment) has a ".." in its path.
bool has_parent_segment(std::string_view rest);

// `rest` without "." and ".." in its path, and never above its root (RFC 3986 §5.2.4). It begins
// with "/", or has no path.
std::string without_dot_segments(std::string_view rest);

// A `rest` that does not begin with "/", merged with `base`, a path with perhaps a query (RFC 3986
// §5.2.3).
std::string merged(std::string_view base, std::string_view rest);

}  // namespace inspect::http
