#include "proxy/command/exec/enclosure_keeper.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/capability.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <arpa/inet.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <expected>

#include "proxy/command/exec/enclosure_mark.h"
#include "proxy/io/child.h"

namespace proxy::keeper {

namespace {

std::string words(std::string_view what) { return fmt::format("{}: {}", what, std::strerror(errno)); }

bool write_file(const char* path, const std::string& text) {
    const int fd = ::open(path, O_WRONLY | O_CLOEXEC);
    const bool done = fd >= 0 && ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size());
    if (fd >= 0) ::close(fd);
    return done;
}

// Root keeps all that it may do where it can have namespaces without a user namespace. Everyone
// else is in theirs who they are outside. `own_user`: whether there is one.
std::string leave_network(bool& own_user) {
    constexpr int network = CLONE_NEWNET | CLONE_NEWNS;
    const uid_t user = ::geteuid();
    const gid_t group = ::getegid();
    own_user = user != 0 || ::unshare(network) != 0;
    if (!own_user) return "";
    if (::unshare(network | CLONE_NEWUSER) != 0) return words("unshare");
    if (!write_file("/proc/self/setgroups", "deny") ||
        !write_file("/proc/self/uid_map", fmt::format("{0} {0} 1", user)) ||
        !write_file("/proc/self/gid_map", fmt::format("{0} {0} 1", group)))
        return words("/proc/self/uid_map");
    return "";
}

bool raise_loopback() {
    const int fd = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    ifreq request{};
    std::strcpy(request.ifr_name, "lo");
    request.ifr_flags = IFF_UP | IFF_RUNNING;
    const bool done = fd >= 0 && ::ioctl(fd, SIOCSIFFLAGS, &request) == 0;
    if (fd >= 0) ::close(fd);
    return done;
}

// A message of rtnetlink(7) with its attributes, as bytes.
class Netlink {
public:
    template <typename Body>
    Netlink(std::uint16_t type, const Body& body) {
        auto& header = head();
        header.nlmsg_type = type;
        header.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL;
        header.nlmsg_len = NLMSG_LENGTH(sizeof body);
        std::memcpy(NLMSG_DATA(&header), &body, sizeof body);
    }
    template <typename Value>
    Netlink& with(std::uint16_t type, const Value& value) {
        auto& header = head();
        auto* attribute = reinterpret_cast<rtattr*>(bytes_.data() + NLMSG_ALIGN(header.nlmsg_len));
        attribute->rta_type = type;
        attribute->rta_len = RTA_LENGTH(sizeof value);
        std::memcpy(RTA_DATA(attribute), &value, sizeof value);
        header.nlmsg_len = NLMSG_ALIGN(header.nlmsg_len) + RTA_ALIGN(attribute->rta_len);
        return *this;
    }
    // False with errno.
    bool send() {
        const int fd = ::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
        int error = fd < 0 || ::send(fd, bytes_.data(), head().nlmsg_len, 0) < 0 ? errno : 0;
        alignas(nlmsghdr) std::array<char, 1024> answer{};
        if (error == 0 && ::recv(fd, answer.data(), answer.size(), 0) < 0) error = errno;
        const auto& got = *reinterpret_cast<const nlmsghdr*>(answer.data());
        if (error == 0 && got.nlmsg_type == NLMSG_ERROR)
            error = -reinterpret_cast<const nlmsgerr*>(NLMSG_DATA(&got))->error;
        if (fd >= 0) ::close(fd);
        errno = error;
        return error == 0;
    }

private:
    nlmsghdr& head() { return *reinterpret_cast<nlmsghdr*>(bytes_.data()); }
    alignas(nlmsghdr) std::array<char, 256> bytes_{};
};

// Every address is this machine's, so that each has a way: to the rules of the redirection.
// Programs that ask first which families there are (AI_ADDRCONFIG) do not count loopback addresses.
std::string lead_everything_here() {
    if (!raise_loopback()) return words("the loopback device");
    const auto device = static_cast<int>(::if_nametoindex("lo"));
    const std::uint32_t own = ::inet_addr("198.18.0.1"), source = ::htonl(INADDR_LOOPBACK);
    ifaddrmsg address{};
    address.ifa_family = AF_INET;
    address.ifa_prefixlen = 32;
    address.ifa_index = static_cast<unsigned>(device);
    if (!Netlink(RTM_NEWADDR, address).with(IFA_LOCAL, own).with(IFA_ADDRESS, own).send()) return words("an address");
    rtmsg route{};
    route.rtm_family = AF_INET;
    route.rtm_table = RT_TABLE_MAIN;
    route.rtm_protocol = RTPROT_STATIC;
    route.rtm_type = RTN_LOCAL;
    route.rtm_scope = RT_SCOPE_HOST;
    if (!Netlink(RTM_NEWROUTE, route).with(RTA_OIF, device).with(RTA_PREFSRC, source).send()) return words("a route");
    route.rtm_family = AF_INET6;
    (void)Netlink(RTM_NEWROUTE, route).with(RTA_OIF, device).send();  // a kernel may have no IPv6
    return "";
}

std::string make(std::vector<int>& namespaces) {
    bool own_user = false;
    std::string trouble = leave_network(own_user);
    if (trouble.empty() && ::mount(nullptr, "/", nullptr, MS_REC | MS_SLAVE, nullptr) != 0) trouble = words("mount");
    if (trouble.empty()) trouble = lead_everything_here();
    if (!trouble.empty()) return trouble;
    for (const char* name : {"user", "mnt", "net"}) {
        if (!own_user && name == std::string_view("user")) continue;
        namespaces.push_back(::open(fmt::format("/proc/self/ns/{}", name).c_str(), O_RDONLY | O_CLOEXEC));
        if (namespaces.back() < 0) return words("/proc/self/ns");
    }
    return "";
}

std::string make_one(std::string_view text, std::vector<int>& made) {
    std::array<int, 2> wanted{};
    if (text.size() != sizeof wanted) return "not a socket";
    std::memcpy(wanted.data(), text.data(), sizeof wanted);
    const int fd = ::socket(wanted[0], wanted[1] | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) return words("socket");
    ::setsockopt(fd, SOL_SOCKET, SO_MARK, &enclosure_mark, sizeof enclosure_mark);
    made.push_back(fd);
    return "";
}

// A program that is executed by another user than root has no rights but those of the ambient set
// (capabilities(7)).
void let_programs_rule_the_network() {
    __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
    std::array<__user_cap_data_struct, 2> sets{};
    if (::syscall(SYS_capget, &header, sets.data()) != 0) return;
    sets[0].inheritable |= 1U << CAP_NET_ADMIN;
    ::syscall(SYS_capset, &header, sets.data());
    ::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_NET_ADMIN, 0, 0);
}

std::string load(std::string_view rules) {
    let_programs_rule_the_network();
    auto program = find_program("nft");
    for (const char* place : {"/usr/sbin/nft", "/sbin/nft"})  // not in the PATH of Debian's users
        if (!program && ::access(place, X_OK) == 0) program = place;
    if (!program) return "nft is not installed: it is in the package nftables";
    const auto done = run_child({program->string(), "-f", "-"}, rules);
    if (!done) return fmt::format("nft: {}", done.error());
    return done->exit_code == 0 ? "" : fmt::format("nft: {}", done->last_words());
}

std::string replace(std::string_view text) {
    const auto end = text.find('\0');
    if (end == std::string_view::npos) return "not a place and a file";
    const std::string place(text.substr(0, end)), file(text.substr(end + 1));
    struct stat status{};
    if (::stat(place.c_str(), &status) != 0) return "";
    ::chmod(file.c_str(), 0644);  // a program that gives up root reads it too
    return ::mount(file.c_str(), place.c_str(), nullptr, MS_BIND, nullptr) == 0 ? "" : words(place);
}

}  // namespace

bool send(int channel, std::string_view text, const std::vector<int>& descriptors) {
    iovec part{const_cast<char*>(text.data()), text.size()};  // NOLINT: sendmsg's signature
    alignas(cmsghdr) std::array<char, CMSG_SPACE(4 * sizeof(int))> control{};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    if (!descriptors.empty()) {
        message.msg_control = control.data();
        message.msg_controllen = CMSG_SPACE(descriptors.size() * sizeof(int));
        cmsghdr* head = CMSG_FIRSTHDR(&message);
        head->cmsg_level = SOL_SOCKET;
        head->cmsg_type = SCM_RIGHTS;
        head->cmsg_len = CMSG_LEN(descriptors.size() * sizeof(int));
        std::memcpy(CMSG_DATA(head), descriptors.data(), descriptors.size() * sizeof(int));
    }
    return ::sendmsg(channel, &message, MSG_NOSIGNAL) == static_cast<ssize_t>(text.size());
}

bool receive(int channel, std::string& text, std::vector<int>& descriptors) {
    text.resize(longest_message);
    iovec part{text.data(), text.size()};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(4 * sizeof(int))> control{};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    ssize_t count = -1;
    do count = ::recvmsg(channel, &message, MSG_CMSG_CLOEXEC);
    while (count < 0 && errno == EINTR);
    if (count <= 0 || (message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0) return false;
    text.resize(static_cast<std::size_t>(count));
    for (cmsghdr* head = CMSG_FIRSTHDR(&message); head != nullptr; head = CMSG_NXTHDR(&message, head)) {
        if (head->cmsg_level != SOL_SOCKET || head->cmsg_type != SCM_RIGHTS) continue;
        descriptors.resize((head->cmsg_len - CMSG_LEN(0)) / sizeof(int));
        std::memcpy(descriptors.data(), CMSG_DATA(head), descriptors.size() * sizeof(int));
    }
    return true;
}

void run(int channel) {
    ::setsid();  // the keys of the terminal are for the command
    std::vector<int> out;
    std::string trouble = make(out);
    std::string question;
    // An empty message would be the end of the channel.
    while (send(channel, "!" + trouble, out)) {
        for (const int fd : out) ::close(fd);
        out.clear();
        std::vector<int> in;
        if (!receive(channel, question, in)) break;
        const std::string_view rest = std::string_view(question).substr(1);
        switch (question.front()) {
            case make_socket: trouble = make_one(rest, out); break;
            case load_rules: trouble = load(rest); break;
            case replace_file: trouble = replace(rest); break;
            default: trouble = "not a question";
        }
    }
    ::_exit(0);
}

}  // namespace proxy::keeper
