// A request to a server over HTTP/1.1, and its response (RFC 9112). Over a connection that carries
// one request at a time, there is one of these for each.
#pragma once

#include <string>

#include "inspect/http/http1/parser.h"
#include "proxy/io/channel.h"
#include "proxy/stream/http1_body.h"
#include "proxy/stream/stream.h"
#include "tls/session.h"

namespace proxy {

class Http1Client final : public ClientStream {
public:
    // What came before this request.
    struct Before {
        bool used = false;  // another request over the same connection
        // The server agreed to no protocol, and may be asked over HTTP/2 instead.
        bool unsure = false;
        const tls::Handshake* handshake = nullptr;  // with the server itself; outlives this
    };
    // Both outlive this, and are between two messages.
    Http1Client(io::Channel& channel, inspect::http::Parser& responses, Before before);
    Http1Client(io::Channel& channel, inspect::http::Parser& responses) : Http1Client(channel, responses, Before()) {}
    Http1Client(const Http1Client&) = delete;
    Http1Client& operator=(const Http1Client&) = delete;

    bool takes_framing() const override { return true; }
    io::Task<> request(const inspect::http::RequestHead& head, bool has_content) override;
    io::Task<bool> write(certs::Bytes content) override;
    bool delimits() const override { return chunks_; }
    io::Task<bool> finish(certs::Bytes last, inspect::http::Fields trailers) override;
    io::Task<> end() override { return channel_.end(); }
    void stop_reading() override { channel_.socket().stop_reading(); }
    void reset(inspect::http2::ErrorCode) override { close(); }
    io::Channel* connection() override { return &channel_; }

    io::Task<bool> head() override;
    const inspect::http::ResponseHead& response() const override { return responses_.response(); }
    Body& body() override { return body_; }
    bool until_close() const override { return responses_.body_until_close(); }
    bool has_answered() const override { return !first_bytes_.empty(); }
    bool used_before() const override { return before_.used; }
    bool may_be_unprocessed() const override { return before_.used || before_.unsure || is_first_after_resumption(); }
    bool is_unprocessed() const override;  // it cannot say so, but HTTP/2 in answer to HTTP/1.1 shows it
    bool is_unsure() const override { return before_.unsure && !timed_out() && !refusal(); }
    bool is_first_after_resumption() const override {
        return before_.handshake && before_.handshake->resumed && !before_.used;
    }

    inspect::diagnosis::HttpFailure failure() const override;
    std::optional<tls::HandshakeFailure> refusal() const override;
    const inspect::http::Mends& mended() const override { return responses_.mended(); }
    bool no_close_notify() const override { return body_.no_close_notify(); }
    inspect::http::KeepAlive announced() const override { return announced_; }

    void set_deadline(double seconds) override { channel_.socket().set_deadline(seconds); }
    bool timed_out() const override { return channel_.socket().timed_out(); }
    bool closed() const override { return channel_.socket().closed(); }
    void close() override { channel_.close(); }
    bool may_follow() const override;

    // The first bytes that came before the final response, at most some 512.
    const std::string& first_bytes() const { return first_bytes_; }
    bool was_reset() const { return body_.error() && body_.error()->kind == io::IoError::Kind::reset; }

private:
    bool perhaps_speaks_http2() const;

    io::Channel& channel_;
    inspect::http::Parser& responses_;
    Before before_;
    Http1Body body_;
    std::string method_;
    bool chunks_ = false;  // the request's content comes without framing or length
    inspect::http::KeepAlive announced_;
    std::string first_bytes_;
    bool final_ = false;      // the final response's head has come
    bool malformed_ = false;  // what came is no head
};

}  // namespace proxy
