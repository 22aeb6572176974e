// The input of explain(): what happened when a server was asked for a connection, as facts and
// values. Filled by whoever asked; contains no prose and no opinion.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "certs/certificate.h"
#include "certs/verdict.h"
#include "inspect/before_tls/starttls.h"
#include "inspect/diagnosis/experiment.h"
#include "inspect/diagnosis/facts.h"
#include "inspect/diagnosis/given_option.h"
#include "inspect/gateway/cross_site.h"
#include "inspect/http/http1/parser.h"
#include "tls/failure.h"
#include "tls/session.h"

namespace inspect::diagnosis {

struct DnsFailure {
    bool not_found = false;  // the name does not exist; otherwise the resolver did not answer properly
    std::string reason;      // the resolver's own words
};

enum class ConnectOutcome { connected, refused, timed_out, unreachable, other };
struct AddressTried {
    std::string address;  // "203.0.113.7:443", "[2001:db8::1]:443"
    ConnectOutcome outcome = ConnectOutcome::connected;
    std::string reason;  // the system's words when it did not connect
};
struct ConnectFailure {};  // no address of `addresses` connected

// What came in the clear did not lead to TLS (whytls check --starttls).
struct StartTlsFailure {
    enum class Kind {
        not_offered,  // as starttls::State
        declined,
        refused,
        other,
        unasked,
        trailing,
        closed,
        timed_out,
    } kind = Kind::other;
    std::string said;                // the server's last line, at most starttls::most_heard bytes
    std::string trailing = {};       // of Kind::trailing: what came after that, as much of it at most
    std::size_t trailing_bytes = 0;  // of all that had come
};

// A 101 (Switching Protocols) that the request did not allow (RFC 9110 §7.8).
struct UnaskedSwitch {
    std::string offered, chosen;  // lists of protocols; "" when there is none
    bool request_complete = true;
};

// A 101 whose Sec-WebSocket-Accept does not answer the Sec-WebSocket-Key (RFC 6455 §4.1).
struct WrongAccept {
    std::string expected, received;  // received: "" when there is none
};

// The part of a response's body that came before it failed, without chunk framing.
struct BodySeen {
    std::uint64_t bytes = 0;
    std::optional<std::uint64_t> announced;  // by Content-Length, where that decides the body's end
    // Passed on to the client, whose connection was reset, since no other answer could follow.
    bool passed_on = false;
};

// After the handshake, before a complete response.
// How HTTP/2 ended a message before its time (RFC 9113 §5.4).
struct Http2Ending {
    enum class By {
        reset,    // the peer's RST_STREAM
        goaway,   // the peer's GOAWAY
        breach,   // the peer broke a rule, so this side ended it
        no_room,  // the peer takes no more streams (SETTINGS_MAX_CONCURRENT_STREAMS), so there was none
    } by = By::reset;
    std::uint32_t code = 0;  // RFC 9113 §7
    std::string text = {};   // GOAWAY's debug data, or what was broken; any bytes
    bool operator==(const Http2Ending&) const = default;
};

struct HttpFailure {
    enum class Kind { not_http, closed, timed_out } kind = Kind::not_http;
    std::optional<http::MessageError> error;
    std::string first_bytes;     // at most 512; "" when they may be the rest of an earlier response
    http::Fault fault = {};      // where the error is
    bool served_before = false;  // the connection had carried a response to another request
    // Over a reused connection, not a byte of a response came: the connection may have been closed
    // before the request came.
    bool while_idle = false;
    std::optional<UnaskedSwitch> unasked_switch = {};
    std::optional<WrongAccept> wrong_accept = {};
    std::optional<BodySeen> body = {};  // absent when it failed before the end of its head
    std::optional<Http2Ending> http2 = {};
    // The server had agreed to no protocol (ALPN), and nothing of HTTP/1.1 came to the connection's
    // first request. Perhaps it takes HTTP/2 only.
    bool perhaps_http2 = false;
};

// The request itself was refused here: malformed or ambiguous.
struct RequestRejected {
    http::MessageError error = http::MessageError::not_http;
    std::string first_bytes;        // at most 512, when the request's first line is at fault; none of a body
    bool user_information = false;  // for the "user:password@" in its URL; first_bytes is then its target without it
    bool at_reverse = false;        // by a reverse listener without TLS, which is no proxy
    double stalled = 0;             // seconds without a byte of its body, if that is why; `error` then means nothing
    http::Fault fault = {};         // where the error is
    std::optional<Http2Ending> http2 = {};  // a breach, if that is why; `error` then means nothing
};

// A client takes a reverse listener for a proxy: it asks for a tunnel, or for another server.
struct NotAProxy {
    std::string listener;              // "http://127.0.0.1:8443", as its clients name it
    std::string serves;                // "https://api.example.com", of --reverse
    std::string asked;                 // the request's target
    std::vector<std::string> proxies;  // the listeners that are one: "127.0.0.1:8080"
};

// A web page elsewhere made a browser ask for something through this proxy's gateway path.
struct CrossSiteRefused {
    http::CrossSite seen;
    std::string listener;  // "127.0.0.1:8080", where the client connected
    std::string origin;    // the same listener as the client names it, "http://vm:8080"
    std::string asked;     // the URL, its secrets taken out
};

// Only those who know the proxy's password may use it (--proxy-auth).
struct NotAuthorized {
    enum class Way { proxy, gateway, socks };
    bool tried = false;    // the client gave another password
    Way way = Way::proxy;  // how it asked, hence where its credentials belong
    bool java = false;     // a Java program asked for a tunnel
};

// The request's target is this proxy, or the request has been here before.
struct ProxyLoop {
    std::string via = {};     // the Via field of a request that has been here; "" otherwise
    std::string marks = {};   // the CDN-Loop field of such a request
    bool redirected = false;  // whytls's own connection to the server was redirected to whytls (--transparent)
};

// The parent proxy was reached and opened no tunnel (RFC 9110 §9.3.6), or refused a plain request.
struct ParentRefusal {
    enum class Kind { status, not_http, closed, timed_out } kind = Kind::status;
    int status = 0;            // of Kind::status, as all below
    std::string reason;        // after the status in its status line
    std::string asks_for;      // Proxy-Authenticate, "" without one
    bool credentials = false;  // whether credentials were sent
    std::string first_text;    // of the body, or of what is not HTTP; at most 512 bytes
};

using Failure =
    std::variant<std::monostate, DnsFailure, ConnectFailure, tls::HandshakeFailure, StartTlsFailure, HttpFailure,
                 RequestRejected, NotAProxy, CrossSiteRefused, NotAuthorized, ProxyLoop, ParentRefusal>;

// Our client certificate, set for the host: what a server that asks for it may see.
struct ClientCertificate {
    certs::Description description;
    std::string file;
    std::size_t certificates = 1;       // in that file: its issuers are sent too
    std::vector<std::string> purposes;  // EKU; empty: any
    bool for_clients = true;            // whether the EKU allows clients
    std::string_view withheld_by = {};  // the option for whose sake it is never shown; "" when it may be
};

// Why a URL that a certificate names gave nothing of use.
enum class NotFetched {
    switched_off,   // --aia off
    not_asked,      // the time or the number of look-ups for one handshake was used up before
    behind_parent,  // only the parent proxy may lead there
    forbidden,      // it leads to an address that a stranger's certificate may not send us to
    unreachable,    // no address, no connection, or it ended early
    timed_out,
    useless,        // what came is not what was wanted
    leads_nowhere,  // an issuer came, and no path to an anchor with it
};
struct IssuerSought {
    std::string url;
    NotFetched why = NotFetched::not_asked;
};

// The TLS versions offered.
struct VersionsOffered {
    tls::Version lowest = tls::Version::tls_1_2, highest = tls::Version::tls_1_3;
    bool only_one() const { return lowest == highest; }
};

// The host that was contacted is only on the way to what was asked for.
struct Waypoint {
    enum class Kind {
        parent,         // the parent proxy itself failed: host, port, addresses and certificates are its own
        given_address,  // the address that --connect-to gives did not answer
    } kind = Kind::parent;
    std::string target;  // what was asked for, "api.example.com:443"
};

// How this whytls was started and where it is, for the commands of fixes.
struct OwnSetup {
    std::vector<GivenOption> given;  // the options that decided all this, for the commands that repeat them
    bool runs_command = false;       // it is `whytls exec`
    std::string proxy_address;       // where this proxy listens, "" when it is none
    std::string ca_file;             // where its CA certificate is, "" when it has none
};

struct Attempt : Facts, OwnSetup {
    // Spoken in the clear before TLS.
    std::optional<starttls::Protocol> starttls;
    VersionsOffered versions;
    // The option that gave the address, so that DNS was not asked about the host; "" when none did.
    std::string_view address_option;
    // The request was made to whytls itself: gateway path, reverse, absolute form.
    bool outside_tunnel = false;
    bool parent_tls = false;           // the parent proxy speaks TLS itself (https://)
    std::optional<Waypoint> waypoint;  // absent when `host` is what was asked for
    // The path ends in an anchor of the system's own store (TrustStore::is_of_system).
    bool root_of_system = false;
    std::vector<AddressTried> addresses;  // in the order tried; the last one connected if any did
    // The one set for the host; `handshake` and `failure` say whether it was sent.
    std::optional<ClientCertificate> client_certificate;
    std::optional<certs::Verdict> verdict;  // when it was good, dropped once it was reported
    // monostate: all went well (but see verdict: --insecure lets a failed one pass).
    Failure failure;
    std::vector<Experiment> experiments;  // made after the failure, to explain it
    // Seconds since the server accepted the same handshake, when that was within the last minute.
    std::optional<double> accepted_before;
    // Experiments would have been made, but only the parent proxy may lead to the server.
    bool experiments_left_out = false;
    // Where an issuer that was not sent was to be found, and was not.
    std::vector<IssuerSought> issuers_sought;
    // What --revocation would have fetched was left out: only the parent proxy may lead there.
    bool revocation_left_out = false;
    bool request_sent = false;   // bytes of the request were sent to the verified server
    double timeout_seconds = 0;  // of the phase that timed out
    std::string method;          // of the request, when there is one
    // The request's target at the server, secrets masked: "/orders?token=***"; "" when it is not
    // known or not to be shown.
    std::string path;

    bool address_given() const { return !address_option.empty(); }
    bool at_parent() const { return waypoint && waypoint->kind == Waypoint::Kind::parent; }
};

}  // namespace inspect::diagnosis
