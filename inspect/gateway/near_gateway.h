// A path that names no server, but was likely meant as a gateway path.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace inspect::http {

// The gateway path that was likely meant by `target` (a path with its query): without its scheme
// ("/api.example.com/v1"), percent-encoded ("/https%3A%2F%2Fapi.example.com"), with a scheme
// misspelt or without its colon ("/htps://…", "/https/api.example.com"). nullopt for anything else,
// such as "/favicon.ico".
std::optional<std::string> near_gateway(std::string_view target);

}  // namespace inspect::http
