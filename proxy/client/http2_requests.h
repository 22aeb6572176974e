// The requests of a client that speaks HTTP/2 (RFC 9113): each has a story of its own, and all share
// the client's connection.
#pragma once

#include <cstdint>
#include <exception>
#include <list>
#include <optional>

#include "inspect/diagnosis/diagnosis.h"
#include "proxy/client/client.h"
#include "proxy/io/loop.h"
#include "proxy/io/task.h"
#include "proxy/stream/http2_connection.h"

namespace proxy {

// RFC 9113 §3.4: what a client of HTTP/2 begins with.
constexpr std::string_view http2_preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

class Http2Requests {
public:
    // `client` outlives this. What its channel has buffered is where HTTP/2 begins. With `refusal`, all
    // that a client gets is this answer, and the connection ends with the first.
    explicit Http2Requests(Client& client, std::optional<inspect::diagnosis::Diagnosis> refusal = {});
    Http2Requests(const Http2Requests&) = delete;
    Http2Requests& operator=(const Http2Requests&) = delete;

    // Serves the client until either side is done.
    io::Task<> run();
    // Takes no further request; the connection ends with the last that is in progress.
    void stop();

private:
    void accept(inspect::http2::Event&& event);
    void wait_for_request();
    void begin(io::Task<> story);
    io::Task<> guard(io::Task<> story);
    io::Task<> serve(inspect::http2::RequestReceived received);
    io::Task<> refuse(inspect::http2::TooLarge head);
    io::Task<> refuse(inspect::http2::RequestReceived received);
    void report_breach(inspect::http2::ErrorCode code, std::string what);

    Client& client_;
    std::optional<inspect::diagnosis::Diagnosis> refusal_;
    Http2Connection connection_;
    std::list<io::Child> stories_;
    io::Timer idle_;
    std::uint64_t number_ = 0;  // of the latest request
    std::exception_ptr bug_;
    bool stopping_ = false;
    bool stopped_idle_ = false;  // no response was under way, whose last bytes could be overtaken
};

}  // namespace proxy
