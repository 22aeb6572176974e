// A response's head whose framing is said in an odd but clear way, made to say it in the one way that every reader understands (RFC 9112 §6).
// What could be understood in two ways stays as it is, to be refused.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "inspect/http/http1/mend.h"
#include "inspect/http/message.h"

namespace inspect::http {

// Whether Transfer-Encoding says anything but one coding or list that ends with chunked; of a head that was read.
bool has_odd_coding(const Fields& fields);

struct MendedHead {
    std::string text;
    Mends mends;
    bool operator==(const MendedHead&) const = default;
};

// `head` is its lines, each with CRLF, the blank one included. nullopt when nothing of its framing is to be mended.
std::optional<MendedHead> mended_head(std::string_view head, Version version);

}  // namespace inspect::http
