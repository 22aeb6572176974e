// `whytls check --scan`: finds out what a server supports, by asking until it refuses.
#pragma once

#include "inspect/scan/scan.h"
#include "proxy/command/check/examine.h"
#include "proxy/io/task.h"
#include "proxy/upstream/context.h"

namespace proxy {

// Nothing of a request and no client certificate is sent. Ends within about a minute, whatever the
// server does.
io::Task<inspect::scan::Scan> scan(UpstreamContext& context, Examination how, Subject subject);

}  // namespace proxy
