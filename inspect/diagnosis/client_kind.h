// Which program a client is, as far as its User-Agent or its ClientHello gives it away: coarse, for the order in which fixes are told. A
// table: recognising another is adding a row.
#pragma once

#include <string_view>

#include "tls/client_hello.h"

namespace inspect::diagnosis {

enum class ClientKind { unknown, curl, wget, git, node, postman, python, java, go, android, chrome, firefox, safari, openssl };

// The User-Agent ("" without one) counts more than the ClientHello, which programs on the same TLS library share.
ClientKind recognise_client(std::string_view user_agent, const tls::ClientHello& hello);

// "curl", "a program on OpenSSL (curl, Python, Ruby, PHP …)"; "" for an unknown one.
std::string_view title(ClientKind kind);

}  // namespace inspect::diagnosis
