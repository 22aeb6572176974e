// Who may use the proxy (--proxy-auth): the password of one client's connection, and how long it
// waits before one is checked (guesses.h).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "proxy/client/client.h"
#include "proxy/io/task.h"

namespace proxy {

class Admission {
public:
    explicit Admission(Client& client) : client_(client) {}

    enum class Verdict {
        checked,   // is_admitted() has the result, where it was not known before
        too_many,  // so many passwords are being tried from there that this one was not checked
        gone,      // the client has left, or the proxy stops
    };
    // Checks the password that a request brings, if it brings one.
    [[gnu::noinline]] io::Task<Verdict> check(const inspect::http::RequestHead& request);
    // Checks the password that a SOCKS client gives (RFC 1929).
    [[gnu::noinline]] io::Task<Verdict> check(std::string_view user, std::string_view password);

    bool is_admitted() const { return admitted_; }
    // Whether a request brings the password, if one is needed.
    bool allows(const inspect::http::RequestHead& request) const;

    // A Java program was asked for the password of a tunnel. It does not show the answer to a
    // CONNECT. Where it may send credentials for tunnels, it does so once it is asked for them, over
    // another connection or this one. By default it may not, and leaves: report_java() then says so
    // on stderr.
    void asked_java();
    [[gnu::noinline]] io::Task<> report_java();

private:
    io::Task<Verdict> await_turn();

    Client& client_;
    bool admitted_ = false;  // it has given the password before
    // How many passwords had been right when the client, which is Java, was asked for one.
    std::optional<std::uint64_t> java_asked_;
};

}  // namespace proxy
