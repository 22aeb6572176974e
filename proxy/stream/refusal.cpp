#include "proxy/stream/refusal.h"

namespace proxy {

namespace {

// RFC 8446 §4.4.2.4: a server checks the client's certificate after the handshake, and some then
// close silently. Up to TLS 1.2 the handshake itself shows whether a certificate was accepted.
bool objects_silently(const tls::Handshake* handshake, BeforeRefusal before) {
    const bool may_be = handshake && handshake->certificate_requested &&
                        (!handshake->certificate_sent || handshake->version == "TLSv1.3");
    return may_be && !before.used_before && before.silent;
}

}  // namespace

std::optional<tls::HandshakeFailure> refusal_of(io::Channel& channel, const tls::Handshake* handshake,
                                                const std::optional<io::IoError>& error, BeforeRefusal before) {
    if (error && error->kind == io::IoError::Kind::tls) {
        auto failure = channel.session().failure();
        // A bare reset after a finished handshake is about the request, unless the server may have
        // missed a client certificate.
        const bool about_request = failure && failure->kind == tls::FailureKind::reset &&
                                   (before.used_before || !failure->certificate_requested);
        if (failure && !about_request) return failure;
    }
    if (!objects_silently(handshake, before)) return std::nullopt;
    tls::HandshakeFailure failure;
    failure.kind = tls::FailureKind::closed;
    failure.reached = tls::Milestone::done;
    failure.certificate_requested = true;
    failure.certificate_sent = handshake->certificate_sent;
    return failure;
}

}  // namespace proxy
