// What a body is, and so how a person wants to see it: from its Content-Type, and from its first
// bytes where there is none, where it says nothing, or where the bytes cannot be what it says.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "certs/bytes.h"

namespace inspect::content {

// The bytes of a body that are looked at; more need not be given.
constexpr std::size_t kind_looks_at = 1024;

enum class Form : std::uint8_t {
    empty,
    json,  // RFC 8259, and types that end in +json
    json_lines,
    xml,
    html,
    form,       // application/x-www-form-urlencoded
    multipart,  // RFC 2046 §5.1; `boundary` says where it is split
    png,
    jpeg,
    gif,
    webp,
    svg,
    text,
    grpc,  // of gRPC and gRPC-Web
    protobuf,
    sse,  // text/event-stream
    binary,
};

// "json", "form"; for a page and for JSON.
std::string_view name(Form form);
bool is_image(Form form);  // one that a browser shows

struct Kind {
    Form form = Form::binary;
    std::string charset = {};   // in lower case: declared, or of a byte order mark; "" otherwise
    std::string boundary = {};  // of a multipart
    bool doubted = false;       // Content-Type says something else, which the bytes are not
    bool operator==(const Kind&) const = default;
};

// `first` is the beginning of the body without its content coding, `whole` whether it is all of it.
Kind kind_of(std::string_view content_type, certs::Bytes first, bool whole = false);

}  // namespace inspect::content
