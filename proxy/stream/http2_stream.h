// What both sides of a stream of HTTP/2 have in common: content that is received, content that is
// sent, and a deadline of its own, since one of the connection's would end the other streams too.
#pragma once

#include <functional>
#include <optional>

#include "proxy/io/loop.h"
#include "proxy/stream/http2_connection.h"
#include "proxy/stream/stream.h"

namespace proxy {

// The content of a message that is received on a stream.
class Http2Body final : public Body {
public:
    // Both outlive this.
    Http2Body(Http2Connection& connection, Http2Stream& stream) : connection_(connection), stream_(stream) {}

    Piece here() override;
    void consume() override;
    io::Task<Arrival> more() override;
    void unframe() override {}
    inspect::http::Fields trailers() const override { return stream_.trailers; }

    // Waits until the stream is reset: true. False after stop_reading().
    io::Task<bool> await_reset();
    void stop_reading();

private:
    Http2Connection& connection_;
    Http2Stream& stream_;
    certs::ByteVector piece_;  // what here() shows; what comes meanwhile waits in the stream
    bool cancelled_ = false;
};

// Sends content as the stream's windows allow; its bytes may be reused afterwards. False when the
// stream is gone.
io::Task<bool> offer(Http2Connection& connection, Http2Stream& stream, certs::Bytes content);
// Sends the end of the content. False when the stream is gone.
bool finish(Http2Connection& connection, Http2Stream& stream, const inspect::http::Fields& trailers);
// Resets the stream, unless it is closed. Nothing more comes for it.
void reset(Http2Connection& connection, Http2Stream& stream, inspect::http2::ErrorCode code);

// Calls back when nothing has moved it for long enough. It is moved often and almost never passes,
// so a running timer is left alone until it is due.
class Deadline {
public:
    Deadline(io::Loop& loop, std::function<void()> then) : loop_(loop), then_(std::move(then)) {}
    void set(double seconds);  // from now; 0: none
    bool has_passed() const { return passed_; }

private:
    void start(double seconds);

    io::Loop& loop_;
    std::function<void()> then_;
    std::optional<io::Timer> timer_;
    double due_ = 0, timer_due_ = 0;  // in the time of clock_ms(); 0: none
    bool passed_ = false;
};

}  // namespace proxy
