// The question that a resolver asks, and the answer to it (RFC 1035 §4). Sans-IO. Knows addresses
// and no other records.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "certs/bytes.h"

namespace inspect::dns {

struct Question {
    std::string name;  // lower case, without the final dot; letters, digits, "-", "_" and "." only
    std::uint16_t type = 0;
    std::size_t end = 0;  // of the question, in the message
};
inline constexpr std::uint16_t type_a = 1, type_aaaa = 28;

// The question of a standard query that has one, of class IN; nullopt for every other message.
std::optional<Question> parse_question(certs::Bytes message);

enum class Outcome : std::uint8_t { answered = 0, failed = 2 };  // RFC 1035 §4.1.1: RCODE

// The response to `query`, which had this question. `address` is of 4 or 16 bytes, as the
// question's type wants it; empty where the name has none of that type.
std::string response(certs::Bytes query, const Question& question, certs::Bytes address,
                     Outcome outcome = Outcome::answered);

}  // namespace inspect::dns
