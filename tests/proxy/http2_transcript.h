// A transcript (transcript.h) whose client speaks HTTP/2 by prior knowledge; its server speaks
// HTTP/1.1. What the client says is given as messages, what it sees is a line of text an event:
//
//   "1: 200 x-a: b"        a head of stream 1, with all of its fields but date; so "1: 103 …"
//   "1: hello"             content: pieces that follow each other are one line
//   "1: end", "1: trailers x-sum: 1", "1: reset CANCEL"
//   "goaway NO_ERROR 3"    with the last stream that is processed
//
// At its end nothing may have come that no step has seen.
#pragma once

#include <list>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "inspect/http/http2/session.h"
#include "tests/proxy/transcript.h"

namespace proxy_test {

class Http2Transcript : public Transcript {
public:
    using Fields = std::vector<inspect::http::Field>;
    using Stream = inspect::http2::StreamId;

    explicit Http2Transcript(const Conditions& conditions = {});
    ~Http2Transcript();
    Http2Transcript(const Http2Transcript&) = delete;
    Http2Transcript& operator=(const Http2Transcript&) = delete;

    // Opens the next stream (1, 3, …) with a request to http://good.test.
    Stream asks(std::string_view method = "GET", std::string_view path = "/", const Fields& fields = {},
                bool ends = true);
    Stream posts(const Fields& fields = {}) { return asks("POST", "/", fields, false); }
    // Content, which goes as the windows allow.
    void sends(Stream stream, std::string_view content, bool ends = false);
    void sends_trailers(Stream stream, const Fields& fields);
    void resets(Stream stream, inspect::http2::ErrorCode code = inspect::http2::ErrorCode::cancel);
    void gives_no_window(Stream stream);
    void gives_window(Stream stream);  // for what has come, and from now on

    // Exactly these events come next, in this order.
    void sees(const std::vector<std::string>& events, Where where = Where::current());
    // The next events are an answer of the proxy's own, with this status and this code as the
    // detail of its Proxy-Status.
    void is_told(Stream stream, int status, std::string_view code, Where where = Where::current());
    // The next events are so much content of the stream.
    void sees_content(Stream stream, std::size_t octets, Where where = Where::current());

    // All octets that have come.
    const std::string& came() const { return came_; }

    // A GET of that path is relayed, over the existing connections, and answered.
    void serves_stream(std::string_view path = "/next", Where where = Where::current());

private:
    struct Seen {
        Stream stream = 0;
        std::string text;
        bool is_content = false;
        std::string line() const;
    };

    // Sends what is to be sent and takes what has come.
    void turn();
    void add(const inspect::http2::Event& event);
    // Waits for so many events.
    void await(std::size_t events);
    std::string lines() const;

    inspect::http2::Session session_;
    std::string came_;
    std::list<Seen> unseen_;
    std::map<Stream, std::size_t> kept_;  // octets that are not given back, of streams that get no window
    std::list<std::string> offered_;
};

}  // namespace proxy_test
