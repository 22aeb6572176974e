// The requests of a client that speaks HTTP/2 (RFC 9113): each has a story of its own, and all share
// the client's connection.
#pragma once

#include <cstdint>
#include <exception>
#include <list>

#include "proxy/client/client.h"
#include "proxy/io/task.h"
#include "proxy/stream/http2_connection.h"
#include "proxy/stream/http2_stream.h"

namespace proxy {

// RFC 9113 §3.4: what a client of HTTP/2 begins with.
constexpr std::string_view http2_preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

class Http2Requests {
public:
    // `client` outlives this. What its channel has buffered is where HTTP/2 begins.
    explicit Http2Requests(Client& client);
    Http2Requests(const Http2Requests&) = delete;
    Http2Requests& operator=(const Http2Requests&) = delete;

    // Serves the client until either side is done.
    io::Task<> run();
    // Takes no further request; the connection ends with the last that is in progress.
    void stop() { connection_.end(); }

private:
    void accept(inspect::http2::Event&& event);
    io::Task<> serve(inspect::http2::RequestReceived received);
    io::Task<> answer(inspect::http2::RequestReceived received);

    Client& client_;
    Http2Connection connection_;
    std::list<io::Child> stories_;
    Deadline idle_;
    std::uint64_t number_ = 0;  // of the latest request
    std::exception_ptr bug_;
};

}  // namespace proxy
