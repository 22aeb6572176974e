#include "tls/classify.h"

#include <wolfssl/options.h>

#include <wolfssl/error-ssl.h>
#include <wolfssl/ssl.h>

#include "tls/context_state.h"

namespace tls {

namespace {

constexpr std::uint8_t close_notify = 0;

// The watch sees it before the library, which counts octets; other faults do not matter then.
bool is_small_group(const RecordWatch& watch) { return watch.dh_bits().value_or(dh_bits_least) < dh_bits_least; }

}  // namespace

FailureKind classify(const LibraryFailure& failure, const RecordWatch& watch) {
    if (watch.not_tls()) return FailureKind::not_tls;
    if (failure.alert_received)
        return *failure.alert_received == close_notify ? FailureKind::closed : FailureKind::alert;
    const bool old_server = watch.server_version() != 0 && watch.server_version() < failure.lowest_version;
    if (old_server) return FailureKind::version;
    const bool ended = failure.code == SOCKET_PEER_CLOSED_E || failure.code == SOCKET_ERROR_E;
    if (!ended && is_small_group(watch)) return FailureKind::weak_dh;
    switch (failure.code) {
        // In the library as this project builds it, only a ServerKeyExchange or CertificateVerify
        // that does not verify. An installed library has that code for some of them, and many other
        // codes, which are reported only as a broken protocol.
        case VERIFY_SIGN_ERROR: return FailureKind::handshake_signature;
        case SOCKET_PEER_CLOSED_E:
        case SOCKET_ERROR_E: return failure.reset ? FailureKind::reset : FailureKind::closed;
        case VERSION_ERROR:
        // Also for a record, whose version means nothing once a version is agreed.
        case UNSUPPORTED_PROTO_VERSION: return failure.agreed ? FailureKind::protocol_error : FailureKind::version;
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
