#include "proxy/io/listener.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>
#include <uv.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "proxy/io/socket_state.h"

namespace proxy::io {

// Owns the bound descriptor; libuv polls a copy of it. When descriptors are about to run out, the
// copy is closed and made again a little later. Clients wait in the kernel's queue meanwhile; libuv
// would accept and close them, or try to accept without end.
struct Listener::State final : Closable {
    State(Loop& owner, Accepted on_accept, Exhausted on_exhaustion, const Address& bound, int descriptor)
        : loop(owner),
          accepted(std::move(on_accept)),
          exhausted(std::move(on_exhaustion)),
          address(bound),
          fd(descriptor),
          retry(owner) {}
    ~State() { let_go(); }

    int start();
    void pause();
    void on_connection(int status);
    void end() override {
        if (closing) return;
        closing = true;
        unlink();
        retry.stop();
        let_go();  // from here on the kernel refuses
        if (std::exchange(polling, false))
            uv_close(reinterpret_cast<uv_handle_t*>(&tcp), on_closed);
        else
            finish();  // may free this block
    }
    void let_go() {
        if (fd >= 0) ::close(std::exchange(fd, -1));
    }
    static void on_closed(uv_handle_t* handle) {
        auto& state = *static_cast<State*>(handle->data);
        state.handle_open = false;
        if (state.closing) state.finish();
    }
    void finish() {
        if (handle_open) return;
        closed = true;
        if (!owned) delete this;
    }

    Loop& loop;
    Accepted accepted;
    Exhausted exhausted;
    Address address;
    int fd;
    Timer retry;
    uv_tcp_t tcp{};
    bool polling = false, handle_open = false, closing = false, closed = false, owned = true;
};

namespace {

constexpr int backlog = 1024;

std::size_t size_of(const Address& address) { return address.is_v6() ? sizeof(sockaddr_in6) : sizeof(sockaddr_in); }

// Whether half of the descriptors above `first` are in use, judged by the one that the process got
// last: the lowest free one is given out first. Each accepted client needs another for its server.
bool few_left(int last, int first) {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || last <= first) return false;
    const auto from = static_cast<rlim_t>(first);
    return limit.rlim_cur <= from || static_cast<rlim_t>(last) - from >= (limit.rlim_cur - from) / 2;
}

// A bound TCP socket, or why there is none.
std::expected<int, std::string> bound_socket(const Address& address, const Binding& binding) {
    const int family = address.raw().sa_family;
    const int fd = binding.make ? binding.make(family, SOCK_STREAM)
                                : ::socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) return std::unexpected(std::strerror(errno));
    const int on = 1;
    ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (binding.shared) ::setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
    if (address.is_v6()) ::setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
#ifdef __linux__
    if (binding.transparent && address.is_v6()) ::setsockopt(fd, IPPROTO_IPV6, IPV6_TRANSPARENT, &on, sizeof on);
    if (binding.transparent && !address.is_v6()) ::setsockopt(fd, IPPROTO_IP, IP_TRANSPARENT, &on, sizeof on);
#endif
    if (::bind(fd, &address.raw(), static_cast<socklen_t>(size_of(address))) != 0) {
        const std::string why =
            errno == EADDRNOTAVAIL ? "no interface of this machine has that address" : std::strerror(errno);
        ::close(fd);
        return std::unexpected(why);
    }
    return fd;
}

}  // namespace

std::expected<void, std::string> check_free(const Address& address) {
    if (address.port() == 0) return {};
    auto fd = bound_socket(address, {});
    if (!fd) return std::unexpected(fd.error());
    const bool free = ::listen(*fd, 1) == 0;
    const std::string why = std::strerror(errno);
    ::close(*fd);
    if (!free) return std::unexpected(why);
    return {};
}

std::expected<Listener, std::string> Listener::open(Loop& loop, const Address& address, const Binding& binding,
                                                    Accepted accepted, Exhausted exhausted) {
    const auto fd = bound_socket(address, binding);
    if (!fd) return std::unexpected(fd.error());
    sockaddr_storage bound{};
    socklen_t size = sizeof bound;
    ::getsockname(*fd, reinterpret_cast<sockaddr*>(&bound), &size);

    auto* state = new State(loop, std::move(accepted), std::move(exhausted),
                            Address(*reinterpret_cast<const sockaddr*>(&bound)), *fd);
    state->link(loop.state().open);
    Listener listener(state);
    if (const int error = state->start(); error != 0) return std::unexpected(uv_strerror(error));
    return listener;
}

int Listener::State::start() {
    const int copy = ::fcntl(fd, F_DUPFD_CLOEXEC, 0);
    if (copy < 0) return -errno;
    // The copy itself gets the number that the one before it had: the next number shows how many
    // are in use.
    const int next = ::fcntl(fd, F_DUPFD_CLOEXEC, 0);
    const bool room = next >= 0 && !few_left(next, fd);
    if (next >= 0) ::close(next);
    if (!room) {
        ::close(copy);
        return -EMFILE;
    }
    uv_tcp_init(&loop.state().loop, &tcp);
    tcp.data = this;
    polling = handle_open = true;
    if (const int error = uv_tcp_open(&tcp, copy); error != 0) {
        ::close(copy);
        return error;
    }
    return uv_listen(reinterpret_cast<uv_stream_t*>(&tcp), backlog,
                     [](uv_stream_t* server, int status) { static_cast<State*>(server->data)->on_connection(status); });
}

void Listener::State::pause() {
    constexpr double pause_time = 0.1;  // seconds
    if (polling) uv_close(reinterpret_cast<uv_handle_t*>(&tcp), on_closed);
    polling = false;
    retry.start(pause_time, [this] {
        if (handle_open || start() != 0) pause();
    });
}

void Listener::State::on_connection(int status) {
    if (status == UV_EMFILE || status == UV_ENFILE) {
        exhausted();
        return pause();
    }
    if (status < 0) return;  // the client has left
    auto* client = new Socket::State(loop);
    Socket socket(client);
    if (uv_accept(reinterpret_cast<uv_stream_t*>(&tcp), reinterpret_cast<uv_stream_t*>(&client->tcp)) != 0) return;
    uv_os_fd_t number = -1;
    if (uv_fileno(reinterpret_cast<const uv_handle_t*>(&client->tcp), &number) == 0 && few_left(number, fd)) {
        exhausted();
        pause();
    }
    uv_tcp_nodelay(&client->tcp, 1);
    accepted(std::move(socket));
}

Listener::~Listener() {
    if (!state_) return;
    state_->owned = false;
    if (state_->closed)
        delete state_;
    else
        state_->end();
}

void Listener::close() { state_->end(); }
const Address& Listener::address() const { return state_->address; }

namespace {

// The system binds no socket to another machine's address.
bool is_of_this_machine(const Address& address) {
    const auto any_port = Address::parse(address.ip(), 0);
    const int fd = ::socket(address.raw().sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    const socklen_t size = address.is_v6() ? sizeof(sockaddr_in6) : sizeof(sockaddr_in);
    const bool own = any_port && fd >= 0 && ::bind(fd, &any_port->raw(), size) == 0;
    if (fd >= 0) ::close(fd);
    return own;
}

}  // namespace

bool leads_to(const std::vector<Address>& listeners, const Address& address) {
    const Address there = address.as_connected();
    return std::ranges::any_of(listeners, [&](const Address& listener) {
        if (listener.port() != there.port()) return false;
        const std::string ip = listener.as_connected().ip(), bound = listener.ip();
        const bool all = listener.is_unspecified() || bound == "::ffff:0.0.0.0";
        return ip == there.ip() || (listener.is_loopback() && there.is_loopback()) ||
               (all && is_of_this_machine(there));
    });
}

}  // namespace proxy::io
