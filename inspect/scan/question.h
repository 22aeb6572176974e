// One question of a scan: a ClientHello of exactly one version, and what an answer to it means.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "inspect/scan/enumeration.h"
#include "tls/probe.h"
#include "tls/server_flight.h"

namespace inspect::scan {

enum class Signing {
    any,
    rsa,      // PKCS #1 v1.5 and PSS with an rsaEncryption key
    rsa_pss,  // PSS with an id-RSASSA-PSS key
    ecdsa,
    eddsa,
    sha1,  // RFC 9155
};

struct Question {
    tls::WireVersion version = 0x0303;
    std::vector<std::uint16_t> suites;
    std::vector<std::uint16_t> groups;
    std::string sni = {};
    std::vector<std::string> alpn = {};
    Signing signing = Signing::any;
    bool compression = false;  // DEFLATE (RFC 3749)
    bool fallback = false;     // TLS_FALLBACK_SCSV (RFC 7507): the client has offered a higher version before
    bool heartbeat = false;    // RFC 6520: it is allowed to the server
    bool share_key = false;    // TLS 1.3: X25519's key share, for servers that never ask for another
    bool whole = false;        // up to TLS 1.2 the rest of the flight is of use, not only the ServerHello
};

// The versions that a scan asks for, newest first: TLS 1.3 to SSL 3.
std::vector<tls::WireVersion> scanned_versions();
// All suites that the version may have, in lists short enough for servers that refuse longer ones.
std::vector<std::vector<std::uint16_t>> suite_candidates(tls::WireVersion version);
std::vector<std::uint16_t> group_candidates(tls::WireVersion version);
std::vector<std::string> alpn_candidates();
// Those of these suites with an ECDHE key exchange, such a one with no ECDSA key, a DHE one.
std::vector<std::uint16_t> with_ecdhe(const std::vector<std::uint16_t>& suites);
std::vector<std::uint16_t> with_ecdhe_rsa(const std::vector<std::uint16_t>& suites);
std::vector<std::uint16_t> with_dhe(const std::vector<std::uint16_t>& suites);

// Most things are offered: what the usual client has, in the given version.
Question usual_question(tls::WireVersion version, std::string sni);

certs::ByteVector to_wire(const Question& question, const tls::ProbeRandom& random);

struct Answered {
    tls::ProbeAnswer answer;
    tls::ServerFlight flight;
    bool asked = true;  // otherwise the rest means nothing
};
Answered read(certs::Bytes received);

// Whether nothing more of the answer is of use.
bool is_enough(const Question& question, const Answered& answered);

// Which suite was chosen, which group, which of the question's protocols (its index).
Heard suite_chosen(const Question& question, const Answered& answered);
Heard group_chosen(const Question& question, const Answered& answered);
Heard protocol_chosen(const Question& question, const Answered& answered);

}  // namespace inspect::scan
