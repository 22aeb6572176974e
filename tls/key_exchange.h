// What a ServerKeyExchange of finite-field Diffie-Hellman (RFC 5246 §7.4.3) says about its group.
// For tls/*.cpp only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "certs/bytes.h"

namespace tls {

// Whether the suite's ServerKeyExchange has such a group.
bool is_dhe(std::uint16_t suite);

// The length of dh_p in bits, without leading zeros. `key_exchange` is the message's body, or its
// beginning with all of dh_p.
std::optional<std::size_t> prime_bits(certs::Bytes key_exchange);

}  // namespace tls
