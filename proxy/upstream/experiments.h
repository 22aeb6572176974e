// Follow-up connections to the same address after a failed handshake (--experiments): they find out
// why it failed, and what the server's clock says when a certificate's date failed. They carry
// nothing of a client's request and no client certificate; what a trial sends is in
// inspect/diagnosis/experiments.h. Knows order and time; nothing of what the answers mean.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "inspect/diagnosis/attempt.h"
#include "proxy/io/address.h"
#include "proxy/io/signal.h"
#include "proxy/io/task.h"

namespace proxy {

struct UpstreamContext;

// The experiments of one failure. Whoever meets the same failure meanwhile waits for them to end.
struct ExperimentBatch {
    std::vector<inspect::diagnosis::Experiment> made;
    bool finished = false;
    io::Signal end = {};
};

// The batches of the last minute, so that a client that tries again costs the server no connection.
// One cache for each event loop.
class ExperimentCache {
public:
    // nullptr when no fresh batch exists.
    std::shared_ptr<ExperimentBatch> find(const std::string& key, double now_ms);
    // nullptr when there are too many.
    std::shared_ptr<ExperimentBatch> begin(const std::string& key, double now_ms);
    // Forgets what was tried with that server (the front of the keys): it has just been connected
    // to, so this no longer applies.
    void forget(const std::string& server);
    // A whole handshake was accepted, which `offer` names (the front of its keys).
    void note_accepted(const std::string& offer, double now_ms);
    // How long ago, in seconds, if within the last minute.
    std::optional<double> accepted_before(const std::string& offer, double now_ms) const;

private:
    struct Entry {
        std::shared_ptr<ExperimentBatch> batch;
        double until_ms = 0;
    };
    std::unordered_map<std::string, Entry> by_key_;
    std::unordered_map<std::string, double> accepted_ms_;
};

// Makes the experiments that the attempt's failure calls for, for at most 3 s, and adds them to the
// attempt. `address` is the one it was connected to. Without one (the connection went through a
// parent proxy) the attempt records that the experiments were left out.
io::Task<> make_experiments(UpstreamContext& context, std::optional<io::Address> address,
                            inspect::diagnosis::Attempt& attempt);

// The attempt's server has just accepted a handshake. Its next failure must not report what was
// tried before, and proves no cause within the next minute.
void note_accepted(UpstreamContext& context, const io::Address& address, const inspect::diagnosis::Attempt& attempt);

}  // namespace proxy
