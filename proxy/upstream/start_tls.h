// The story before TLS where a protocol is upgraded to it: what inspect/before_tls/starttls says is sent, what the server says is heard.
#pragma once

#include "inspect/before_tls/starttls.h"
#include "proxy/io/task.h"
#include "proxy/upstream/context.h"
#include "proxy/upstream/upstream.h"

namespace proxy {

// On a dialled connection, for at most --handshake-timeout. Behind it the connection is ready for TLS, or the attempt says why not.
io::Task<> begin_start_tls(UpstreamContext& context, Upstream& upstream, inspect::starttls::Protocol protocol);

}  // namespace proxy
