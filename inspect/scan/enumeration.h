// One list of a scan, found by asking again: all candidates are offered, the server picks one, the
// rest is offered, until it refuses. Knows neither what is listed nor how it is asked.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tls/probe.h"

namespace inspect::scan {

// What a hello came to. Only the first two are an answer to the question asked.
enum class Reply {
    chosen,
    refused,      // by a fatal alert, or without one by ending the connection while other hellos are accepted
    other_offer,  // it chose a version, a suite or a group that was not offered
    malformed,    // it sent what is no TLS, or no answer to a hello
    ended,        // it ended the connection without a word
    silent,       // no answer came in time
    cut,          // the answer was begun and not finished
    unreachable,  // no connection came about
    // It chose the curve of its ECDSA key, without which it accepts no hello: what it likes less is
    // not seen.
    key_curve,
    changeable,  // it answered the same hello in two ways
    not_asked,   // the scan had ended before
};

// "the server does not answer", for a list that is not complete; "" for the first two.
std::string_view words(Reply reply);

struct Heard {
    Reply reply = Reply::not_asked;
    std::uint16_t choice = 0;           // when chosen
    std::optional<std::uint8_t> alert;  // when refused by one
    bool operator==(const Heard&) const = default;
};

class Enumeration {
public:
    explicit Enumeration(std::vector<std::uint16_t> candidates) : remaining_(std::move(candidates)) {}

    // No further question is to be asked.
    bool finished() const { return finished_ || remaining_.empty(); }
    const std::vector<std::uint16_t>& remaining() const { return remaining_; }
    // The answer to a hello that offered remaining(). A choice that is not among them finishes it.
    void take(const Heard& heard);

    const std::vector<std::uint16_t>& found() const { return found_; }  // as the server chose
    const Heard& last() const { return last_; }
    // Whether what is not in found() is not supported; otherwise it is not known.
    bool complete() const { return remaining_.empty() || last_.reply == Reply::refused; }

private:
    std::vector<std::uint16_t> remaining_, found_;
    Heard last_;
    bool finished_ = false;
};

// Whose preference decides what is chosen.
enum class Order {
    unknown,  // too few to choose from, or no answer
    server,
    client,
    mixed,  // some of both: of equal groups, or with ChaCha20 first for clients that have it first
};

// `ahead` and `reversed` are the choices from the same list in both directions.
Order order_of(std::uint16_t first, std::uint16_t last, const Heard& ahead, const Heard& reversed);

}  // namespace inspect::scan
