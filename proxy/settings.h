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
#include "inspect/report/render.h"
#include "proxy/io/address.h"
#include "proxy/no_proxy.h"
#include "tls/context.h"

namespace proxy {

// A mistake at start-up: printed once by main, exit 2. The text names the option or the file.
struct UsageError : std::runtime_error {
    using std::runtime_error::runtime_error;
};

// What the machine refuses (a port in use, a directory that cannot be written): printed once by main, exit 1.
struct StartError : std::runtime_error {
    using std::runtime_error::runtime_error;
};

// A host name, "*.example.com" or "*" (contract §1).
class HostPattern {
public:
    explicit HostPattern(std::string_view text);  // throws UsageError
    bool matches(std::string_view host) const;

private:
    std::string text_;
};

// --resolve HOST:PORT:ADDR[:PORT]: where to connect instead of asking DNS. The host "*" stands for any.
struct ResolveRule {
    std::string host;
    std::uint16_t port = 0;
    io::Address address;
};

// --revocation: how much is asked to learn whether a server's certificate is revoked; each includes those before it.
enum class Revocation {
    off,
    staple,  // the response that the server staples
    soft,    // its responders and lists too; no answer is no failure
    hard,    // no answer is one
};

// --upstream-proxy: the HTTP proxy that leads to every server that `direct` does not exempt.
struct ParentProxy {
    std::string host;  // lower case, no brackets
    std::uint16_t port = 0;
    std::string authorization;  // the value of Proxy-Authorization, a secret; "" sends none
    NoProxy direct;
};

struct Settings {
    std::vector<io::Address> listen;
    bool allow_remote = false;
    std::filesystem::path ca_dir;
    std::vector<std::filesystem::path> trust, add_trust;
    std::vector<ResolveRule> resolve;
    std::optional<ParentProxy> parent;
    std::optional<certs::Time> at;
    certs::Profile profile = certs::Profile::client;
    std::vector<HostPattern> insecure, passthrough;
    tls::Version tls_min = tls::Version::tls_1_2, tls_max = tls::Version::tls_1_3;
    Revocation revocation = Revocation::staple;
    bool experiments = true;                                                      // whether failed handshakes are followed up
    bool aia = true;                                                              // whether missing issuers are looked for, to explain
    double connect_timeout = 10, handshake_timeout = 10, response_timeout = 300;  // seconds; response: 0 = none
    std::string log;                                                              // a path, "-" for stdout, "" for none
    bool log_secrets = false;
    inspect::report::Detail detail = inspect::report::Detail::full;
    unsigned workers = 1;

    // The rule for this host and port; the first that matches.
    const ResolveRule* find_resolve(std::string_view host, std::uint16_t port) const;
};

bool matches_any(const std::vector<HostPattern>& patterns, std::string_view host);

}  // namespace proxy
