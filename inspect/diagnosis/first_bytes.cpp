#include "inspect/diagnosis/first_bytes.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "inspect/diagnosis/wording.h"
#include "inspect/http/http2/frame_cutter.h"

namespace inspect::diagnosis {

namespace {

using namespace std::string_view_literals;

struct Greeting {
    std::string_view begins;
    std::string_view contains;  // in the first 512 bytes; "" matches anything
    Answerer answerer;
};

constexpr auto greetings = std::to_array<Greeting>({
    {"HTTP/", "", {"HTTP", ""}},
    {"RTSP/", "", {"RTSP", ""}},
    {"SIP/", "", {"SIP", ""}},
    {"SSH-", "", {"SSH", ""}},
    {"220", "LMTP", {"LMTP", "lmtp"}},
    {"220", "FTP", {"FTP", "ftp"}},
    {"220", "SMTP", {"SMTP", "smtp"}},
    {"554", "SMTP", {"SMTP", "smtp"}},
    {"* OK", "", {"IMAP", "imap"}},
    {"+OK", "", {"POP3", "pop3"}},
    {"-ERR Protocol error", "", {"Redis", ""}},
    {"-ERR unknown command", "", {"Redis", ""}},
    {"-DENIED Redis", "", {"Redis", ""}},
    {"-NOAUTH", "", {"Redis", ""}},
    {"-ERR", "", {"POP3", "pop3"}},
    {"200 ", "NNTP", {"NNTP", "nntp"}},
    {"200 ", "NNRP", {"NNTP", "nntp"}},  // INN
    {"201 ", "NNTP", {"NNTP", "nntp"}},
    {"201 ", "NNRP", {"NNTP", "nntp"}},
    {"\"IMPLEMENTATION\"", "", {"ManageSieve", "sieve"}},
    {"INFO {", "", {"NATS", ""}},
    {"AMQP", "", {"AMQP (RabbitMQ)", ""}},
    {"RFB 0", "", {"VNC", ""}},
    {"<?xml", "stream:", {"XMPP", "xmpp"}},
    {"<stream:", "", {"XMPP", "xmpp"}},
    {"<!DOCTYPE", "", {"HTTP", ""}},
    {"<!doctype", "", {"HTTP", ""}},
    {"<html", "", {"HTTP", ""}},
    {"<HTML", "", {"HTTP", ""}},
    {"ERROR\r\n", "", {"memcached", ""}},
    // PostgreSQL takes the ClientHello for a start-up packet and answers with an ErrorResponse.
    {"E\0\0"sv, "SFATAL", {"PostgreSQL", "postgres"}},
    {"EFATAL", "", {"PostgreSQL", "postgres"}},
    {"\x05\0"sv, "", {"SOCKS", ""}},
    {"\x05\xFF"sv, "", {"SOCKS", ""}},
    {"\xFF\xFB"sv, "", {"Telnet", ""}},
    {"\xFF\xFD"sv, "", {"Telnet", ""}},
    {"\x03\0\0"sv, "", {"RDP", ""}},
});

// A length of three bytes, sequence number 0, then protocol version 10, or an error packet (0xFF)
// for a host that is not allowed.
bool is_mysql(std::string_view bytes) {
    return bytes.size() > 5 && bytes[1] == 0 && bytes[2] == 0 && bytes[3] == 0 &&
           (bytes[4] == 0x0A || bytes[4] == '\xFF');
}

Answerer by_port(std::uint16_t port) {
    if (port == 21) return {"FTP", "ftp"};
    if (port == 25 || port == 587 || port == 2525) return {"SMTP", "smtp"};
    return {};
}

}  // namespace

Answerer recognise_first_bytes(std::string_view bytes, std::uint16_t port) {
    bytes = bytes.substr(0, 512);
    if (http2::begins_settings(bytes)) return {"HTTP/2 without TLS", ""};
    for (const auto& greeting : greetings)
        if (bytes.starts_with(greeting.begins) && bytes.find(greeting.contains) != std::string_view::npos)
            return greeting.answerer;
    if (is_mysql(bytes)) return {"MySQL", "mysql"};
    if (bytes.starts_with("220")) {
        const Answerer usual = by_port(port);
        return usual.protocol.empty() ? Answerer{"SMTP or FTP", "smtp"} : usual;
    }
    return {};
}

std::string show_first_bytes(std::string_view bytes) {
    const std::string_view line = bytes.substr(0, bytes.find_first_of("\r\n"));
    const bool text = std::ranges::all_of(line, [](char c) { return c >= 0x20 && c < 0x7F; });
    if (text && !line.empty()) return shorten(line, 80);
    std::string result;
    for (const char c : bytes.substr(0, 24))
        result += fmt::format("{}{:02x}", result.empty() ? "" : " ", static_cast<unsigned char>(c));
    return bytes.size() > 24 ? result + " …" : result;
}

}  // namespace inspect::diagnosis
