// Where frames begin and end in a connection's bytes (RFC 9113 §4.1). Knows no frame's meaning.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "certs/bytes.h"

namespace inspect::http2 {

struct FrameHead {
    std::uint32_t length = 0;  // of the payload, in octets
    std::uint8_t type = 0, flags = 0;
    std::uint32_t stream = 0;  // without the reserved bit
};

class FrameCutter {
public:
    // `preface`: octets before the first frame (RFC 9113 §3.4).
    explicit FrameCutter(std::size_t preface) : preface_left_(preface) {}

    // How many octets of `input`, which is not empty, belong to the preface or to one frame: up to
    // its end, or all that there are of it.
    std::size_t take(certs::Bytes input);
    // Whether the last take() completed a frame's head: that one.
    bool has_begun() const { return begun_; }
    const FrameHead& head() const { return frame_; }

private:
    static constexpr std::size_t head_size = 9;

    std::size_t preface_left_;
    std::array<std::uint8_t, head_size> bytes_{};
    std::size_t have_ = 0;    // octets of the head
    std::uint32_t left_ = 0;  // of the payload
    bool begun_ = false;
    FrameHead frame_;
};

}  // namespace inspect::http2
