// A network of a command's own (network_namespaces(7)): every connection that it opens leads to
// sockets of this process, and nothing leads out. Made without root where user namespaces are
// allowed; it ends with the last process in it.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <expected>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace proxy {

// Where the enclosure's listeners are, on its loopback addresses; 0 where there is none.
struct EnclosurePorts {
    std::uint16_t proxy = 0;  // the forward proxy, on 127.0.0.1: what is for it is left alone
    std::uint16_t transparent = 0, transparent6 = 0;
    std::uint16_t names = 0, names6 = 0;  // UDP
};

class Enclosure {
public:
    // Begins a process (the keeper) that makes the namespaces and stays in them; this process has
    // no other thread then. Throws StartError, which says how the system can be made to allow it.
    Enclosure();
    Enclosure(const Enclosure&) = delete;
    Enclosure& operator=(const Enclosure&) = delete;
    ~Enclosure();  // ends the keeper

    // A socket in the enclosure, whose connections are not redirected (io::SocketMaker).
    int socket(int family, int type);
    // Redirects what is opened in the enclosure from now on. Throws StartError.
    void redirect(const EnclosurePorts& ports);
    // Puts a file in the place of another, for those in the enclosure; nothing where that is not
    // there. The file becomes readable by all. Throws StartError.
    void replace(std::string_view place, std::string_view file);
    // Puts the calling process into it, which has one thread. Only system calls. Returns errno,
    // or 0.
    int enter() const;

private:
    void end();
    std::string ask(char what, std::string_view text, std::vector<int>& descriptors);

    std::mutex mutex_;  // one question at a time
    pid_t keeper_ = -1;
    int channel_ = -1;
    std::vector<int> namespaces_;
};

}  // namespace proxy
