#include "inspect/before_tls/starttls.h"

#include <algorithm>
#include <array>
#include <span>

#include "inspect/http/message.h"

namespace inspect::starttls {

namespace {

// What the server has to send, and what it is sent then; the last turn ends the dialogue.
struct Turn {
    std::string_view expected;  // the line's beginning
    std::string_view keyword;   // that one line of the answer must be; "" for none
    std::string_view send;
};

constexpr std::array smtp{Turn{"220", "", "EHLO whytls\r\n"}, Turn{"250", "STARTTLS", "STARTTLS\r\n"},
                          Turn{"220", "", ""}};
constexpr std::array lmtp{Turn{"220", "", "LHLO whytls\r\n"}, Turn{"250", "STARTTLS", "STARTTLS\r\n"},
                          Turn{"220", "", ""}};
constexpr std::array imap{Turn{"* OK", "", "a STARTTLS\r\n"}, Turn{"a OK", "", ""}};
constexpr std::array pop3{Turn{"+OK", "", "STLS\r\n"}, Turn{"+OK", "", ""}};
constexpr std::array ftp{Turn{"220", "", "AUTH TLS\r\n"}, Turn{"234", "", ""}};
constexpr std::array nntp{Turn{"20", "", "STARTTLS\r\n"}, Turn{"382", "", ""}};  // 200 or 201
constexpr std::array sieve{Turn{"OK", "STARTTLS", "STARTTLS\r\n"}, Turn{"OK", "", ""}};

struct Known {
    Protocol protocol;
    std::string_view name, title;
    std::uint16_t port, tls_port;
    std::span<const Turn> turns;  // none for a protocol without lines
};

constexpr std::array<Known, 12> table{{{Protocol::smtp, "smtp", "SMTP", 25, 465, smtp},
                                       {Protocol::lmtp, "lmtp", "LMTP", 24, 0, lmtp},
                                       {Protocol::imap, "imap", "IMAP", 143, 993, imap},
                                       {Protocol::pop3, "pop3", "POP3", 110, 995, pop3},
                                       {Protocol::ftp, "ftp", "FTP", 21, 990, ftp},
                                       {Protocol::nntp, "nntp", "NNTP", 119, 563, nntp},
                                       {Protocol::sieve, "sieve", "ManageSieve", 4190, 0, sieve},
                                       {Protocol::xmpp, "xmpp", "XMPP", 5222, 5223, {}},
                                       {Protocol::xmpp_server, "xmpp-server", "XMPP", 5269, 5270, {}},
                                       {Protocol::ldap, "ldap", "LDAP", 389, 636, {}},
                                       {Protocol::postgres, "postgres", "PostgreSQL", 5432, 0, {}},
                                       {Protocol::mysql, "mysql", "MySQL", 3306, 0, {}}}};

const Known& of(Protocol protocol) { return *std::ranges::find(table, protocol, &Known::protocol); }

constexpr std::size_t most_heard = 200;

bool begins(std::string_view line, std::string_view with) {
    return line.size() >= with.size() && http::same_name(line.substr(0, with.size()), with);
}

// Whether a line ends an answer: "250-SIZE" continues it, "250 OK" ends it (RFC 5321 §4.2.1, RFC
// 959 §4.2). In an answer that began with "220-", FTP allows any line in between. ManageSieve's
// capabilities come before its OK, NO or BYE (RFC 5804 §1.2).
bool is_last(Protocol protocol, std::string_view line, std::string_view expected) {
    if (protocol == Protocol::imap) return begins(line, expected.substr(0, expected.find(' ') + 1));
    if (protocol == Protocol::pop3) return true;
    if (protocol == Protocol::sieve) return !line.starts_with('"');
    const bool code = line.size() >= 3 && std::ranges::all_of(line.substr(0, 3), certs::is_digit);
    return code && (line.size() == 3 || line[3] != '-');
}

// The capability that a line of an answer names.
std::string_view capability(Protocol protocol, std::string_view line) {
    if (protocol != Protocol::sieve) return line.substr(std::min<std::size_t>(line.size(), 4));
    return line.substr(0, line.find(' ')) == line ? certs::trimmed(line, "\"") : std::string_view();
}

}  // namespace

std::vector<std::string_view> names() {
    std::vector<std::string_view> result;
    for (const Known& each : table) result.push_back(each.name);
    return result;
}

std::optional<Protocol> parse_protocol(std::string_view text) {
    const auto found = std::ranges::find(table, text, &Known::name);
    return found == table.end() ? std::nullopt : std::optional(found->protocol);
}

std::string_view name(Protocol protocol) { return of(protocol).name; }
std::string_view title(Protocol protocol) { return of(protocol).title; }
std::uint16_t port_of(Protocol protocol) { return of(protocol).port; }
std::uint16_t tls_port_of(Protocol protocol) { return of(protocol).tls_port; }

Step Dialogue::step(certs::Bytes input) {
    switch (protocol_) {
        case Protocol::xmpp:
        case Protocol::xmpp_server: return step_xmpp(input);
        case Protocol::ldap: return step_ldap(input);
        case Protocol::postgres: return step_postgres(input);
        case Protocol::mysql: return step_mysql(input);
        default: return step_line(input);
    }
}

void Dialogue::hear(std::string_view text) { heard_ = text.substr(0, most_heard); }

Step Dialogue::step_line(certs::Bytes input) {
    const std::string_view text = certs::as_text(input);
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos && text.size() < longest_line) return {};
    std::string_view line = text.substr(0, std::min(end, longest_line));
    if (line.ends_with('\r')) line.remove_suffix(1);
    hear(line);
    if (end == std::string_view::npos || ++lines_ > most_lines) return {State::other, 0, ""};
    return take_line(line, end + 1);
}

Step Dialogue::take_line(std::string_view line, std::size_t used) {
    const Turn& turn = of(protocol_).turns[turn_];
    offered_ = offered_ || (!turn.keyword.empty() && http::same_name(capability(protocol_, line), turn.keyword));
    if (!is_last(protocol_, line, turn.expected)) {
        const bool strange = turn_ == 0 && lines_ == 1 && protocol_ != Protocol::sieve && !begins(line, turn.expected);
        return {strange ? State::other : State::more, used, ""};
    }
    if (!begins(line, turn.expected)) return {turn_ == 0 ? State::other : State::not_offered, used, ""};
    if (!turn.keyword.empty() && !offered_) return {State::not_offered, used, ""};
    ++turn_;
    return {turn.send.empty() ? State::ready : State::send, used, std::string(turn.send)};
}

}  // namespace inspect::starttls
