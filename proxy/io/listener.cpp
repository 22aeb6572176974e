#include "proxy/io/listener.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>
#include <uv.h>

#include <cerrno>
#include <cstring>

#include "proxy/io/socket_state.h"

namespace proxy::io {

struct Listener::State final : Closable {
    State(Loop& owner, Accepted on_accept, const Address& bound) : loop(owner), accepted(std::move(on_accept)), address(bound) {}
    void close() override {
        if (closing) return;
        closing = true;
        unlink();
        uv_close(reinterpret_cast<uv_handle_t*>(&tcp), [](uv_handle_t* handle) {
            auto* state = static_cast<State*>(handle->data);
            state->closed = true;
            if (!state->owned) delete state;
        });
    }
    Loop& loop;
    Accepted accepted;
    Address address;
    uv_tcp_t tcp{};
    bool closing = false, closed = false, owned = true;
};

namespace {

constexpr int backlog = 1024;

std::size_t size_of(const Address& address) { return address.is_v6() ? sizeof(sockaddr_in6) : sizeof(sockaddr_in); }

// A bound TCP socket, or the system's words.
std::expected<int, std::string> bound_socket(const Address& address, bool shared) {
    const int fd = ::socket(address.raw().sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) return std::unexpected(std::strerror(errno));
    const int on = 1;
    ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (shared) ::setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
    if (address.is_v6()) ::setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
    if (::bind(fd, &address.raw(), static_cast<socklen_t>(size_of(address))) != 0) {
        const std::string why = std::strerror(errno);
        ::close(fd);
        return std::unexpected(why);
    }
    return fd;
}

}  // namespace

std::expected<void, std::string> check_free(const Address& address) {
    if (address.port() == 0) return {};
    auto fd = bound_socket(address, false);
    if (!fd) return std::unexpected(fd.error());
    const bool free = ::listen(*fd, 1) == 0;
    const std::string why = std::strerror(errno);
    ::close(*fd);
    if (!free) return std::unexpected(why);
    return {};
}

std::expected<Listener, std::string> Listener::open(Loop& loop, const Address& address, bool shared, Accepted accepted) {
    const auto fd = bound_socket(address, shared);
    if (!fd) return std::unexpected(fd.error());
    sockaddr_storage bound{};
    socklen_t size = sizeof bound;
    ::getsockname(*fd, reinterpret_cast<sockaddr*>(&bound), &size);

    auto* state = new State(loop, std::move(accepted), Address(*reinterpret_cast<const sockaddr*>(&bound)));
    uv_tcp_init(&loop.state().loop, &state->tcp);
    state->tcp.data = state;
    state->link(loop.state().open);
    Listener listener(state);
    if (const int error = uv_tcp_open(&state->tcp, *fd); error != 0) {
        ::close(*fd);
        return std::unexpected(uv_strerror(error));
    }
    const int error = uv_listen(reinterpret_cast<uv_stream_t*>(&state->tcp), backlog, [](uv_stream_t* server, int status) {
        if (status < 0) return;  // out of descriptors, or the client is gone again: libuv polls on
        auto& self = *static_cast<State*>(server->data);
        auto* client = new Socket::State(self.loop);
        Socket socket(client);
        if (uv_accept(server, reinterpret_cast<uv_stream_t*>(&client->tcp)) != 0) return;
        uv_tcp_nodelay(&client->tcp, 1);
        self.accepted(std::move(socket));
    });
    if (error != 0) return std::unexpected(uv_strerror(error));
    return listener;
}

Listener::~Listener() {
    if (!state_) return;
    state_->owned = false;
    if (state_->closed) delete state_;
    else state_->close();
}

void Listener::close() { state_->close(); }
const Address& Listener::address() const { return state_->address; }

}  // namespace proxy::io
