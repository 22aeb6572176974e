#include "inspect/before_tls/dns.h"

#include <algorithm>

namespace inspect::dns {

namespace {

constexpr std::size_t header_size = 12, longest_name = 253;

std::uint16_t number_at(certs::Bytes bytes, std::size_t at) {
    return static_cast<std::uint16_t>(bytes[at] << 8 | bytes[at + 1]);
}

void append(std::string& text, std::uint16_t number) {
    text += static_cast<char>(number >> 8);
    text += static_cast<char>(number & 0xff);
}

bool is_of_host(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_'; }

// A question's name is not compressed: there is nothing before it that it could point to.
std::optional<std::string> name_at(certs::Bytes message, std::size_t& at) {
    constexpr std::uint8_t longest_label = 63;
    std::string name;
    while (at < message.size()) {
        const std::uint8_t size = message[at++];
        if (size == 0) return name.empty() || name.size() > longest_name ? std::nullopt : std::optional(name);
        if (size > longest_label || message.size() - at < size) return std::nullopt;
        if (!name.empty()) name += '.';
        for (const std::uint8_t byte : message.subspan(at, size)) {
            const char c = byte >= 'A' && byte <= 'Z' ? static_cast<char>(byte + 32) : static_cast<char>(byte);
            if (!is_of_host(c)) return std::nullopt;
            name += c;
        }
        at += size;
    }
    return std::nullopt;
}

}  // namespace

std::optional<Question> parse_question(certs::Bytes message) {
    constexpr std::uint16_t response_or_opcode = 0xf800, internet = 1;
    if (message.size() < header_size || (number_at(message, 2) & response_or_opcode) != 0 || number_at(message, 4) != 1)
        return std::nullopt;
    Question question;
    question.end = header_size;
    auto name = name_at(message, question.end);
    if (!name || message.size() - question.end < 4 || number_at(message, question.end + 2) != internet)
        return std::nullopt;
    question.name = *std::move(name);
    question.type = number_at(message, question.end);
    question.end += 4;
    return question;
}

std::string response(certs::Bytes query, const Question& question, certs::Bytes address, Outcome outcome) {
    constexpr std::uint16_t is_response = 0x8000, recursion_desired = 0x0100, recursion_available = 0x0080;
    constexpr std::uint16_t name_of_question = 0xc000 | header_size, internet = 1, seconds = 60;
    std::string text(certs::as_text(query.first(2)));
    append(text,
           static_cast<std::uint16_t>(is_response | recursion_available | (number_at(query, 2) & recursion_desired) |
                                      static_cast<std::uint16_t>(outcome)));
    for (const std::uint16_t count : {1, address.empty() ? 0 : 1, 0, 0}) append(text, count);
    text += certs::as_text(query.subspan(header_size, question.end - header_size));
    if (address.empty()) return text;
    for (const std::uint16_t field : {name_of_question, question.type, internet, std::uint16_t{0}, seconds,
                                      static_cast<std::uint16_t>(address.size())})
        append(text, field);
    return text.append(certs::as_text(address));
}

}  // namespace inspect::dns
