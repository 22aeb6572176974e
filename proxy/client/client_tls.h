// TLS with a client, under a certificate that is minted for it: inside a tunnel, or at the listener
// itself.
#pragma once

#include <expected>
#include <string>
#include <vector>

#include "proxy/client/client.h"
#include "proxy/io/task.h"
#include "tls/failure.h"

namespace proxy {

// Keeps what a client's ClientHello says.
void take_hello(Client& client, const tls::ClientHello& hello);

// Runs the handshake under a certificate for `name`. False when it failed, which is then reported,
// and the client's connection closed.
[[gnu::noinline]] io::Task<bool> shake_hands(Client& client, std::string name, std::vector<std::string> alpn);

// A client speaks TLS to the listener itself: to a reverse listener with --listen-tls, or to a
// forward one as to an https:// proxy. The certificate is for the name that it asks for, or else
// for the address that it connected to. False when there is no TLS; the client has its answer then.
[[gnu::noinline]] io::Task<bool> accept_tls(Client& client);

// A client speaks HTTP in the clear to a listener of TLS: reports that, and returns the answer
// (400).
inspect::diagnosis::Diagnosis report_without_tls(Client& client);

// The client used https:// for the URL of a listener that takes http://. It is answered inside TLS,
// where it can read it. A client that does not trust the local CA leaves before, and then only
// stderr and the log report it.
[[gnu::noinline]] io::Task<> refuse_tls(Client& client);

}  // namespace proxy
