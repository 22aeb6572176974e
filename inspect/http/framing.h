// What follows a head: which bytes are its body, and whether the connection outlives it (RFC 9112 §6.3, §9.3). Decided from
// the fields alone, and refused where two readers could decide differently.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "inspect/http/http1.h"
#include "inspect/http/message.h"

namespace inspect::http {

struct Framing {
    enum class Body { none, length, chunked, until_close };
    Body body = Body::none;
    std::uint64_t length = 0;  // bytes; of Body::length only, never 0 there
    bool keeps_alive = true;
    bool operator==(const Framing&) const = default;
};

std::expected<Framing, MessageError> framing_of(const RequestHead& head);
// `method` is the request's.
std::expected<Framing, MessageError> framing_of(const ResponseHead& head, std::string_view method);

// RFC 9110 §8.6: a response's head in which Content-Length stands more than once, on lines of its own or in a list, always with the same
// number, made to say it once. nullopt for any other.
std::optional<std::string> with_one_length(std::string_view head);
// RFC 9112 §6.3: a response's head that declares a coding and, well-formed, a length, without the length, which the coding overrides.
// nullopt for any other. A sender that contradicts itself is believed for one message: the connection must not outlive it.
std::optional<std::string> without_length(std::string_view head);

}  // namespace inspect::http
