// A response's head that states its framing in an odd but clear way, rewritten in the one way that
// every reader understands (RFC 9112 §6). What could be understood in two ways stays as it is, and
// is refused.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "inspect/http/http1/mend.h"
#include "inspect/http/message.h"

namespace inspect::http {

// Whether Transfer-Encoding says anything but one coding, or a list that ends with chunked.
// `fields` are of a head that was read.
bool has_odd_coding(const Fields& fields);

struct MendedHead {
    std::string text;
    Mends mends;
    bool operator==(const MendedHead&) const = default;
};

// `head` is the lines of a head, each with CRLF, including the blank line. nullopt when its framing
// needs no mending.
std::optional<MendedHead> mended_head(std::string_view head, Version version);

}  // namespace inspect::http
