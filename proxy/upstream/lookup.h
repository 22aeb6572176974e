// What a verdict leaves open (certs/wants.h), looked up: fetched, parsed, and kept for a while, failures too, so that a client that
// tries again costs no fetch. Knows nothing of what the answer does to the verdict.
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
// What a URL gave, by what was wanted of it.
using Document = std::variant<NoDocument, std::vector<certs::Certificate>, certs::OcspResponse, certs::Crl>;

// The documents looked up lately, shared by all loops, so that what one of them learnt (a revocation above all) holds for the next
// connection wherever it lands. The least recently used go first.
class Documents {
public:
    // nullopt when there is none that is fresh.
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
    std::list<Entry> recent_;  // the latest used first
    std::unordered_map<std::string_view, std::list<Entry>::iterator> by_key_;
    std::size_t bytes_ = 0;
};

// What one loop looks up at the moment. Only its thread uses it.
struct LookupsUnderWay {
    std::vector<std::string> keys;
    io::Signal ended;  // notified whenever one has

    std::size_t count(certs::Want::Kind kind) const;
};

// Looks that up, for at most `seconds`. `upstream` is the reach of the server that the certificate is of (FetchRequest::upstream).
// The same look-up under way is waited for and not made twice. When too many are under way, in all or at one site, it waits for its turn.
io::Task<Document> look_up(UpstreamContext& context, certs::Want want, io::Reach upstream, double seconds);

}  // namespace proxy
