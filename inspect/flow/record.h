// Everything that is kept of one flow for those who look at it: the live page, a recorded session,
// a HAR file. A value; how each of them shows it is a pure function of it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "inspect/diagnosis/diagnosis.h"
#include "inspect/flow/flow.h"
#include "inspect/http/message.h"

namespace inspect {

// The content of a message without its framing: as much of it as is kept.
struct KeptContent {
    std::string bytes;       // its beginning; content codings are not undone
    std::uint64_t size = 0;  // … of all that came
    bool whole = true;       // false: there was more, or was to be, or it is no longer kept
};

// A message of a WebSocket (RFC 6455 §5.6), or a control frame.
struct KeptMessage {
    bool from_client = false;
    std::string_view kind;    // "text", "binary", "ping", "pong", "close"
    double at_ms = 0;         // from the request's first byte
    std::uint64_t size = 0;   // octets of its payload
    std::string payload;      // its beginning, unmasked; compressed as it was sent
    bool compressed = false;  // RFC 7692
};

// A certificate that a server sent or that its path uses.
struct KeptCertificate {
    std::string sha256;   // hexadecimal, as in the diagnosis
    std::string pem;      // with its line ends
    bool served = false;  // the server sent it; these come first, in its order
};

// The TLS that the client speaks to us; flows of one connection share it.
struct ClientLeg {
    std::string version, cipher, alpn;  // "" before they are agreed on
    std::string sni;
    double handshake_ms = 0;
};

// What is known of a server's connection; flows that use the same connection share it.
struct ServerLeg {
    std::string connection;  // names it within the session
    double opened_ms = 0;    // when it was asked for, in the time of Record::began_ms
    diagnosis::Diagnosis diagnosis;
    std::vector<KeptCertificate> certificates;
};

struct Record {
    // The kinds of event that the log has too.
    enum class Kind : std::uint8_t { request, upstream_handshake, client_handshake };

    Kind kind = Kind::request;
    std::uint64_t number = 0;  // 1, 2 … in the order in which flows began
    bool complete = false;     // nothing more comes
    double began_ms = 0;       // of the clock that timings have in common; only differences mean something
    std::int64_t unix_ms = 0;  // when that was, since 1970 in UTC
    Flow flow;
    std::string program;    // of the client, guessed: "curl", "Node.js"; "" when unknown
    bool replayed = false;  // sent by the page
    bool imported = false;  // read from a HAR file: this proxy has seen nothing of it

    // As they came, in their order and case; the response's before it was changed for the client.
    std::optional<http::RequestHead> request;
    std::optional<http::ResponseHead> response;
    http::Fields request_trailers, response_trailers;
    KeptContent request_content, response_content;
    std::vector<KeptMessage> messages;
    std::uint64_t messages_left_out = 0;

    std::shared_ptr<const ClientLeg> client;  // nullptr: it speaks no TLS to us
    std::shared_ptr<const ServerLeg> server;
    // Of a failure that is not the server's connection's: a client's handshake, a request refused.
    std::shared_ptr<const diagnosis::Diagnosis> own;

    // The diagnosis to show; nullptr when there is none.
    const diagnosis::Diagnosis* diagnosis() const { return own ? own.get() : server ? &server->diagnosis : nullptr; }
};

std::string_view name(Record::Kind kind);

// What a program that calls a flow "good" or "bad" would say of its TLS to the server.
enum class Lock : std::uint8_t { none, verified, warned, failed };
Lock lock_of(const Record& record);
std::string_view name(Lock lock);

}  // namespace inspect
