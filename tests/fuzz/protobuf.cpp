// Bytes as protobuf without a schema, and as gRPC's frames of it: bounded, no reading goes beyond
// them, and of a body that is cut no other whole fields are shown than of the whole one.
#include "inspect/content/protobuf.h"

#include <algorithm>
#include <cstdlib>

#include "inspect/content/grpc.h"

namespace {

std::size_t count(const std::vector<inspect::content::ProtobufField>& fields, std::size_t depth) {
    if (depth > 2 * inspect::content::deepest_protobuf + 2) std::abort();
    std::size_t found = fields.size();
    for (const auto& field : fields) found += count(field.fields, depth + 1);
    return found;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace inspect::content;
    if (size == 0) return 0;
    const certs::Bytes body = certs::Bytes(data, size).subspan(1);
    const Protobuf whole = read_protobuf(body);
    if (whole.offset > body.size() || count(whole.fields, 0) > most_protobuf_fields) std::abort();
    if (std::ranges::any_of(protobuf_text(whole.fields), [](char c) { return c != '\n' && (c < 0x20 || c >= 0x7f); }))
        std::abort();
    const Protobuf part = read_protobuf(body.first(body.size() * data[0] / 256));
    const std::size_t same = std::min(
        whole.fields.size(), part.fields.size() - (part.end == Protobuf::End::cut && !part.fields.empty() ? 1 : 0));
    if (!std::equal(part.fields.begin(), part.fields.begin() + static_cast<std::ptrdiff_t>(same), whole.fields.begin()))
        std::abort();

    constexpr std::size_t most = 10'000;
    const GrpcFrames frames = grpc_frames(body, (data[0] & 1) != 0 ? "gzip" : "", most);
    std::size_t text = 0;
    for (const GrpcFrame& frame : frames.frames) text += frame.message.text.size();
    if (text > most || frames.offset > body.size() || frames.frames.size() > most_grpc_frames) std::abort();
    return 0;
}
