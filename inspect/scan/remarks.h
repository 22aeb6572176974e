// What of a scan is worth a remark: what RFCs call obsolete or weak. A remark changes no verdict.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "inspect/scan/scan.h"

namespace inspect::scan {

struct Remark {
    std::string text;            // one sentence without its full stop
    std::string_view reference;  // "RFC 8996"
    bool operator==(const Remark&) const = default;
};

// What is weak about a cipher suite, in two or three words: "no encryption", "RC4"; "" for none.
std::string_view weakness(std::string_view suite);

// The gravest first.
std::vector<Remark> remarks(const Scan& scan);

}  // namespace inspect::scan
