// The content of an HTTP/1 message (RFC 9112 §6): the same for requests and responses.
#pragma once

#include <optional>

#include "inspect/http/http1/chunked.h"
#include "inspect/http/http1/parser.h"
#include "proxy/io/channel.h"
#include "proxy/stream/stream.h"

namespace proxy {

class Http1Body final : public Body {
public:
    // Both outlive this; `parser` has just delivered a head from `channel`, or will.
    Http1Body(io::Channel& channel, inspect::http::Parser& parser) : channel_(channel), parser_(parser) {}

    Piece here() override;
    void consume() override;
    io::Task<Arrival> more() override;
    void unframe() override;
    inspect::http::Fields trailers() const override;

    // The content ended with the connection, and that without a close_notify.
    bool no_close_notify() const { return no_close_notify_; }
    bool ended() const { return ended_; }  // the connection has, on either side
    // … in what way; nullopt for the peer's proper end.
    const std::optional<io::IoError>& error() const { return error_; }
    bool has_failed() const { return failed_; }  // the parser has the error
    void restart();                              // another message begins

private:
    certs::Bytes as_passed(inspect::http::Step step);

    io::Channel& channel_;
    inspect::http::Parser& parser_;
    Piece piece_;
    bool taken_ = false;                                // piece_ waits for consume()
    std::optional<inspect::http::ChunkedBody> chunks_;  // removes the chunks
    certs::ByteVector made_;                            // bytes that are not passed on as they were on the wire
    std::optional<io::IoError> error_;
    bool no_close_notify_ = false, failed_ = false, ended_ = false;
};

}  // namespace proxy
