// A ClientHello written field by field (RFC 8446 §4.1.2, RFC 5246 §7.4.1.2), also as no library
// would write it: with suites and versions that no one has any more. Decides nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "certs/bytes.h"
#include "tls/suites.h"

namespace tls {

struct KeyShare {
    std::uint16_t group;
    certs::ByteVector key;
};

struct HelloFields {
    WireVersion version = 0x0303;  // legacy_version; with SSLv3 (0x0300) no extension is sent
    certs::Bytes random;           // 32 bytes; a view, as session_id is
    certs::Bytes session_id = {};
    std::vector<std::uint16_t> suites;
    certs::ByteVector compressions = {0};
    // Extensions, in the order in which they are sent. Empty lists are left out.
    std::string sni = {};
    bool status_request = false;
    std::vector<std::uint16_t> groups = {};
    bool point_formats = false;  // RFC 8422 §5.1.2: uncompressed
    std::vector<std::uint16_t> signatures = {};
    std::vector<std::string> alpn = {};   // of each name 255 bytes at most
    bool extended_master_secret = false;  // RFC 7627
    bool session_ticket = false;          // RFC 5077 §3.2: an empty one
    bool heartbeat = false;               // RFC 6520 §2: peer_allowed_to_send
    std::size_t padding = 0;              // RFC 7685
    std::vector<WireVersion> versions = {};
    bool psk_modes = false;  // psk_dhe_ke
    // An empty list asks for a HelloRetryRequest (RFC 8446 §4.2.8).
    std::optional<std::vector<KeyShare>> key_shares = {};
};

// The ClientHello in its record.
certs::ByteVector to_wire(const HelloFields& fields);

}  // namespace tls
