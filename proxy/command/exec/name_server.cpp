#include "proxy/command/exec/name_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstring>

#include "inspect/before_tls/dns.h"

namespace proxy {

namespace dns = inspect::dns;

namespace {

constexpr std::array<std::uint8_t, 4> loopback{127, 0, 0, 1};
constexpr std::array<std::uint8_t, 16> loopback6{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};

std::string answer(NamedAddresses& names, certs::Bytes query, const dns::Question& question) {
    const bool here = question.name == "localhost" || question.name.ends_with(".localhost");  // RFC 6761 §6.3
    if (here && question.type == dns::type_aaaa) return dns::response(query, question, loopback6);
    if (here && question.type == dns::type_a) return dns::response(query, question, loopback);
    if (question.type != dns::type_a) return dns::response(query, question, {});
    const auto address = names.address_of(question.name);
    if (!address) return dns::response(query, question, {}, dns::Outcome::failed);
    std::array<std::uint8_t, 4> octets{};
    std::memcpy(octets.data(), &reinterpret_cast<const sockaddr_in&>(address->raw()).sin_addr, octets.size());
    return dns::response(query, question, octets);
}

void serve_one(NamedAddresses& names, int socket) {
    std::array<std::uint8_t, 4096> message;
    sockaddr_storage from{};
    socklen_t size = sizeof from;
    const ssize_t count =
        ::recvfrom(socket, message.data(), message.size(), 0, reinterpret_cast<sockaddr*>(&from), &size);
    if (count <= 0) return;
    const certs::Bytes query(message.data(), static_cast<std::size_t>(count));
    const auto question = dns::parse_question(query);
    if (!question) return;
    const std::string text = answer(names, query, *question);
    (void)::sendto(socket, text.data(), text.size(), 0, reinterpret_cast<const sockaddr*>(&from), size);
}

}  // namespace

NameServer::NameServer(NamedAddresses& names, std::vector<int> sockets)
    : names_(names), sockets_(std::move(sockets)), stop_(::eventfd(0, EFD_CLOEXEC)), thread_([this] { serve(); }) {}

NameServer::~NameServer() {
    ::eventfd_write(stop_, 1);
    thread_.join();
    for (const int socket : sockets_) ::close(socket);
    ::close(stop_);
}

void NameServer::serve() {
    std::vector<pollfd> wanted{{stop_, POLLIN, 0}};
    for (const int socket : sockets_) wanted.push_back({socket, POLLIN, 0});
    for (;;) {
        if (::poll(wanted.data(), wanted.size(), -1) < 0) continue;
        if (wanted.front().revents != 0) return;
        for (const pollfd& each : wanted)
            if (each.revents != 0) serve_one(names_, each.fd);
    }
}

}  // namespace proxy
