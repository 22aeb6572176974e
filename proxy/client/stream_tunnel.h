// A tunnel in a stream of HTTP/2 (RFC 9113 §8.5): inside, it is a connection like any other.
#pragma once

#include "proxy/client/admission.h"
#include "proxy/client/client.h"
#include "proxy/client/request/request_story.h"
#include "proxy/io/task.h"
#include "proxy/stream/stream.h"

namespace proxy {

// Serves the CONNECT that `stream` has received, to its end. `story` is that request's, for when it
// is refused. All outlive this.
[[gnu::noinline]] io::Task<> serve_stream_tunnel(Client& client, Admission& admission, ServerStream& stream,
                                                 RequestStory& story);

}  // namespace proxy
