// The connection to the server that a client asked for: resolve, connect, handshake, verify, each
// awaited. All that was seen on the way is kept as facts for the diagnosis.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "inspect/diagnosis/attempt.h"
#include "inspect/flow/record.h"
#include "inspect/http/http1/parser.h"
#include "proxy/io/channel.h"
#include "proxy/io/clock.h"
#include "proxy/io/task.h"
#include "proxy/upstream/context.h"
#include "proxy/upstream/reuse.h"

namespace proxy {

// Where to connect and how. Two requests of one client connection share an upstream connection when
// their destinations are equal.
struct Destination {
    std::string host;  // to connect to; lower case, no brackets
    std::uint16_t port = 443;
    bool tls = true;
    std::string name;               // for which the certificate must be valid; usually the host
    std::string sni;                // "" sends none
    std::vector<std::string> alpn;  // empty sends none
    bool or_http2 = false;          // its alpn is whytls's choice: h2 is offered to a server that takes nothing else
    bool plain_requests = false;    // plain HTTP requests, which a parent proxy takes without a tunnel
    std::string via = {};  // of the client's CONNECT, for a parent: the proxies that it has passed, and this one
    bool strict = false;   // --insecure does not apply to it: it learns of every server
    // Where the host is, when a client has chosen that (--transparent); absent: the host is
    // resolved.
    std::optional<io::Address> at = {};
    bool operator==(const Destination&) const = default;

    std::string server() const;  // by which it is remembered
    bool offers_http1_only() const { return alpn.size() == 1 && alpn.front() == "http/1.1"; }
};

// One of a host's addresses, chosen before. The time and the result of its look-up stay known.
struct ChosenAddress {
    io::Address address;
    double dns_ms = 0;
    std::string canonical_name;
    bool given = false;  // by --resolve, not by DNS
};

// A session that may be resumed once its server has answered.
struct ToResume {
    std::string place;  // see Resumptions
    std::shared_ptr<const FoundGood> found;
};

struct Upstream {
    Destination destination;
    std::optional<ChosenAddress> chosen;  // the only address to try; absent: all of the host's
    std::optional<io::Channel> channel;   // open when the last step succeeded
    std::optional<io::Address> address;   // where it is connected to; none through a parent proxy
    // Which way its clients come in: only those share TLS sessions with the server. "" resumes none.
    std::string way = {};
    // Until its first response: what the connections that resume its session need to know.
    std::unique_ptr<ToResume> to_resume = {};
    // Where the same tunnel was connected to before. From now on it leads nowhere less public.
    std::optional<io::Address> before = {};
    std::shared_ptr<const Keyring> keyring = {};  // what it was judged by when it was last dialled
    // By which it is recognised when it is redirected back to this process.
    std::optional<NearEnds::Entry> near_end = {};
    bool came_back() const { return near_end && near_end->came_back(); }
    bool is_near = false;                    // it is in the network of the clients (UpstreamServices::near_network)
    const ParentProxy* forwarder = nullptr;  // the parent proxy that takes its requests in absolute form
    inspect::diagnosis::Attempt attempt;     // the facts so far
    inspect::http::Parser responses = inspect::http::Parser::responses();
    // Handshakes so far, where a client certificate is set and revocation is checked.
    unsigned meetings = 0;
    double opened = 0;        // when the connection was made; in the time of clock_ms()
    Reuse reuse = Reuse();    // whether it may carry the next request
    bool http2_only = false;  // it does not take the protocols of its destination, and is offered h2
    // What the book shows of it, once it is reported; nullptr when there is no book.
    std::shared_ptr<const inspect::ServerLeg> shown = {};
    bool used = false;      // a request has passed over it
    bool reported = false;  // the attempt is in the log

    explicit Upstream(Destination where) : destination(std::move(where)) {}
    bool failed() const { return !std::holds_alternative<std::monostate>(attempt.failure); }
    bool open() { return channel && !channel->socket().closed(); }
    // Whether it is connected to this machine or to a network of its owner's, from where the
    // connection may lead back here.
    bool leads_near() const { return address && address->reach() != io::Reach::global; }
};

// Removes the addresses that are less public than where the tunnel led before (io::Reach), and puts
// `before` in their place when nothing else is left. A name that turns into an address of this
// machine's networks would give the owner of that name a way to reach them (DNS rebinding). Returns
// whether something was removed.
bool keep_as_public(std::vector<io::Address>& addresses, const io::Address& before);

// Resolves and connects. With --upstream-proxy a parent proxy does so, and this never connects to
// the server itself; a parent of https:// is verified as any server is. On failure the attempt has
// the reason and the channel stays empty.
io::Task<> dial(UpstreamContext& context, Upstream& upstream);

// TLS over the dialled connection, when the destination wants it. The chain and the name are
// verified inside the handshake, before anything of the request (or a client certificate) could
// leave; revocation is checked before this ends, as far as --revocation requires. Returns true when
// the server must be dialled and secured again. Revocation is known only after a handshake, so a
// server that wants a client certificate is first met without one. When its certificate proved
// good, it is met again, and shown ours if it has the same certificate.
io::Task<bool> secure(UpstreamContext& context, Upstream& upstream);

}  // namespace proxy
