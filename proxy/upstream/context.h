// What connecting to a server needs from the process. No client, no log.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "proxy/io/address.h"
#include "proxy/io/clock.h"
#include "proxy/io/listener.h"
#include "proxy/io/loop.h"
#include "proxy/log/key_log_writer.h"
#include "proxy/log/notices.h"
#include "proxy/settings/in_force.h"
#include "proxy/settings/keyring.h"
#include "proxy/settings/settings.h"
#include "proxy/stream/http2_connection.h"
#include "proxy/upstream/experiments.h"
#include "proxy/upstream/lookup.h"
#include "proxy/upstream/memory/http2_only.h"
#include "proxy/upstream/memory/intermediates.h"
#include "proxy/upstream/memory/resumptions.h"
#include "proxy/upstream/memory/verdicts.h"
#include "proxy/upstream/memory/vouched.h"
#include "proxy/upstream/near_ends.h"
#include "proxy/upstream/via.h"
#include "tls/context.h"

namespace proxy {

// What all loops share. Everything here is immutable once the proxy serves, or guards itself.
struct UpstreamServices {
    const Settings settings;
    InForce<Keyring> keyring;
    const tls::ClientContext client_context;
    KeyLogWriter key_log = KeyLogWriter({});  // of both sides
    // The file of the CA that mints for clients, as commands name it; "" where nothing is minted.
    std::string ca_file = {};
    bool ca_is_temporary = false;             // it ends with this process, so that no one is to install it
    std::vector<io::Address> listeners = {};  // as bound; complete before the first connection is served
    std::optional<io::Address> page = {};     // where the live page is, likewise
    Notices notices = Notices();
    Intermediates intermediates;
    Documents documents = {};
    Http2Only http2_only = {};
    NearEnds near_ends = {};
    // Sockets in the network of the clients, where that is another one than whytls's (`exec
    // --all`). Its loopback addresses are asked before whytls's own.
    io::SocketMaker near_network = {};
    const std::string pseudonym = make_pseudonym();  // by which this process recognises its own requests

    // The time that certificates are judged at: --at, else the clock.
    certs::Time verification_time() const { return settings.at.value_or(io::now()); }
    // Whether connecting there would reach this very proxy. Its live page counts: it trusts this
    // machine's programs, and whoever asks through the proxy may be none of them.
    bool is_own_listener(const io::Address& address) const {
        return io::leads_to(listeners, address) || (page && io::leads_to({*page}, address));
    }
};

// The state of one event loop, which only its thread uses.
struct UpstreamContext {
    io::Loop& loop;
    UpstreamServices& services;
    LookupsUnderWay lookups = {};
    ExperimentCache experiments = {};
    Verdicts verdicts = {};
    Vouched vouched = {};
    Resumptions resumptions = {};
    WideWindows wide_windows = {};
    bool stopping = false;  // then no experiment and no look-up is begun
};

}  // namespace proxy
