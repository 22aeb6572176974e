// Preloaded (LD_PRELOAD) into servers that listen on every address and have no option against it:
// they listen only on the loopback.
#include <dlfcn.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstring>

namespace {

using Bind = int (*)(int, const sockaddr*, socklen_t);

// An IPv6 socket that also takes IPv4 continues as an IPv4 socket: a loopback address is of one
// family.
void keep_inside(int socket, sockaddr_in6& address) {
    int only = 0;
    socklen_t size = sizeof only;
    getsockopt(socket, IPPROTO_IPV6, IPV6_V6ONLY, &only, &size);
    address.sin6_addr = in6addr_loopback;
    if (only == 0) {
        constexpr unsigned char mapped[16] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 127, 0, 0, 1};
        std::memcpy(&address.sin6_addr, mapped, sizeof mapped);
    }
}

}  // namespace

extern "C" int bind(int socket, const sockaddr* address, socklen_t size) noexcept {
    static const Bind original = reinterpret_cast<Bind>(dlsym(RTLD_NEXT, "bind"));
    sockaddr_storage inside{};
    if (address == nullptr || size > sizeof inside) return original(socket, address, size);
    std::memcpy(&inside, address, size);
    if (inside.ss_family == AF_INET) reinterpret_cast<sockaddr_in&>(inside).sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (inside.ss_family == AF_INET6) keep_inside(socket, reinterpret_cast<sockaddr_in6&>(inside));
    return original(socket, reinterpret_cast<const sockaddr*>(&inside), size);
}
