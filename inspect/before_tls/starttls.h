// The dialogue in the clear that comes before TLS where a protocol upgrades to it: SMTP (RFC 3207),
// LMTP (RFC 2033, the same), IMAP (RFC 9051 §6.2.1), POP3 (RFC 2595 §4), FTP (RFC 4217), NNTP (RFC
// 4642), ManageSieve (RFC 5804 §2.2), XMPP (RFC 6120 §5), LDAP (RFC 4511 §4.14), PostgreSQL (its
// manual, §55.2.10 "SSL Session Encryption") and MySQL (its manual, "SSLRequest"). Sans-IO: bytes
// in, what to send out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "certs/bytes.h"

namespace inspect::starttls {

enum class Protocol { smtp, lmtp, imap, pop3, ftp, nntp, sieve, xmpp, xmpp_server, ldap, postgres, mysql };

std::vector<std::string_view> names();  // of all, in their order
std::optional<Protocol> parse_protocol(std::string_view name);
std::string_view name(Protocol protocol);      // "smtp", as in openssl s_client -starttls
std::string_view title(Protocol protocol);     // "SMTP"
std::uint16_t port_of(Protocol protocol);      // where servers listen for it
std::uint16_t tls_port_of(Protocol protocol);  // where they speak TLS from the first byte; 0 for none

enum class State {
    more,   // call again with more bytes
    send,   // send what Step has, then call again
    ready,  // TLS begins with the next byte
    // Of the rest, heard() is what the server said.
    not_offered,  // it speaks the protocol and does not know the upgrade
    declined,     // asked to begin TLS, it said no
    refused,      // it serves this client nothing, by its protocol's words for that
    other,        // it does not speak this protocol
    // Someone on the way may have put that there (response injection, CVE-2011-0411):
    unasked,   // its answer that agrees to TLS was here before it was asked
    trailing,  // it agreed to TLS, and the input goes on in the clear from Step::used
};
struct Step {
    State state = State::more;
    std::size_t used = 0;  // bytes of the input
    std::string send;
};

class Dialogue {
public:
    // `host` is the domain that an XMPP server is asked for: a name as in DNS, or an address.
    Dialogue(Protocol protocol, std::string_view host) : protocol_(protocol), host_(host) {}

    // What the client sends before it has received anything; "" where the server speaks first.
    std::string opening() const;
    Step step(certs::Bytes input);
    // The server's last line, at most most_heard bytes; a refusal's lines are one. Of XMPP what came
    // last in its stream; of LDAP, PostgreSQL and MySQL the error's name and number, then the
    // server's own words.
    const std::string& heard() const { return heard_; }

private:
    Step step_protocol(certs::Bytes input);
    Step step_line(certs::Bytes input);
    Step take_line(std::string_view line, std::size_t used);
    State without_success(std::string_view line) const;
    void hear_reply(std::string_view line);
    Step step_xmpp(certs::Bytes input);
    State take_tag(std::string_view tag);
    Step step_ldap(certs::Bytes input);
    Step step_postgres(certs::Bytes input);
    Step step_postgres_error(certs::Bytes input);
    Step step_mysql(certs::Bytes input);
    void hear(std::string_view text);

    Protocol protocol_;
    std::string host_;
    std::size_t turn_ = 0, lines_ = 0;  // lines: tags of XMPP
    std::size_t too_early_ = 0;         // bytes of the input that came before the last message was sent
    bool offered_ = false;
    std::string heard_, refusal_;  // refusal_: the lines so far of a reply that refuses
};

inline constexpr std::size_t most_heard = 200;

// Bounds of what is read: of one line, tag or packet, and of lines or tags in all.
inline constexpr std::size_t longest_line = 4096;  // RFC 5321 §4.5.3.1.5: 512; IMAP's may be longer
inline constexpr std::size_t most_lines = 100;     // a greeting with a bill of fare has a few dozen

}  // namespace inspect::starttls
