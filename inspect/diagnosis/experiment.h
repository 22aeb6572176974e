// An experiment: one follow-up connection after a handshake that failed, and its result. Values
// only; experiments.h plans experiments and puts them in words.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "certs/time.h"
#include "tls/probe.h"

namespace inspect::diagnosis {

// What differs from the handshake that failed.
enum class Trial {
    // Whole handshakes as whytls makes them, without a client certificate:
    same_again,  // nothing is different
    without_sni,
    without_alpn,
    alpn_h2,
    // Only a ClientHello (tls/probe.h):
    tls_1_0,  // only this version, with every cipher suite; so are the next three
    tls_1_1,
    tls_1_2,
    tls_1_3,
    obsolete_suites,  // those that whytls never offers, up to TLS 1.2
    dhe_suites,       // those with a group of the server's choice, up to TLS 1.2; so is the next
    ecdhe_suites,
    small_hello,
    large_hello,  // the small one, made as large as browsers' with their hybrid key share
    // HTTP:
    plain_http,      // "HEAD / HTTP/1.1" with Host
    date_over_tls,   // the same inside TLS, whatever the certificate is, only for the Date field
    date_over_http,  // the same in the clear, at the address of its port 80
    http_1_1,        // a HEAD inside TLS with ALPN http/1.1, where the server agreed on h2 and broke it
    http_2,          // HTTP/2's preface inside TLS with ALPN h2, where the server did not answer HTTP/1.1
};

struct Experiment {
    Trial trial = Trial::tls_1_2;
    std::size_t hello_size = 0;  // bytes sent, where only a ClientHello is sent
    std::string address = {};    // "203.0.113.7:80", when it is not the address that failed; otherwise ""
    // For trials that send HTTP: accepted, or not_tls with the first bytes of what is not HTTP.
    tls::ProbeAnswer answer;
    std::string status;               // their status line, "HTTP/1.1 200 OK"; of HTTP/2, "SETTINGS"; "" without
    std::optional<certs::Time> date;  // the Date field (RFC 9110 §6.6.1) …
    certs::Time received;             // … and when it came, by our own clock
};

}  // namespace inspect::diagnosis
