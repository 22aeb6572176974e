// Where frames begin and end in a connection's bytes (RFC 9113 §4.1). Knows no frame's meaning.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "certs/bytes.h"

namespace inspect::http2 {

struct FrameHead {
    std::uint32_t length = 0;  // of the payload, in octets
    std::uint8_t type = 0, flags = 0;
    std::uint32_t stream = 0;  // without the reserved bit
};

// Whether bytes begin with SETTINGS, as a server's do (RFC 9113 §3.4).
bool begins_settings(std::string_view bytes);

class FrameCutter {
public:
    // `preface`: octets before the first frame (RFC 9113 §3.4).
    explicit FrameCutter(std::size_t preface) : preface_left_(preface) {}

    // Takes from the front of `input`, which is not empty, what belongs to the preface or to one
    // frame. A frame's head is kept back until it is whole: nghttp2 counts a CONTINUATION again for
    // each piece of its head.
    struct Cut {
        std::size_t used = 0;             // of the input
        std::optional<FrameHead> begins;  // a frame whose head is now whole
        certs::Bytes head, rest;          // to be passed on, in this order; the head is valid until take()
    };
    Cut take(certs::Bytes input);

private:
    static constexpr std::size_t head_size = 9;

    std::size_t preface_left_;
    std::array<std::uint8_t, head_size> bytes_{};
    std::size_t have_ = 0;    // octets of the head
    std::uint32_t left_ = 0;  // of the payload
};

}  // namespace inspect::http2
