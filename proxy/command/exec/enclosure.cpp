#include "proxy/command/exec/enclosure.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "certs/file.h"
#include "proxy/command/exec/enclosure_keeper.h"
#include "proxy/command/exec/enclosure_mark.h"
#include "proxy/settings/settings.h"

namespace proxy {

namespace {

// What forbids user namespaces on the systems that do, and how they are allowed.
std::string way_round() {
    const auto says = [](const char* file, char value) {
        const auto text = certs::read_file(file, 64);
        return text && !text->empty() && text->front() == value;
    };
    if (says("/proc/sys/kernel/apparmor_restrict_unprivileged_userns", '1'))
        return "AppArmor forbids it here: sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0, or run whytls by sudo";
    if (says("/proc/sys/kernel/unprivileged_userns_clone", '0'))
        return "sudo sysctl kernel.unprivileged_userns_clone=1 allows it, or run whytls by sudo";
    if (says("/proc/sys/user/max_user_namespaces", '0'))
        return "sudo sysctl user.max_user_namespaces=10000 allows it, or run whytls by sudo";
    return "run whytls by sudo; in a container of Docker start that with --cap-add SYS_ADMIN --cap-add NET_ADMIN "
           "--security-opt seccomp=unconfined --security-opt apparmor=unconfined";
}

StartError refused(const std::string& why) {
    return StartError(
        fmt::format("exec --all needs a network namespace of its own, and has none ({}): {}; without --all the "
                    "command is led through the proxy by its environment alone",
                    why, way_round()));
}

// The rules of one family. The proxy's own sockets, and what is for the proxy itself, are left
// alone.
std::string rules_of(std::string_view family, std::uint16_t proxy, std::uint16_t transparent, std::uint16_t names) {
    if (transparent == 0) return "";
    std::string rules =
        fmt::format("table {} whytls {{\nchain output {{\ntype nat hook output priority -100\nmeta mark {} return\n",
                    family, enclosure_mark);
    if (proxy != 0) rules += fmt::format("ip daddr 127.0.0.1 tcp dport {} return\n", proxy);
    rules += fmt::format("meta l4proto tcp redirect to :{}\n", transparent);
    if (names != 0) rules += fmt::format("udp dport 53 redirect to :{}\n", names);
    return rules + "}\n}\n";
}

}  // namespace

Enclosure::Enclosure() {
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0) throw refused(std::strerror(errno));
    keeper_ = ::fork();
    if (keeper_ == 0) {
        ::close(ends[0]);
        keeper::run(ends[1]);
    }
    ::close(ends[1]);
    channel_ = ends[0];
    std::string answer;
    const bool heard = keeper_ > 0 && keeper::receive(channel_, answer, namespaces_);
    if (heard && answer == "!") return;
    const std::string why = heard ? answer.substr(1) : "its process did not begin";
    end();
    throw refused(why);
}

Enclosure::~Enclosure() { end(); }

void Enclosure::end() {
    for (const int each : namespaces_) ::close(each);
    namespaces_.clear();
    if (channel_ >= 0) ::close(channel_);
    channel_ = -1;
    while (keeper_ > 0 && ::waitpid(keeper_, nullptr, 0) < 0 && errno == EINTR) continue;
    keeper_ = -1;
}

std::string Enclosure::ask(char what, std::string_view text, std::vector<int>& descriptors) {
    const std::scoped_lock lock(mutex_);
    std::string answer;
    if (!keeper::send(channel_, what + std::string(text), {}) || !keeper::receive(channel_, answer, descriptors))
        return "its process has ended";
    return answer.substr(1);
}

int Enclosure::socket(int family, int type) {
    const std::array<int, 2> wanted{family, type};
    std::vector<int> made;
    const std::string trouble =
        ask(keeper::make_socket, {reinterpret_cast<const char*>(wanted.data()), sizeof wanted}, made);
    if (trouble.empty() && made.size() == 1) return made.front();
    errno = EAFNOSUPPORT;
    return -1;
}

void Enclosure::redirect(const EnclosurePorts& ports) {
    std::vector<int> none;
    const std::string trouble = ask(keeper::load_rules,
                                    rules_of("ip", ports.proxy, ports.transparent, ports.names) +
                                        rules_of("ip6", 0, ports.transparent6, ports.names6),
                                    none);
    if (!trouble.empty()) throw StartError(fmt::format("exec --all cannot redirect connections: {}", trouble));
}

void Enclosure::replace(std::string_view place, std::string_view file) {
    std::vector<int> none;
    std::string text(place);
    text += '\0';
    text += file;
    if (const std::string trouble = ask(keeper::replace_file, text, none); !trouble.empty())
        throw StartError(fmt::format("exec --all cannot replace a file for its command: {}", trouble));
}

int Enclosure::enter() const {
    for (const int each : namespaces_)
        if (::setns(each, 0) != 0) return errno;
    return 0;
}

}  // namespace proxy
