// A stream's content as a socket, for stories that move bytes of another protocol over a connection:
// a tunnel in a stream of HTTP/2 (RFC 9113 §8.5), a WebSocket in one (RFC 8441).
#pragma once

#include <functional>

#include "inspect/http/http2/error_code.h"
#include "proxy/io/channel.h"
#include "proxy/io/task.h"
#include "proxy/stream/stream.h"

namespace proxy {

class StreamPipe {
public:
    // Passes bytes on both ways between the stream and one end of a socket pair, from now on. Ends
    // pass as ends, resets as resets: the stream's with the code `broken`. `stream` outlives this.
    // `at_reset` is called once when the stream is reset, for who waits for neither end of the pair:
    // perhaps for a server that does not read.
    StreamPipe(Duplex& stream, io::Socket end, inspect::http2::ErrorCode broken, std::function<void()> at_reset);
    StreamPipe(const StreamPipe&) = delete;
    StreamPipe& operator=(const StreamPipe&) = delete;

    // Resets the stream, whether it takes what was written or not.
    void reset() { stream_.reset(broken_); }
    // To be awaited before this is destroyed, once the pair's other end is closed: what that has
    // written is sent, within `seconds` (0: any time), and nothing more is read.
    io::Task<> end(double seconds);

private:
    io::Task<> pass_down();
    io::Task<> pass_up();
    io::Task<> pass_reset();

    Duplex& stream_;
    io::Channel end_;
    inspect::http2::ErrorCode broken_;
    std::function<void()> at_reset_;
    io::Child down_, up_, reset_;
};

}  // namespace proxy
