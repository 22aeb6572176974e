// Maps a failure of the library to one kind, from its codes and what was seen on the wire. For
// tls/*.cpp only.
#pragma once

#include <cstdint>
#include <optional>

#include "tls/failure.h"
#include "tls/record_watch.h"

namespace tls {

struct LibraryFailure {
    int code = 0;                                // wolfSSL's, negative; 0 when the library has not failed
    bool reset = false;                          // the end of file was a reset
    std::optional<std::uint8_t> alert_received;  // fatal, or a close_notify in the handshake
    std::uint16_t lowest_version = 0x0303;       // that we speak
    bool agreed = false;                         // ServerHello chose an offered version, or the handshake is done
};

FailureKind classify(const LibraryFailure& failure, const RecordWatch& watch);

}  // namespace tls
