// What an attempt and its diagnosis have in common: what was seen, and is reported as it was seen.
// Values only, without an opinion.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "certs/breaks.h"
#include "certs/time.h"
#include "inspect/http/http1/mend.h"
#include "tls/session.h"

namespace inspect::diagnosis {

// A chain that was verified from a file, without a connection (whytls verify).
struct VerifiedFile {
    std::string name;                    // "-" for the standard input
    std::size_t leaf_position = 0;       // where in the file the server's own certificate was found
    bool holds_der = false;              // it contains DER, which tools for text do not read
    bool until_breaks = false;           // whether --until-breaks asked when it stops verifying
    std::optional<certs::Break> breaks;  // absent when it does not verify now
};

// The response to the one request that a check sends to a server that verified.
struct ResponseSeen {
    std::string asked;  // the request's target
    int status = 0;     // 0: no response came in time
    std::uint64_t bytes = 0;
    bool html = false;
    http::Mends mended = {};       // what was odd in it, but clear
    bool no_close_notify = false;  // its body ended with the connection, which no close_notify ended (RFC 9112 §9.8)
    bool whole = true;             // read to its end; otherwise only as far as a check reads
    bool surplus = false;          // more bytes came after its end
};

// What came of HTTP/2 on the connection of a check whose server agreed on it (RFC 9113 §3.2).
struct Http2Seen {
    enum class End {
        works,      // the server speaks it
        not_http2,  // what came cannot be read as that
        goaway,     // the server's GOAWAY, with an error
        closed,     // the connection ended
        silent,     // no SETTINGS came in time
    } end = End::works;
    bool settings = false;    // the server's SETTINGS came
    std::string first_bytes;  // at most 512, of what came in their place
    std::uint32_t code = 0;   // of not_http2 and goaway (RFC 9113 §7)
    std::string text;         // what was broken, or GOAWAY's debug data; any bytes
    double seconds = 0;       // of silent: how long was waited
};

struct Timings {  // milliseconds; absent when the phase was not entered
    std::optional<double> dns, connect, handshake;
};

struct Facts {
    std::string host;  // as asked, without brackets; "" when no name was asked for (a verified file only)
    std::uint16_t port = 443;
    std::optional<VerifiedFile> verified_file;  // then there was no connection, and port and sni mean nothing
    certs::Time time;                           // when it began
    bool time_given = false;                    // set by --at: the time of verification is not the clock's
    bool check = false;                         // whytls check asked: there is no client and no request
    bool tls = true;                            // whether TLS was to be spoken
    std::string sni;                            // "" when none was sent
    std::vector<std::string> alpn;              // as offered
    std::string parent;          // the parent proxy that leads to the host, "proxy.corp:3128"; "" without one
    std::string canonical_name;  // the name where the host's aliases in DNS end; "" without an alias
    std::string trust_source;    // TrustStore::source()
    std::optional<tls::Handshake> handshake;
    std::string staple;        // the stapled response about the leaf: "good", "revoked", "unknown" …; "" without one
    bool let_through = false;  // verification failed and --insecure let it pass
    std::optional<Http2Seen> http2;        // of a check whose server agreed on h2
    std::optional<ResponseSeen> response;  // of a check that asked for something
    Timings timings;
};

}  // namespace inspect::diagnosis
