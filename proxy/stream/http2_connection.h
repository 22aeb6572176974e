// A connection that carries HTTP/2 (RFC 9113), on either side: it moves bytes between a channel and
// a session, and brings to each stream what came for it. Knows no request's meaning, and neither
// opens nor answers a stream.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "certs/bytes.h"
#include "inspect/http/http2/session.h"
#include "inspect/http/message.h"
#include "proxy/io/channel.h"
#include "proxy/io/loop.h"
#include "proxy/io/signal.h"
#include "proxy/io/task.h"

namespace proxy {

// What has come for one stream. Its owner waits for `came`, and then looks.
struct Http2Stream {
    inspect::http2::StreamId id = 0;                      // 0: not opened
    std::vector<inspect::http::ResponseHead> heads = {};  // of responses, that were not yet taken
    certs::ByteVector content = {};                       // that was not yet consumed
    std::uint64_t received = 0;                           // octets of content so far
    inspect::http::Fields trailers = {};
    bool ended = false;                               // the message is complete
    bool wide = false;                                // it has the wide window
    std::optional<inspect::http2::Reset> reset = {};  // it was closed, by either side or with its connection
    bool breached = false;                            // … because the peer broke a rule
    std::size_t too_large = 0;                        // … because of a head above this limit
    bool taken = true;                                // what was offered is no longer read
    double due = 0;                                   // its deadline, in the time of clock_ms(); 0: none
    bool timed_out = false;                           // … ended it
    double patience_ms = 0;                           // how long that was from when it was set
    bool lives_by_pings = false;                      // it moves with whatever comes from the peer
    bool wants_room = false;                          // its owner waits for the session's
    bool watched = false;                             // … and for a reset
    io::Signal came = {};
};

// What streams may bring before it is read, once they have shown that their reader is fast. It is
// memory, of which the connections of one event loop share a budget.
struct WideWindows {
    // Octets. Half of them are given back at a time, so a stream brings a MiB a round trip: 19 MB/s
    // where that takes 50 ms.
    static constexpr std::uint32_t size = 2U << 20;
    std::size_t left = 64;  // streams
};

class Http2Connection {
public:
    // Both outlive this. What the channel has buffered is where the session begins. Without `wide`, a
    // stream may bring no more than at first.
    Http2Connection(io::Channel& channel, inspect::http2::Session session, WideWindows* wide = nullptr);
    Http2Connection(const Http2Connection&) = delete;
    Http2Connection& operator=(const Http2Connection&) = delete;

    // Receives each request's head (RequestReceived), that it is too large, or that its stream was
    // reset because it is malformed; a server's only.
    std::function<void(inspect::http2::Event&&)> accept = {};

    // Runs until the connection has ended, and all its streams with it.
    io::Task<> run();
    // Ends the connection once what was said is sent; streams that are open end now.
    void end();

    // `stream` has an id; both outlive what comes for it, until remove().
    void add(Http2Stream& stream);
    void remove(const Http2Stream& stream);
    // Gives so many octets of the stream's content back to its window.
    void consumed(Http2Stream& stream, std::size_t size);
    // Resets the stream, unless it is closed. Nothing more comes for it.
    void reset(Http2Stream& stream, inspect::http2::ErrorCode code);
    // Resets it in so many seconds from now; 0: not at all. A deadline of the connection's would end
    // the other streams too.
    void set_deadline(Http2Stream& stream, double seconds);
    std::size_t streams() const { return streams_.size(); }

    // Waits until the session has room, or the stream is closed.
    io::Task<> await_room(Http2Stream& stream);

    // After each call to the session that may have made output: it is sent at the end of the loop's
    // round, together with what other streams have to say.
    void changed() { changed_.notify(); }
    inspect::http2::Session& session() { return session_; }
    io::Channel& channel() { return channel_; }

    // How it ended, or is about to; an error that this side found, or what the peer said.
    const std::optional<inspect::http2::Failed>& failed() const { return failed_; }
    const std::optional<inspect::http2::Goaway>& goaway() const { return goaway_; }
    const std::optional<io::IoError>& error() const { return error_; }
    double heard_ms() const { return heard_ms_; }  // when bytes last came, in the time of clock_ms()
    bool has_served() const { return served_; }    // some stream before
    bool has_met() const { return met_; }          // the peer's SETTINGS have come (RFC 9113 §3.4)
    bool has_ponged() const { return ponged_; }    // the answer to a ping() has come
    bool has_ended() const { return ended_; }
    // Waits until something has come, something was said, or the connection has ended.
    auto heard() { return changed_.wait(); }
    // The first bytes that came, at most some 512, until the first that are HTTP/2.
    const std::string& first_bytes() const { return first_bytes_; }
    // Waits for the peer's SETTINGS, at most `seconds`. Whether they take extended CONNECT (RFC 8441
    // §3).
    io::Task<bool> takes_connect_protocol(double seconds);
    bool connect_protocol() const { return connect_protocol_; }  // … so far
    // Nothing has come since a stream's deadline began that has passed: perhaps the peer is gone.
    bool is_silent() const { return silent_; }

private:
    io::Task<> send();
    void read_events();
    void deliver(inspect::http2::Event&& event);
    void take(Http2Stream& stream, inspect::http2::Event&& event);
    void end_streams();
    void tell_of_room();
    void start_timer(double due);
    void end_overdue();
    Http2Stream* find(inspect::http2::StreamId id);

    io::Channel& channel_;
    inspect::http2::Session session_;
    std::unordered_map<inspect::http2::StreamId, Http2Stream*> streams_;
    io::Signal changed_;
    certs::ByteVector sending_;
    std::optional<io::Timer> timer_;
    double heard_ms_ = 0;
    double timer_due_ = 0;  // 0: it does not run
    std::optional<inspect::http2::Failed> failed_;
    std::optional<inspect::http2::Goaway> goaway_;
    std::optional<io::IoError> error_;
    std::string first_bytes_;
    bool served_ = false;
    WideWindows* wide_;
    std::size_t wide_streams_ = 0;
    bool silent_ = false;
    std::size_t want_room_ = 0;  // streams
    bool met_ = false;           // the peer's SETTINGS have come
    bool connect_protocol_ = false;
    io::Signal settled_;  // they have come, or the connection has ended
    bool ponged_ = false;
    bool ended_ = false;
};

}  // namespace proxy
