// What follows a head: which bytes are its body, and whether the connection outlives it (RFC 9112
// §6.3, §9.3). Decided from the fields only, and refused where two readers could decide
// differently.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "inspect/http/http1/parser.h"
#include "inspect/http/message.h"

namespace inspect::http {

struct Framing {
    enum class Body { none, length, chunked, until_close };
    Body body = Body::none;
    std::uint64_t length = 0;  // bytes; of Body::length only, never 0 there
    bool keeps_alive = true;
    bool operator==(const Framing&) const = default;
};

// The number of a Content-Length (RFC 9110 §8.6); nullopt when it is not a number, or does not fit
// in 63 bits.
std::optional<std::uint64_t> parse_length(std::string_view text);

std::expected<Framing, MessageError> framing_of(const RequestHead& head);
// `method` is the request's.
std::expected<Framing, MessageError> framing_of(const ResponseHead& head, std::string_view method);

}  // namespace inspect::http
