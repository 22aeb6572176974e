// A connected TCP socket whose reads and writes are awaited. Closing it is the one way to cancel:
// the pending await returns an error, and the story that waited unwinds.
#pragma once

#include <coroutine>
#include <cstdint>
#include <expected>
#include <optional>
#include <utility>

#include "certs/bytes.h"
#include "proxy/io/address.h"
#include "proxy/io/buffer.h"
#include "proxy/io/loop.h"

namespace proxy::io {

struct IoError {
    enum class Kind {
        reset,      // the peer reset the connection, or is gone
        closed,     // this side closed it
        cancelled,  // stop_reading()
        truncated,  // of a Channel only, as `tls` is: end of file without the close_notify that TLS requires
        tls,        // of a Channel only: the session's failure has the details
        other,
    };
    Kind kind = Kind::other;
    int code = 0;  // the system's or the TLS library's, for the log
};

// What the socket does at a deadline and in the loop's close_all(). reset() is for where the peer
// must not take what it received for the whole.
enum class AtDeadline { close, reset };

// Move-only; closes itself. One reader and one writer at a time.
class Socket {
public:
    struct State;

    // Takes over a handle that the listener or the connector opened.
    explicit Socket(State* state) : state_(state) {}
    Socket(Socket&& other) noexcept : state_(std::exchange(other.state_, nullptr)) {}
    Socket& operator=(Socket&& other) noexcept;
    ~Socket();

    class Read {
    public:
        bool await_ready() const noexcept;
        void await_suspend(std::coroutine_handle<> reader);
        std::expected<std::size_t, IoError> await_resume();

    private:
        friend class Socket;
        Read(State* state, Buffer& buffer) : state_(state), buffer_(&buffer) {}
        State* state_;
        Buffer* buffer_;
    };

    // Appends what arrives to `buffer`; 0 is the end of what the peer sends. The buffer takes its
    // block only when bytes are there, so waiting costs no memory. `buffer` must have room and
    // outlive the await.
    Read read(Buffer& buffer) { return {state_, buffer}; }

    // Whether the socket's story has run for so long that others have to come first, however much
    // has arrived for it. Otherwise a peer that is faster than this side would have the thread to
    // itself. If so, await give_way() before going on; stop_reading() ends that with `cancelled`,
    // as it ends a read.
    bool had_its_turn();

    class GiveWay {
    public:
        bool await_ready() const noexcept;
        void await_suspend(std::coroutine_handle<> story);
        std::expected<void, IoError> await_resume();

    private:
        friend class Socket;
        explicit GiveWay(State* state) : state_(state) {}
        State* state_;
    };
    GiveWay give_way() { return GiveWay(state_); }

    // As much of `bytes` as the system takes at once, without waiting; 0 when it takes none.
    std::expected<std::size_t, IoError> try_write(certs::Bytes bytes);

    class Write {
    public:
        bool await_ready();
        void await_suspend(std::coroutine_handle<> writer);
        std::expected<void, IoError> await_resume();

    private:
        friend class Socket;
        Write(Socket& socket, certs::Bytes bytes) : socket_(&socket), bytes_(bytes) {}
        Socket* socket_;
        State* state_ = nullptr;
        certs::Bytes bytes_;
        std::expected<void, IoError> result_;
    };

    // Hands all of `bytes` to the system: at once when it takes them, else as soon as it does. They
    // must outlive the await.
    Write write(certs::Bytes bytes) { return {*this, bytes}; }

    // Ends what this side sends (FIN); the other direction stays open.
    void shut_down();

    // Closes, from the reader's or the writer's side: pending awaits return `closed`. Idempotent.
    void close();
    bool closed() const;

    // Appends bytes that are already here, at most `most`, to `buffer`, without waiting. Returns
    // their number; 0 at the end; nullopt when there is nothing yet.
    std::expected<std::optional<std::size_t>, IoError> read_now(Buffer& buffer, std::size_t most);

    // Closes with a reset, so that the peer cannot take what it received for the whole.
    void reset();

    // Makes a pending read return `cancelled`; nothing is lost.
    void stop_reading();

    // Closes or resets the socket when `seconds` have passed; replaces an earlier deadline. With 0
    // there is no deadline; `then` still applies to close_all().
    void set_deadline(double seconds, AtDeadline then = AtDeadline::close);
    void clear_deadline();
    bool timed_out() const;  // whether a deadline closed it

    std::optional<Address> peer() const;
    std::optional<Address> local() const;
    // Where the peer meant to connect when it was led here by netfilter: by REDIRECT or DNAT what
    // connection tracking remembers (SO_ORIGINAL_DST), by TPROXY local(). Of a connection that was
    // not redirected it is local(), too.
    std::optional<Address> meant() const;
    Loop& loop() const;

private:
    State* state_;
};

}  // namespace proxy::io
