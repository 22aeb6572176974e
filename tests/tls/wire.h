// Two sessions that talk in memory, and a server's messages made by hand, for the tests of tls.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/catch.h"
#include "tls/session.h"

namespace tls_test {

certs::ByteVector from_hex(std::string_view text);

certs::ByteVector leaf();      // p256_identity()'s certificate
certs::ByteVector leaf_key();  // and its key, SEC 1
const tls::ServerIdentity& p256_identity();
const tls::ServerIdentity& ed25519_identity();
tls::ServerIdentity identity_with(const std::vector<certs::ByteVector>& rest);  // served after the leaf

certs::Verdict accepted();
certs::Verdict refused();
tls::ClientParameters parameters(certs::Verdict verdict);

// Moves what `from` wants to send to `to`, in portions of so many bytes, and lets `to` continue its
// handshake.
void carry(tls::Session& from, tls::Session& to, std::size_t portion);
void shake_hands(tls::Session& client, tls::Session& server, std::size_t portion = 100'000);
// Feeds `wire` and reads until there is no more; `last` is what read() returned last.
std::string receive(tls::Session& session, certs::Bytes wire, tls::ReadState& last);
certs::ByteVector taken(tls::Session& session);  // the output, marked as sent

void put_vector(certs::ByteVector& bytes, int length_size, certs::Bytes content);
certs::ByteVector record(std::uint8_t type, std::uint16_t version, certs::Bytes payload);
certs::ByteVector message(std::uint8_t type, certs::Bytes body);
certs::ByteVector server_hello(std::uint16_t version, std::uint16_t cipher, certs::Bytes extensions = {});
certs::ByteVector certificate_message(const std::vector<certs::ByteVector>& chain);
// A CertificateStatus (RFC 6066 §8) with these bytes as the OCSP response.
certs::ByteVector certificate_status(certs::Bytes response);
// An ECDSA signature, made by no key, over an ephemeral X25519 key.
certs::ByteVector key_exchange_signed_by_nobody();
certs::ByteVector together(const std::vector<certs::ByteVector>& parts);

}  // namespace tls_test
