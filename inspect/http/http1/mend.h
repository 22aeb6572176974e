// What was odd in a response, but still clear. It is mended on its way, so that every reader
// understands it alike. diagnosis has the words (mends.h).
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

namespace inspect::http {

enum class Mend : std::uint8_t {
    line_feeds,             // lines that end in LF only (RFC 9112 §2.2)
    blank_before_colon,     // "Name : value" (RFC 9112 §5.1)
    folded_field,           // a field over several lines (RFC 9112 §5.2)
    repeated_length,        // Content-Length more than once, always the same (RFC 9110 §8.6)
    length_beside_chunked,  // Content-Length beside chunks (RFC 9112 §6.3)
    repeated_chunked,       // chunked more than once in Transfer-Encoding (RFC 9112 §6.1)
    identity_coding,        // Transfer-Encoding that is empty or says identity, which RFC 9112 §7 no longer has
    coding_in_1_0,          // chunks in HTTP/1.0 (RFC 9112 §6.1)
    field_in_trailers,      // a trailer that frames or routes the message, or is about one connection (RFC 9110 §6.5.1)
};
using Mends = std::vector<Mend>;  // in the order found, each once

inline void note(Mends& mends, Mend mend) {
    if (std::ranges::find(mends, mend) == mends.end()) mends.push_back(mend);
}

// Whether the sender marked the end of its message in more than one way. It is believed for one
// message, and the connection must not outlive that message.
inline bool ends_connection(Mend mend) {
    return mend != Mend::blank_before_colon && mend != Mend::folded_field && mend != Mend::repeated_length &&
           mend != Mend::field_in_trailers;
}

}  // namespace inspect::http
