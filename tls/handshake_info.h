// What both sides agreed on, in the names that people know. For tls/*.cpp only.
#pragma once

#include "tls/record_watch.h"
#include "tls/session.h"

struct WOLFSSL;

namespace tls {

// Describes a finished handshake.
void describe_agreement(WOLFSSL* ssl, bool server, Handshake& info);

// Describes a failed handshake: what ServerHello said, if it came.
void describe_server_hello(const RecordWatch& watch, Handshake& info);

}  // namespace tls
