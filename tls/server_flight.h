// What a server's first flight says in the clear: its ServerHello or HelloRetryRequest, and up to
// TLS 1.2 its certificate, its key exchange and its staple. Reads what has arrived so far; judges
// nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "certs/bytes.h"
#include "tls/suites.h"

namespace tls {

// The handshake messages of the complete records, joined; records that are neither handshake nor
// alert end them.
certs::ByteVector handshake_stream(certs::Bytes received);

struct ServerFlight {
    bool hello = false;  // a ServerHello or HelloRetryRequest came whole and well-formed; the rest is its content
    bool retry = false;  // RFC 8446 §4.1.4
    WireVersion version = 0;
    std::uint16_t suite = 0;
    certs::ByteVector session_id = {};
    std::uint8_t compression = 0;
    std::vector<std::uint16_t> extensions = {};  // their types, in order; at most 64
    // The group of its key share, or that it asks for; up to TLS 1.2 the named curve of its
    // ServerKeyExchange (RFC 8422 §5.4). 0 when there is none.
    std::uint16_t group = 0;
    // Up to TLS 1.2, of its ServerKeyExchange.
    std::optional<std::size_t> dh_bits = {};
    std::uint16_t signature = 0;    // SignatureScheme, TLS 1.2 only
    certs::ByteVector leaf = {};    // DER; up to TLS 1.2, as the rest is
    certs::ByteVector issuer = {};  // the certificate after it
    certs::ByteVector staple = {};  // the DER of an OCSPResponse (RFC 6066 §8)
    bool done = false;              // ServerHelloDone came

    bool has(std::uint16_t extension) const;
    bool operator==(const ServerFlight&) const = default;
};

ServerFlight read_server_flight(certs::Bytes received);

}  // namespace tls
