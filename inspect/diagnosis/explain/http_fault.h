// What a faulty HTTP/1.1 message shows, response or request: the words for its fault, and what may
// be shown of it.
#pragma once

#include <string>
#include <string_view>

#include "inspect/diagnosis/explain/parts.h"

namespace inspect::diagnosis {

// The fault, as far as a title has room for it.
std::string short_words(http::MessageError error, const http::Fault& fault);

// "the head is larger than 64 KiB"
std::string too_large(const http::Fault& fault);

// Rows: the fault with its rule, and the line that it is in.
void add_fault(Problem& problem, http::MessageError error, const http::Fault& fault);

// A row with the bytes that came in place of a message, unless they look like a body.
void add_first_bytes(Problem& problem, std::string_view bytes);

// Whether only a blank line comes before the head, as from a stray print.
bool begins_with_empty_line(std::string_view bytes);

// The way round whytls, where a tunnel can lead there.
void offer_passthrough(const Context& context, Problem& problem);

Fix raise_max_header(const Context& context, const http::Fault& fault);

}  // namespace inspect::diagnosis
