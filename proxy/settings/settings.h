// What the command line asked for, as values; read-only once the proxy runs.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "certs/profile.h"
#include "certs/time.h"
#include "inspect/diagnosis/attempt.h"
#include "inspect/http/http1/parser.h"
#include "inspect/http/message.h"
#include "inspect/report/log.h"
#include "inspect/report/render.h"
#include "proxy/io/address.h"
#include "proxy/settings/credentials.h"
#include "proxy/settings/no_proxy.h"
#include "tls/client_identity.h"
#include "tls/context.h"

namespace proxy {

// A mistake at start-up: printed once by main, exit 2. The text names the option or the file.
struct UsageError : std::runtime_error {
    using std::runtime_error::runtime_error;
};

// A command line that cannot be understood: printed after the command that it was for, "whytls
// check".
struct CommandLineError : UsageError {
    CommandLineError(std::string of, const std::string& text) : UsageError(text), command(std::move(of)) {}
    std::string command;
    std::vector<std::string> below;  // lines that show the place
};

// What the machine refuses (a port in use, a directory that cannot be written): printed once by
// main, exit 1.
struct StartError : std::runtime_error {
    using std::runtime_error::runtime_error;
};

// A host name, an IP address (IPv6 with or without brackets), "*.example.com" or "*" (contract §1).
class HostPattern {
public:
    explicit HostPattern(std::string_view text);  // throws UsageError
    bool matches(std::string_view host) const;
    const std::string& text() const { return text_; }

private:
    std::string text_;
};

// --resolve HOST:PORT:ADDR[:PORT][,ADDR…]: where to connect instead of asking DNS. The host "*"
// means any.
struct ResolveRule {
    std::string host;
    std::uint16_t port = 0;
    std::vector<io::Address> addresses;  // at least one
};

// --revocation: how much is checked to learn whether a server's certificate is revoked. Each level
// includes those before it.
enum class Revocation {
    off,
    staple,  // the response that the server staples
    soft,    // the certificate's responders and lists too; no answer is no failure
    hard,    // no answer is a failure
};

// --upstream-proxy: the HTTP proxy that leads to every server that `direct` does not exempt.
struct ParentProxy {
    bool tls = false;  // https://: it speaks TLS itself
    std::string host;  // lower case, no brackets
    std::uint16_t port = 0;
    std::string authorization;  // the value of Proxy-Authorization, a secret; "" sends none
    NoProxy direct;
};

// The proxy that other programs find in the environment and that whytls does not use.
struct UnreadProxy {
    std::string variable;  // "HTTPS_PROXY"
    std::string host;      // "" when its value cannot be read
    std::uint16_t port = 0;
    // Reports this, and what to use instead; never the value, which may contain a password.
    std::string note() const;
};

// --listen or --transparent, and how the clients that connect there are served.
struct ListenAt {
    io::Address address;
    // --reverse: the server that gets every request; without one, a forward proxy.
    std::optional<inspect::http::Target> reverse = {};
    bool tls = false;          // --listen-tls: clients speak TLS
    bool live = false;         // --ui: browsers that show the live page
    bool transparent = false;  // --transparent: clients that know of no proxy, and were redirected here
    bool is_proxy() const { return !reverse && !live && !transparent; }
};

// --client-cert, --client-key: the certificate that is shown to these hosts when they ask for it.
struct ClientCertificate {
    HostPattern hosts;
    tls::ClientIdentity identity;
    inspect::diagnosis::ClientCertificate shown;
};

// The files of --log.
struct Rotation {
    std::uint64_t max_size = 100 << 20;  // bytes of one file (--log-max-size); 0 = never rotate
    unsigned keep = 5;                   // rotated files besides the one that is written to (--log-keep)
};

// --keylog: the file that gets the secrets by which captures are decrypted (tls/key_log.h).
struct KeyLogFile {
    std::string path;    // "" for none
    std::string option;  // what named it: "--keylog", or a variable
};

// --otlp: the OpenTelemetry collector that gets spans and log records.
struct Collector {
    inspect::http::Target url;      // its base, without a query; the path ends with "/"
    inspect::http::Fields headers;  // --otlp-header: of each request to it; secret
    std::string shown;              // as messages name it
};

constexpr unsigned most_rotated = 100;  // `whytls log` opens all of them at once

struct Settings {
    std::vector<ListenAt> listen;
    bool allow_remote = false;
    // --ui: the live page; nullopt with "off". Where no one chose it, it may be in use.
    std::optional<ListenAt> ui = {};
    bool ui_chosen = false;
    bool open_ui = false;  // --open
    // For the forward proxy and the gateway path; without them, anyone who reaches it may use it.
    std::optional<Credentials> proxy_auth;
    std::filesystem::path ca_dir;
    std::vector<std::filesystem::path> trust, add_trust;
    std::vector<ResolveRule> resolve;
    std::optional<ParentProxy> parent;
    std::optional<UnreadProxy> unread_proxy;  // only without a parent
    std::optional<certs::Time> at;
    certs::Profile profile = certs::Profile::client;
    std::vector<HostPattern> insecure, passthrough;
    // Web pages that may use the gateway path: origins, "*" for any.
    std::vector<std::string> allow_origin;
    std::vector<ClientCertificate> client_certificates;  // the narrowest pattern first; see Keyring
    bool runs_command = false;                           // of `whytls exec`
    std::vector<inspect::diagnosis::GivenOption> given;  // those that a fix's command repeats, as typed
    std::vector<std::string> warnings;                   // about what was given; printed once at the start
    tls::Version tls_min = tls::Version::tls_1_2, tls_max = tls::Version::tls_1_3;
    Revocation revocation = Revocation::staple;
    // Whether TLS sessions with servers are resumed.
    bool resumption = true;
    // Whether failed handshakes are followed up.
    bool experiments = true;
    // Whether missing issuers are looked for, for the explanation.
    bool aia = true;
    double connect_timeout = 10, handshake_timeout = 10, response_timeout = 300;  // seconds; response: 0 = none
    // Seconds without a byte, and for one request head.
    double idle_timeout = 300;
    // For heads and trailers, of clients and servers alike.
    inspect::http::Limits limits;
    unsigned most_connections_per_client = 4096;  // from one address; see LimitOptions
    bool verbose = false;                         // a line on stderr for each request
    std::string log;                              // a path, "-" for stdout, "" for none
    Rotation log_rotation;
    KeyLogFile key_log;
    std::filesystem::path record;  // the directory of --record; "" for none
    std::filesystem::path har;     // the file of --har; "" for none
    std::optional<Collector> otlp = {};
    std::size_t body_limit = 1 << 20;  // bytes that are kept of one body
    inspect::report::Secrets secrets;
    inspect::report::Detail detail = inspect::report::Detail::full;
    unsigned workers = 1;

    // Whether a listener gets connections that netfilter redirects (--transparent).
    bool takes_redirected() const;
    // The rule for this host and port. A rule for the host itself comes before one for "*", as in
    // curl.
    const ResolveRule* find_resolve(std::string_view host, std::uint16_t port) const;
};

bool matches_any(const std::vector<HostPattern>& patterns, std::string_view host);

}  // namespace proxy
