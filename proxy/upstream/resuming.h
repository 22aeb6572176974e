// What a connection to a server resumes of an earlier one, and what it leaves to later ones (RFC
// 8446 §2.2). What is kept in between, and for how long: memory/resumptions.h.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "proxy/upstream/second_opinion.h"
#include "proxy/upstream/upstream.h"

namespace proxy {

// Of one handshake. Context and upstream outlive it.
class Resuming {
public:
    // `accept_any`: --insecure lets the server through.
    Resuming(UpstreamContext& context, Upstream& upstream, bool accept_any);

    // What is offered to the server; nullptr when there is nothing.
    std::shared_ptr<const tls::ResumableSession> session() const;
    // After a handshake that failed: whether it is to be made again without, because it may have
    // failed over the session that was offered. Then the upstream resumes none any more.
    bool gives_up();
    // After a handshake that succeeded: a server that resumed, and so showed no certificate, is what
    // it was found to be.
    void adopt(Inquiry& inquiry);
    // Once the server was found good: leaves the session to later connections, when the server has
    // answered (note_resumable()).
    void leave();

private:
    UpstreamContext& context_;
    Upstream& upstream_;
    std::string place_;  // see Resumptions; "" where nothing is resumed
    std::optional<Resumption> before_;
    std::shared_ptr<const FoundGood> found_;
};

// After an exchange. A server that `answered` can be trusted to resume, and has sent its tickets
// (RFC 8446 §4.6.1). One that did not, over a session that was resumed, is not asked to again.
void note_resumable(UpstreamContext& context, Upstream& upstream, bool answered);

}  // namespace proxy
