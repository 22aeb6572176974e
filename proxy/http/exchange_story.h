// The story of one exchange: its state, and which half does what. The request's half is in
// exchange_request.cpp, the response's in exchange.cpp.
#pragma once

#include <optional>
#include <string>

#include "inspect/http/http1/chunked.h"
#include "inspect/http/keep_alive.h"
#include "proxy/http/exchange.h"
#include "proxy/io/clock.h"

namespace proxy {

// The bytes of a body that a step used, in the form that is passed on. Bytes that are not there in
// that form are made in `made`.
certs::Bytes as_passed(const inspect::http::Parser& parser, inspect::http::Step step, certs::Bytes bytes, certs::ByteVector& made);

class Exchange {
public:
    Exchange(io::Channel& client, inspect::http::Parser& requests, Upstream& upstream, const inspect::http::RequestHead& request,
             const ExchangeOptions& options, inspect::Flow& flow)
        : client_(client),
          requests_(requests),
          upstream_(upstream),
          server_(*upstream.channel),
          request_(request),
          options_(options),
          flow_(flow) {}

    io::Task<Outcome> run();

private:
    std::string head_for_server() const;
    io::Task<> send_request();
    io::Task<bool> send_again(const SentBody& body);
    io::Task<> send_body();
    io::Task<bool> send_piece(inspect::http::Step step);
    void keep(certs::Bytes piece);
    bool closed_while_idle();
    Outcome outcome();
    io::Task<> abandon_body();
    bool awaits_continue() const;
    bool announces_close(int status) const;
    void bound_upload();
    void allow_pause();
    void end_pause();
    void renew_deadlines();
    io::Task<> watch_client();
    io::Task<> receive_response();
    io::Task<bool> more_of_response();
    io::Task<bool> pass(inspect::http::Step step);
    io::Task<bool> flush_head();
    bool unchunk(inspect::http::ResponseHead& head);
    io::Task<bool> begin_response();
    io::Task<bool> pass_interim(inspect::http::ResponseHead head);
    void note_mended();
    void response_failed(inspect::diagnosis::HttpFailure::Kind kind);
    std::optional<tls::HandshakeFailure> close_over_certificate() const;

    io::Channel& client_;
    inspect::http::Parser& requests_;
    Upstream& upstream_;
    io::Channel& server_;
    const inspect::http::RequestHead& request_;
    const ExchangeOptions& options_;
    inspect::Flow& flow_;
    // Why there is no proper response: failure_ before any of it was sent to the client,
    // cut_ after.
    std::optional<inspect::diagnosis::HttpFailure> failure_, cut_;
    std::optional<decltype(ServerFailed::why)> refused_;  // the reason where it was another's doing, or TLS's
    bool cut_short_ = false;                              // a response had begun
    bool bad_request_ = false;                            // the client's body was ambiguous or malformed
    // No byte of the client's body came for the idle time, before any byte of a response.
    bool stalled_ = false;
    bool client_gone_ = false;  // the client has left, or the proxy stops
    std::optional<Upgraded> upgrade_;
    bool keep_client_ = false, keep_upstream_ = false;
    std::string head_;                 // the response's head, waiting for its first body bytes
    double sent_at_ = io::clock_ms();  // when the last of the request was sent
    // The whole request was taken from the client. Without a body, the caller has seen its end.
    bool taken_ = !requests_.has_body();
    bool request_done_ = taken_;  // the whole request was sent
    bool body_begun_ = false;     // the client has sent some of it
    bool continued_ = false;      // the client was told to go on (100)
    bool response_done_ = false;
    // The connection has answered before, so our client certificate is not what ends it.
    bool reused_ = false;
    certs::ByteVector kept_;  // all of the request's body that was sent over a reused connection
    bool keeping_ = false;    // true as long as nothing came back and kept_ is not too much
    bool failed_to_parse_ = false;
    inspect::http::KeepAlive announced_;                // by the server, about its connection
    int interim_ = 0;                                   // 1xx responses so far
    std::optional<io::Timer> patience_;                 // with the client's body
    bool begun_ = false;                                // some of the final response was sent to the client
    std::string first_bytes_;                           // the first bytes of what the server sent, for a diagnosis
    std::optional<inspect::http::ChunkedBody> chunks_;  // removes the chunks, for a client that does not know them
    certs::ByteVector sent_, received_;                 // those bytes of bodies that are not passed on as they were on the wire
};

}  // namespace proxy
