// A connected TCP socket whose reads and writes are awaited. Closing it is the one way to cancel: the pending await returns
// an error and the story that waited unwinds by itself.
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
        truncated,  // end of file without the close_notify that TLS wants; of a Channel, as is the next
        tls,        // the session's failure says what
        other,
    };
    Kind kind = Kind::other;
    int code = 0;  // the system's or the TLS library's, for the log
};

// What a deadline does, and close_all() of the loop: reset() where the peer must not take what it got for the whole.
enum class AtDeadline { close, reset };

// Move-only; closes itself. One reader and one writer at a time.
class Socket {
public:
    struct State;

    // Takes over a handle that the listener or the connector has opened.
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

    // Appends what arrives to `buffer`; 0 is the end of what the peer sends. The buffer takes its block only when bytes
    // are there, so waiting costs no memory. `buffer` must have room and outlive the await.
    Read read(Buffer& buffer) { return {state_, buffer}; }

    // Whether its story has run for so long that others have to come first, however much has arrived for it: a peer that is faster than we
    // are would otherwise have the thread to itself. Then give_way() before it goes on; `cancelled` by stop_reading(), as a read is.
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

    // Hands all of `bytes` to the system: at once when it takes them, else when it has. They must outlive the await.
    Write write(certs::Bytes bytes) { return {*this, bytes}; }

    // Ends what this side sends (FIN); the other direction stays open.
    void shut_down();

    // Closes from either side of a story: pending awaits return `closed`. Idempotent.
    void close();
    bool closed() const;

    // What is here already, `most` bytes of it, without waiting: bytes appended to `buffer`; 0 at the end; nullopt when there is nothing yet.
    std::expected<std::optional<std::size_t>, IoError> read_now(Buffer& buffer, std::size_t most);

    // Closes with a reset, so that the peer cannot take what it got for the whole.
    void reset();

    // Makes a pending read return `cancelled`; nothing is lost.
    void stop_reading();

    // Closes the socket when `seconds` have passed, or resets it; replaces an earlier deadline. 0 means none, but for close_all().
    void set_deadline(double seconds, AtDeadline then = AtDeadline::close);
    void clear_deadline();
    bool timed_out() const;  // whether a deadline closed it

    std::optional<Address> peer() const;
    std::optional<Address> local() const;
    Loop& loop() const;

private:
    State* state_;
};

}  // namespace proxy::io
