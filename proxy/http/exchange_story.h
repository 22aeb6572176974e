// The story of one exchange: its state, and which half does what. The request's half is in
// exchange_request.cpp, the response's in exchange.cpp.
#pragma once

#include <optional>

#include "proxy/http/exchange.h"
#include "proxy/io/clock.h"

namespace proxy {

class Exchange {
public:
    Exchange(ServerStream& client, ClientStream& server, const inspect::http::RequestHead& request,
             const ExchangeOptions& options, inspect::Flow& flow)
        : client_(client), server_(server), request_(request), options_(options), flow_(flow) {}

    io::Task<Outcome> run();

private:
    io::Task<> send_request();
    io::Task<bool> send_again(const SentBody& body);
    io::Task<> send_content();
    io::Task<bool> send_piece(const Piece& piece, const Body& content);
    void keep(certs::Bytes piece);
    bool was_unprocessed();
    Outcome outcome();
    void client_left();
    io::Task<> abandon_content();
    bool awaits_continue() const;
    bool is_content_unread() const { return awaits_continue() && !content_begun_; }
    void bound_upload();
    void allow_pause();
    void end_pause();
    void end_stall(double seconds);
    void renew_deadlines();
    io::Task<> receive_response();
    io::Task<bool> pass_interim(inspect::http::ResponseHead head);
    bool is_unasked_switch(const inspect::http::ResponseHead& head) const;
    bool begin_response(inspect::http::ResponseHead head);
    io::Task<> pass_content();
    void note_mended();
    void response_failed();
    void response_refused(inspect::diagnosis::HttpFailure failure);

    ServerStream& client_;
    ClientStream& server_;
    const inspect::http::RequestHead& request_;
    const ExchangeOptions& options_;
    inspect::Flow& flow_;
    // Why there is no proper response: failure_ before any of it was sent to the client,
    // cut_ after.
    std::optional<inspect::diagnosis::HttpFailure> failure_, cut_;
    std::optional<decltype(ServerFailed::why)> refused_;  // the reason where it was another's doing, or TLS's
    bool cut_short_ = false;                              // a response had begun
    bool bad_request_ = false;                            // the request's content was ambiguous or malformed
    // No byte of the request's content came for the idle time, before any byte of a response.
    bool stalled_ = false;
    bool client_gone_ = false;  // the client has left, or the proxy stops
    bool writing_ = false;      // a piece of the response waits for the client
    bool stood_still_ = false;  // the response did, for the idle time, and the client was there
    std::optional<Upgraded> upgrade_;
    double sent_at_ = io::clock_ms();      // when the last of the request was sent
    bool taken_ = !client_.has_content();  // the whole request was taken from the client
    bool request_done_ = taken_;           // the whole request was sent
    bool content_begun_ = false;           // the client has sent some of it
    bool continued_ = false;               // the client was told to go on (100)
    bool begun_ = false;                   // the final response's head was accepted
    bool response_done_ = false;
    // All of the request's content that was sent and may have to be sent again; kept as long as
    // nothing came back and it is not too much.
    certs::ByteVector kept_;
    bool keeping_ = !options_.again && server_.may_be_unprocessed();
    int interim_ = 0;                    // 1xx responses so far
    std::optional<io::Timer> patience_;  // with the client's content
};

}  // namespace proxy
