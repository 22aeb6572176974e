// The dialogue in the clear that comes before TLS where a protocol upgrades to it: SMTP (RFC 3207),
// IMAP (RFC 9051 §6.2.1), POP3 (RFC 2595 §4), FTP (RFC 4217), PostgreSQL (its manual, §55.2.10 "SSL
// Session Encryption") and MySQL (its manual, "SSLRequest"). Sans-IO: bytes in, what to send out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "certs/bytes.h"

namespace inspect::starttls {

enum class Protocol { smtp, imap, pop3, ftp, postgres, mysql };

std::optional<Protocol> parse_protocol(std::string_view name);
std::string_view name(Protocol protocol);      // "smtp", as in openssl s_client -starttls
std::string_view title(Protocol protocol);     // "SMTP"
std::uint16_t port_of(Protocol protocol);      // where servers listen for it
std::uint16_t tls_port_of(Protocol protocol);  // where they speak TLS from the first byte; 0 for none

enum class State {
    more,         // call again with more bytes
    send,         // send what Step has, then call again
    ready,        // TLS begins with the next byte
    not_offered,  // the server speaks the protocol but does not upgrade; heard() is what it said
    other,        // what the server said is not this protocol; heard() is how it began
};
struct Step {
    State state = State::more;
    std::size_t used = 0;  // bytes of the input
    std::string send;
};

class Dialogue {
public:
    explicit Dialogue(Protocol protocol) : protocol_(protocol) {}

    // What the client sends before it has received anything: PostgreSQL's server waits for it, the
    // other servers speak first.
    std::string opening() const;
    Step step(certs::Bytes input);
    const std::string& heard() const { return heard_; }  // the server's last line, at most 200 bytes

private:
    Step step_line(certs::Bytes input);
    Step take_line(std::string_view line, std::size_t used);
    Step step_postgres(certs::Bytes input);
    Step step_mysql(certs::Bytes input);

    Protocol protocol_;
    std::size_t turn_ = 0, lines_ = 0;
    bool offered_ = false;
    std::string heard_;
};

}  // namespace inspect::starttls
