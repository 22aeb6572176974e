// A case of a table of frames: what a session reports, and what it sends.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/inspect/http2_frames.h"

namespace http2_cases {

struct Case {
    std::string_view section;  // of RFC 9113, where no other is named
    std::string_view what;
    std::string input;           // after the peer's preface, which has empty SETTINGS
    std::string_view expected;   // events, " | " between them; without those of the preface
    std::string_view sent = {};  // a frame that is among those the session sends
};

// Plays the case whole, octet by octet and in odd pieces: each time the same comes of it. A session
// that does not fail answers a PING after it; one that fails sends GOAWAY with that code, and reads
// no more.
void check(const Case& one, const std::function<inspect::http2::Session()>& make, std::string_view preface);

}  // namespace http2_cases
