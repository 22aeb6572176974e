// The exchange before TLS, where a protocol is upgraded to it: sends and receives what
// inspect/before_tls/starttls says.
#pragma once

#include "inspect/before_tls/starttls.h"
#include "proxy/io/task.h"
#include "proxy/upstream/upstream.h"

namespace proxy {

// Runs on a dialled connection, for at most `patience` seconds. Afterwards the connection is ready
// for TLS, or the attempt has the reason why not.
io::Task<> begin_start_tls(Upstream& upstream, inspect::starttls::Protocol protocol, double patience);

}  // namespace proxy
