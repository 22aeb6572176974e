// Parses the values that several options take. Each function throws UsageError: one line that names
// the option and what it takes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "certs/time.h"
#include "proxy/settings/settings.h"

namespace proxy {

// 0 to 65535. `whole` is the option's whole value, for the message.
std::uint16_t parse_port(std::string_view text, std::string_view option, std::string_view whole);

// Cuts a host (brackets allowed and kept) and the ':' after it from the front of `text`.
std::string_view take_host(std::string_view& text);

// Without the brackets of an IPv6 address and without a trailing dot.
std::string_view bare_host(std::string_view host);

HostPattern parse_pattern(std::string_view text, std::string_view option);

bool parse_switch(const std::string& text, std::string_view option);
// Bytes; a K, M or G at the end means powers of 1024.
std::uint64_t parse_size(std::string_view text, std::string_view option);

double positive_seconds(double seconds, std::string_view option);

// The value of --at: an RFC 3339 time, or a day.
certs::Time parse_at(const std::string& text);

}  // namespace proxy
