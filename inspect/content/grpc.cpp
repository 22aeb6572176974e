#include "inspect/content/grpc.h"

#include <algorithm>

namespace inspect::content {

GrpcFrames grpc_frames(certs::Bytes body, std::string_view encoding, std::size_t most) {
    constexpr std::size_t prefix = 5;
    constexpr std::string_view unnamed = "(unnamed)";
    constexpr std::uint8_t compressed = 0x01, trailers = 0x80;
    GrpcFrames read;
    for (certs::Bytes rest = body; !rest.empty();) {
        const auto ended = [&](End end) {
            read.end = end;
            return read;
        };
        read.offset = body.size() - rest.size();
        if ((rest[0] & ~(compressed | trailers)) != 0) return ended(End::malformed);
        if (rest.size() < prefix) return ended(End::cut);
        if (read.frames.size() == most_grpc_frames) return ended(End::bounded);
        GrpcFrame frame;
        frame.compressed = (rest[0] & compressed) != 0;
        frame.trailers = (rest[0] & trailers) != 0;
        for (const std::uint8_t byte : rest.subspan(1, 4)) frame.length = frame.length << 8 | byte;
        rest = rest.subspan(prefix);
        const certs::Bytes message = rest.first(std::min<std::size_t>(rest.size(), frame.length));
        rest = rest.subspan(message.size());
        frame.cut = message.size() < frame.length;
        // A compressed message needs the name of its coding.
        frame.message = decode(!frame.compressed ? "" : encoding.empty() ? unnamed : encoding, message, most);
        if (frame.cut && frame.message.end == End::complete) frame.message.end = End::cut;
        most -= frame.message.text.size();
        const bool cut = frame.cut;
        read.frames.push_back(std::move(frame));
        if (cut) return ended(End::cut);
    }
    read.offset = body.size();
    return read;
}

}  // namespace inspect::content
