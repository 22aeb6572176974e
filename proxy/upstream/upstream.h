// The connection to the server that a client asked for: resolve, connect, handshake, verify, each awaited, and all that
// was seen on the way kept as facts for the diagnosis.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "inspect/diagnosis/attempt.h"
#include "inspect/http/http1/parser.h"
#include "proxy/io/channel.h"
#include "proxy/io/clock.h"
#include "proxy/io/task.h"
#include "proxy/upstream/context.h"
#include "proxy/upstream/reuse.h"

namespace proxy {

// Where to and how. Two requests of one client connection share an upstream connection when this is equal.
struct Destination {
    std::string host;  // that is connected to, lower case, no brackets
    std::uint16_t port = 443;
    bool tls = true;
    std::string name;               // that the certificate must be valid for; usually the host
    std::string sni;                // "" sends none
    std::vector<std::string> alpn;  // empty sends none
    bool plain_requests = false;    // plain HTTP requests, which a parent proxy takes without a tunnel
    std::string via = {};           // the proxies that the client's CONNECT has passed, which a parent is told
    bool is_parent = false;         // the parent proxy itself, which --insecure does not speak of
    bool operator==(const Destination&) const = default;
};

// One of a host's addresses, chosen before: what its look-up took and found stays known.
struct ChosenAddress {
    io::Address address;
    double dns_ms = 0;
    std::string canonical_name;
    bool given = false;  // by --resolve, not by DNS
};

struct Upstream {
    Destination destination;
    std::optional<ChosenAddress> chosen;     // the only address to try; absent: all of the host's
    std::optional<io::Channel> channel;      // open when the last step succeeded
    std::optional<io::Address> address;      // that it is connected to; none through a parent proxy
    std::optional<io::Address> before = {};  // that the same tunnel was connected to before: it leads nowhere less public now
    const ParentProxy* forwarder = nullptr;  // the parent proxy that takes its requests in absolute form
    inspect::diagnosis::Attempt attempt;     // the facts so far
    inspect::http::Parser responses = inspect::http::Parser::responses();
    unsigned meetings = 0;  // handshakes so far where a client certificate is set and revocation is asked about
    double opened = 0;      // when it was connected to; of clock_ms()
    Reuse reuse = Reuse();  // whether it may carry the next request
    bool used = false;      // a request has passed over it
    bool reported = false;  // the attempt is in the log

    explicit Upstream(Destination where) : destination(std::move(where)) {}
    bool failed() const { return !std::holds_alternative<std::monostate>(attempt.failure); }
    bool open() { return channel && !channel->socket().closed(); }
    // Whether it is connected to this machine or a network of its owner's, where what it leads to may lead back here.
    bool leads_near() const { return address && address->reach() != io::Reach::global; }
};

// Takes out what is less public than where the tunnel led before (io::Reach), and puts that in its place when nothing else is left: a name
// that turns into an address of this machine's networks is its owner's way to reach them (DNS rebinding). Whether something was taken out.
bool keep_as_public(std::vector<io::Address>& addresses, const io::Address& before);

// Resolves and connects; or has a parent proxy do so (--upstream-proxy), and then never connects to the server itself: a parent of
// https:// is verified as any server is. On failure the attempt says why and the channel stays empty.
io::Task<> dial(UpstreamContext& context, Upstream& upstream);

// TLS over the dialled connection, when the destination wants it: the chain and the name are verified inside the handshake,
// before anything of the request (or a client certificate) could leave; revocation as far as --revocation asks before this ends.
// True when it must be dialled and secured again: revocation is known only after a handshake, so that a server that wants a client
// certificate is first met without one; when its certificate proved good, it is met again, and shown ours if it has the same.
io::Task<bool> secure(UpstreamContext& context, Upstream& upstream);

}  // namespace proxy
