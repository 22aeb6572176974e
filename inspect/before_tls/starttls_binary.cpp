// The dialogues before TLS of protocols that are made of packets: LDAP, PostgreSQL, MySQL; and what
// a client opens its dialogue with.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <expected>

#include "inspect/before_tls/starttls.h"

namespace inspect::starttls {

namespace {

std::uint32_t little_endian(certs::Bytes bytes) {
    std::uint32_t value = 0;
    for (std::size_t i = bytes.size(); i > 0; --i) value = value << 8 | bytes[i - 1];
    return value;
}

std::uint32_t big_endian(certs::Bytes bytes) {
    std::uint32_t value = 0;
    for (const std::uint8_t byte : bytes) value = value << 8 | byte;
    return value;
}

struct Element {
    std::uint8_t tag = 0;
    std::size_t begin = 0, length = 0;  // of its content
    std::size_t end() const { return begin + length; }
};
enum class Fault { cut, wrong };

// The BER element that `input` begins with, of a definite length (RFC 4511 §5.1), which may be
// written longer than it need be, as Active Directory does; of at most `longest_line` bytes.
std::expected<Element, Fault> read_element(certs::Bytes input) {
    if (input.size() < 2) return std::unexpected(Fault::cut);
    Element element{input[0], 2, input[1]};
    if (element.length >= 0x80) {
        const std::size_t bytes = element.length & 0x7f;
        if (bytes == 0 || bytes > 4) return std::unexpected(Fault::wrong);
        if (input.size() < 2 + bytes) return std::unexpected(Fault::cut);
        element.begin += bytes;
        element.length = 0;
        for (const std::uint8_t byte : input.subspan(2, bytes)) element.length = element.length << 8 | byte;
    }
    if (element.length > longest_line) return std::unexpected(Fault::wrong);
    if (input.size() < element.end()) return std::unexpected(Fault::cut);
    return element;
}

// The content of the next element, which must have that tag, and `rest` after it; nullopt for
// anything else.
std::optional<certs::Bytes> take(certs::Bytes& rest, std::uint8_t tag) {
    const auto element = read_element(rest);
    if (!element || element->tag != tag) return std::nullopt;
    const certs::Bytes content = rest.subspan(element->begin, element->length);
    rest = rest.subspan(element->end());
    return content;
}

// RFC 4511 §4.1.9, §4.14.3: what a server may answer to StartTLS.
std::string_view result_name(std::uint8_t code) {
    switch (code) {
        case 0: return "success";
        case 1: return "operationsError";
        case 2: return "protocolError";
        case 8: return "strongerAuthRequired";
        case 10: return "referral";
        case 13: return "confidentialityRequired";
        case 50: return "insufficientAccessRights";
        case 51: return "busy";
        case 52: return "unavailable";
        case 53: return "unwillingToPerform";
        case 80: return "other";
        default: return "result";
    }
}

}  // namespace

std::string Dialogue::opening() const {
    switch (protocol_) {
        case Protocol::xmpp:
        case Protocol::xmpp_server:
            return fmt::format(
                "<?xml version='1.0'?><stream:stream xmlns='jabber:{}' "
                "xmlns:stream='http://etherx.jabber.org/streams' to='{}' version='1.0'>",
                protocol_ == Protocol::xmpp ? "client" : "server", host_);
        // LDAPMessage 1, an ExtendedRequest whose requestName is that of StartTLS.
        case Protocol::ldap:
            return "\x30\x1d\x02\x01\x01\x77\x18\x80\x16"
                   "1.3.6.1.4.1.1466.20037";
        // SSLRequest: its length and the code 80877103.
        case Protocol::postgres: return {"\x00\x00\x00\x08\x04\xd2\x16\x2f", 8};
        default: return "";
    }
}

// An ExtendedResponse: to the request, or of number 0 the notice that the server leaves (§4.4.1).
Step Dialogue::step_ldap(certs::Bytes input) {
    constexpr std::uint8_t sequence = 0x30, integer = 0x02, enumerated = 0x0a, octets = 0x04, extended_response = 0x78,
                           referral = 0xa3;
    constexpr std::uint8_t success = 0, protocol_error = 2;
    if (input.empty()) return {};
    hear(certs::as_text(input));
    if (input.front() != sequence) return {State::other, 0, ""};
    const auto message = read_element(input);
    if (!message) return {message.error() == Fault::cut ? State::more : State::other, 0, ""};
    const std::size_t used = message->end();
    certs::Bytes rest = input.subspan(message->begin, message->length);
    const auto number = take(rest, integer);
    auto response = number ? take(rest, extended_response) : std::nullopt;
    if (!response) return {State::other, used, ""};
    const auto result = take(*response, enumerated);
    const auto matched = result ? take(*response, octets) : std::nullopt;
    const auto words = matched ? take(*response, octets) : std::nullopt;
    if (!words || result->size() != 1 || number->size() > 4) return {State::other, used, ""};
    const std::uint8_t code = result->front();
    std::string heard = fmt::format("{} ({})", result_name(code), code);
    auto elsewhere = take(*response, referral);
    if (const auto url = elsewhere ? take(*elsewhere, octets) : std::nullopt)
        heard += fmt::format(" to {}", certs::as_text(*url));
    if (!words->empty()) heard += fmt::format(": {}", certs::as_text(*words));
    const std::uint32_t answered = big_endian(*number);
    if (answered == 0 && code != success) {
        hear(heard);
        return {State::refused, used, ""};
    }
    if (answered != 1) {
        hear(fmt::format("{} to message {}, where 1 was sent", heard, answered));
        return {State::other, used, ""};
    }
    hear(heard);
    return {code == success          ? State::ready
            : code == protocol_error ? State::not_offered  // §4.14.2
                                     : State::declined,
            used, ""};
}

Step Dialogue::step_postgres(certs::Bytes input) {
    if (input.empty()) return {};
    hear(certs::as_text(input.first(1)));
    if (input.front() == 'S') return {State::ready, 1, ""};
    if (input.front() == 'N') return {State::not_offered, 1, ""};
    hear(certs::as_text(input));
    return input.front() == 'E' ? step_postgres_error(input.subspan(1)) : Step{State::other, 1, ""};
}

// An ErrorResponse after its "E": length (4 bytes, itself too), fields of a letter and a text that
// ends with NUL, and NUL. Servers before 7.4, and a server that cannot make a process, send a text
// that ends with NUL (manual §55.2.1, §55.8).
Step Dialogue::step_postgres_error(certs::Bytes input) {
    if (input.empty()) return {};
    if (input.front() != 0) {
        const auto end = std::ranges::find(input, 0);
        const std::string_view text = certs::as_text(certs::Bytes(input.begin(), end));
        if (text.contains('\r') || text.size() > longest_line) return {State::other, 0, ""};
        if (end == input.end()) return {};
        hear(certs::trimmed(text, " \n"));
        return {State::refused, 0, ""};
    }
    constexpr std::size_t header = 4;
    if (input.size() < header) return {};
    const std::size_t length = big_endian(input.first(header));
    if (length < header || length > longest_line) return {State::other, 0, ""};
    if (input.size() < length) return {};
    std::string severity, code, message;
    for (std::string_view rest = certs::as_text(input.subspan(header, length - header)); rest.size() > 1;) {
        const std::string_view text = rest.substr(1, rest.find('\0', 1) - 1);
        if (rest[0] == 'S') severity = text;
        if (rest[0] == 'C') code = text;
        if (rest[0] == 'M') message = text;
        rest.remove_prefix(std::min(rest.size(), text.size() + 2));
    }
    if (message.empty()) return {State::other, 0, ""};
    hear(fmt::format("{} {}: {}", severity, code, message));
    return {State::refused, 0, ""};
}

// The greeting: length (3 bytes), number 0, protocol 10, the version ending with NUL, connection
// (4), salt (8), NUL, the lower capability flags. Or an error packet: 255, its number (2), perhaps
// "#" and an SQLSTATE of five letters, and words: for example, that this host may not connect.
Step Dialogue::step_mysql(certs::Bytes input) {
    constexpr std::uint8_t greeting = 10, failure = 255;
    constexpr std::size_t header = 4, after_version = 4 + 8 + 1;
    constexpr std::uint32_t can_tls = 0x0800;
    if (turn_ > 0) return {State::ready, 0, ""};
    if (input.size() < header) return {};
    const std::size_t length = little_endian(input.first(3)), used = header + length;
    if (length == 0 || length > longest_line) return {State::other, 0, ""};
    if (input.size() < used) return {};
    const certs::Bytes packet = input.subspan(header, length);
    hear(certs::as_text(packet));
    if (packet.front() == failure && length > 3) {
        std::string_view words = certs::as_text(packet.subspan(3));
        if (words.starts_with('#')) words.remove_prefix(std::min<std::size_t>(words.size(), 6));
        hear(fmt::format("error {}: {}", little_endian(packet.subspan(1, 2)), words));
        return {State::refused, used, ""};
    }
    const auto version_end = std::ranges::find(packet, 0);
    const auto flags_at = static_cast<std::size_t>(version_end - packet.begin()) + 1 + after_version;
    if (packet.front() != greeting || input[3] != 0 || flags_at + 2 > packet.size()) return {State::other, used, ""};
    hear(certs::as_text(packet.subspan(1, flags_at - after_version - 2)));
    if ((little_endian(packet.subspan(flags_at, 2)) & can_tls) == 0) return {State::not_offered, used, ""};
    ++turn_;
    // SSLRequest: protocol 4.1, TLS, secure connection; packets of up to 16 MiB; utf8mb4; 23 zero
    // bytes. TLS follows at once.
    std::string request("\x20\x00\x00\x01\x00\x8a\x00\x00\x00\x00\x00\x01\x2d", 13);
    request.append(23, '\0');
    return {State::send, used, request};
}

}  // namespace inspect::starttls
