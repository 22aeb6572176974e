// A DER document that is read once, and keeps the bytes that the views of what was read point into.
#pragma once

#include <cstddef>
#include <expected>
#include <memory>
#include <string_view>

#include "certs/der.h"

namespace certs {

// `Parsed` has the bytes, `der`, and reads them with read(DerContext&). `too_large` is the reason
// when there are more than `largest` of them, and `field` then the name of the whole.
template <typename Parsed>
std::expected<std::shared_ptr<Parsed>, ParseError> read_document(Bytes der, std::string_view field, std::size_t largest,
                                                                 std::string_view too_large) {
    if (der.size() > largest) return std::unexpected(ParseError{field, largest, too_large, ParseFault::limit});
    auto parsed = std::make_shared<Parsed>();
    parsed->der.assign(der.begin(), der.end());
    DerContext context(parsed->der);
    parsed->read(context);
    if (context.failed()) return std::unexpected(*context.error());
    return parsed;
}

}  // namespace certs
