// A probe: a ClientHello made by hand from a small description, and what can be read in the clear of the answer. It finds out what a
// server would have agreed to; it cannot finish a handshake, and sends nothing but this one message. Knows no socket and no conclusion.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "certs/bytes.h"
#include "tls/suites.h"

namespace tls {

enum class Offer {
    modern,  // what whytls itself offers
    few,     // four of them, for a hello as small as can be
    ecdhe,
    dhe,         // with a group that the server chooses
    obsolete,    // what whytls never offers
    everything,  // modern and obsolete
};

struct ProbeHello {
    WireVersion lowest = 0x0303, highest = 0x0304;
    std::string sni = {};                // "" sends none; NOLINT(readability-redundant-member-init): aggregates may leave them out
    std::vector<std::string> alpn = {};  // empty sends none; NOLINT(readability-redundant-member-init)
    Offer suites = Offer::modern;
    bool hybrid_share = false;    // a key share of X25519MLKEM768's size, which makes the hello larger than one packet
    bool status_request = false;  // RFC 6066 §8
    bool operator==(const ProbeHello&) const = default;
};

// Its randomness: the random and the session id of the hello, and a key share whose secret nobody knows.
using ProbeRandom = std::array<std::uint8_t, 96>;

// The ClientHello in its record (RFC 8446 §4.1.2, RFC 5246 §7.4.1.2).
certs::ByteVector to_wire(const ProbeHello& hello, const ProbeRandom& random);

struct ProbeAnswer {
    enum class Kind {
        silent,     // nothing yet that tells anything
        accepted,   // a ServerHello or a HelloRetryRequest
        alert,      // a fatal one
        not_tls,    // see first_bytes
        malformed,  // TLS records with something else in them
        closed,     // these three are the caller's to find out
        reset,
        not_connected,
    } kind = Kind::silent;
    bool complete = false;  // nothing more is to be expected
    WireVersion version = 0;
    std::uint16_t cipher = 0;
    std::optional<std::uint8_t> alert;  // RFC 8446 §6
    std::string first_bytes;            // at most 512 of what is no TLS
    // In the clear up to TLS 1.2 alone:
    std::string alpn;
    std::optional<std::size_t> dh_bits;  // of the prime that the server chose
    certs::ByteVector leaf;              // DER of its own certificate
    bool certificate_requested = false;
    std::vector<std::string> accepted_cas;  // names (RFC 4514) that it would take a client certificate from; at most 20

    bool operator==(const ProbeAnswer&) const = default;
};

// The most of an answer that is looked at: a long chain. What is behind it is not missed.
constexpr std::size_t probe_answer_most = 65'536;

// What the bytes received so far tell.
ProbeAnswer read_answer(certs::Bytes received);

}  // namespace tls
