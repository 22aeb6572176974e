// What other programs print of the alert with which a server refuses a client's certificate: each alert in the words of each program. Knows
// nothing of why it came.
#pragma once

#include <optional>

#include "inspect/diagnosis/known/other_clients.h"
#include "tls/failure.h"

namespace inspect::diagnosis {

// As `voice` would tell that alert; nullopt where there was none, or its words are not known. Those of OpenSSL 3.0 (curl, Node, Python) and Go's
// are its sources' own; curl's and Node's frames around them were seen, behind the handshake (TLS 1.3) and inside it.
std::optional<Elsewhere> said_of_alert(Voice voice, const tls::HandshakeFailure& failure);

}  // namespace inspect::diagnosis
