#include "tls/client_hello.h"

#include <algorithm>

#include "tls/reader.h"

namespace tls {

namespace {

constexpr std::size_t looked_at_most = 65'536;
constexpr std::size_t record_header_size = 5;
constexpr std::size_t record_payload_most = 16'384;  // RFC 8446 §5.1: a plaintext record's limit
constexpr std::size_t handshake_header_size = 4;
constexpr std::uint8_t handshake_record = 22;
constexpr std::uint8_t client_hello_type = 1;

constexpr std::uint16_t extension_server_name = 0;
constexpr std::uint16_t extension_supported_groups = 10;
constexpr std::uint16_t extension_alpn = 16;
constexpr std::uint16_t extension_supported_versions = 43;

enum class Gathered { need_more, complete, not_tls };

// RFC 8701: values that clients add so that servers keep ignoring what they do not know.
bool is_grease(std::uint32_t value) { return (value & 0x0f0f) == 0x0a0a && value >> 8 == (value & 0xff); }

// Whether the bytes at hand can still begin a record header of a ClientHello (RFC 8446 §5.1).
bool header_is_possible(certs::Bytes header) {
    if (header[0] != handshake_record) return false;
    if (header.size() > 1 && header[1] != 3) return false;
    if (header.size() > 2 && header[2] > 4) return false;
    if (header.size() > 3 && header[3] > record_payload_most >> 8) return false;
    if (header.size() < record_header_size) return true;
    const std::size_t length = static_cast<std::size_t>(header[3]) << 8 | header[4];
    return length > 0 && length <= record_payload_most;
}

// The same for the handshake header (RFC 8446 §4), which may be split by records.
bool message_is_possible(certs::Bytes message) {
    if (!message.empty() && message[0] != client_hello_type) return false;
    return message.size() < 2 || message[1] == 0;  // 64 KiB and more is never looked at
}

// Joins the payloads of the records at hand into the body of the ClientHello.
Gathered gather(certs::Bytes bytes, certs::ByteVector& message) {
    bytes = bytes.first(std::min(bytes.size(), looked_at_most));
    std::size_t at = 0;
    while (at < bytes.size()) {
        const certs::Bytes header = bytes.subspan(at, std::min(record_header_size, bytes.size() - at));
        if (!header_is_possible(header)) return Gathered::not_tls;
        if (header.size() < record_header_size) break;
        const std::size_t length = static_cast<std::size_t>(header[3]) << 8 | header[4];
        at += record_header_size;
        const certs::Bytes payload = bytes.subspan(at, std::min(length, bytes.size() - at));
        at += payload.size();
        message.insert(message.end(), payload.begin(), payload.end());
        if (!message_is_possible(message)) return Gathered::not_tls;
        if (message.size() < handshake_header_size) continue;
        const std::size_t size = handshake_header_size + (static_cast<std::size_t>(message[2]) << 8 | message[3]);
        if (message.size() >= size) {
            message.resize(size);
            return Gathered::complete;
        }
    }
    return bytes.size() == looked_at_most ? Gathered::not_tls : Gathered::need_more;
}

// RFC 6066 §3: at most one host_name; other kinds of name do not exist in practice and are skipped.
bool read_server_name(Reader extension, ClientHello& hello) {
    Reader list(extension.vector(2));
    while (!list.at_end()) {
        const std::uint32_t type = list.number(1);
        const certs::Bytes name = list.vector(2);
        if (!list.good()) return false;
        if (type != 0) continue;
        if (!hello.sni.empty() || name.empty()) return false;
        hello.sni = certs::as_text(name);
    }
    return list.good() && extension.good() && extension.at_end();
}

bool read_alpn(Reader extension, ClientHello& hello) {
    Reader list(extension.vector(2));
    while (!list.at_end()) {
        const certs::Bytes name = list.vector(1);
        if (name.empty()) return false;  // RFC 7301 §3.1: empty names are not allowed
        hello.alpn.emplace_back(certs::as_text(name));
    }
    return list.good() && extension.good() && extension.at_end();
}

bool read_groups(Reader extension, ClientHello& hello) {
    Reader list(extension.vector(2));
    while (!list.at_end()) hello.groups.push_back(static_cast<std::uint16_t>(list.number(2)));
    return list.good() && extension.good() && extension.at_end();
}

bool read_versions(Reader extension, ClientHello& hello) {
    Reader list(extension.vector(1));
    std::uint16_t highest = 0;
    while (!list.at_end()) {
        const std::uint32_t version = list.number(2);
        if (!is_grease(version)) highest = std::max(highest, static_cast<std::uint16_t>(version));
    }
    if (highest != 0) hello.version = highest;
    return list.good() && extension.good() && extension.at_end();
}

bool read_extension(std::uint32_t type, Reader body, ClientHello& hello) {
    switch (type) {
        case extension_server_name: return read_server_name(body, hello);
        case extension_supported_groups: return read_groups(body, hello);
        case extension_alpn: return read_alpn(body, hello);
        case extension_supported_versions: return read_versions(body, hello);
        default: return true;
    }
}

bool read_extensions(Reader list, ClientHello& hello) {
    std::vector<std::uint32_t> seen;
    while (!list.at_end()) {
        const std::uint32_t type = list.number(2);
        const certs::Bytes body = list.vector(2);
        if (!list.good()) return false;
        // RFC 8446 §4.2: no extension twice. Only ours are remembered: a hello may carry thousands
        // of others.
        const bool ours = type == extension_server_name || type == extension_supported_groups ||
                          type == extension_alpn || type == extension_supported_versions;
        if (ours && std::find(seen.begin(), seen.end(), type) != seen.end()) return false;
        if (ours) seen.push_back(type);
        if (!read_extension(type, Reader(body), hello)) return false;
    }
    return list.good();
}

// RFC 8446 §4.1.2; the same layout since TLS 1.0.
bool read_hello(certs::Bytes body, ClientHello& hello) {
    Reader reader(body);
    hello.version = static_cast<std::uint16_t>(reader.number(2));
    reader.bytes(32);  // random
    const certs::Bytes session_id = reader.vector(1);
    Reader ciphers(reader.vector(2));
    const certs::Bytes compressions = reader.vector(1);
    if (!reader.good() || session_id.size() > 32 || compressions.empty() || ciphers.at_end()) return false;
    while (!ciphers.at_end()) hello.ciphers.push_back(static_cast<std::uint16_t>(ciphers.number(2)));
    if (!ciphers.good()) return false;
    if (reader.at_end()) return true;  // no extensions at all: TLS 1.0 allowed that
    const certs::Bytes extensions = reader.vector(2);
    return reader.good() && reader.at_end() && read_extensions(Reader(extensions), hello);
}

}  // namespace

PeekResult peek_client_hello(certs::Bytes bytes) {
    certs::ByteVector message;
    switch (gather(bytes, message)) {
        case Gathered::need_more: return {};
        case Gathered::not_tls: return {.state = Peek::not_tls, .hello = {}};
        case Gathered::complete: break;
    }
    PeekResult result{.state = Peek::complete, .hello = {}};
    if (!read_hello(certs::Bytes(message).subspan(handshake_header_size), result.hello))
        return {.state = Peek::not_tls, .hello = {}};
    return result;
}

}  // namespace tls
