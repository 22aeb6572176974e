// `whytls check --scan`: finds out what a server supports, by asking until it refuses.
#pragma once

#include "inspect/scan/scan.h"
#include "proxy/command/check/examine.h"
#include "proxy/io/task.h"
#include "proxy/upstream/context.h"

namespace proxy {

// For a server that makes each question wait.
inline constexpr double longest_scan = 60;  // seconds

// Nothing of a request and no client certificate is sent. After `seconds` nothing more is asked; a
// connection that is being made then may take its own time limits.
io::Task<inspect::scan::Scan> scan(UpstreamContext& context, Examination how, Subject subject,
                                   double seconds = longest_scan);

}  // namespace proxy
