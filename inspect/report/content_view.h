// What a body says, as JSON text for a page: its content coding undone, its form, and its text,
// parts, frames or bytes. A pure function, and bounded, whatever the bytes are: a small body that
// stands for gigabytes costs what the bounds cost.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "certs/bytes.h"

namespace inspect::report {

// Bytes of a body, after its content coding is undone, that are shown; of bytes in hexadecimal.
constexpr std::size_t most_shown_text = 1 << 20;
constexpr std::size_t most_shown_hex = 64 << 10;

// One line, valid JSON. The first three are the values of Content-Type, Content-Encoding and
// grpc-encoding; `kept` is the beginning of the content, `whole` whether it is all of it. Members:
// `form` (content::name), `size` (of `kept`), `whole`; where they apply `charset`, `replaced`
// (U+FFFD stands for bytes that the charset has not), `doubted` (the bytes are not what
// Content-Type says), `coding` (`names`, `end`, `size` after it), `text`, `cut` (more than the bounds), `hex`, `base64`
// of images, `fields` of a form, `parts` of a multipart, `frames` of gRPC, `events` of
// text/event-stream, and `end` of parts, frames and protobuf where it is not "complete".
std::string view_json(std::string_view content_type, std::string_view content_encoding, std::string_view grpc_encoding,
                      certs::Bytes kept, bool whole);

}  // namespace inspect::report
