// A TLS 1.3 server that says what a test wants (RFC 8446): it agrees on X25519 and AES-128-GCM with the ClientHello and encrypts any
// messages. It holds no certificate's key, so that a client that got past all else fails at its CertificateVerify.
#pragma once

#include <array>
#include <cstdint>

#include "certs/bytes.h"

namespace tls_test {

class HandmadeServer {
public:
    explicit HandmadeServer(certs::Bytes client_hello);  // its one record

    // The record of the ServerHello.
    const certs::ByteVector& hello() const { return hello_; }
    // Handshake messages, or a piece of them, as one encrypted record.
    certs::ByteVector encrypted(certs::Bytes messages);

private:
    certs::ByteVector hello_;
    std::array<std::uint8_t, 16> key_{};
    std::array<std::uint8_t, 12> iv_{};
    std::uint8_t sequence_ = 0;
};

}  // namespace tls_test
