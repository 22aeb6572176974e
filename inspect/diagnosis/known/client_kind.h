// Which program a client is, as far as its User-Agent or its ClientHello shows: coarse, for the
// order in which fixes are reported. A table: to recognise another program, add a row.
#pragma once

#include <string_view>

#include "tls/client_hello.h"

namespace inspect::diagnosis {

enum class ClientKind {
    unknown,
    curl,
    wget,
    git,
    node,
    postman,
    python,
    java,
    go,
    android,
    chrome,
    firefox,
    safari,
    openssl,
    gnutls
};

// The User-Agent ("" without one) counts more than the ClientHello, which programs on the same TLS
// library share.
ClientKind recognise_client(std::string_view user_agent, const tls::ClientHello& hello);

// Whether the client is known to look at the certificate only after its own side of the handshake
// is done, and then to close without an alert: Node, and what is built on GnuTLS (Debian's Git and
// Wget). Others send an alert in the handshake.
bool verifies_late(std::string_view user_agent, const tls::ClientHello& hello);

// "curl", "a program on OpenSSL (curl, Python, Ruby, PHP …)"; "" for an unknown one.
std::string_view title(ClientKind kind);

}  // namespace inspect::diagnosis
