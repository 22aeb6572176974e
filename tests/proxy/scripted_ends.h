// The sockets of a transcript: one end of a connection, and the port of its server. They never
// wait.
#pragma once

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>

#include "tests/support/catch.h"

namespace proxy_test {

// Ends the test case.
[[noreturn]] inline void stuck(const std::string& what) {
    FAIL(what);
    std::abort();
}

// What the system must do.
inline void require(bool holds, const char* what) {
    if (!holds) stuck(fmt::format("{}: {}", what, std::strerror(errno)));
}

inline sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

// One end of a connection, controlled by the test.
class End {
public:
    explicit End(int fd) : fd_(fd) {
        const int on = 1;
        ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        require(::fcntl(fd, F_SETFL, O_NONBLOCK) == 0, "fcntl");
    }
    End(const End&) = delete;
    End& operator=(const End&) = delete;
    ~End() { close(); }

    std::string unseen;  // what has come and no step has consumed
    bool ended = false;  // a FIN came
    bool reset = false;
    bool reads = true;

    void say(std::string_view bytes) { unsaid_ += bytes; }
    bool has_more_to_say() const { return said_ < unsaid_.size(); }
    void leave() { leaving_ = true; }
    void cut() {
        const linger at_once{.l_onoff = 1, .l_linger = 0};
        ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
        close();
    }
    void close() {
        if (fd_ >= 0) ::close(fd_);
        fd_ = -1;
    }

    // Sends what waits and takes what has come. Returns whether there was anything.
    bool move() {
        const bool sent = send(), taken = take();
        return sent || taken;
    }
    pollfd awaited() const {
        const bool here = fd_ >= 0 && !reset && ((reads && !ended) || !unsaid_.empty());
        return {here ? fd_ : -1, static_cast<short>((reads && !ended ? POLLIN : 0) | (unsaid_.empty() ? 0 : POLLOUT)),
                0};
    }

private:
    bool send() {
        bool moved = false;
        while (fd_ >= 0 && said_ < unsaid_.size()) {
            const ssize_t size = ::send(fd_, unsaid_.data() + said_, unsaid_.size() - said_, MSG_NOSIGNAL);
            if (size < 0 && errno == EAGAIN) return moved;
            said_ = size < 0 ? unsaid_.size() : said_ + static_cast<std::size_t>(size);  // take() shows a reset
            moved = true;
        }
        unsaid_.clear();
        said_ = 0;
        if (fd_ >= 0 && leaving_) ::shutdown(fd_, SHUT_WR);
        leaving_ = false;
        return moved;
    }
    bool take() {
        bool moved = false;
        while (fd_ >= 0 && reads && !ended && !reset) {
            std::array<char, 65536> block;
            const ssize_t size = ::recv(fd_, block.data(), block.size(), 0);
            if (size < 0 && errno == EAGAIN) return moved;
            if (size < 0) reset = true;
            if (size == 0) ended = true;
            if (size > 0) unseen.append(block.data(), static_cast<std::size_t>(size));
            moved = true;
        }
        return moved;
    }

    int fd_;
    std::string unsaid_;
    std::size_t said_ = 0;  // how much of unsaid_ was sent
    bool leaving_ = false;
};

// Where the scripted server listens. A connection that has not been accepted yet waits in the
// system.
class Port {
public:
    Port() : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
        sockaddr_in address = loopback(0);
        socklen_t size = sizeof address;
        require(fd_ >= 0, "socket");
        require(::bind(fd_, reinterpret_cast<sockaddr*>(&address), size) == 0, "bind");
        require(::listen(fd_, 16) == 0, "listen");
        require(::getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size) == 0, "getsockname");
        number_ = ntohs(address.sin_port);
    }
    Port(const Port&) = delete;
    Port& operator=(const Port&) = delete;
    ~Port() { close(); }

    std::uint16_t number() const { return number_; }
    void close() {
        if (fd_ >= 0) ::close(fd_);
        fd_ = -1;
    }
    pollfd awaited() const { return {fd_, POLLIN, 0}; }
    bool is_asked() const {
        pollfd one = awaited();
        return ::poll(&one, 1, 0) > 0;
    }
    int accept() const { return ::accept4(fd_, nullptr, nullptr, SOCK_CLOEXEC); }

private:
    int fd_;
    std::uint16_t number_ = 0;
};

}  // namespace proxy_test
