#include "tls/probe.h"

#include <algorithm>
#include <initializer_list>

#include "certs/name.h"
#include "tls/certificate_message.h"
#include "tls/key_exchange.h"
#include "tls/reader.h"
#include "tls/record_watch.h"

namespace tls {

namespace {

using certs::Bytes;
using certs::ByteVector;

constexpr WireVersion tls_1_0 = 0x0301, tls_1_2 = 0x0303, tls_1_3 = 0x0304;
constexpr std::uint8_t handshake_record = 22;
constexpr std::uint8_t client_hello_type = 1, server_hello_type = 2, server_key_exchange_type = 12,
                       certificate_request_type = 13, server_hello_done_type = 14;
constexpr std::uint16_t x25519 = 0x001D, x25519_mlkem768 = 0x11EC;
constexpr std::size_t random_size = 32, share_size = 32;

void put(ByteVector& bytes, std::uint32_t value, std::size_t size) {
    while (size-- > 0) bytes.push_back(static_cast<std::uint8_t>(value >> (8 * size)));
}

void put(ByteVector& bytes, Bytes content) { bytes.insert(bytes.end(), content.begin(), content.end()); }

// Appends the content after its length in `size` bytes.
void put_vector(ByteVector& bytes, std::size_t size, Bytes content) {
    put(bytes, static_cast<std::uint32_t>(content.size()), size);
    put(bytes, content);
}

ByteVector numbers(std::initializer_list<std::uint16_t> values) {
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
    // A body that is one vector.
    void add_list(std::uint16_t type, std::size_t length_size, Bytes content) {
        ByteVector body;
        put_vector(body, length_size, content);
        add(type, body);
    }
    const ByteVector& bytes() const { return bytes_; }

private:
    ByteVector bytes_;
};

bool is_offered(const Suite& suite, const ProbeHello& hello) {
    // TLS 1.3 has suite numbers of its own (RFC 8446 §B.4).
    if (suite.number >> 8 == 0x13) {
        const bool wanted =
            suite.family == SuiteFamily::tls_1_3 ? hello.suites != Offer::obsolete : hello.suites == Offer::everything;
        return wanted && hello.highest >= tls_1_3;
    }
    if (hello.lowest >= tls_1_3) return false;
    switch (hello.suites) {
        case Offer::modern: return suite.family != SuiteFamily::obsolete;
        case Offer::few: return suite.number == 0xC02B || suite.number == 0xC02F;
        case Offer::ecdhe: return suite.family == SuiteFamily::ecdhe;
        case Offer::dhe: return suite.family == SuiteFamily::dhe;
        case Offer::obsolete: return suite.family == SuiteFamily::obsolete;
        case Offer::everything: return true;
    }
    return false;
}

ByteVector suites_of(const ProbeHello& hello) {
    ByteVector suites;
    for (const Suite& suite : known_suites())
        if (is_offered(suite, hello)) put(suites, suite.number, 2);
    // RFC 5746 §3.3: some servers of TLS 1.2 insist on it.
    if (hello.lowest <= tls_1_2) put(suites, 0x00FF, 2);
    return suites;
}

void add_key_shares(Extensions& extensions, const ProbeHello& hello, Bytes key) {
    ByteVector shares;
    if (hello.hybrid_share) {
        // An encapsulation key of 1,184 bytes, whose coefficients (FIPS 203 §7.2) may all be 0,
        // then the X25519 key.
        ByteVector share(1'184, 0);
        put(share, key);
        put(shares, x25519_mlkem768, 2);
        put_vector(shares, 2, share);
    }
    put(shares, x25519, 2);
    put_vector(shares, 2, key);
    extensions.add_list(51, 2, shares);
}

ByteVector extensions_of(const ProbeHello& hello, Bytes key) {
    const bool small = hello.suites == Offer::few;
    Extensions extensions;
    if (!hello.sni.empty()) {
        ByteVector name = {0};
        put_vector(name, 2, certs::as_bytes(hello.sni));
        extensions.add_list(0, 2, name);
    }
    if (hello.status_request) extensions.add(5, ByteVector{1, 0, 0, 0, 0});
    ByteVector groups = hello.hybrid_share ? numbers({x25519_mlkem768}) : ByteVector();
    put(groups,
        small ? numbers({x25519, 0x0017}) : numbers({x25519, 0x0017, 0x0018, 0x0019, 0x001E, 0x0100, 0x0101, 0x0102}));
    // What whytls lacks and other clients have: the largest groups of RFC 7919.
    if (hello.suites == Offer::everything) put(groups, numbers({0x0103, 0x0104}));
    extensions.add_list(10, 2, groups);
    if (hello.lowest <= tls_1_2) extensions.add(11, ByteVector{1, 0});
    // Up to TLS 1.1 the algorithms are fixed (RFC 5246 §7.4.1.4.1).
    if (hello.highest >= tls_1_2)
        extensions.add_list(
            13, 2,
            small ? numbers({0x0403, 0x0804, 0x0401})
                  : numbers({0x0403, 0x0503, 0x0603, 0x0807, 0x0808, 0x0804, 0x0805, 0x0806, 0x0809, 0x080A,
                             0x080B, 0x0401, 0x0501, 0x0601, 0x0303, 0x0301, 0x0203, 0x0201, 0x0402, 0x0202}));
    if (!hello.alpn.empty()) {
        ByteVector names;
        for (const std::string& name : hello.alpn)
            put_vector(names, 1, certs::as_bytes(std::string_view(name).substr(0, 255)));
        extensions.add_list(16, 2, names);
    }
    if (!small && hello.lowest <= tls_1_2) extensions.add(23, {});   // extended_master_secret, RFC 7627
    if (hello.hybrid_share) extensions.add(21, ByteVector(256, 0));  // RFC 7685 padding: over one packet, like browsers
    if (hello.highest >= tls_1_3) {
        ByteVector versions;
        for (WireVersion version = hello.highest; version >= hello.lowest; --version) put(versions, version, 2);
        extensions.add_list(43, 1, versions);
        extensions.add(45, ByteVector{1, 1});  // psk_dhe_ke
        add_key_shares(extensions, hello, key);
    }
    return extensions.bytes();
}

// The messages of the complete records, joined, up to the first record that is not a handshake
// record.
ByteVector handshake_stream(Bytes received) {
    ByteVector stream;
    Reader records(received);
    while (!records.at_end()) {
        const std::uint32_t type = records.number(1);
        records.number(2);
        const Bytes payload = records.vector(2);
        if (!records.good() || (type != handshake_record && type != 21)) break;
        if (type == handshake_record) put(stream, payload);
    }
    return stream;
}

// RFC 8446 §4.2 of ServerHello's extensions: which protocol it chose (RFC 7301).
std::string chosen_alpn(Bytes server_hello) {
    Reader reader(server_hello);
    reader.bytes(2 + random_size);
    reader.vector(1);
    reader.bytes(3);
    Reader extensions(reader.vector(2));
    while (!extensions.at_end()) {
        const std::uint32_t type = extensions.number(2);
        Reader body(extensions.vector(2));
        if (type != 16) continue;
        Reader list(body.vector(2));
        return std::string(certs::as_text(list.vector(1)));
    }
    return "";
}

// RFC 5246 §7.4.4; before TLS 1.2 there are no signature algorithms between types and names.
std::vector<std::string> authorities(Bytes request, WireVersion version) {
    constexpr std::size_t most = 20;
    Reader reader(request);
    reader.vector(1);
    if (version >= tls_1_2) reader.vector(2);
    Reader names(reader.vector(2));
    std::vector<std::string> found;
    while (!names.at_end() && found.size() < most) {
        const Bytes der = names.vector(2);
        if (!names.good()) break;
        const auto name = certs::directory_name({certs::GeneralNameKind::directory, der});
        if (name && !name->empty()) found.push_back(name->rfc4514());
    }
    return found;
}

// What a server sends after its ServerHello, up to TLS 1.2.
void read_messages(Bytes stream, ProbeAnswer& answer) {
    Reader messages(stream);
    while (!messages.at_end()) {
        const std::uint32_t type = messages.number(1);
        const Bytes body = messages.vector(3);
        if (!messages.good()) return;
        if (type == server_hello_type) answer.alpn = chosen_alpn(body);
        if (type == server_key_exchange_type && is_dhe(answer.cipher)) answer.dh_bits = prime_bits(body);
        if (type == certificate_request_type) {
            answer.certificate_requested = true;
            answer.accepted_cas = authorities(body, answer.version);
        }
        if (type == server_hello_done_type) answer.complete = true;
    }
}

// Whether the messages are such that no server begins with them.
bool is_malformed(Bytes stream) {
    return !stream.empty() && stream.front() != server_hello_type && stream.front() != 0;
}

}  // namespace

ByteVector to_wire(const ProbeHello& hello, const ProbeRandom& random) {
    const Bytes all(random);
    const bool small = hello.suites == Offer::few;
    ByteVector body;
    put(body, std::min(hello.highest, tls_1_2), 2);
    put(body, all.first(random_size));
    // TLS 1.3's middlebox compatibility (RFC 8446 §D.4) is 32 bytes, which a small hello omits.
    put_vector(body, 1, hello.highest >= tls_1_3 && !small ? all.subspan(random_size, random_size) : Bytes());
    put_vector(body, 2, suites_of(hello));
    put_vector(body, 1, ByteVector{0});  // no compression
    put_vector(body, 2, extensions_of(hello, all.subspan(2 * random_size, share_size)));
    ByteVector message = {client_hello_type};
    put_vector(message, 3, body);
    ByteVector record = {handshake_record};
    put(record, tls_1_0, 2);  // RFC 8446 §5.1: of an initial hello
    put_vector(record, 2, message);
    return record;
}

ProbeAnswer read_answer(Bytes received) {
    const bool cut = received.size() >= probe_answer_most;
    received = received.first(std::min(received.size(), probe_answer_most));
    RecordWatch watch;
    watch.take(received);
    ProbeAnswer answer;
    answer.complete = cut;
    if (watch.not_tls()) {
        answer.kind = ProbeAnswer::Kind::not_tls;
        answer.first_bytes = watch.first_bytes();
        // One word of it is not enough to recognise what the peer speaks.
        answer.complete = answer.first_bytes.size() >= 16 || answer.first_bytes.find('\n') != std::string::npos;
        return answer;
    }
    const ByteVector stream = handshake_stream(received);
    if (is_malformed(stream)) {
        answer.kind = ProbeAnswer::Kind::malformed;
        answer.complete = true;
    } else if (watch.server_version() != 0) {
        answer.kind = ProbeAnswer::Kind::accepted;
        answer.version = watch.server_version();
        answer.cipher = watch.server_cipher();
        // Everything after it is encrypted, or waits for another hello (HelloRetryRequest): the
        // choice is known either way.
        if (answer.version >= tls_1_3) answer.complete = true;
        if (answer.version < tls_1_3) read_messages(stream, answer);
        const auto chain = certificates_in(watch.certificate_message(), false);
        if (chain && !chain->empty()) answer.leaf.assign(chain->front().begin(), chain->front().end());
    }
    // In TLS 1.3 an alert after the ServerHello is about the handshake that a probe cannot go on
    // with.
    if (watch.plaintext_alert() && answer.version < tls_1_3) {
        answer.kind = ProbeAnswer::Kind::alert;
        answer.alert = watch.plaintext_alert();
        answer.complete = true;
    }
    return answer;
}

}  // namespace tls
