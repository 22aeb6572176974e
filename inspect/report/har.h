// HAR 1.2 (http://www.softwareishard.com/blog/har-12-spec/), as browsers' tools write and read it.
// Written piece by piece, so that no one needs all flows in memory; read whole.
#pragma once

#include <cstddef>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "inspect/flow/record.h"

namespace inspect::report {

// A file is har_begin, the entries with har_between between any two, and har_end. `version` is that
// of whytls.
std::string har_begin(std::string_view version);
constexpr std::string_view har_between = ",\n";
std::string har_end();

// Contents are decoded up to so many bytes; what is longer ends there, and its `comment` says so.
constexpr std::size_t most_har_content = 16 << 20;

// The entry of a flow: `document` is what document_json() wrote of it (and masked: so are the
// entry's header fields, cookies and URL), the contents are those kept, in their content codings.
// A handshake that failed has status 0. What HAR has no member for is in `_whytls`: kind, flow,
// code, title, lock …, and of a flow that failed or was warned of the report of contract §4. The
// messages of a WebSocket are in Chrome's `_webSocketMessages`. "" where `document` is none.
std::string har_entry(const std::string& document, std::string_view request_content, std::string_view response_content);

// Seconds since 1970 of a time as RFC 3339 has it, with its fraction; 0 when it is none.
double har_seconds(std::string_view time);

struct HarError {
    std::string where;  // "entries[3].request.url"; "" of the text itself
    std::string what;   // "not a string"; safe to show
    bool operator==(const HarError&) const = default;
};

constexpr std::size_t longest_har = 256 << 20;
constexpr std::size_t most_har_records = 100'000;
constexpr std::size_t most_har_kept = 1 << 20;  // bytes of each content

// The entries as records, numbered from 1. Contents in a HAR have no content coding any more, so
// that Content-Encoding is left out of such a message, and so are HTTP/2's pseudo-header fields.
// What a flow was diagnosed with is read of our own files as its code, title and lock alone.
std::expected<std::vector<Record>, HarError> read_har(std::string_view text);

}  // namespace inspect::report
