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
constexpr std::array imap{Turn{"* OK", "", "a STARTTLS\r\n"}, Turn{"a OK", "", ""}};
constexpr std::array pop3{Turn{"+OK", "", "STLS\r\n"}, Turn{"+OK", "", ""}};
constexpr std::array ftp{Turn{"220", "", "AUTH TLS\r\n"}, Turn{"234", "", ""}};

struct Known {
    Protocol protocol;
    std::string_view name, title;
    std::uint16_t port, tls_port;
    std::span<const Turn> turns;  // none for a binary protocol
};

constexpr std::array<Known, 6> table{{{Protocol::smtp, "smtp", "SMTP", 25, 465, smtp},
                                      {Protocol::imap, "imap", "IMAP", 143, 993, imap},
                                      {Protocol::pop3, "pop3", "POP3", 110, 995, pop3},
                                      {Protocol::ftp, "ftp", "FTP", 21, 990, ftp},
                                      {Protocol::postgres, "postgres", "PostgreSQL", 5432, 0, {}},
                                      {Protocol::mysql, "mysql", "MySQL", 3306, 0, {}}}};

const Known& of(Protocol protocol) { return *std::ranges::find(table, protocol, &Known::protocol); }

constexpr std::size_t longest_line = 4096;  // RFC 5321 §4.5.3.1.5 allows 512, IMAP's greetings may be longer
constexpr std::size_t most_lines = 100;     // of all answers; a greeting with a bill of fare has a few dozen
constexpr std::size_t most_heard = 200;

bool begins(std::string_view line, std::string_view with) {
    return line.size() >= with.size() && http::same_name(line.substr(0, with.size()), with);
}

// "250-SIZE" continues the answer, "250 OK" ends it (RFC 5321 §4.2.1, RFC 959 §4.2). In an answer
// that began with "220-", FTP allows any line in between.
bool is_last(Protocol protocol, std::string_view line, std::string_view expected) {
    if (protocol == Protocol::imap) return begins(line, expected.substr(0, expected.find(' ') + 1));
    if (protocol == Protocol::pop3) return true;
    const bool code =
        line.size() >= 3 && std::ranges::all_of(line.substr(0, 3), [](char c) { return c >= '0' && c <= '9'; });
    return code && (line.size() == 3 || line[3] != '-');
}

std::uint32_t little_endian(certs::Bytes bytes) {
    std::uint32_t value = 0;
    for (std::size_t i = bytes.size(); i > 0; --i) value = value << 8 | bytes[i - 1];
    return value;
}

}  // namespace

std::optional<Protocol> parse_protocol(std::string_view text) {
    const auto found = std::ranges::find(table, text, &Known::name);
    return found == table.end() ? std::nullopt : std::optional(found->protocol);
}

std::string_view name(Protocol protocol) { return of(protocol).name; }
std::string_view title(Protocol protocol) { return of(protocol).title; }
std::uint16_t port_of(Protocol protocol) { return of(protocol).port; }
std::uint16_t tls_port_of(Protocol protocol) { return of(protocol).tls_port; }

std::string Dialogue::opening() const {
    // SSLRequest: its length and the code 80877103.
    return protocol_ == Protocol::postgres ? std::string("\x00\x00\x00\x08\x04\xd2\x16\x2f", 8) : "";
}

Step Dialogue::step(certs::Bytes input) {
    if (protocol_ == Protocol::postgres) return step_postgres(input);
    if (protocol_ == Protocol::mysql) return step_mysql(input);
    return step_line(input);
}

Step Dialogue::step_line(certs::Bytes input) {
    const std::string_view text = certs::as_text(input);
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos && text.size() < longest_line) return {};
    std::string_view line = text.substr(0, std::min(end, longest_line));
    if (line.ends_with('\r')) line.remove_suffix(1);
    heard_ = line.substr(0, most_heard);
    if (end == std::string_view::npos || ++lines_ > most_lines) return {State::other, 0, ""};
    return take_line(line, end + 1);
}

Step Dialogue::take_line(std::string_view line, std::size_t used) {
    const Turn& turn = of(protocol_).turns[turn_];
    offered_ = offered_ || (line.size() > 4 && http::same_name(line.substr(4), turn.keyword));
    if (!is_last(protocol_, line, turn.expected)) {
        const bool strange = turn_ == 0 && lines_ == 1 && !begins(line, turn.expected);
        return {strange ? State::other : State::more, used, ""};
    }
    if (!begins(line, turn.expected)) return {turn_ == 0 ? State::other : State::not_offered, used, ""};
    if (!turn.keyword.empty() && !offered_) return {State::not_offered, used, ""};
    ++turn_;
    return {turn.send.empty() ? State::ready : State::send, used, std::string(turn.send)};
}

Step Dialogue::step_postgres(certs::Bytes input) {
    if (input.empty()) return {};
    heard_ = certs::as_text(input.first(std::min(input.size(), most_heard)));
    if (input.front() == 'S') return {State::ready, 1, ""};
    return {input.front() == 'N' ? State::not_offered : State::other, 1, ""};
}

// The greeting: length (3 bytes), number 0, protocol 10, the version ending with NUL, connection
// (4), salt (8), NUL, the lower capability flags. An error packet (protocol 255) says, for example,
// that this host may not connect.
Step Dialogue::step_mysql(certs::Bytes input) {
    constexpr std::uint8_t greeting = 10;
    constexpr std::size_t header = 4, behind_version = 4 + 8 + 1;
    constexpr std::uint32_t can_tls = 0x0800;
    if (input.size() < header) return {};
    const std::size_t length = little_endian(input.first(3));
    if (length == 0 || length > longest_line) return {State::other, 0, ""};
    if (input.size() < header + length) return {};
    const certs::Bytes packet = input.subspan(header, length);
    heard_ = certs::as_text(packet.first(std::min(packet.size(), most_heard)));
    const auto version_end = std::ranges::find(packet, 0);
    const auto flags_at = static_cast<std::size_t>(version_end - packet.begin()) + 1 + behind_version;
    if (packet.front() != greeting || input[3] != 0 || flags_at + 2 > packet.size())
        return {State::other, header + length, ""};
    heard_ = certs::as_text(packet.subspan(1, std::min<std::size_t>(flags_at - behind_version - 2, most_heard)));
    if ((little_endian(packet.subspan(flags_at, 2)) & can_tls) == 0) return {State::not_offered, header + length, ""};
    if (turn_++ > 0) return {State::ready, header + length, ""};
    // SSLRequest: protocol 4.1, TLS, secure connection; packets of up to 16 MiB; utf8mb4; 23 zero
    // bytes. TLS follows at once.
    std::string request("\x20\x00\x00\x01\x00\x8a\x00\x00\x00\x00\x00\x01\x2d", 13);
    request.append(23, '\0');
    return {State::send, 0, request};
}

}  // namespace inspect::starttls
