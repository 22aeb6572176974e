// One document of a certificate's URLs over plain HTTP: an issuer, an OCSP response, a list. The URL comes from a stranger, so that
// everything about it is bounded: where it may lead, how long it may take, how much may come. Nothing of a client's request goes along.
// Knows nothing of what the document says.
#pragma once

#include <cstddef>
#include <expected>
#include <string>
#include <string_view>

#include "certs/bytes.h"
#include "proxy/io/address.h"
#include "proxy/io/task.h"
#include "proxy/upstream/context.h"

namespace proxy {

struct FetchRequest {
    std::string url;
    std::string accept;       // the media types wanted
    certs::ByteVector body;   // what to POST as application/ocsp-request (RFC 6960 §A.1); empty: a GET
    std::size_t largest = 0;  // bytes of the response's body, as it stands on the wire
    // Of the server whose certificate named the URL: another than a global address is only followed when that server's is of its kind.
    io::Reach upstream = io::Reach::global;
    double seconds = 0;  // for all of it: name, connection, redirects, the last byte
};

enum class FetchError {
    bad_url,    // not http://, or not to be understood; of a redirect too
    not_found,  // the name does not resolve
    forbidden,  // every address is out of bounds, or this very proxy's; or a parent proxy leads there
    unreachable,
    timed_out,
    closed,  // the connection ended inside the response, or before it
    not_http,
    status,     // another status than 200
    redirects,  // more than three
    too_large,
};

// Whether fetch() leaves this URL alone because a parent proxy leads to its server.
bool is_behind_parent(const Settings& settings, std::string_view url);

// The response's body.
io::Task<std::expected<certs::ByteVector, FetchError>> fetch(UpstreamContext& context, FetchRequest request);

}  // namespace proxy
