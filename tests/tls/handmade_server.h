// A TLS 1.3 server that sends what a test wants (RFC 8446): it agrees on X25519 and AES-128-GCM
// with the ClientHello and encrypts any messages. The caller asks for signatures and the Finished,
// and may spoil them.
#pragma once

#include <array>
#include <cstdint>

#include "certs/bytes.h"
#include "certs/private_key.h"

namespace tls_test {

class HandmadeServer {
public:
    explicit HandmadeServer(certs::Bytes client_hello);  // its one record

    // The record of the ServerHello.
    const certs::ByteVector& hello() const { return hello_; }
    // Handshake messages, or a piece of them, as one encrypted record; `type` where it has another
    // content (RFC 8446 §5.2).
    certs::ByteVector encrypted(certs::Bytes messages, std::uint8_t type = 22);
    // The handshake is over, after these messages: what follows is encrypted with the keys for
    // application data (RFC 8446 §7.1).
    void is_done(certs::Bytes messages);

    // What belongs after the ServerHello and these messages: a CertificateVerify by a P-256 key
    // (RFC 8446 §4.4.3), a Finished (§4.4.4).
    certs::ByteVector certificate_verify(const certs::PrivateKey& key, certs::Bytes messages) const;
    certs::ByteVector finished(certs::Bytes messages) const;

private:
    std::array<std::uint8_t, 32> transcript(certs::Bytes messages) const;

    certs::ByteVector hello_, said_;  // said: both hellos, without record headers
    std::array<std::uint8_t, 32> handshake_secret_{}, secret_{};
    std::array<std::uint8_t, 16> key_{};
    std::array<std::uint8_t, 12> iv_{};
    std::uint8_t sequence_ = 0;
};

}  // namespace tls_test
