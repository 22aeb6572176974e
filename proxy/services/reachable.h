// Where other machines reach the proxy, as far as this machine's addresses say: what stands between
// (a firewall, a network of guests) is not known here.
#pragma once

#include <span>
#include <vector>

#include "inspect/report/page/why_tls.h"
#include "proxy/services/interfaces.h"
#include "proxy/settings/settings.h"

namespace proxy {

// Whether one of these is a proxy that listens on more than loopback.
bool listens_beyond_loopback(std::span<const ListenAt> listeners);

// Of each such listener every address at which a machine in the same network can ask for the own
// page. `bound` has the listeners' addresses in the same order, with their ports. Not
// link-local ones: they need a zone, which differs on each machine.
std::vector<inspect::page::Reachable> reachable_from_elsewhere(std::span<const ListenAt> listeners,
                                                               std::span<const io::Address> bound,
                                                               std::span<const InterfaceAddress> interfaces);

}  // namespace proxy
