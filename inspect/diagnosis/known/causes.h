// The way back: from another program's words to what may have caused them. The index is the table
// of what other clients print (other_clients.h) and a list of further known messages.
#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "inspect/diagnosis/code.h"

namespace inspect::diagnosis {

// A message that some program prints. The pattern is written like Saying::text: {host} stands for a
// host, "…" for anything.
struct KnownMessage {
    // A vague one, "certificate verify failed", counts only where there is no telling one.
    enum class Weight { telling, vague };
    using Codes = std::array<Code, 6>;
    std::string_view pattern;
    std::string_view program;
    Codes codes;  // the likeliest first; none ends them; no code for what is no server's fault
    Weight weight = Weight::telling;
    std::string_view note = {};  // what no code says: who enforces the rule, or that no server and no TLS is at fault

    std::span<const Code> all_codes() const;
};

// In families; every message has a code or a note.
std::span<const std::span<const KnownMessage>> known_messages();

struct Causes {
    std::vector<Code> codes;  // likeliest first; empty when no message was recognised
    std::string message;      // the words that were recognised, as the text has them
    std::string program;      // the program whose words they are
    std::string host;         // that the text names, with ":port" where it has one; "" when none was found
    std::string_view note;    // KnownMessage::note; "" without
    // Further errors in the text, on other lines and with none of the same causes, in the text's
    // order.
    std::vector<Causes> others;

    bool recognised() const { return !codes.empty() || !note.empty(); }
};

// Looks for messages anywhere in the text: after prefixes, in stack traces, over line ends. Letter
// case, quotes and other signs do not count. A text that is nothing but a good half of one message
// is recognised too, unless each of its words is common; so is a number, as an exit code of curl.
// Only the first 256 KiB are looked at. Pure; total.
Causes causes_of(std::string_view text);

}  // namespace inspect::diagnosis
