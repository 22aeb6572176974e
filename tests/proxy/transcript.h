// A conversation through the proxy, step by step: what a client says, what the server sees of it,
// what that answers, what the client sees of the answer. Both ends are plain sockets that this file
// reads and writes. Between them runs the real proxy, on a loop that each step turns until what it
// waits for is there. Only transcript.cpp knows how a connection is served.
//
// A transcript is complete: at its end no byte and no connection may be left that no step has seen,
// and the proxy must have closed both ends.
#pragma once

#include <cstdint>
#include <memory>
#include <source_location>
#include <string>
#include <string_view>

#include "tests/support/catch.h"

namespace proxy_test {

// A request as a client sends it to a proxy: absolute form, HTTP/1.1, `fields` with their line
// ends.
std::string request(std::string_view method, std::string_view fields = "", std::string_view body = "");
std::string get(std::string_view path = "/", std::string_view fields = "");
std::string post(std::string_view fields, std::string_view body = "");

// The same as a server sees it: origin form.
std::string relayed(std::string_view request);

// A 200 with a Content-Length.
std::string ok(std::string_view body, std::string_view fields = "");

// An answer that the proxy gives itself.
struct Told {
    int status = 0;
    std::string head;  // with the blank line
    std::string body;
    bool announces_close() const { return head.contains("\r\nConnection: close\r\n"); }
};

// What differs from whytls without options.
struct Conditions {
    // Seconds; 0.1 where something must still happen in time on a busy machine.
    double idle_timeout = 300, response_timeout = 300;
    std::size_t largest_head = 65'536;  // bytes
    std::string_view reverse = "";      // the URL of --reverse; its server is the scripted one
    bool parent = false;                // the scripted server is a parent proxy
};

class Transcript {
public:
    using Where = std::source_location;

    // A client that is connected to the proxy. The server of every http:// URL without a port is
    // the scripted one.
    explicit Transcript(const Conditions& conditions = {});
    ~Transcript();
    Transcript(const Transcript&) = delete;
    Transcript& operator=(const Transcript&) = delete;

    // The client.
    void client(std::string_view bytes);
    // One byte at a time, each after the proxy has had time for the one before.
    void client_trickles(std::string_view bytes);
    void client_ends();  // with a FIN: its other direction stays open
    void client_resets();
    void client_stops_reading();
    void client_reads_again();
    void client_is_held_up(Where where = Where::current());  // no one takes all that it says
    std::string client_takes();  // whatever has come, once all that was said has had its effect
    // Exactly these bytes come next.
    void client_sees(std::string_view bytes, Where where = Where::current());
    // The next bytes are an answer of the proxy's own, with this status and this code as the detail
    // of its Proxy-Status ("" for an answer without one). To HEAD it comes without its body.
    Told client_is_told(int status, std::string_view code, Where where = Where::current());
    Told client_is_told_of_head(int status, std::string_view code, Where where = Where::current());
    void client_sees_end(Where where = Where::current());                 // with a FIN and nothing before it
    void client_sees_reset(Where where = Where::current());               // what was cut must not look whole
    std::string client_sees_until_reset(Where where = Where::current());  // whatever comes before that
    // By a FIN or a reset: what the client got cannot be taken for the whole.
    void client_sees_cut(Where where = Where::current());
    void client_is_still_open(Where where = Where::current());

    // The server, on its newest connection.
    void server(std::string_view bytes);
    void server_trickles(std::string_view bytes);
    void server_ends();
    void server_resets();
    void server_stops_reading();
    void server_reads_again();
    void server_is_held_up(Where where = Where::current());
    void server_is_gone();                                // its port refuses connections
    void server_accepts(Where where = Where::current());  // a further connection; server_sees() takes the first
    void server_sees(std::string_view bytes, Where where = Where::current());
    std::string server_sees_head(Where where = Where::current());       // whatever is in it
    std::string server_sees_until_end(Where where = Where::current());  // whatever comes before its connection ends
    void server_sees_end(Where where = Where::current());               // of its connection, in whatever way
    void server_sees_reset(Where where = Where::current());
    void server_sees_nothing(Where where = Where::current());  // neither a byte nor an end nor a further connection
    int server_connections() const;                            // so far

    // A GET of that path is relayed, over the existing connections, and answered.
    void serves(std::string_view path = "/next", Where where = Where::current());

    // Lets time pass, where time itself is tested.
    void passes(double seconds);
    void proxy_stops();
    void proxy_stops_at_once();

    std::string address() const;         // where the proxy listens, "127.0.0.1:8080"
    std::string pseudonym() const;       // by which the proxy recognises its own requests
    std::string server_address() const;  // of the scripted server

    // A member of the log's line for a request; the first request is 0. Text is returned unquoted,
    // everything else as JSON; "" when it is not there.
    std::string logged(std::string_view member, std::size_t request = 0);
    std::size_t requests_logged();
    std::string stderr_text();

private:
    struct Stage;
    std::unique_ptr<Stage> stage_;
};

}  // namespace proxy_test
