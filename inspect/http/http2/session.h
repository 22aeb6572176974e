// One connection of HTTP/2 (RFC 9113) as bytes in and bytes out: the caller moves bytes between a
// connection and the session, and serves streams by their identifiers. Refuses to know sockets,
// waiting, clocks, HTTP/1, and what an error means to a user. The home of nghttp2.
//
// Each call below may produce output and events: read next() until it returns none, then send
// output(). No call throws, but for memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string_view>

#include "certs/bytes.h"
#include "inspect/http/http2/event.h"
#include "inspect/http/message.h"

namespace inspect::http2 {

struct Options {
    // Octets that a peer may send on a stream before they are consumed() (RFC 9113 §6.9.2), at most
    // 2^31-1. 64 KiB towards clients; towards servers more, or it limits one download to 64 KiB a
    // round trip.
    std::uint32_t stream_window = 65'536;
    // Octets on all streams together. They are given back on receipt, so this limits only how much
    // is under way.
    std::uint32_t connection_window = 16U << 20;
    std::uint32_t max_concurrent_streams = 100;  // that the peer may open; RFC 9113 §6.5.2 advises no fewer
    // Of one head and of one trailer section, in octets as HeaderList::list_size. http::Limits has
    // the same.
    std::size_t head = 65'536, trailers = 65'536;
    bool connect_protocol = false;  // a server takes extended CONNECT (RFC 8441 §3)
};

// Move-only.
class Session {
public:
    // The preface is in output() at once.
    static Session server(const Options& options);
    static Session client(const Options& options);
    Session(Session&&) noexcept;
    Session& operator=(Session&&) noexcept;
    ~Session();

    // Bytes that arrived; they must stay valid until next() returns none. To be called when it has.
    // `now_ms` is the time on any clock that never runs back: with it, what a peer may send for
    // nothing is limited by time; with 0, by useful work alone (FrameBudget).
    void feed(certs::Bytes input, std::uint64_t now_ms = 0);
    // Works through the input up to the next event, at most a frame for each.
    std::optional<Event> next();

    // What is to be sent, valid until a call that is not const. DATA is added only while less than
    // 64 KiB waits here; what answers the peer (PING, SETTINGS, RST_STREAM) is bounded: after a
    // thousand unsent answers the connection fails with ENHANCE_YOUR_CALM.
    certs::Bytes output() const;
    void sent(std::size_t size);  // drops that much of its front
    // Little waits to be sent. Heads have no window (RFC 9113 §5.2): who sends several for one request
    // waits for this.
    bool has_room() const;
    // Neither side has anything more to say: once output() is sent, the connection may be closed.
    bool is_over() const;

    enum class NotOpened : std::uint8_t {
        unsendable,  // the head has no form in HTTP/2, see write_request()
        no_room,     // the peer's SETTINGS_MAX_CONCURRENT_STREAMS are open: later
        closing,     // a GOAWAY was sent or received, identifiers are used up, or the session has failed: never
    };
    // Client: whether a request would be sent now.
    bool can_request() const;
    // Client: opens a stream. `scheme` and `protocol` as in write_request(). `ends`: it has no
    // content.
    std::expected<StreamId, NotOpened> request(const http::RequestHead& head, std::string_view scheme, bool ends,
                                               std::string_view protocol = {});
    // Server: the final response's head, once, and interim ones before it. False when the stream is
    // gone, or the head has no form in HTTP/2.
    bool respond(StreamId stream, const http::ResponseHead& head, bool ends);
    bool interim(StreamId stream, const http::ResponseHead& head);

    enum class Offer : std::uint8_t {
        taken,    // all of it; no Writable follows
        waiting,  // for windows or room in output(): the bytes must stay valid until Writable or Reset
        gone,     // the stream is closed, its content has ended, or another offer is waiting
    };
    // Content, after a head that does not end. It is copied from `content` as the windows allow
    // (RFC 9113 §5.2). `ends`: it is the last.
    Offer offer(StreamId stream, certs::Bytes content, bool ends);
    // The content ends after what was offered. It may need one octet of both windows, too (nghttp2
    // sends no empty DATA frame without). False as above; for trailers also when they have no form
    // in HTTP/2.
    bool finish(StreamId stream);
    bool finish(StreamId stream, const http::Fields& trailers);
    // RST_STREAM (RFC 9113 §6.4). No event of the stream follows, and what was offered is no longer
    // read.
    void reset(StreamId stream, ErrorCode code);

    // Gives so many octets of Data back to the stream's window.
    void consumed(StreamId stream, std::size_t size);
    // Makes the stream's window at least `size` octets.
    void widen(StreamId stream, std::uint32_t size);

    void ping(std::uint64_t opaque);  // RFC 9113 §6.7; answered by Pong
    // RFC 9113 §6.8: GOAWAY with the last stream that was processed: later ones are ignored. Open
    // streams go on for NO_ERROR; any other code ends the session. Of `debug` at most
    // Goaway::most_debug octets are sent.
    void goaway(ErrorCode code, std::string_view debug = {});

    struct State;

private:
    explicit Session(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

// Of nghttp2, as it runs: "1.52.0".
std::string_view version_of_nghttp2();

}  // namespace inspect::http2
