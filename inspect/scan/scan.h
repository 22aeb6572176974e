// What a scan found out about one server at one address: what it supports, not whether that is
// good (remarks.h) nor how it is shown (tables.h, inspect/report/scan).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "certs/certificate.h"
#include "certs/ocsp.h"
#include "inspect/scan/enumeration.h"
#include "tls/suites.h"

namespace inspect::scan {

enum class Known { unknown, no, yes };

// Suites or groups that the server supports.
struct Listed {
    std::vector<std::uint16_t> found;  // in the server's order, where it has one; else in ours
    Order order = Order::unknown;
    bool complete = false;  // what is not in `found` is not supported
    Heard last;             // the answer to the last question
    bool operator==(const Listed&) const = default;
};

struct VersionFound {
    tls::WireVersion version = 0;
    Known supported = Known::unknown;
    Heard last;  // the answer that says so
    Listed suites;
};

struct StapleFound {
    std::optional<certs::OcspCertStatus> status;  // absent: it cannot be read, or says nothing
    certs::Time produced;
    std::optional<certs::Time> until;
};

// One of a server's certificates: it may have others for clients that accept other kinds of keys.
struct CertificateFound {
    certs::Description description;
    certs::KeyKind key = certs::KeyKind::unknown;
    std::size_t key_bits = 0;
    Known stapled = Known::unknown;
    std::optional<StapleFound> staple = {};
};

// What a hello without SNI gets, beside the same hello with it.
struct WithoutName {
    enum class Answer { unknown, not_asked, same, other, refused } answer = Answer::unknown;
    std::optional<std::uint8_t> alert = {};        // when refused by one
    std::optional<certs::Description> shown = {};  // the other certificate
};

// Whether a second connection was resumed, and by what (RFC 5246 §F.1.4, RFC 5077, RFC 8446 §2.2).
struct Resumption {
    Known session_id = Known::unknown, ticket = Known::unknown, tls_1_3 = Known::unknown;
};

struct Scan {
    std::string host;  // as asked for
    std::uint16_t port = 0;
    std::string address;                 // "203.0.113.7:443"; "" through a parent proxy
    std::string sni;                     // "" when none was sent
    std::vector<VersionFound> versions;  // newest first
    Listed groups_1_3, groups_old;       // up to TLS 1.2: of ECDHE
    std::optional<std::size_t> dh_bits;  // of DHE's group, up to TLS 1.2
    std::vector<std::string> alpn;       // in the order in which the server chose
    bool alpn_complete = false;
    std::vector<CertificateFound> certificates;
    WithoutName without_name;
    Resumption resumption;
    // Up to TLS 1.2:
    Known secure_renegotiation = Known::unknown;    // RFC 5746
    Known extended_master_secret = Known::unknown;  // RFC 7627
    Known compression = Known::unknown;             // RFC 3749
    Known sha1_signatures = Known::unknown;         // RFC 9155: offered only when the client accepts no other
    Known heartbeat = Known::unknown;               // RFC 6520
    // RFC 7507: a client that has fallen back is refused. Not known of a server with one version.
    Known fallback_scsv = Known::unknown;
    std::size_t connections = 0;
    double milliseconds = 0;
    // The first answer that left something unknown.
    Reply trouble = Reply::chosen;

    const VersionFound* find(tls::WireVersion version) const;
    // Whether it answered a hello at all.
    bool spoke() const;
};

}  // namespace inspect::scan
