// The Certificate message (RFC 5246 §7.4.2, RFC 8446 §4.4.2) and the OCSP response that comes with
// it, parsed here: the library does not expose the response, and may refuse the chain before it
// asks for our verdict. Knows the lists, not the content of a certificate or a response.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "certs/bytes.h"

namespace tls {

// The most certificates that are handed on; the report has no use for more.
constexpr std::size_t listed_certificates_most = 100;

// The DER of each certificate in the message's body, leaf first, as views of `body`. nullopt when
// the message itself is malformed; an empty list is a message without certificates.
std::optional<std::vector<certs::Bytes>> certificates_in(certs::Bytes body, bool tls_1_3);

// The CertificateStatus in the extensions of the leaf's CertificateEntry (RFC 8446 §4.4.2.1), a
// view of a TLS 1.3 message's body; empty when absent.
certs::Bytes certificate_status_in(certs::Bytes body);

// The DER of the OCSPResponse in a CertificateStatus (RFC 6066 §8), a view; empty when it holds
// none or is malformed.
certs::Bytes ocsp_response_in(certs::Bytes certificate_status);

// Whether the library exposes the secret that the next function needs (wolfSSL built with
// HAVE_SECRET_CALLBACK). Without it, a TLS 1.3 chain that the library cannot handle fails without a
// verdict, and no staple can be read.
bool can_read_encrypted_flights();

constexpr std::uint8_t handshake_certificate = 11, handshake_certificate_request = 13;  // RFC 8446 §4

// The handshake messages in the first encrypted flight of a TLS 1.3 server up to its Certificate,
// from its records and the server's handshake traffic secret (RFC 8446 §7.1); as many as have
// arrived and can be decrypted.
certs::ByteVector messages_in_flight(certs::Bytes flight, std::uint16_t cipher, certs::Bytes secret);

// The body of the first such message in a stream of handshake messages, a view; nullopt while it is
// not complete.
std::optional<certs::Bytes> message_in(certs::Bytes stream, std::uint8_t type);

}  // namespace tls
