// What other programs print for the alert with which a server refuses a client's certificate: each
// alert in the words of each program. Knows nothing of why it came.
#pragma once

#include <optional>

#include "inspect/diagnosis/known/other_clients.h"
#include "tls/failure.h"

namespace inspect::diagnosis {

// What `voice` prints for that alert; nullopt where there was none, or its words are not known. The
// words of OpenSSL 3.0 (curl, Node, Python) and Go come from their sources. The frames that curl
// and Node put around them were seen, after the handshake (TLS 1.3) and inside it.
std::optional<Elsewhere> said_of_alert(Voice voice, const tls::HandshakeFailure& failure);

}  // namespace inspect::diagnosis
