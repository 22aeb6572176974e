#include "inspect/before_tls/starttls.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
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

// A line of the server's, which was `used` bytes of the input; 0: more are needed for it.
struct Line {
    std::string text = {};
    std::size_t used = 0;
};

// The number of bytes of the literal that a line of ManageSieve ends with: "{20}", or "{20+}" as
// clients write it (RFC 5804 §4); nullopt when it ends with none.
std::optional<std::size_t> literal_size(std::string_view line) {
    const std::size_t open = line.rfind('{');
    if (open == std::string_view::npos || !line.ends_with('}') || (open > 0 && line[open - 1] != ' '))
        return std::nullopt;
    std::string_view digits = line.substr(open + 1, line.size() - open - 2);
    if (digits.ends_with('+')) digits.remove_suffix(1);
    if (digits.empty() || !std::ranges::all_of(digits, certs::is_digit)) return std::nullopt;
    std::size_t size = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), size);
    return error == std::errc() ? size : longest_line;
}

// The first line of `text`, of less than longest_line bytes; nullopt for a longer one. In that of
// ManageSieve, literals become quoted strings.
std::optional<Line> first_line(Protocol protocol, std::string_view text) {
    Line line;
    for (;;) {
        const std::size_t end = text.find('\n', line.used);
        if (std::min(end, text.size()) >= longest_line) return std::nullopt;
        if (end == std::string_view::npos) return Line{};
        line.text += text.substr(line.used, end - line.used);
        if (line.text.ends_with('\r')) line.text.pop_back();
        line.used = end + 1;
        const auto literal = protocol == Protocol::sieve ? literal_size(line.text) : std::nullopt;
        if (!literal) return line;
        if (*literal >= longest_line) return std::nullopt;
        if (text.size() - line.used < *literal) return Line{};
        line.text.erase(line.text.rfind('{'));
        line.text += '"';
        line.text += text.substr(line.used, *literal);
        line.text += '"';
        line.used += *literal;
    }
}

// Of a reply with a code of three digits: the code's first digit says what became of the command
// (RFC 5321 §4.2.1, RFC 959 §4.2, RFC 3977 §3.2).
bool is_failure(std::string_view line) {
    return line.size() >= 3 && std::ranges::all_of(line.substr(0, 3), certs::is_digit) &&
           (line[0] == '4' || line[0] == '5');
}

bool begins_with_any(std::string_view line, std::initializer_list<std::string_view> beginnings) {
    return std::ranges::any_of(beginnings, [&](std::string_view each) { return begins(line, each); });
}

// Whether it is how a server takes leave, whatever it was asked.
bool is_farewell(Protocol protocol, std::string_view line) {
    switch (protocol) {
        case Protocol::smtp:
        case Protocol::lmtp:
        case Protocol::ftp: return begins(line, "421");
        case Protocol::nntp: return begins(line, "400");
        case Protocol::imap: return begins(line, "* BYE");
        case Protocol::sieve: return begins(line, "BYE");
        default: return false;
    }
}

// Whether it says no, to the connection or to a command.
bool is_refusal(Protocol protocol, std::string_view line) {
    switch (protocol) {
        case Protocol::imap: return begins_with_any(line, {"a NO", "a BAD"});
        case Protocol::pop3: return begins(line, "-ERR");
        case Protocol::sieve: return begins(line, "NO");
        default: return is_failure(line);
    }
}

// Whether it says that the command is not known here (RFC 5321 §4.2.4, RFC 4217 §4, RFC 3977
// §3.2.1, RFC 9051 §6.2.1).
bool is_unknown_command(Protocol protocol, std::string_view line) {
    switch (protocol) {
        case Protocol::smtp:
        case Protocol::lmtp:
        case Protocol::ftp: return begins_with_any(line, {"500", "502", "504"});
        case Protocol::nntp: return begins_with_any(line, {"500", "503"});
        case Protocol::imap: return begins(line, "a BAD");
        default: return false;
    }
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
    Step step = step_protocol(input);
    if (step.state == State::ready && step.used > 0 && too_early_ > 0)
        step.state = State::unasked;
    else if (step.state == State::ready && step.used < input.size())
        step.state = State::trailing;
    too_early_ = step.state == State::send ? input.size() - step.used : too_early_ - std::min(too_early_, step.used);
    return step;
}

Step Dialogue::step_protocol(certs::Bytes input) {
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

// The lines of a reply that refuses are one: the reason is often in the first.
void Dialogue::hear_reply(std::string_view line) {
    const bool lines = !of(protocol_).turns.empty() && is_failure(line) && protocol_ != Protocol::imap &&
                       protocol_ != Protocol::pop3 && protocol_ != Protocol::sieve;
    if (!lines) return hear(line);
    const std::string_view words = certs::trimmed(line.substr(std::min<std::size_t>(line.size(), 4)), " ");
    if (refusal_.empty()) refusal_ = line.substr(0, 3);
    if (!words.empty() && refusal_.size() < most_heard) refusal_ += fmt::format(" {}", words);
    hear(refusal_);
}

Step Dialogue::step_line(certs::Bytes input) {
    const std::string_view text = certs::as_text(input);
    const auto line = first_line(protocol_, text);
    if (line && line->used > 0)
        hear_reply(line->text);
    else if (!text.empty())
        hear(text);
    if (!line || (line->used > 0 && ++lines_ > most_lines)) return {State::other, 0, ""};
    return line->used == 0 ? Step{} : take_line(line->text, line->used);
}

Step Dialogue::take_line(std::string_view line, std::size_t used) {
    const Turn& turn = of(protocol_).turns[turn_];
    offered_ = offered_ || (!turn.keyword.empty() && http::same_name(capability(protocol_, line), turn.keyword));
    if (protocol_ == Protocol::imap && is_farewell(protocol_, line)) return {State::refused, used, ""};
    if (!is_last(protocol_, line, turn.expected)) {
        const bool strange = turn_ == 0 && lines_ == 1 && protocol_ != Protocol::sieve &&
                             !begins(line, turn.expected) && !is_failure(line);
        return {strange ? State::other : State::more, used, ""};
    }
    if (!begins(line, turn.expected)) return {without_success(line), used, ""};
    if (!turn.keyword.empty() && !offered_) return {State::not_offered, used, ""};
    ++turn_;
    return {turn.send.empty() ? State::ready : State::send, used, std::string(turn.send)};
}

// What a reply means that is not the one expected.
State Dialogue::without_success(std::string_view line) const {
    const bool greeting = turn_ == 0, asked_for_tls = of(protocol_).turns[turn_].send.empty();
    if (is_farewell(protocol_, line)) return State::refused;
    // RFC 9051 §7.1.4: the client is logged in already, and STARTTLS comes before.
    if (greeting && protocol_ == Protocol::imap && begins(line, "* PREAUTH")) return State::not_offered;
    if (!is_refusal(protocol_, line)) return State::other;
    if (greeting) return State::refused;
    if (is_unknown_command(protocol_, line) && !offered_) return State::not_offered;
    return asked_for_tls ? State::declined : State::refused;
}

}  // namespace inspect::starttls
