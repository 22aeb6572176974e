// Checks one server: connect, handshake, verify as the proxy does, receive what it says of a
// missing client certificate, find out whether HTTP/2 is spoken where it was agreed on, leave. Only
// for a target with a path is something requested over the connection.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "inspect/diagnosis/diagnosis.h"
#include "proxy/io/task.h"
#include "proxy/upstream/context.h"
#include "proxy/upstream/upstream.h"

namespace proxy {

// A server to check. The host is as in DNS: lower case, A-labels, no brackets.
struct CheckTarget {
    std::string host;
    std::uint16_t port = 443;
    // "/health?all": requested with GET once the server has verified. "" for no request.
    std::string path = {};
    bool operator==(const CheckTarget&) const = default;
};

// A server to check, at one of its addresses or at whichever answers first.
struct Subject {
    CheckTarget target;
    std::optional<ChosenAddress> address;
};

// --connect-to HOST:PORT:HOST2:PORT2, as in curl: a check of the first is connected to the second,
// under the first's name. An empty host or a port of 0 means any, or no change.
struct ConnectTo {
    CheckTarget asked, instead;
};

// How every server of a run is checked.
struct Examination {
    std::vector<ConnectTo> connect_to;  // the first that matches counts
    // Sent as SNI and looked for in the certificate instead of the host; "" for the host.
    std::string server_name;
    std::vector<std::string> alpn;  // offered instead of what a check offers by itself; empty: that
    std::optional<inspect::starttls::Protocol> starttls;  // spoken in the clear first
};

// A connection to the subject, not yet begun.
Upstream upstream_of(const Examination& how, const Subject& subject);

// Resolves, connects and speaks what comes before TLS, the last for at most `patience` seconds. On
// failure the attempt has the reason.
io::Task<> approach(UpstreamContext& context, const Examination& how, CheckTarget target, Upstream& upstream,
                    double patience);

io::Task<inspect::diagnosis::Diagnosis> examine(UpstreamContext& context, Examination how, Subject subject);

// --all-addresses: the target at each of its addresses. There is one subject without an address
// when the target has only one address, when --resolve gives it, or when it has none.
io::Task<std::vector<Subject>> at_all_addresses(UpstreamContext& context, const Examination& how, CheckTarget target);

}  // namespace proxy
