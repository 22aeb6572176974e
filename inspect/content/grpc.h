// The messages of a gRPC body, each with its prefix of five bytes
// (https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md, "Length-Prefixed-Message"), and
// those of gRPC-Web, whose last one has the trailers. Bounded in number and in what they decode to.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "inspect/content/coding.h"

namespace inspect::content {

constexpr std::size_t most_grpc_frames = 1000;

struct GrpcFrame {
    bool compressed = false;
    bool trailers = false;     // of gRPC-Web: `message.text` is field lines
    std::uint32_t length = 0;  // of the message as it was sent, in bytes
    bool cut = false;          // the body ends inside it
    Decoded message;           // decoded when compressed
    bool operator==(const GrpcFrame&) const = default;
};

struct GrpcFrames {
    std::vector<GrpcFrame> frames;
    End end = End::complete;  // cut: inside a frame; bounded: there are more; malformed: no prefix
    std::size_t offset = 0;   // where in the body the first frame begins that is not whole, or what follows the last
    bool operator==(const GrpcFrames&) const = default;
};

// `encoding` is the value of grpc-encoding, "" for identity. At most `most` bytes of messages come
// out, of all frames together.
GrpcFrames grpc_frames(certs::Bytes body, std::string_view encoding, std::size_t most);

}  // namespace inspect::content
