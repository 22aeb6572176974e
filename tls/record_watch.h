// What the peer's bytes show without any key while a handshake runs: whether they are TLS at all,
// how far the peer got, a plaintext alert, the Certificate message that the library may fail on,
// and the CertificateStatus that the library does not expose. It watches before the library does
// and decides nothing; it does not judge the messages' content.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "certs/bytes.h"
#include "tls/failure.h"

namespace tls {

// Whether this random of a ServerHello makes it a HelloRetryRequest (RFC 8446 §4.1.3).
bool is_hello_retry_request(certs::Bytes random);

class RecordWatch {
public:
    // The most that is kept of a message or of the encrypted flight: wolfSSL's own limit as this
    // project builds it (MAX_HANDSHAKE_SZ), plus a tenth for the records' headers and padding.
    // Until the verdict, a session that waits for a staple holds at most three of these
    // (Certificate, CertificateStatus, and the bytes kept back). Real staples are far smaller:
    // OpenSSL accepts no CertificateStatus above 16 KiB, and TLS 1.3 cannot carry 64 KiB.
    static constexpr std::size_t kept_most = 1'048'576 + 104'858;
    static constexpr std::size_t first_bytes_most = 512;

    // The peer's bytes in order, in any portions.
    void take(certs::Bytes bytes);

    // The first bytes cannot begin a TLS record (RFC 8446 §5.1: handshake, alert or data, version
    // 3.x, not empty).
    bool not_tls() const { return phase_ == Phase::not_tls; }
    // What came before the first valid record header, at most 512 bytes.
    const std::string& first_bytes() const { return first_bytes_; }

    // client_hello, server_hello, certificate or certificate_request, as far as they came in the
    // clear.
    Milestone reached() const { return reached_; }
    std::uint16_t server_version() const { return server_version_; }  // what ServerHello chose; 0 before
    std::uint16_t server_cipher() const { return server_cipher_; }
    // ServerHello has a renegotiation_info (RFC 5746 §3.2).
    bool secure_renegotiation() const { return secure_renegotiation_; }
    std::optional<std::uint8_t> plaintext_alert() const { return alert_; }  // a fatal one

    // The body of TLS 1.2's Certificate message; empty before.
    const certs::ByteVector& certificate_message() const { return certificate_; }
    // The body of TLS 1.2's CertificateStatus message (RFC 6066 §8) that ServerHello announced;
    // empty before, and when none comes.
    const certs::ByteVector& certificate_status() const { return certificate_status_; }
    // The Certificate came, and the CertificateStatus that ServerHello announced may still follow.
    bool awaits_certificate_status() const { return status_ == Status::awaited; }
    // The body of a CertificateRequest up to TLS 1.2 (RFC 5246 §7.4.4); empty before, and when none
    // comes.
    const certs::ByteVector& certificate_request() const { return certificate_request_; }
    // Up to TLS 1.2, with a DHE suite: the length of the group's prime in bits, once the
    // ServerKeyExchange came (RFC 5246 §7.4.3).
    std::optional<std::size_t> dh_bits() const { return dh_bits_; }
    // Up to TLS 1.2: ServerHelloDone came, so it was our turn.
    bool flight_done() const { return flight_done_; }
    // TLS 1.3: the records after ServerHello, headers included, from the first on; empty when there
    // were too many.
    const certs::ByteVector& encrypted_flight() const { return flight_; }
    // Drops the certificates and the flight, and keeps none from now on: the chain was judged.
    void stop_keeping();

private:
    enum class Phase { first_header, not_tls, plaintext, hidden };
    enum class Status { unknown, announced, awaited, settled };

    void header_complete();
    void payload(certs::Bytes bytes);
    void alert(certs::Bytes bytes);
    void handshake(certs::Bytes bytes);
    void message_begins();
    void message();
    bool is_kept() const;
    void server_hello();

    Phase phase_ = Phase::first_header;
    std::string first_bytes_;
    std::array<std::uint8_t, 5> header_{};
    std::size_t header_size_ = 0;
    std::size_t payload_left_ = 0;

    std::array<std::uint8_t, 4> message_header_{};
    std::size_t message_header_size_ = 0;
    std::size_t message_left_ = 0;
    certs::ByteVector body_;

    Milestone reached_ = Milestone::nothing;
    std::uint16_t server_version_ = 0, server_cipher_ = 0;
    std::optional<std::uint8_t> alert_level_, alert_;
    bool keeping_ = true, secure_renegotiation_ = false;
    Status status_ = Status::unknown;
    bool flight_done_ = false;
    std::optional<std::size_t> dh_bits_;
    certs::ByteVector certificate_, certificate_status_, certificate_request_, flight_;
};

}  // namespace tls
