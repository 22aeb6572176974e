// The parts of a multipart body (RFC 2046 §5.1, RFC 7578 for forms). Bounded in number and in what
// a part's head may have. Knows no more of a part than its head and where its content is.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "certs/bytes.h"
#include "inspect/content/coding.h"
#include "inspect/http/message.h"

namespace inspect::content {

constexpr std::size_t most_parts = 1000;
constexpr std::size_t longest_part_head = 16 << 10;  // bytes
constexpr std::size_t longest_boundary = 70;         // RFC 2046 §5.1.1

struct Part {
    http::Fields head;
    certs::Bytes content;  // a view of the body
    bool cut = false;      // the body ends inside it
};

struct Multipart {
    std::vector<Part> parts;
    // cut: the body ends before the last delimiter; bounded: there are more parts, or a head is too
    // long; malformed: the boundary can be none.
    End end = End::complete;
};

// Lines may end in LF without CR. What comes before the first delimiter and after the last is left
// out.
Multipart split_multipart(certs::Bytes body, std::string_view boundary);

}  // namespace inspect::content
