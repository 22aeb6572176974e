// Looks up what a verdict leaves open (certs/wants.h): fetches it, parses it, and keeps it for a
// while. Failures are kept too, so that a client that tries again costs no fetch. Knows nothing of
// the effect of the answer on the verdict.
#pragma once

#include <cstddef>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

#include "certs/crl.h"
#include "certs/ocsp.h"
#include "certs/wants.h"
#include "inspect/diagnosis/attempt.h"
#include "proxy/io/address.h"
#include "proxy/io/signal.h"
#include "proxy/io/task.h"

namespace proxy {

struct UpstreamContext;

struct NoDocument {
    inspect::diagnosis::NotFetched why = inspect::diagnosis::NotFetched::useless;
};
// What a URL returned, by what was wanted from it.
using Document = std::variant<NoDocument, std::vector<certs::Certificate>, certs::OcspResponse, certs::Crl>;

// The documents looked up lately, shared by all loops. So what one loop learnt (above all a
// revocation) holds for the next connection, wherever it arrives. The least recently used go first.
class Documents {
public:
    // nullopt when no fresh document exists.
    std::optional<Document> find(std::string_view key, certs::Time now);
    void keep(std::string key, Document document, std::size_t size, certs::Time until);

private:
    // Three of the largest lists, or some thousand responses.
    static constexpr std::size_t most = 1000, most_bytes = std::size_t{64} << 20;

    struct Entry {
        std::string key;
        Document document;
        std::size_t size;
        certs::Time until;
    };
    void drop(std::list<Entry>::iterator entry);

    std::mutex mutex_;
    std::list<Entry> recent_;  // the most recently used first
    std::unordered_map<std::string_view, std::list<Entry>::iterator> by_key_;
    std::size_t bytes_ = 0;
};

// What one loop is looking up. Only its thread uses it.
struct LookupsUnderWay {
    std::vector<std::string> keys;
    io::Signal ended;  // notified whenever one has ended

    std::size_t count(certs::Want::Kind kind) const;
};

// Looks up `want`, for at most `seconds`. `upstream` is the reach of the server whose certificate
// it is (FetchRequest::upstream). If the same look-up is under way, waits for it and does not
// repeat it. When too many are under way, in all or at one site, waits for a turn.
io::Task<Document> look_up(UpstreamContext& context, certs::Want want, io::Reach upstream, double seconds);

}  // namespace proxy
