// Heads of messages ⇄ header lists of HTTP/2 (RFC 9113 §8.2, §8.3), as pure functions. What comes
// from HTTP/2 is refused unless it can be written as HTTP/1 without changing its meaning: no CR,
// LF, NUL or space gets into a part that they would end, no second length, no second host. Knows no
// stream and no frame; whether DATA is as long as Content-Length says is checked elsewhere.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "inspect/http/http2/header_list.h"
#include "inspect/http/message.h"

namespace inspect::http2 {

// Why a field section is malformed (RFC 9113 §8.1.1): a stream error of type PROTOCOL_ERROR.
enum class Malformed : std::uint8_t {
    name,                 // §8.2.1: no token, or with an upper-case letter
    value,                // §8.2.1: a control byte, or white space at either end
    pseudo_after_field,   // §8.3
    unknown_pseudo,       // §8.3: unknown, of the other kind of message, or in a trailer section
    doubled_pseudo,       // §8.3
    missing_pseudo,       // §8.3.1, §8.3.2, §8.5: or one that must not be there
    method,               // §8.3.1: no token
    scheme,               // §8.3.1: no scheme of RFC 3986 §3.1
    path,                 // §8.3.1: neither an absolute path nor, for OPTIONS, "*"; a space, a control byte, a fragment
    authority,            // §8.3.1: user information, no host, or characters that no host has; §8.5: no port
    host,                 // §8.3.1: several Host fields, or one that names another host than :authority
    protocol,             // RFC 8441 §4: no token, or not with CONNECT
    status,               // §8.3.2, §8.6: not three digits, below 100, or 101
    connection_specific,  // §8.2.2
    content_length,       // §8.1.1: not a number, twice, in a trailer section, with CONNECT
};
std::string_view name(Malformed why);  // "content_length", for the log

// A request as HTTP/2 carries it. The target has the origin form ("*" for OPTIONS), that of a plain
// CONNECT the authority form; an extended CONNECT (RFC 8441 §4) has its path as target. Host is
// the first field, with the value of :authority as it was sent. The version is 2.0.
struct Request {
    http::RequestHead head;
    std::string scheme;    // lower case; "" for a plain CONNECT
    std::string protocol;  // :protocol of an extended CONNECT; "" for any other request
};

// RFC 9113 §8.3.1, §8.5. Crumbs of Cookie are joined with "; " (§8.2.3); names stay in lower case.
std::expected<Request, Malformed> read_request(const HeaderList& list);
// RFC 9113 §8.3.2. The version is 2.0, there is no reason phrase.
std::expected<http::ResponseHead, Malformed> read_response(const HeaderList& list);
// RFC 9113 §8.1: a trailer section. Content-Length and Host in it are malformed too.
std::expected<http::Fields, Malformed> read_trailers(const HeaderList& list);

// The other direction appends to `list`; false when the head has no form in HTTP/2, and then `list`
// holds nothing of use. Names become lower case. Fields about the connection are left out: those
// of RFC 9113 §8.2.2, HTTP2-Settings, and what Connection names; of TE "trailers" stays. Content
// is taken to be without transfer codings: one other than chunked has no form in HTTP/2, and
// Content-Length beside Transfer-Encoding is left out (RFC 9112 §6.3).
//
// The authority is the absolute target's, else Host's (RFC 9112 §3.2.2, RFC 9113 §8.3.1).
// `scheme` is for targets that have none. With a `protocol` the request becomes an extended
// CONNECT (RFC 8441 §5) to the target's path, whatever its method is.
bool write_request(const http::RequestHead& head, std::string_view scheme, std::string_view protocol, HeaderList& list);
// An interim response too, but not 101 (RFC 9113 §8.6).
bool write_response(const http::ResponseHead& head, HeaderList& list);
bool write_trailers(const http::Fields& fields, HeaderList& list);

}  // namespace inspect::http2
