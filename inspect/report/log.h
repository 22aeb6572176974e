// The log's lines (contract §5): one JSON object each, without the line end. Secrets are masked here, so that no caller can forget to.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "certs/time.h"
#include "inspect/diagnosis/diagnosis.h"
#include "inspect/http/http1/mend.h"
#include "inspect/http/websocket.h"

namespace inspect::report {

// What of a URL is told to nobody; user information is secret always.
struct Secrets {
    std::vector<std::string> names;  // of query parameters whose values are secret (--redact)
    bool shown = false;              // --log-secrets: nothing is masked
};

struct RequestLine {
    std::string id, client, method;
    std::string url;  // as asked; its secrets are masked in the line
    certs::Time time;
    int status = 0;                                       // 0 when no response came
    std::uint64_t request_bytes = 0, response_bytes = 0;  // body bytes on the wire; what follows a switch of protocols among them
    double first_byte_ms = 0, total_ms = 0;               // from the request's first byte on; of the first in a tunnel, from the CONNECT's
    std::string code;                                     // why there was no proper response; "" when there was
    bool stopped = false;                                 // the proxy itself ended it, because it was stopped
    std::optional<double> idle_seconds;                   // the proxy itself ended it, because no byte moved for so long (--idle-timeout)
    bool repeated = false;                                // sent twice, for the connection that it went over first had been closed
    bool no_close_notify = false;  // its body ended with the connection, which no close_notify ended: whether it is whole cannot be told
    std::string parent;            // the parent proxy that it went through; "" without one
    std::string let_through;       // what was wrong with a server that --insecure let pass; "" otherwise
    std::string remark;            // what the answer may be about that its server did not say; "" otherwise
    http::Mends mended;            // what was odd in the response, and is no more
    std::optional<http::WebSocketSummary> websocket;
};

// The report of contract §4 with the event's members before it, and the TLS library's words.
std::string upstream_handshake_line(std::string_view id, const diagnosis::Diagnosis& diagnosis);
// `code`, `client`, `host`, `sni` and the first fix of a handshake that failed; "ok" for a diagnosis without a code.
std::string client_handshake_line(std::string_view id, std::string_view client, const diagnosis::Diagnosis& diagnosis);
std::string request_line(const RequestLine& line, const Secrets& secrets = {});
// On stderr, of a request that has idle_seconds.
std::string idle_sentence(const RequestLine& line, const Secrets& secrets = {});
// On stderr with --verbose, of any request: "GET https://api.example.com/v1 200, 1520 bytes in 12 ms".
std::string request_sentence(const RequestLine& line, const Secrets& secrets = {});
// On stderr with --verbose, of a response that was mended.
std::string mended_sentence(std::string_view server, const http::Mends& mended);
// On stderr, of a response with no_close_notify.
std::string no_close_notify_sentence(std::string_view server);
std::string proxy_line(certs::Time time, std::string_view what, std::string_view detail);

}  // namespace inspect::report
