// How fast passwords may be tried (--proxy-auth): after a few wrong ones from an address each further try from there, right or wrong and over
// whatever connection, has its turn a second after the one before. Before its turn nothing is said of it, so that hanging up early learns
// nothing. Knows no sockets and does not wait itself. Bounded; shared between threads.
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
    // How long, in milliseconds, a try of this client has to wait that comes now (of io::clock_ms()); nullopt when so many are waiting that
    // it is not looked at.
    std::optional<double> turn(const std::string& client, double now);
    // It was wrong.
    void wrong(const std::string& client, double now);

    // What such a client is named by: its IP address; of IPv6 the network of which it has all addresses (RFC 6177).
    static std::string name_of(const std::string& ip);

private:
    static constexpr unsigned free = 3;           // wrong ones that cost nothing: a password is mistyped, a program left as it was
    static constexpr double pause = 1'000;        // milliseconds between two tries
    static constexpr double longest = 10'000;     // that one waits at most
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
