// The running proxy: its event loops, its listeners, its shutdown.
#pragma once

#include <csignal>
#include <functional>
#include <string>

#include "proxy/serve/read_again.h"
#include "proxy/services/services.h"
#include "proxy/settings/settings.h"

namespace proxy {

// A proxy that lives for the sake of something else, as that of `whytls exec` does for a command.
// It prints no line at its start but warnings, and at its end only of hosts that failed.
struct Purpose {
    std::string prefix;  // of each line on stderr
    // The CA, in place of settings.ca_dir's: one that ends with this proxy.
    std::function<certs::Authority()> authority;
    // Where its clients are, when that is not this process's network: its listeners are there.
    io::SocketMaker network;
    // Runs on the thread that serves, while the loops take clients; the proxy stops when it returns
    // or throws. The signals of the proxy are blocked, and its own to wait for; each minute or so it
    // calls say_due.
    std::function<void(Services&)> fulfil;
    // The last word, when all lines are out: returns the exit code. Throws nothing.
    std::function<int(const Services&)> end;
};

// Serves until SIGINT or SIGTERM; then stops as contract §1 describes. SIGHUP opens the logs again and
// takes what `read_again` returns. Throws UsageError and StartError before it serves.
void serve(const Settings& settings, const ReadAgain& read_again);

// Serves until the purpose is fulfilled, and returns its exit code.
int serve(const Settings& settings, const Purpose& purpose);

// Says on stderr what was held back and is now due.
void say_due(Services& services);

}  // namespace proxy
