// The CORS preflights that whytls answered itself because their server failed. The request after
// such a preflight never reaches the server, which did not allow it, though the server may be back
// by then and the browser may use another connection. That request gets the diagnosis of the
// preflight. Browsers send it only when the page is one that --allow-origin names; what else may
// send it does not matter then. Bounded; shared between threads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "certs/time.h"
#include "inspect/diagnosis/attempt.h"
#include "inspect/http/message.h"

namespace proxy {

// Who asks which host for which page: `client` is an IP address, `page` an origin.
struct CrossOrigin {
    std::string client, page, host;
    std::uint16_t port = 0;
    bool operator==(const CrossOrigin&) const = default;
};

class Preflights {
public:
    // This preflight was answered here, because of the attempt that failed.
    void keep(CrossOrigin who, const inspect::http::RequestHead& preflight, inspect::diagnosis::Attempt failed,
              certs::Time now);
    // The server itself is asked now: earlier answers from here no longer count.
    void forget(const CrossOrigin& who, const inspect::http::RequestHead& preflight);
    // Returns why the preflight of this request failed, if it did. The preflight was for this
    // method and named fields that the request has. Returned once.
    std::optional<inspect::diagnosis::Attempt> take(const CrossOrigin& who, const inspect::http::RequestHead& request,
                                                    certs::Time now);

private:
    static constexpr std::size_t most = 256;
    static constexpr std::int64_t longest = 60;  // seconds: browsers send the request at once

    struct Entry {
        CrossOrigin who;
        std::string method;
        std::vector<std::string> fields;  // their names
        inspect::diagnosis::Attempt failed;
        certs::Time until;
    };
    static bool is_about(const Entry& entry, const CrossOrigin& who, const inspect::http::RequestHead& request);

    std::mutex mutex_;
    std::list<Entry> entries_;  // the oldest first
};

}  // namespace proxy
