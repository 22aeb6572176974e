#include "tls/server_flight.h"

#include <algorithm>

#include "tls/certificate_message.h"
#include "tls/key_exchange.h"
#include "tls/reader.h"
#include "tls/record_watch.h"

namespace tls {

namespace {

using certs::Bytes;
using certs::ByteVector;

constexpr std::uint8_t alert_record = 21, handshake_record = 22;
constexpr std::uint8_t server_hello_type = 2, certificate_type = 11, server_key_exchange_type = 12,
                       server_hello_done_type = 14, certificate_status_type = 22;
constexpr std::uint16_t extension_supported_versions = 43, extension_key_share = 51;
constexpr WireVersion tls_1_2 = 0x0303, tls_1_3 = 0x0304;
constexpr std::size_t most_extensions = 64;
constexpr std::uint8_t named_curve = 3;  // RFC 8422 §5.4

ByteVector copy(Bytes bytes) { return {bytes.begin(), bytes.end()}; }

// RFC 8446 §4.1.3, §4.1.4; the same layout since SSL 3, which has no extensions.
void read_hello(Bytes body, ServerFlight& flight) {
    Reader reader(body);
    const auto version = static_cast<WireVersion>(reader.number(2));
    const Bytes random = reader.bytes(32);
    const Bytes session_id = reader.vector(1);
    const auto suite = static_cast<std::uint16_t>(reader.number(2));
    const auto compression = static_cast<std::uint8_t>(reader.number(1));
    if (!reader.good() || session_id.size() > 32) return;
    flight.version = version;
    flight.suite = suite;
    flight.session_id = copy(session_id);
    flight.compression = compression;
    flight.retry = is_hello_retry_request(random);
    if (reader.at_end()) {
        flight.hello = true;
        return;
    }
    Reader extensions(reader.vector(2));
    // What lacks in a hello that is not read to its end may stand there.
    if (!reader.good() || !reader.at_end()) return;
    while (!extensions.at_end()) {
        const auto type = static_cast<std::uint16_t>(extensions.number(2));
        Reader content(extensions.vector(2));
        if (!extensions.good() || flight.extensions.size() == most_extensions) return;
        flight.extensions.push_back(type);
        if (type == extension_supported_versions) flight.version = static_cast<WireVersion>(content.number(2));
        if (type == extension_key_share) flight.group = static_cast<std::uint16_t>(content.number(2));
    }
    flight.hello = true;
}

// RFC 5246 §7.4.3, RFC 8422 §5.4: the parameters, and from TLS 1.2 on the scheme of the signature.
void read_key_exchange(Bytes body, ServerFlight& flight) {
    Reader reader(body);
    if (is_dhe(flight.suite)) {
        flight.dh_bits = prime_bits(body);
        for (int parts = 0; parts < 3; ++parts) reader.vector(2);  // prime, generator, public value
    } else {
        if (reader.number(1) != named_curve) return;
        flight.group = static_cast<std::uint16_t>(reader.number(2));
        reader.vector(1);
    }
    const auto scheme = static_cast<std::uint16_t>(reader.number(2));
    if (flight.version == tls_1_2 && reader.good()) flight.signature = scheme;
}

void read_certificates(Bytes body, ServerFlight& flight) {
    const auto chain = certificates_in(body, false);
    if (!chain || chain->empty() || !flight.leaf.empty()) return;
    flight.leaf = copy(chain->front());
    if (chain->size() > 1) flight.issuer = copy((*chain)[1]);
}

}  // namespace

certs::ByteVector handshake_stream(certs::Bytes received) {
    ByteVector stream;
    Reader records(received);
    while (!records.at_end()) {
        const std::uint32_t type = records.number(1);
        records.number(2);
        const Bytes payload = records.vector(2);
        if (!records.good() || (type != handshake_record && type != alert_record)) break;
        if (type == handshake_record) stream.insert(stream.end(), payload.begin(), payload.end());
    }
    return stream;
}

bool ServerFlight::has(std::uint16_t extension) const {
    return std::ranges::find(extensions, extension) != extensions.end();
}

ServerFlight read_server_flight(certs::Bytes received) {
    const ByteVector stream = handshake_stream(received);
    ServerFlight flight;
    Reader messages(stream);
    while (!messages.at_end()) {
        const std::uint32_t type = messages.number(1);
        const Bytes body = messages.vector(3);
        if (!messages.good()) break;
        if (!flight.hello) {
            if (type != server_hello_type) break;
            read_hello(body, flight);
            if (!flight.hello) break;
            continue;
        }
        // What follows is encrypted, or waits for another hello.
        if (flight.version >= tls_1_3) break;
        if (type == certificate_type) read_certificates(body, flight);
        if (type == certificate_status_type) flight.staple = copy(ocsp_response_in(body));
        if (type == server_key_exchange_type) read_key_exchange(body, flight);
        if (type == server_hello_done_type) flight.done = true;
        if (flight.done) break;
    }
    return flight;
}

}  // namespace tls
