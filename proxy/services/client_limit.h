// How many connections each client has open, by its address: a client that runs wild must not take
// every descriptor from the others.
#pragma once

#include <cstddef>
#include <mutex>
#include <string>
#include <unordered_map>

namespace proxy {

// Shared by all loops; guards itself. Bounded by the connections that are open.
class ClientLimit {
public:
    // Counts a connection of the client at this IP address for as long as it lives.
    class Seat {
    public:
        Seat(ClientLimit& limit, std::string ip);
        Seat(const Seat&) = delete;
        Seat& operator=(const Seat&) = delete;
        ~Seat();

        // How many connections the client had when this one came, itself included.
        std::size_t number() const { return number_; }

    private:
        ClientLimit& limit_;
        std::string ip_;
        std::size_t number_;
    };

    // How many connections are open.
    std::size_t total() const;

private:
    mutable std::mutex mutex_;
    std::unordered_map<std::string, std::size_t> open_;
};

}  // namespace proxy
