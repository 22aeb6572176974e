// HTTP/2 on a connection whose server agreed on it (RFC 9113 §3.2), without a request yet: begins it,
// and finds out whether the server speaks it.
#pragma once

#include "inspect/diagnosis/facts.h"
#include "proxy/io/child.h"
#include "proxy/io/loop.h"
#include "proxy/stream/http2_connection.h"

namespace proxy {

class Http2Contact {
public:
    // Sends the preface. `channel` and `loop` outlive this.
    Http2Contact(io::Loop& loop, io::Channel& channel);

    // Waits until the server's SETTINGS have come, the connection has ended, or `seconds` are over.
    io::Task<> meet(double seconds);
    // Waits for at most `seconds` until the server answers a PING, so that what it says right after
    // its SETTINGS has come.
    io::Task<> hear_out(double seconds);
    // What the server did so far. An end of the connection counts only where it was not `served`.
    inspect::diagnosis::Http2Seen seen(bool served) const;
    // Once, and before this ends.
    io::Task<> end();

    Http2Connection& connection() { return connection_; }

private:
    io::Loop& loop_;
    Http2Connection connection_;
    io::Child running_;
    double waited_ = 0;  // seconds, in vain
};

}  // namespace proxy
