// Key-exchange groups by number and name (RFC 8446 §4.2.7, IANA's "TLS Supported Groups").
#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace tls {

struct Group {
    std::uint16_t number;
    const char* name;  // as RFCs spell it: "x25519", "secp256r1"
    // Where it may be used: TLS 1.3 has no curve of its predecessors that is not in RFC 8446 or later.
    bool old, tls_1_3;
};

// In the order in which a client would offer them.
std::span<const Group> known_groups();

// "0x1234" for one that is not in the table.
std::string group_name(std::uint16_t number);

}  // namespace tls
