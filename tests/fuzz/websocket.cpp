// Frames of a WebSocket on arbitrary bytes: whole, byte by byte and in pieces they count the same,
// and never more than came.
#include "inspect/http/websocket.h"

#include <algorithm>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace inspect::http;
    if (size == 0) return 0;
    const WebSocketPeer sender = (data[0] & 1) != 0 ? WebSocketPeer::client : WebSocketPeer::server;
    const certs::Bytes input = certs::Bytes(data, size).subspan(1);
    WebSocketFrames whole(sender);
    whole.take(input);
    const WebSocketTraffic& traffic = whole.traffic();
    if (traffic.bytes + 2 * traffic.frames() > input.size() || traffic.messages > traffic.frames()) std::abort();
    if (whole.close() && whole.close()->reason.size() > 123) std::abort();
    for (const std::size_t piece : {std::size_t{1}, std::size_t{data[0]} + 2}) {
        WebSocketFrames cut(sender);
        for (std::size_t at = 0; at < input.size(); at += piece)
            cut.take(input.subspan(at, std::min(piece, input.size() - at)));
        if (cut.traffic() != traffic || cut.close() != whole.close()) std::abort();
    }
    return 0;
}
