// A client's connection as a server of HTTP/1.1 sees it (RFC 9112): one request after the other,
// each with its response.
#pragma once

#include <string>

#include "inspect/http/http1/parser.h"
#include "proxy/io/channel.h"
#include "proxy/stream/http1_body.h"
#include "proxy/stream/stream.h"

namespace proxy {

class Http1Server final : public ServerStream {
public:
    // `channel` outlives this. What it has buffered is where the first request begins.
    Http1Server(io::Channel& channel, inspect::http::Limits limits);
    Http1Server(const Http1Server&) = delete;
    Http1Server& operator=(const Http1Server&) = delete;

    enum class Next {
        request,    // its head has come; the end too when it has no content
        malformed,  // error() and fault() say why; it has no head
        none,       // nothing has come of one, and none was to be waited for
        gone,       // the client has ended its connection, or `seconds` are over
    };
    // Reads up to the end of the next request's head, which may take `seconds` from now on (0: any
    // time). The request before it must be complete.
    io::Task<Next> next(double seconds, bool waits);
    double began_ms() const { return began_ms_; }  // when its first byte was here; in the time of clock_ms()
    bool is_between() const { return between_; }   // no byte of a next request has come

    const inspect::http::RequestHead& request() const override { return requests_.request(); }
    inspect::http::MessageError error() const override { return requests_.error(); }
    const inspect::http::Fault& fault() const override { return requests_.fault(); }
    bool has_content() const override { return requests_.has_body(); }
    Body& body() override { return body_; }
    io::Task<bool> is_reset() override;
    void stop_reading() override { channel_.socket().stop_reading(); }
    io::Task<bool> drain(double seconds, std::size_t most) override;

    io::Task<bool> interim(inspect::http::ResponseHead head) override;
    bool takes_framing() const override { return request().version.minor != 0; }
    void respond(inspect::http::ResponseHead head, const ResponseEnd& end) override;
    io::Task<bool> write(certs::Bytes content) override;
    io::Task<bool> flush() override;
    bool delimits() const override { return chunks_; }
    io::Task<bool> finish(certs::Bytes last, inspect::http::Fields trailers) override;
    bool has_responded() const override { return responding_ && head_.empty(); }
    void withdraw() override;

    void set_deadline(double seconds, io::AtDeadline then) override { channel_.socket().set_deadline(seconds, then); }
    bool timed_out() const override { return channel_.socket().timed_out(); }
    void close() override { channel_.close(); }
    void reset(inspect::http2::ErrorCode) override { channel_.socket().reset(); }
    io::Channel* connection() override { return &channel_; }
    io::Task<> linger(double seconds) override { return channel_.linger(seconds); }
    bool may_follow() const override { return keeps_; }

private:
    io::Channel& channel_;
    inspect::http::Parser requests_;
    Http1Body body_;
    double began_ms_ = 0;
    bool between_ = true;
    std::string head_;         // the response's, waiting for its first content
    bool responding_ = false;  // respond() was called
    bool keeps_ = false;       // the connection, after this response
    bool chunks_ = false;      // the response's content comes without framing or length
};

}  // namespace proxy
