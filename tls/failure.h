// Why a handshake failed, as a value: who, how far it came, which alert, what answered. No prose,
// no next step.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace tls {

enum class FailureKind {
    not_tls,              // the peer's first bytes are not a TLS record; see first_bytes
    closed,               // end of file before the handshake was done
    reset,                // connection reset before the handshake was done
    timeout,              // the caller's deadline passed (the caller sets this)
    alert,                // the peer sent a fatal alert; see alert_received
    version,              // no common protocol version, found by us (a server's refusal comes as alert 70)
    cipher,               // no common cipher suite, group or signature algorithm, found by us
    handshake_signature,  // the peer does not hold its certificate's key
    no_certificate,       // the server sent an empty chain
    certificate,          // our verdict on the chain; the session's verdict() has it
    weak_dh,              // the server's Diffie-Hellman group is too small
    client_signature,     // our client certificate's key can make none of the signatures that the server takes
    renegotiation,        // a first handshake that the peer takes for a renegotiation (RFC 5746 §3.4, §3.6)
    protocol_error,       // anything else that the peer did wrong; library_text in the log only
};

// How far the handshake got, seen from our side; a server session uses only client_hello and done.
enum class Milestone { nothing, client_hello, server_hello, certificate, certificate_request, done };

struct HandshakeFailure {
    FailureKind kind = FailureKind::protocol_error;
    Milestone reached = Milestone::nothing;
    bool certificate_requested = false;          // the server asked for a client certificate
    bool certificate_sent = false;               // the server got one
    std::optional<std::uint8_t> alert_received;  // RFC 8446 §6
    std::optional<std::uint8_t> alert_sent;
    std::string first_bytes;   // at most 512 bytes of what a peer that does not speak TLS sent
    int library_code = 0;      // for the log only
    std::string library_text;  // for the log only
};

// RFC 8446 §6's name of an alert ("handshake_failure"); "alert 200" for one it does not know.
std::string alert_name(std::uint8_t alert);

}  // namespace tls
