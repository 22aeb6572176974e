// The ClientHello, read from the bytes that a client sends first, before any TLS library sees them
// (RFC 8446 §4.1.2). Knows the message, not what will be answered.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "certs/bytes.h"

namespace tls {

struct ClientHello {
    std::string sni;                     // host_name of server_name (RFC 6066 §3); "" when absent
    std::vector<std::string> alpn;       // RFC 7301, in the client's order
    std::uint16_t version = 0;           // the highest that it offers: supported_versions, else legacy_version
    std::vector<std::uint16_t> ciphers;  // as sent, GREASE values (RFC 8701) included
    std::vector<std::uint16_t> groups;   // the same
    bool operator==(const ClientHello&) const = default;
};

enum class Peek {
    need_more,  // a TLS record so far, the ClientHello not complete yet
    complete,
    not_tls,  // certainly not a ClientHello
};

struct PeekResult {
    Peek state = Peek::need_more;
    ClientHello hello;  // when complete
};

// Looks at the first bytes of a connection without consuming them. A ClientHello may span records;
// at most 64 KiB are looked at, more is not_tls. Decides `not_tls` on the first byte that rules out
// a ClientHello by its record or message header, and on a complete message that is malformed. Bytes
// after the ClientHello are never looked at.
PeekResult peek_client_hello(certs::Bytes bytes);

// Whether the first byte may begin TLS: a handshake record (RFC 8446 §5.1). HTTP and SOCKS begin
// with other bytes.
inline bool begins_tls(certs::Bytes bytes) { return !bytes.empty() && bytes.front() == 22; }

}  // namespace tls
