// The proxy's own page, http://why.tls/ (contract §2): its state, the CA certificate, how to trust
// it in each client.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "certs/certificate.h"

namespace inspect::page {

// Where another machine reaches this proxy.
struct Reachable {
    std::string address;    // "192.168.1.5:8080"
    std::string interface;  // "wlan0"
    bool operator==(const Reachable&) const = default;
};

struct State {
    std::string version;
    std::string proxy;                   // as the visitor reaches it, "127.0.0.1:8080"
    bool local = true;                   // the visitor is on this machine, so that its files can be named
    bool transparent = false;            // the visitor was redirected here, and knows of no proxy
    bool asks_password = false;          // --proxy-auth
    std::vector<std::string> listeners;  // "127.0.0.1:8080"
    // Empty when the proxy listens on loopback only, and for a visitor on another machine.
    std::vector<Reachable> reachable;
    std::string live;     // the live page, "http://127.0.0.1:8081/"; "" without one
    std::string ca_file;  // path of ca.pem
    std::string
        install;  // the command that makes this machine's stores trust it: "whytls ca install"; "" where none should
    certs::Description ca;
    std::string ca_sha1;  // hexadecimal: how macOS and Windows name a certificate
    std::string trust_source;
    std::size_t anchors = 0;
    std::uint64_t connections = 0, requests = 0, failed_handshakes = 0;
};

// What a browser requests to find its proxy (a proxy auto-config file): this proxy for everything
// but the proxy's own address, "127.0.0.1:8080".
std::string proxy_auto_config(std::string_view listener);

// The page was asked for under a name that is not the listener's.
struct Misdirected {
    std::string host;    // as asked, "evil.example:8080"
    std::string link;    // where it is, "http://127.0.0.1:8080/"
    std::string origin;  // of the name, as --allow-origin would accept it; "" when it is none
};

std::string html(const Misdirected& asked);
std::string text(const Misdirected& asked);

std::string html(const State& state);
std::string text(const State& state);  // for curl

}  // namespace inspect::page
