// After a handshake that failed: follow-up connections to the same address that find out why, and what the server's clock says when a
// certificate's date failed (--experiments). Nothing of a client's request goes along, nor a client certificate; what a trial does send
// is in inspect/diagnosis/experiments.h. Knows order and time; nothing of what the answers mean.
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

// The experiments of one failure. Whoever meets the same failure meanwhile waits for their end.
struct ExperimentBatch {
    std::vector<inspect::diagnosis::Experiment> made;
    bool finished = false;
    io::Signal end = {};
};

// The batches of the last minute, one cache an event loop, so that a client that tries again costs the server no connection.
class ExperimentCache {
public:
    // nullptr when there is none that is fresh.
    std::shared_ptr<ExperimentBatch> find(const std::string& key, double now_ms);
    // nullptr when there are too many.
    std::shared_ptr<ExperimentBatch> begin(const std::string& key, double now_ms);
    // What was tried of that server (the front of its keys) says nothing of what comes now: it has just been connected to.
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

// Makes the experiments that the attempt's failure calls for, for at most 3 s, and adds them to it. `address` is the one it was connected to;
// without one (a parent proxy led there) the attempt says that they were left out.
io::Task<> make_experiments(UpstreamContext& context, std::optional<io::Address> address, inspect::diagnosis::Attempt& attempt);

// The attempt's server has just accepted a handshake: what was tried before is not told of its next failure, which this makes less sure.
void note_accepted(UpstreamContext& context, const io::Address& address, const inspect::diagnosis::Attempt& attempt);

}  // namespace proxy
