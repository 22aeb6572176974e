#include "inspect/diagnosis/mends.h"

#include <utility>

namespace inspect::diagnosis {

std::string_view words(http::Mend mend) {
    switch (mend) {
        case http::Mend::line_feeds: return "lines that end in LF without CR";
        case http::Mend::blank_before_colon: return "white space before a field's colon";
        case http::Mend::folded_field: return "a field folded over several lines";
        case http::Mend::repeated_length: return "the same Content-Length more than once";
        case http::Mend::length_beside_chunked: return "a Content-Length beside chunks";
        case http::Mend::repeated_chunked: return "chunked more than once in Transfer-Encoding";
        case http::Mend::identity_coding: return "identity, or nothing, in Transfer-Encoding";
        case http::Mend::coding_in_1_0: return "chunks in HTTP/1.0";
        case http::Mend::field_in_trailers: return "a trailer that may only be a header";
    }
    std::unreachable();
}

}  // namespace inspect::diagnosis
