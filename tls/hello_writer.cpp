#include "tls/hello_writer.h"

#include <algorithm>
#include <span>
#include <string_view>

namespace tls {

namespace {

using certs::Bytes;
using certs::ByteVector;

constexpr WireVersion ssl_3 = 0x0300, tls_1_0 = 0x0301;
constexpr std::uint8_t handshake_record = 22, client_hello_type = 1;

void put(ByteVector& bytes, std::uint32_t value, std::size_t size) {
    while (size-- > 0) bytes.push_back(static_cast<std::uint8_t>(value >> (8 * size)));
}

void put(ByteVector& bytes, Bytes content) { bytes.insert(bytes.end(), content.begin(), content.end()); }

// Appends the content after its length in `size` bytes.
void put_vector(ByteVector& bytes, std::size_t size, Bytes content) {
    put(bytes, static_cast<std::uint32_t>(content.size()), size);
    put(bytes, content);
}

ByteVector numbers(std::span<const std::uint16_t> values) {
    ByteVector bytes;
    for (const std::uint16_t value : values) put(bytes, value, 2);
    return bytes;
}

class Extensions {
public:
    void add(std::uint16_t type, Bytes body) {
        put(bytes_, type, 2);
        put_vector(bytes_, 2, body);
    }
    // A body that is one vector; none where the vector is empty.
    void add_list(std::uint16_t type, std::size_t length_size, Bytes content) {
        if (content.empty()) return;
        ByteVector body;
        put_vector(body, length_size, content);
        add(type, body);
    }
    const ByteVector& bytes() const { return bytes_; }

private:
    ByteVector bytes_;
};

ByteVector server_name(std::string_view sni) {
    if (sni.empty()) return {};
    ByteVector name = {0};
    put_vector(name, 2, certs::as_bytes(sni));
    return name;
}

ByteVector protocols(const std::vector<std::string>& alpn) {
    ByteVector names;
    for (const std::string& name : alpn) put_vector(names, 1, certs::as_bytes(std::string_view(name).substr(0, 255)));
    return names;
}

ByteVector extensions_of(const HelloFields& fields) {
    Extensions extensions;
    extensions.add_list(0, 2, server_name(fields.sni));
    if (fields.status_request) extensions.add(5, ByteVector{1, 0, 0, 0, 0});  // RFC 6066 §8
    extensions.add_list(10, 2, numbers(fields.groups));
    if (fields.point_formats) extensions.add(11, ByteVector{1, 0});
    extensions.add_list(13, 2, numbers(fields.signatures));
    if (fields.heartbeat) extensions.add(15, ByteVector{1});
    extensions.add_list(16, 2, protocols(fields.alpn));
    if (fields.extended_master_secret) extensions.add(23, {});
    if (fields.session_ticket) extensions.add(35, {});
    if (fields.padding > 0) extensions.add(21, ByteVector(fields.padding, 0));
    extensions.add_list(43, 1, numbers(fields.versions));
    if (fields.psk_modes) extensions.add(45, ByteVector{1, 1});
    if (fields.key_shares) {
        ByteVector shares, body;
        for (const KeyShare& share : *fields.key_shares) {
            put(shares, share.group, 2);
            put_vector(shares, 2, share.key);
        }
        put_vector(body, 2, shares);
        extensions.add(51, body);
    }
    return extensions.bytes();
}

}  // namespace

certs::ByteVector to_wire(const HelloFields& fields) {
    ByteVector body;
    put(body, fields.version, 2);
    put(body, fields.random);
    put_vector(body, 1, fields.session_id);
    put_vector(body, 2, numbers(fields.suites));
    put_vector(body, 1, fields.compressions);
    if (fields.version > ssl_3) put_vector(body, 2, extensions_of(fields));
    ByteVector message = {client_hello_type};
    put_vector(message, 3, body);
    ByteVector record = {handshake_record};
    put(record, std::min(fields.version, tls_1_0), 2);  // RFC 8446 §5.1: of an initial hello
    put_vector(record, 2, message);
    return record;
}

}  // namespace tls
