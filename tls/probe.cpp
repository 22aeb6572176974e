#include "tls/probe.h"

#include <algorithm>

#include "certs/name.h"
#include "tls/certificate_message.h"
#include "tls/hello_writer.h"
#include "tls/key_exchange.h"
#include "tls/reader.h"
#include "tls/record_watch.h"
#include "tls/server_flight.h"

namespace tls {

namespace {

using certs::Bytes;
using certs::ByteVector;

constexpr WireVersion tls_1_2 = 0x0303, tls_1_3 = 0x0304;
constexpr std::uint8_t server_hello_type = 2, server_key_exchange_type = 12, certificate_request_type = 13,
                       server_hello_done_type = 14;
constexpr std::uint16_t x25519 = 0x001D, x25519_mlkem768 = 0x11EC;
constexpr std::size_t random_size = 32, share_size = 32;

bool is_offered(const Suite& suite, const ProbeHello& hello) {
    if (is_of_tls_1_3(suite.number)) {
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

std::vector<std::uint16_t> suites_of(const ProbeHello& hello) {
    std::vector<std::uint16_t> suites;
    for (const Suite& suite : known_suites())
        if (is_offered(suite, hello)) suites.push_back(suite.number);
    // RFC 5746 §3.3: some servers of TLS 1.2 insist on it.
    if (hello.lowest <= tls_1_2) suites.push_back(0x00FF);
    return suites;
}

std::vector<std::uint16_t> groups_of(const ProbeHello& hello) {
    std::vector<std::uint16_t> groups = {x25519, 0x0017};
    if (hello.suites != Offer::few) groups.insert(groups.end(), {0x0018, 0x0019, 0x001E, 0x0100, 0x0101, 0x0102});
    // What whytls lacks and other clients have: the largest groups of RFC 7919.
    if (hello.suites == Offer::everything) groups.insert(groups.end(), {0x0103, 0x0104});
    if (hello.hybrid_share) groups.insert(groups.begin(), x25519_mlkem768);
    return groups;
}

std::vector<std::uint16_t> signatures_of(const ProbeHello& hello) {
    // Up to TLS 1.1 the algorithms are fixed (RFC 5246 §7.4.1.4.1).
    if (hello.highest < tls_1_2) return {};
    if (hello.suites == Offer::few) return {0x0403, 0x0804, 0x0401};
    return {0x0403, 0x0503, 0x0603, 0x0807, 0x0808, 0x0804, 0x0805, 0x0806, 0x0809, 0x080A,
            0x080B, 0x0401, 0x0501, 0x0601, 0x0303, 0x0301, 0x0203, 0x0201, 0x0402, 0x0202};
}

std::vector<KeyShare> key_shares_of(const ProbeHello& hello, Bytes key) {
    std::vector<KeyShare> shares;
    if (hello.hybrid_share) {
        // An encapsulation key of 1,184 bytes, whose coefficients (FIPS 203 §7.2) may all be 0,
        // then the X25519 key.
        ByteVector share(1'184, 0);
        share.insert(share.end(), key.begin(), key.end());
        shares.push_back({x25519_mlkem768, std::move(share)});
    }
    shares.push_back({x25519, ByteVector(key.begin(), key.end())});
    return shares;
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
    const bool small = hello.suites == Offer::few, up_to_1_2 = hello.lowest <= tls_1_2,
               with_1_3 = hello.highest >= tls_1_3;
    HelloFields fields{.version = std::min(hello.highest, tls_1_2),
                       .random = all.first(random_size),
                       .suites = suites_of(hello),
                       .sni = hello.sni,
                       .status_request = hello.status_request,
                       .groups = groups_of(hello),
                       .point_formats = up_to_1_2,
                       .signatures = signatures_of(hello),
                       .alpn = hello.alpn,
                       .extended_master_secret = !small && up_to_1_2};
    if (hello.hybrid_share) fields.padding = 256;  // over one packet, like browsers
    if (with_1_3) {
        // TLS 1.3's middlebox compatibility (RFC 8446 §D.4) is 32 bytes, which a small hello omits.
        if (!small) fields.session_id = all.subspan(random_size, random_size);
        for (WireVersion version = hello.highest; version >= hello.lowest; --version)
            fields.versions.push_back(version);
        fields.psk_modes = true;
        fields.key_shares = key_shares_of(hello, all.subspan(2 * random_size, share_size));
    }
    return to_wire(fields);
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
