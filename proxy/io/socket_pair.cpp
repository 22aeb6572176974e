#include "proxy/io/socket_pair.h"

#include <unistd.h>
#include <uv.h>

#include <array>

#include "proxy/io/socket_state.h"

namespace proxy::io {

std::expected<std::pair<Socket, Socket>, IoError> socket_pair(Loop& loop) {
    std::array<uv_os_sock_t, 2> ends{};
    if (const int error = uv_socketpair(SOCK_STREAM, 0, ends.data(), UV_NONBLOCK_PIPE, UV_NONBLOCK_PIPE); error != 0)
        return std::unexpected(io_error(error));
    auto* one = new Socket::State(loop);
    auto* other = new Socket::State(loop);
    std::pair<Socket, Socket> pair{Socket(one), Socket(other)};
    one->twin = other;
    other->twin = one;
    const int opened = uv_tcp_open(&one->tcp, ends[0]), other_opened = uv_tcp_open(&other->tcp, ends[1]);
    if (opened != 0) ::close(ends[0]);
    if (other_opened != 0) ::close(ends[1]);
    if (opened != 0 || other_opened != 0) return std::unexpected(io_error(opened != 0 ? opened : other_opened));
    return pair;
}

}  // namespace proxy::io
