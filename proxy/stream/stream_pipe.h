// A stream's content as a socket, for stories that move bytes of another protocol over a connection:
// a tunnel in a stream of HTTP/2 (RFC 9113 §8.5), a WebSocket in one (RFC 8441).
#pragma once

#include "inspect/http/http2/error_code.h"
#include "proxy/io/channel.h"
#include "proxy/io/task.h"
#include "proxy/stream/stream.h"

namespace proxy {

class StreamPipe {
public:
    // Passes bytes on both ways between the stream and one end of a socket pair, from now on. Ends
    // pass as ends, resets as resets: the stream's with the code `broken`. `stream` outlives this.
    StreamPipe(Duplex& stream, io::Socket end, inspect::http2::ErrorCode broken);
    StreamPipe(const StreamPipe&) = delete;
    StreamPipe& operator=(const StreamPipe&) = delete;

    // To be awaited before this is destroyed, once the pair's other end is closed: what that has
    // written is sent, within `seconds` (0: any time), and nothing more is read.
    io::Task<> end(double seconds);

private:
    io::Task<> pass_down();
    io::Task<> pass_up();

    Duplex& stream_;
    io::Channel end_;
    inspect::http2::ErrorCode broken_;
    io::Child down_, up_;
};

}  // namespace proxy
