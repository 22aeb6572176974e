#include "tls/classify.h"

#include <wolfssl/options.h>

#include <wolfssl/error-ssl.h>
#include <wolfssl/ssl.h>

namespace tls {

namespace {

constexpr std::uint8_t close_notify = 0;

// wolfCrypt's codes are those above the first of wolfSSL's (error-crypt.h, error-ssl.h).
bool is_wolfcrypt(int code) { return code < 0 && code > -300; }

bool is_record_protection(int code) {
    return code == AES_GCM_AUTH_E || code == MAC_CMP_FAILED_E || code == VERIFY_MAC_ERROR || code == DECRYPT_ERROR;
}

// A signature over the handshake that does not verify shows as many codes: RSA padding, sizes, ECDSA. What they share is
// that cryptography failed after the chain was heard, where only that signature is left to check.
bool is_handshake_signature(const LibraryFailure& failure) {
    if (!failure.chain_seen || failure.code == ALGO_ID_E || is_record_protection(failure.code)) return false;
    return is_wolfcrypt(failure.code) || failure.code == VERIFY_SIGN_ERROR;
}

}  // namespace

FailureKind classify(const LibraryFailure& failure, const RecordWatch& watch) {
    if (watch.not_tls()) return FailureKind::not_tls;
    if (failure.alert_received) return *failure.alert_received == close_notify ? FailureKind::closed : FailureKind::alert;
    const bool old_server = watch.server_version() != 0 && watch.server_version() < failure.lowest_version;
    if (old_server) return FailureKind::version;
    if (is_handshake_signature(failure)) return FailureKind::handshake_signature;
    switch (failure.code) {
        case SOCKET_PEER_CLOSED_E:
        case SOCKET_ERROR_E: return failure.reset ? FailureKind::reset : FailureKind::closed;
        case VERSION_ERROR:
        case UNSUPPORTED_PROTO_VERSION: return FailureKind::version;
        case ALGO_ID_E:  // a signature algorithm that was not offered, or is not known
        case MATCH_SUITE_ERROR:
        case UNSUPPORTED_SUITE:
        case ECC_CURVE_ERROR:
        case ECC_CURVETYPE_ERROR:
        case KEY_SHARE_ERROR:
        case BAD_KEY_SHARE_DATA: return FailureKind::cipher;
        case DH_KEY_SIZE_E: return FailureKind::weak_dh;
        case SECURE_RENEGOTIATION_E: return FailureKind::renegotiation;
        case NO_PEER_CERT:
        case NO_PEER_KEY: return FailureKind::no_certificate;
        default: return FailureKind::protocol_error;
    }
}

}  // namespace tls
