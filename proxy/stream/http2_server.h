// A request that came on a stream of HTTP/2, and its response (RFC 9113 §8.1). An extended CONNECT
// (RFC 8441 §4) is told as HTTP/1.1 says it, a GET with Upgrade, and so is the 101 that accepts it:
// one way to switch protocols, in every story.
#pragma once

#include <optional>
#include <string>

#include "proxy/stream/http2_stream.h"

namespace proxy {

class Http2Server final : public ServerStream {
public:
    // `connection` outlives this.
    Http2Server(Http2Connection& connection, inspect::http2::RequestReceived received);
    // A request of which only is known that its head is too large (RFC 9113 §10.5.1).
    Http2Server(Http2Connection& connection, const inspect::http2::TooLarge& head);
    Http2Server(const Http2Server&) = delete;
    Http2Server& operator=(const Http2Server&) = delete;
    // What is not complete is reset.
    ~Http2Server() override;

    const inspect::http::RequestHead& request() const override { return request_.head; }
    inspect::http::MessageError error() const override { return inspect::http::MessageError::head_too_large; }
    const inspect::http::Fault& fault() const override { return fault_; }
    std::string expected_accept() const override;
    const std::string& scheme() const { return request_.scheme; }

    bool has_content() const override { return has_content_; }
    Body& body() override { return body_; }
    io::Task<bool> is_reset() override { return body_.await_reset(); }
    inspect::http2::ErrorCode reset_code() const override;
    double alive_ms() const override { return connection_.heard_ms(); }
    void stop_reading() override { body_.stop_reading(); }
    io::Task<bool> watch() override { return proxy::watch(stream_); }
    void stop_watching() override { proxy::stop_watching(stream_); }
    io::Task<bool> drain(double, std::size_t) override { co_return true; }  // a stream's end is its request's

    io::Task<bool> interim(inspect::http::ResponseHead head) override;
    bool takes_framing() const override { return false; }
    void respond(inspect::http::ResponseHead head, const ResponseEnd& end) override;
    io::Task<bool> write(certs::Bytes content) override;
    io::Task<bool> flush() override;
    bool delimits() const override { return !switched_; }
    io::Task<bool> finish(certs::Bytes last, inspect::http::Fields trailers) override;
    bool has_responded() const override { return responded_; }
    void withdraw() override { head_.reset(); }

    void set_deadline(double seconds, io::AtDeadline) override { connection_.set_deadline(stream_, seconds); }
    bool timed_out() const override { return stream_.timed_out; }
    void close() override { cut(inspect::http2::ErrorCode::cancel); }
    void reset(inspect::http2::ErrorCode code) override { cut(code); }
    io::Task<> linger(double) override { co_return; }
    bool may_follow() const override { return !stream_.reset; }

private:
    void cut(inspect::http2::ErrorCode code) { connection_.reset(stream_, code); }
    void ask_to_switch();
    bool send_head(bool ends);

    Http2Connection& connection_;
    Http2Stream stream_;
    inspect::http2::Request request_;
    inspect::http::Fault fault_;
    bool has_content_;
    Http2Body body_{connection_, stream_};
    std::optional<inspect::http::ResponseHead> head_;  // the response's, waiting for its first content
    bool responded_ = false, finished_ = false, switched_ = false;
};

}  // namespace proxy
