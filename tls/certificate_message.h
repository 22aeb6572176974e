// The Certificate message (RFC 5246 §7.4.2, RFC 8446 §4.4.2), read by ourselves for the case that the library
// refuses the chain before it asks for our verdict. Knows the list; nothing of what is in the certificates.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "certs/bytes.h"

namespace tls {

// The most certificates that are handed on; the report has no use for more.
constexpr std::size_t listed_certificates_most = 100;

// The DER of each certificate in the message's body, leaf first, as views of `body`. nullopt when the message itself
// is malformed; an empty list is a message without certificates.
std::optional<std::vector<certs::Bytes>> certificates_in(certs::Bytes body, bool tls_1_3);

// Whether the library hands out the secret that the next function needs (wolfSSL built with HAVE_SECRET_CALLBACK);
// without it a TLS 1.3 chain that the library chokes on fails without a verdict.
bool can_read_encrypted_flights();

// The body of the Certificate message in the first encrypted flight of a TLS 1.3 server, from its records and the
// server's handshake traffic secret (RFC 8446 §7.1); empty when there is none, or it cannot be decrypted.
certs::ByteVector certificate_message_in_flight(certs::Bytes flight, std::uint16_t cipher, certs::Bytes secret);

}  // namespace tls
