// A request to a server on a stream of HTTP/2, and its response (RFC 9113 §8.1). An Upgrade becomes
// an extended CONNECT (RFC 8441 §5) where the server takes it, and the answer that accepts it a 101.
#pragma once

#include <string>

#include "proxy/stream/http2_stream.h"
#include "tls/session.h"

namespace proxy {

class Http2Client final : public ClientStream {
public:
    // `connection` outlives this. `scheme`: of the request's target ("https"). `handshake`: with
    // the server itself, if any; outlives this.
    Http2Client(Http2Connection& connection, std::string scheme, const tls::Handshake* handshake);
    Http2Client(const Http2Client&) = delete;
    Http2Client& operator=(const Http2Client&) = delete;
    // What is not complete is reset.
    ~Http2Client() override;

    bool takes_framing() const override { return false; }
    io::Task<> request(const inspect::http::RequestHead& head, bool has_content) override;
    io::Task<bool> write(certs::Bytes content) override { return offer(connection_, stream_, content); }
    bool delimits() const override { return sends_content_; }
    io::Task<bool> finish(certs::Bytes last, inspect::http::Fields trailers) override;
    io::Task<> end() override;
    void stop_reading() override { body_.stop_reading(); }
    io::Task<bool> watch() override { return proxy::watch(stream_); }
    void stop_watching() override { proxy::stop_watching(stream_); }

    io::Task<bool> head() override;
    const inspect::http::ResponseHead& response() const override { return response_; }
    Body& body() override { return body_; }
    bool until_close() const override { return false; }
    bool has_answered() const override { return answered_; }
    bool used_before() const override { return used_before_; }
    bool may_be_unprocessed() const override { return true; }
    bool is_unprocessed() const override;
    bool is_first_after_resumption() const override { return handshake_ && handshake_->resumed && !used_before_; }

    inspect::diagnosis::HttpFailure failure() const override;
    std::optional<tls::HandshakeFailure> refusal() const override;
    const inspect::http::Mends& mended() const override { return mended_; }
    bool no_close_notify() const override { return false; }
    inspect::http::KeepAlive announced() const override { return {}; }

    void set_deadline(double seconds) override { connection_.set_deadline(stream_, seconds); }
    bool timed_out() const override { return stream_.timed_out; }
    bool closed() const override { return closed_; }
    void close() override { reset(inspect::http2::ErrorCode::cancel); }
    void reset(inspect::http2::ErrorCode code) override;
    bool may_follow() const override { return !connection_.has_ended(); }

private:
    std::optional<inspect::diagnosis::Http2Ending> ending() const;
    std::optional<std::uint64_t> announced_length() const;
    void tell_of_switch();
    bool is_complete() const { return stream_.ended && (finished_ || !sends_content_); }

    Http2Connection& connection_;
    std::string scheme_;
    const tls::Handshake* handshake_;
    Http2Stream stream_;
    Http2Body body_{connection_, stream_};
    inspect::http::ResponseHead response_;
    inspect::http::Mends mended_;
    bool used_before_;
    bool sends_content_ = false, answered_ = false, closed_ = false;
    std::string protocol_, key_;  // that were asked for by an Upgrade; the key of a WebSocket's
    bool finished_ = false;       // the request's content was sent
    std::optional<inspect::http2::Session::NotOpened> not_opened_;
};

}  // namespace proxy
