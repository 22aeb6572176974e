// One event loop with what only its thread uses, and the connections that live on it.
#pragma once

#include <cstddef>
#include <list>
#include <optional>
#include <string>

#include "proxy/experiments.h"
#include "proxy/host_tally.h"
#include "proxy/identities.h"
#include "proxy/io/listener.h"
#include "proxy/io/loop.h"
#include "proxy/lookup.h"
#include "proxy/services.h"
#include "proxy/vouched.h"

namespace proxy {

class Connection;

struct Worker {
    explicit Worker(Services& shared) : services(shared) {
        if (shared.authority) identities.emplace(*shared.authority);
    }

    io::Loop loop;
    Services& services;
    std::optional<Identities> identities;
    LookupsUnderWay lookups;
    ExperimentCache experiments;
    HostTally hosts;
    Vouched vouched;
    std::list<io::Listener> listeners;
    std::list<Connection*> connections;
    bool stopping = false;

    // Opens this loop's listener at `address`, for clients that `listen` says how to serve and which outlives the loop; the error is the
    // system's words.
    std::expected<io::Address, std::string> listen(const ListenAt& listen, const io::Address& address, bool shared);

    // Accepts no more and closes connections that are between two requests; the others end after their response.
    void stop();
    // Ends everything now.
    void stop_at_once();
};

}  // namespace proxy
