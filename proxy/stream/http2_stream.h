// What both sides of a stream of HTTP/2 have in common: content that is received and content that is
// sent.
#pragma once

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
    void stop_reading();  // ends such a wait, or one for more()

private:
    Http2Connection& connection_;
    Http2Stream& stream_;
    certs::ByteVector piece_;  // what here() shows; what comes meanwhile waits in the stream
    bool waiting_ = false;     // for more of it, or for its end
};

// As Duplex's.
io::Task<bool> watch(Http2Stream& stream);
void stop_watching(Http2Stream& stream);

// Sends content as the stream's windows allow; its bytes may be reused afterwards. `ends`: without
// trailers the content ends with it. False when the stream is gone.
io::Task<bool> offer(Http2Connection& connection, Http2Stream& stream, certs::Bytes content, bool ends = false);
// Sends what is left of the content, and its end: in one frame where there are no trailers.
io::Task<bool> finish(Http2Connection& connection, Http2Stream& stream, certs::Bytes last,
                      inspect::http::Fields trailers);

}  // namespace proxy
