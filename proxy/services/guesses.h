// How fast passwords may be tried (--proxy-auth). After a few wrong ones from an address, each
// further try from there has its turn a second after the one before, whether right or wrong and
// over whatever connection. Before its turn nothing is reported about it, so hanging up early
// reveals nothing. Knows no sockets and does not wait itself. Bounded; shared between threads.
#pragma once

#include <cstddef>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

#include "proxy/io/clock.h"

namespace proxy {

class Guesses {
public:
    // How long, in milliseconds, a try of this client that comes `now` (in the time of
    // io::clock_ms()) has to wait; nullopt when so many are waiting that it is not checked.
    std::optional<double> turn(const std::string& client, double now);
    // The password was wrong.
    void wrong(const std::string& client, double now);

    // The key of such a client: its IP address; for IPv6, the network whose addresses it all has
    // (RFC 6177).
    static std::string name_of(const std::string& ip);

private:
    // Wrong ones that cost nothing: a mistyped password, or a program that was left unchanged.
    static constexpr unsigned free = 3;
    static constexpr double pause = 1'000;        // milliseconds between two tries
    static constexpr double longest = 10'000;     // milliseconds that one waits at most
    static constexpr double remembered = 60'000;  // after the last wrong one
    static constexpr std::size_t most = 10'000;   // clients

    struct Client {
        unsigned wrong = 0;
        double next = 0, until = 0;
    };
    void make_room(double now);

    std::mutex mutex_;
    std::unordered_map<std::string, Client> clients_;
};

}  // namespace proxy
