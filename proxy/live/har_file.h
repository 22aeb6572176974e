// The flows of this run as HAR 1.2: the file of --har, and what the live page gives to download.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "inspect/flow/filter.h"
#include "proxy/services/services.h"

namespace proxy {

// The pieces of the file, the oldest flow first; what was imported is not part of this run.
class HarPieces {
public:
    // The services outlive this.
    HarPieces(const Services& services, const inspect::Filter& filter);

    // Makes the next piece, which may be "". False after the last.
    bool next(std::string& piece);

private:
    const Services& services_;
    std::vector<inspect::PackedRecord> records_;  // the newest first
    std::size_t done_ = 0;
    bool begun_ = false, first_ = true;
};

// Why the file of --har could not be written; "" when it can, or there is none.
std::string trouble_with_har(const Services& services);

// Writes that file, if there is one; it replaces an older one once it is whole. Returns what went
// wrong, for the user; "" when nothing did.
std::string write_har(const Services& services);

}  // namespace proxy
