// The log's lines (contract §5): one JSON object each, without the line end. Secrets are masked
// here, so that no caller can forget to.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "certs/time.h"
#include "inspect/diagnosis/diagnosis.h"
#include "inspect/flow/flow.h"

namespace inspect::report {

// What is masked in a URL; user information is always secret.
struct Secrets {
    std::vector<std::string> names;  // of query parameters whose values are secret (--redact)
    bool shown = false;              // --log-secrets: nothing is masked
};

// The report of contract §4, preceded by the event's members, and the TLS library's words.
std::string upstream_handshake_line(std::string_view id, const diagnosis::Diagnosis& diagnosis);
// The members `code`, `client`, `host`, `sni` and the first fix of a failed handshake; "ok" for a
// diagnosis without a code.
std::string client_handshake_line(std::string_view id, std::string_view client, const diagnosis::Diagnosis& diagnosis);
std::string request_line(const Flow& flow, const Secrets& secrets = {});
// On stderr, for a flow that has idle_seconds.
std::string idle_sentence(const Flow& flow, const Secrets& secrets = {});
// On stderr with --verbose, for any request:
// "GET https://api.example.com/v1 200, 1520 bytes in 12 ms".
std::string request_sentence(const Flow& flow, const Secrets& secrets = {});
// On stderr with --verbose, for a response that was mended.
std::string mended_sentence(std::string_view server, const http::Mends& mended);
// On stderr, for a response with no_close_notify.
std::string no_close_notify_sentence(std::string_view server);
std::string proxy_line(certs::Time time, std::string_view what, std::string_view detail);

}  // namespace inspect::report
