// TLS sessions with servers whose certificate was found good, to be resumed by the next connection
// to the same place (RFC 8446 §2.2, RFC 5246 §7.3). For a minute: then the server shows its
// certificate again. One memory for each loop. Knows nothing of connections.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <string>

#include "certs/time.h"
#include "proxy/settings/keyring.h"
#include "proxy/upstream/memory/verdicts.h"
#include "tls/session.h"

namespace proxy {

// What the handshake found in which a server showed its certificate; its verdict is good.
struct FoundGood {
    Judged judged;  // with the answers of revocation
    tls::Handshake handshake;
    std::shared_ptr<const Keyring> keyring;  // by which it was judged
    certs::Time from, until;                 // by the clock: the verdict would be the same in between
};

struct Resumption {
    std::shared_ptr<const tls::ResumableSession> session;
    std::shared_ptr<const FoundGood> found;
};

class Resumptions {
public:
    static constexpr std::int64_t kept = 60;  // seconds
    static constexpr std::size_t most = 500;  // the oldest go
    static constexpr std::size_t most_at_a_place = 32;

    // `place` names everything that connections must have in common to share a session.
    void keep(const std::string& place, Resumption resumption);
    // The latest of that place, which is given once (RFC 8446 §C.4). Those that others judged, and
    // those whose time is over, are forgotten.
    std::optional<Resumption> take(const std::string& place, const std::shared_ptr<const Keyring>& keyring,
                                   certs::Time now);
    void forget(const std::string& place);
    std::size_t count() const { return oldest_first_.size(); }

private:
    struct Entry {
        std::string place;
        Resumption resumption;
    };
    std::list<Entry> oldest_first_;
};

}  // namespace proxy
