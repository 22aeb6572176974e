// Fetches one document from a certificate's URLs over plain HTTP: an issuer, an OCSP response, a
// list. The URL comes from a stranger, so everything about it is bounded: where it may lead, how
// long it may take, how much may come. Sends nothing of a client's request. Knows nothing of what
// the document says.
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
    certs::ByteVector body;   // to be POSTed as application/ocsp-request (RFC 6960 §A.1); empty: a GET
    std::size_t largest = 0;  // bytes of the response's body, as on the wire
    // The reach of the server whose certificate named the URL. An address that is not global is
    // connected to only when that server's address is of the same kind.
    io::Reach upstream = io::Reach::global;
    double seconds = 0;  // for all of it: name, connection, redirects, up to the last byte
};

enum class FetchError {
    bad_url,    // not http://, or not understood; also of a redirect
    not_found,  // the name does not resolve
    forbidden,  // every address is out of bounds or this very proxy's, or a parent proxy leads there
    unreachable,
    timed_out,
    closed,  // the connection ended inside the response, or before it
    not_http,
    status,     // a status other than 200
    redirects,  // more than three
    too_large,
};

// Whether fetch() does not fetch this URL because a parent proxy leads to its server.
bool is_behind_parent(const Settings& settings, std::string_view url);

// Returns the response's body.
io::Task<std::expected<certs::ByteVector, FetchError>> fetch(UpstreamContext& context, FetchRequest request);

}  // namespace proxy
