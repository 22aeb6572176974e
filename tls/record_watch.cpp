#include "tls/record_watch.h"

#include <algorithm>

#include "tls/key_exchange.h"
#include "tls/reader.h"

namespace tls {

namespace {

constexpr std::uint8_t change_cipher_spec_record = 20, alert_record = 21, handshake_record = 22,
                       application_data_record = 23;
constexpr std::uint8_t client_hello_type = 1, server_hello_type = 2, certificate_type = 11,
                       server_key_exchange_type = 12, certificate_request_type = 13, server_hello_done_type = 14,
                       certificate_status_type = 22;
// RFC 5246 §7.4.4: a CertificateRequest's three lists, each at the most that its length can
// express.
constexpr std::size_t certificate_request_most = (1 + 255) + 2 * (2 + 65'535);
// RFC 5246 §7.4.3: dh_p, which comes first in a ServerKeyExchange.
constexpr std::size_t dh_prime_most = 2 + 65'535;
constexpr std::uint8_t fatal = 2;
constexpr std::uint16_t tls_1_3 = 0x0304;
constexpr std::uint16_t extension_status_request = 5, extension_supported_versions = 43,
                        extension_renegotiation_info = 0xFF01;

// RFC 8446 §4.1.3.
constexpr std::array<std::uint8_t, 32> hello_retry_request = {
    0xCF, 0x21, 0xAD, 0x74, 0xE5, 0x9A, 0x61, 0x11, 0xBE, 0x1D, 0x8C, 0x02, 0x1E, 0x65, 0xB8, 0x91,
    0xC2, 0xA2, 0x11, 0x16, 0x7A, 0xBB, 0x8C, 0x5E, 0x07, 0x9E, 0x09, 0xE2, 0xC8, 0xA8, 0x33, 0x9C};

bool can_begin(std::span<const std::uint8_t> header) {
    if (header[0] < alert_record || header[0] > application_data_record) return false;
    if (header.size() > 1 && header[1] != 3) return false;
    if (header.size() > 2 && header[2] > 4) return false;
    if (header.size() < 5) return true;
    return header[3] != 0 || header[4] != 0;
}

}  // namespace

bool is_hello_retry_request(certs::Bytes random) { return std::ranges::equal(random, hello_retry_request); }

void RecordWatch::take(certs::Bytes bytes) {
    while (!bytes.empty()) {
        if (phase_ == Phase::not_tls) {
            const std::size_t room = first_bytes_most - first_bytes_.size();
            first_bytes_ += certs::as_text(bytes.first(std::min(room, bytes.size())));
            return;
        }
        if (payload_left_ > 0) {
            const std::size_t size = std::min(payload_left_, bytes.size());
            payload(bytes.first(size));
            payload_left_ -= size;
            bytes = bytes.subspan(size);
            continue;
        }
        header_[header_size_++] = bytes.front();
        if (phase_ == Phase::first_header) {
            first_bytes_ += static_cast<char>(bytes.front());
            if (!can_begin(std::span(header_).first(header_size_))) phase_ = Phase::not_tls;
        }
        bytes = bytes.subspan(1);
        if (phase_ != Phase::not_tls && header_size_ == header_.size()) header_complete();
    }
}

void RecordWatch::header_complete() {
    header_size_ = 0;
    payload_left_ = static_cast<std::size_t>(header_[3]) << 8 | header_[4];
    if (phase_ == Phase::first_header) {
        phase_ = Phase::plaintext;
        first_bytes_.clear();
    }
    if (status_ == Status::awaited && header_[0] != handshake_record) status_ = Status::settled;
    // From here on TLS 1.2 is encrypted with a key that we do not have, and nothing that matters
    // follows.
    if (phase_ == Phase::plaintext && header_[0] == change_cipher_spec_record) {
        phase_ = Phase::hidden;
        keeping_ = false;
    }
    if (phase_ == Phase::hidden && keeping_) flight_.insert(flight_.end(), header_.begin(), header_.end());
}

void RecordWatch::payload(certs::Bytes bytes) {
    // Two bytes cannot be an encrypted alert. OpenSSL's clients refuse a TLS 1.3 certificate with
    // an alert in the clear.
    const bool plain_alert = header_[0] == alert_record && header_[3] == 0 && header_[4] == 2;
    if (phase_ == Phase::hidden && !plain_alert) {
        if (!keeping_) return;
        if (flight_.size() + bytes.size() > kept_most) return stop_keeping();
        flight_.insert(flight_.end(), bytes.begin(), bytes.end());
        return;
    }
    if (header_[0] == alert_record) alert(bytes);
    if (header_[0] == handshake_record) handshake(bytes);
}

void RecordWatch::alert(certs::Bytes bytes) {
    for (const std::uint8_t byte : bytes) {
        if (!alert_level_) {
            alert_level_ = byte;
        } else {
            if (*alert_level_ == fatal && !alert_) alert_ = byte;
            alert_level_.reset();
        }
    }
}

void RecordWatch::handshake(certs::Bytes bytes) {
    while (!bytes.empty() && phase_ == Phase::plaintext) {
        if (message_left_ > 0) {
            const std::size_t size = std::min(message_left_, bytes.size());
            if (is_kept() && body_.size() + size <= kept_most) {
                body_.insert(body_.end(), bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
            }
            message_left_ -= size;
            bytes = bytes.subspan(size);
        } else {
            message_header_[message_header_size_++] = bytes.front();
            bytes = bytes.subspan(1);
            if (message_header_size_ < message_header_.size()) continue;
            message_left_ = static_cast<std::size_t>(message_header_[1]) << 16 |
                            static_cast<std::size_t>(message_header_[2]) << 8 | message_header_[3];
            message_begins();
        }
        if (message_left_ == 0) {
            message();
            message_header_size_ = 0;
            body_.clear();
        }
    }
}

// RFC 6066 §8: a CertificateStatus comes right after the Certificate, or not at all even though it
// was announced.
void RecordWatch::message_begins() {
    const bool is_status = message_header_[0] == certificate_status_type && message_left_ <= kept_most;
    if (status_ == Status::awaited && !is_status) status_ = Status::settled;
}

// Whether the message's body is of use here; other messages are skipped.
bool RecordWatch::is_kept() const {
    const std::uint8_t type = message_header_[0];
    if (type == certificate_request_type)
        return certificate_request_.empty() && body_.size() <= certificate_request_most;
    if (type == server_key_exchange_type) return is_dhe(server_cipher_) && body_.size() <= dh_prime_most;
    const bool is_awaited_status = type == certificate_status_type && status_ == Status::awaited;
    return keeping_ && (type == server_hello_type || type == certificate_type || is_awaited_status);
}

void RecordWatch::message() {
    switch (message_header_[0]) {
        case client_hello_type: reached_ = std::max(reached_, Milestone::client_hello); break;
        case server_hello_type:
            reached_ = std::max(reached_, Milestone::server_hello);
            server_hello();
            break;
        case certificate_type:
            reached_ = std::max(reached_, Milestone::certificate);
            if (keeping_ && certificate_.empty()) certificate_ = std::move(body_);
            if (status_ == Status::announced) status_ = Status::awaited;
            break;
        case certificate_status_type:
            if (!is_kept()) break;
            certificate_status_ = std::move(body_);
            status_ = Status::settled;
            break;
        case certificate_request_type:
            reached_ = std::max(reached_, Milestone::certificate_request);
            if (is_kept()) certificate_request_ = std::move(body_);
            break;
        case server_key_exchange_type:
            if (is_kept()) dh_bits_ = prime_bits(body_);
            break;
        case server_hello_done_type: flight_done_ = true; break;
        default: break;
    }
}

// RFC 8446 §4.1.3; the same layout since TLS 1.0.
void RecordWatch::server_hello() {
    Reader reader(body_);
    const auto legacy_version = static_cast<std::uint16_t>(reader.number(2));
    const certs::Bytes random = reader.bytes(32);
    reader.vector(1);  // session id
    const auto cipher = static_cast<std::uint16_t>(reader.number(2));
    reader.number(1);  // compression
    if (!reader.good()) return;
    const std::uint16_t chosen = server_version_;
    server_version_ = legacy_version;
    server_cipher_ = cipher;
    Reader extensions(reader.vector(2));
    while (!extensions.at_end()) {
        const std::uint32_t type = extensions.number(2);
        Reader body(extensions.vector(2));
        if (type == extension_renegotiation_info) secure_renegotiation_ = true;
        if (type == extension_status_request && status_ == Status::unknown) status_ = Status::announced;
        if (type == extension_supported_versions) server_version_ = static_cast<std::uint16_t>(body.number(2));
    }
    // RFC 8446 §4.1.4: the hello after a HelloRetryRequest keeps its version; a hello after any
    // other does not count.
    if (chosen != 0) server_version_ = chosen;
    const bool retry = is_hello_retry_request(random);
    if (server_version_ == tls_1_3 && !retry) phase_ = Phase::hidden;
}

void RecordWatch::stop_keeping() {
    keeping_ = false;
    status_ = Status::settled;
    for (certs::ByteVector* kept : {&certificate_, &certificate_status_, &flight_}) *kept = certs::ByteVector();
}

}  // namespace tls
