// One connection to a collector, over which requests of OTLP/HTTP go one after the other; it is
// reached, and its certificate verified, as any server of the proxy's, but for --insecure: what is
// sent tells where clients go. https://opentelemetry.io/docs/specs/otlp/#otlphttp
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "inspect/otlp/export_request.h"
#include "proxy/io/task.h"
#include "proxy/stream/http1_client.h"
#include "proxy/upstream/context.h"
#include "proxy/upstream/upstream.h"

namespace proxy {

// What came of a request.
struct Posted {
    enum class Kind : std::uint8_t {
        taken,
        again,    // the collector was not reached, or asks for patience
        refused,  // it would not take it another time either
    } kind = Kind::again;
    int status = 0;                           // … that it refused it with, or put it off
    std::optional<double> retry_after = {};   // seconds, where it says so
    inspect::otlp::ExportResponse said = {};  // of taken
    std::string why = {};                     // of the other two, for people; one line, terminal-safe
};

class CollectorConnection {
public:
    // `context` and `collector` outlive this. `path` is below the collector's: "v1/traces".
    CollectorConnection(UpstreamContext& context, const Collector& collector, std::string_view path);

    // Sends a message of Protocol Buffers that is coded with gzip. Takes at most some 30 s, beside
    // connecting.
    io::Task<Posted> post(const std::string& body);
    io::Task<> end();

private:
    static constexpr double response_time = 30;  // seconds, for sending and for its answer

    bool may_carry() const;
    io::Task<bool> open();
    inspect::http::RequestHead head(std::size_t size) const;
    io::Task<std::optional<Posted>> ask(const std::string& body);
    Posted answered(Http1Client& server, certs::Bytes content) const;
    Posted failed() const;

    UpstreamContext& context_;
    const Collector& collector_;
    const std::string target_;
    std::optional<Upstream> upstream_;
};

}  // namespace proxy
