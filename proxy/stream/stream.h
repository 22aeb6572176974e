// One request and its response on a connection, in the terms of RFC 9110: heads, contents, and why
// one of them was cut. An exchange speaks only these; a codec implements them (http1_server,
// http1_client). Knows no destination, no diagnosis of handshakes' causes, and no connection: what
// a version of HTTP says about its own connection is added and removed by its codec.
//
// The reader pulls: here() without waiting, consume(), more() awaited. A write is awaited until the
// system has taken it. That is all the back-pressure there is.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "certs/bytes.h"
#include "inspect/diagnosis/attempt.h"
#include "inspect/http/http1/mend.h"
#include "inspect/http/http1/parser.h"
#include "inspect/http/http2/error_code.h"
#include "inspect/http/keep_alive.h"
#include "inspect/http/message.h"
#include "proxy/io/socket.h"
#include "proxy/io/task.h"

namespace proxy {

namespace io {
class Channel;
}

// What has arrived of a message's content.
struct Piece {
    enum class Next {
        wait,    // nothing else is here: more()
        go_on,   // there may be more here
        end,     // the content is complete with this piece
        failed,  // malformed or ambiguous: this piece is empty, and nothing follows
    };
    Next next = Next::wait;
    certs::Bytes bytes = {};  // in the form that is passed on; valid until consume()
    std::size_t size = 0;     // of the bytes on the wire that it was made of
};

// How waiting for more of a message ended.
enum class Arrival {
    more,       // bytes have come
    end,        // the message is complete: the connection's end was its end
    cancelled,  // by stop_reading(); nothing is lost
    cut,        // the connection ended, or this side closed it, inside the message
};

// The content of a message that is being received (RFC 9110 §6.4).
class Body {
public:
    virtual ~Body() = default;
    // What is here, without waiting. Returns the same piece until consume() drops it.
    virtual Piece here() = 0;
    virtual void consume() = 0;
    virtual io::Task<Arrival> more() = 0;
    // From here on, pieces come without HTTP/1.1's chunks and trailers, where there are any.
    virtual void unframe() = 0;
    // Once the content is complete, without framing: the trailers (RFC 9110 §6.5).
    virtual inspect::http::Fields trailers() const = 0;
};

// How the final response ends, and what follows it.
struct ResponseEnd {
    // The content ends with the server's connection: HTTP/1's client notices that too.
    bool until_close = false;
    bool last = false;  // no other request is taken from this connection
    // The client was not asked for its request's content: what it sends next may be that content or
    // another request (RFC 9110 §10.1.1).
    bool content_unread = false;
    std::string_view upgrade = {};  // the protocol that follows a 101 (Switching Protocols); "" for any other response
};

// What both sides of a stream have in common: content that comes and content that goes. After a
// switch of protocols (101), or in a tunnel (CONNECT), it is all that passes.
class Duplex {
public:
    virtual ~Duplex() = default;

    virtual Body& body() = 0;
    // Sends content. False when the peer does not take it.
    virtual io::Task<bool> write(certs::Bytes content) = 0;
    // Whether the end of the content, which came without framing, is to be sent: finish(), once.
    virtual bool delimits() const = 0;
    // Sends what is left of the content, perhaps nothing, and its end with it. False as write().
    virtual io::Task<bool> finish(certs::Bytes last, inspect::http::Fields trailers) = 0;
    // Sends a piece of content that came from `from`, and the end with the last one.
    io::Task<bool> pass(const Piece& piece, const Body& from) {
        const bool finishes = piece.next == Piece::Next::end && delimits();
        return finishes ? finish(piece.bytes, from.trailers()) : write(piece.bytes);
    }
    // Ends a pending read; nothing is lost.
    virtual void stop_reading() = 0;
    // Ends it so that the peer cannot take what it received for the whole. HTTP/2 says why.
    virtual void reset(inspect::http2::ErrorCode code) = 0;
    // Where streams share a connection: waits, beside what is read and written, until this one is
    // reset or its connection ends: true. False after stop_watching().
    virtual io::Task<bool> watch() { co_return false; }
    virtual void stop_watching() {}
    // The connection itself, where after a switch all of it is this stream's; else nullptr.
    virtual io::Channel* connection() { return nullptr; }
};

// This side is the server: a client's request, and the response to it.
class ServerStream : public Duplex {
public:
    virtual const inspect::http::RequestHead& request() const = 0;
    // Why the request, or its content, is malformed.
    virtual inspect::http::MessageError error() const = 0;
    virtual const inspect::http::Fault& fault() const = 0;
    // Whether content follows the request's head, and that content.
    virtual bool has_content() const = 0;
    // Waits for a client whose whole request has come. True when it resets its connection; false
    // when it says or ends something, or stop_reading() ends the wait.
    virtual io::Task<bool> is_reset() = 0;
    // Sec-WebSocket-Accept that a switch to WebSockets is to have, where the request's key was made
    // here; else "".
    virtual std::string expected_accept() const { return ""; }
    // With which code it was reset, where it can say that.
    virtual inspect::http2::ErrorCode reset_code() const { return inspect::http2::ErrorCode::cancel; }
    // Where a client shows that it is there while its stream is silent (RFC 9113 §6.7, PING): when
    // something last came from it, in the time of clock_ms(). 0 where only silence can be noticed.
    virtual double alive_ms() const { return 0; }
    // Reads and discards what is left of the request, where the next one begins after it. False
    // when that takes more than `seconds` or `most` bytes, or does not end well.
    virtual io::Task<bool> drain(double seconds, std::size_t most) = 0;

    // Sends an interim response (1xx), but to a client of HTTP/1.0 (RFC 9110 §15.2). False when the
    // client is gone, as below.
    virtual io::Task<bool> interim(inspect::http::ResponseHead head) = 0;
    // Whether content is passed on with HTTP/1.1's framing, where it has any.
    virtual bool takes_framing() const = 0;
    // The final response's head, without fields about the connection but Transfer-Encoding. It is
    // sent with the first of its content, or by flush().
    virtual void respond(inspect::http::ResponseHead head, const ResponseEnd& end) = 0;
    virtual io::Task<bool> flush() = 0;
    // Whether some of the final response was sent; until then withdraw() takes it back.
    virtual bool has_responded() const = 0;
    virtual void withdraw() = 0;

    // In `seconds` the stream ends: it is cut as `then` says. Replaces an earlier deadline; 0 means
    // none.
    virtual void set_deadline(double seconds, io::AtDeadline then = io::AtDeadline::close) = 0;
    virtual bool timed_out() const = 0;  // whether a deadline ended it
    virtual void close() = 0;
    // After an answer that no other request can follow: ends a connection that is this request's,
    // with time for the last bytes to arrive.
    virtual io::Task<> linger(double seconds) = 0;
    // Whether another request may follow once this response is complete.
    virtual bool may_follow() const = 0;
};

// This side is the client: a request to a server, and its response.
class ClientStream : public Duplex {
public:
    virtual bool takes_framing() const = 0;  // as ServerStream's
    // Sends a request's head, which content may follow. When that fails, the server may still have
    // sent the reason, which head() then reads.
    virtual io::Task<> request(const inspect::http::RequestHead& head, bool has_content) = 0;
    // Ends this side of the connection after what was sent.
    virtual io::Task<> end() = 0;

    // Receives the next head, of interim responses (1xx) too; response() then has it. False when
    // none comes: failure() says why.
    virtual io::Task<bool> head() = 0;
    virtual const inspect::http::ResponseHead& response() const = 0;
    virtual bool until_close() const = 0;  // the connection's end is the content's end
    // Whether anything of a response has come.
    virtual bool has_answered() const = 0;
    // The connection carried another request before this one.
    virtual bool used_before() const = 0;
    // Whether the server can say that it has not processed the request; and whether it did
    // (RFC 9113 §8.7).
    virtual bool may_be_unprocessed() const = 0;
    virtual bool is_unprocessed() const = 0;
    // Perhaps the server does not speak this version of HTTP: its end without a word may mean that.
    virtual bool is_unsure() const { return false; }
    // It is the first request over TLS that was resumed: the server's end without a word may be about
    // that.
    virtual bool is_first_after_resumption() const = 0;

    // Why there is no whole response. `body` is known only after the final response's head.
    virtual inspect::diagnosis::HttpFailure failure() const = 0;
    // … where the server's objection to the handshake or to our certificate is why.
    virtual std::optional<tls::HandshakeFailure> refusal() const = 0;
    virtual const inspect::http::Mends& mended() const = 0;  // of the current response, so far
    virtual bool no_close_notify() const = 0;  // the content ended with the connection, which no close_notify ended
    // What the server said about the time that it keeps the connection.
    virtual inspect::http::KeepAlive announced() const = 0;

    virtual void set_deadline(double seconds) = 0;  // as ServerStream's
    virtual bool timed_out() const = 0;
    virtual bool closed() const = 0;  // by this side
    virtual void close() = 0;
    // Whether the connection may carry another request once this response is complete.
    virtual bool may_follow() const = 0;
};

}  // namespace proxy
