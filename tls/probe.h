// A probe: a ClientHello made by hand from a small description, and what the answer shows in the
// clear. It finds out what a server would have agreed to. It cannot finish a handshake, and sends
// only this one message. Knows no socket and no conclusion.
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
    few,     // four of them, for the smallest possible hello
    ecdhe,
    dhe,         // with a group that the server chooses
    obsolete,    // what whytls never offers
    everything,  // modern and obsolete
};

struct ProbeHello {
    WireVersion lowest = 0x0303, highest = 0x0304;
    // "" sends none.
    std::string sni = {};                // NOLINT(readability-redundant-member-init): aggregates may leave them out
    std::vector<std::string> alpn = {};  // empty sends none; NOLINT(readability-redundant-member-init)
    Offer suites = Offer::modern;
    bool hybrid_share = false;    // a key share of X25519MLKEM768's size, which makes the hello larger than one packet
    bool status_request = false;  // RFC 6066 §8
    bool operator==(const ProbeHello&) const = default;
};

// Its randomness: the random and the session id of the hello, and a key share whose secret no one
// knows.
using ProbeRandom = std::array<std::uint8_t, 96>;

// The ClientHello in its record (RFC 8446 §4.1.2, RFC 5246 §7.4.1.2).
certs::ByteVector to_wire(const ProbeHello& hello, const ProbeRandom& random);

struct ProbeAnswer {
    enum class Kind {
        silent,     // nothing conclusive yet
        accepted,   // a ServerHello or a HelloRetryRequest
        alert,      // a fatal one
        not_tls,    // see first_bytes
        malformed,  // TLS records with something else in them
        closed,     // the caller has to find out these three
        reset,
        not_connected,
    } kind = Kind::silent;
    bool complete = false;  // nothing more is to be expected
    WireVersion version = 0;
    std::uint16_t cipher = 0;
    std::optional<std::uint8_t> alert;  // RFC 8446 §6
    std::string first_bytes;            // at most 512 bytes that are not TLS
    // In the clear only up to TLS 1.2:
    std::string alpn;
    std::optional<std::size_t> dh_bits;  // of the prime that the server chose
    certs::ByteVector leaf;              // DER of its own certificate
    bool certificate_requested = false;
    std::vector<std::string> accepted_cas;  // names (RFC 4514) that it would take a client certificate from; at most 20

    bool operator==(const ProbeAnswer&) const = default;
};

// How much of an answer is looked at: a long chain. Nothing after it is needed.
constexpr std::size_t probe_answer_most = 65'536;

// What the bytes received so far show.
ProbeAnswer read_answer(certs::Bytes received);

}  // namespace tls
