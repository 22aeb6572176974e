// A file's bytes, bounded, with the system's words when there are none.
#pragma once

#include <cstdio>
#include <expected>
#include <filesystem>
#include <string>

namespace certs {

// The error is a predicate of the file: "cannot be opened: Permission denied". At most 64 MiB: Mozilla's whole store is 220 kB, the largest
// revocation lists are some 30 MB.
std::expected<std::string, std::string> file_contents(const std::filesystem::path& path);
std::expected<std::string, std::string> stream_contents(std::FILE* stream);

}  // namespace certs
