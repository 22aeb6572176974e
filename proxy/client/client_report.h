// What is reported about a client's TLS: that it refused our certificate, failed, or trusts it.
#pragma once

#include "inspect/diagnosis/diagnosis.h"
#include "proxy/client/client.h"
#include "tls/failure.h"

namespace proxy {

inspect::diagnosis::Diagnosis report_client_failure(Client& client, const tls::HandshakeFailure& failure);

// The client left after its handshake and before any request: TLS 1.3 and some clients refuse our
// certificate only after our side of the handshake is done.
void report_left_client(Client& client);

// The client left, or time was up, in the middle of its ClientHello. Nothing is reported of a
// client that never began one.
void report_unclear_client(Client& client);

// The client's first request is the proof that it trusts our certificate: it may refuse it after
// its handshake.
void report_client_trust(Client& client);

}  // namespace proxy
