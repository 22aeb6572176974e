// Whether a server that ended its connection without a response objects to the handshake, or to our
// certificate, rather than to the request.
#pragma once

#include <optional>

#include "proxy/io/channel.h"
#include "tls/session.h"

namespace proxy {

struct BeforeRefusal {
    bool used_before = false;  // the connection had carried another request
    bool silent = false;       // not a byte of a response came, and no deadline passed
};

// `error` is how the connection ended; nullopt for the peer's proper end. `handshake` was made with
// the server itself; nullptr where there was none.
std::optional<tls::HandshakeFailure> refusal_of(io::Channel& channel, const tls::Handshake* handshake,
                                                const std::optional<io::IoError>& error, BeforeRefusal before);

}  // namespace proxy
