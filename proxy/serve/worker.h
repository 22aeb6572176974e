// One event loop, its listeners, and the connections that live on it.
#pragma once

#include <expected>
#include <list>
#include <string>

#include "proxy/io/listener.h"
#include "proxy/io/loop.h"
#include "proxy/services/context.h"

namespace proxy {

struct Worker {
    explicit Worker(Services& shared) : clients(shared, loop) {}

    io::Loop loop;
    ClientContext clients;
    std::list<io::Listener> listeners;

    // Opens this loop's listener at `address`. `listen` says how to serve its clients, and outlives
    // the loop. The error is the system's words.
    std::expected<io::Address, std::string> listen(const ListenAt& listen, const io::Address& address, bool shared);

    // Accepts no more connections and closes those that are between two requests; the others end
    // after their response.
    void stop();
    // Ends everything now.
    void stop_at_once();
};

}  // namespace proxy
