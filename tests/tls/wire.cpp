#include "wire.h"

#include <algorithm>

namespace tls_test {

namespace {

// A self-signed P-256 certificate for p256.test and its key, made with "openssl req -x509 -newkey
// ec".
constexpr std::string_view p256_certificate =
    "308201893082012fa0030201020214456e870ae23b057be400a957b58c8631a11ea6e2300a06082a8648ce3d040302300f310d300b06035504030c04"
    "70323536301e170d3236313132333133323930365a170d3336313132303133323930365a300f310d300b06035504030c04703235363059301306072a"
    "8648ce3d020106082a8648ce3d03010703420004f324aa34f4d33aeab0e444b8deb0a62696cb86e0fce587e5d7f849e7d971428e0029556432c41f3d"
    "739e7f253db672c94e7ef1d4e93337a5e8889d4f97c63d60a3693067301d0603551d0e04160414d4d7c7da5c891421bb3e54f552691f6a55e002de30"
    "1f0603551d23041830168014d4d7c7da5c891421bb3e54f552691f6a55e002de300f0603551d130101ff040530030101ff30140603551d11040d300b"
    "8209703235362e74657374300a06082a8648ce3d04030203480030450221008d1a23accbb2404d8c20d3e22eca80c385d716df9913562cf40fe7adcd"
    "d51ee502207d78f5282f65f24f00cdfd5c2e1a7614f94095b73065d6992503a06675c16533";
constexpr std::string_view p256_key =
    "30770201010420fc4423f3fa9d1be0d2a19bae04583438b613f383b5dd8eaab40e5562f3d82bb0a00a06082a8648ce3d030107a14403420004f324aa"
    "34f4d33aeab0e444b8deb0a62696cb86e0fce587e5d7f849e7d971428e0029556432c41f3d739e7f253db672c94e7ef1d4e93337a5e8889d4f97c63d"
    "60";

// The same with Ed25519.
constexpr std::string_view ed25519_certificate =
    "3082012e3081e1a003020102021476847cf2ccf4a1ac65e9774bd91a7f006e82f07d300506032b6570300d310b300906035504030c026564301e170d"
    "3236313132333133323930375a170d3336313132303133323930375a300d310b300906035504030c026564302a300506032b65700321008ec4f944cb"
    "ee1fcecf438c5198a4b881423fefca00220117492e56dadc748e4ba3533051301d0603551d0e041604141755e7449db949bd9d931031c60a4e32ef0a"
    "042a301f0603551d230418301680141755e7449db949bd9d931031c60a4e32ef0a042a300f0603551d130101ff040530030101ff300506032b657003"
    "41006cec63423b48b3cb38b2ed24be999b76184b64fe1090c763cc4366d5918f5241e13e80dcae374be908e478598b73783f0bf253bad6e0b21b0586"
    "17c649c0a803";
constexpr std::string_view ed25519_key =
    "302e020100300506032b6570042204203c45022921a2b024789fab156b8fb9b862a6c142b8e74dfb642a9ed29933bc8c";

}  // namespace

certs::ByteVector from_hex(std::string_view text) {
    certs::ByteVector bytes;
    for (std::size_t i = 0; i + 1 < text.size(); i += 2)
        bytes.push_back(static_cast<std::uint8_t>(std::stoi(std::string(text.substr(i, 2)), nullptr, 16)));
    return bytes;
}

certs::ByteVector leaf() { return from_hex(p256_certificate); }
certs::ByteVector leaf_key() { return from_hex(p256_key); }
const tls::ServerIdentity& p256_identity() {
    static const tls::ServerIdentity identity({from_hex(p256_certificate)}, from_hex(p256_key));
    return identity;
}
const tls::ServerIdentity& ed25519_identity() {
    static const tls::ServerIdentity identity({from_hex(ed25519_certificate)}, from_hex(ed25519_key));
    return identity;
}
tls::ServerIdentity identity_with(const std::vector<certs::ByteVector>& rest) {
    std::vector<certs::ByteVector> chain = {from_hex(p256_certificate)};
    chain.insert(chain.end(), rest.begin(), rest.end());
    return tls::ServerIdentity(chain, from_hex(p256_key));
}

certs::Verdict accepted() {
    certs::Verdict verdict;
    verdict.paths.emplace_back();
    return verdict;
}
certs::Verdict refused() {
    certs::Verdict verdict;
    verdict.problems.push_back(
        {.code = certs::Code::expired, .severity = certs::Severity::error, .depth = 0, .evidence = {}, .rule = ""});
    return verdict;
}
tls::ClientParameters parameters(certs::Verdict verdict) {
    return {.sni = "p256.test", .alpn = {}, .judge = [verdict](std::span<const certs::Bytes>, certs::Bytes) {
                return verdict;
            }};
}

void carry(tls::Session& from, tls::Session& to, std::size_t portion) {
    if (from.output().empty()) return;
    const certs::ByteVector wire(from.output().begin(), from.output().end());
    from.sent(wire.size());
    for (std::size_t at = 0; at < wire.size(); at += portion) {
        to.feed(certs::Bytes(wire).subspan(at, std::min(portion, wire.size() - at)));
        to.handshake();
        if (to.unread() > 0) return;
    }
}

void shake_hands(tls::Session& client, tls::Session& server, std::size_t portion) {
    for (int turn = 0; turn < 10; ++turn) {
        client.handshake();
        carry(client, server, portion);
        server.handshake();
        carry(server, client, portion);
    }
}

std::string receive(tls::Session& session, certs::Bytes wire, tls::ReadState& last) {
    session.feed(wire);
    std::string text;
    std::vector<std::uint8_t> buffer(5'000);
    for (;;) {
        const tls::ReadResult result = session.read(buffer);
        last = result.state;
        if (result.state != tls::ReadState::data) return text;
        text.append(buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(result.size));
    }
}

certs::ByteVector taken(tls::Session& session) {
    certs::ByteVector wire(session.output().begin(), session.output().end());
    session.sent(wire.size());
    return wire;
}

certs::ByteVector record(std::uint8_t type, std::uint16_t version, certs::Bytes payload) {
    certs::ByteVector bytes;
    while (!payload.empty()) {
        const std::size_t size = std::min<std::size_t>(payload.size(), 16'384);
        bytes.insert(bytes.end(),
                     {type, static_cast<std::uint8_t>(version >> 8), static_cast<std::uint8_t>(version & 0xff),
                      static_cast<std::uint8_t>(size >> 8), static_cast<std::uint8_t>(size & 0xff)});
        bytes.insert(bytes.end(), payload.begin(), payload.begin() + static_cast<std::ptrdiff_t>(size));
        payload = payload.subspan(size);
    }
    return bytes;
}

certs::ByteVector message(std::uint8_t type, certs::Bytes body) {
    certs::ByteVector bytes = {type};
    put_vector(bytes, 3, body);
    return bytes;
}

void put_vector(certs::ByteVector& bytes, int length_size, certs::Bytes content) {
    for (int i = length_size - 1; i >= 0; --i) bytes.push_back(static_cast<std::uint8_t>(content.size() >> (8 * i)));
    bytes.insert(bytes.end(), content.begin(), content.end());
}

certs::ByteVector server_hello(std::uint16_t version, std::uint16_t cipher, certs::Bytes extensions) {
    certs::ByteVector body = {static_cast<std::uint8_t>(version >> 8), static_cast<std::uint8_t>(version & 0xff)};
    body.insert(body.end(), 32, 0x5a);
    body.insert(body.end(), {0, static_cast<std::uint8_t>(cipher >> 8), static_cast<std::uint8_t>(cipher & 0xff), 0});
    if (!extensions.empty()) put_vector(body, 2, extensions);
    return message(2, body);
}

certs::ByteVector certificate_message(const std::vector<certs::ByteVector>& chain) {
    certs::ByteVector list;
    for (const certs::ByteVector& certificate : chain) put_vector(list, 3, certificate);
    certs::ByteVector body;
    put_vector(body, 3, list);
    return message(11, body);
}

certs::ByteVector certificate_status(certs::Bytes response) {
    certs::ByteVector status = {1};
    put_vector(status, 3, response);
    return status;
}

certs::ByteVector key_exchange_signed_by_nobody() {
    certs::ByteVector body = from_hex("03001d");
    put_vector(body, 1, certs::ByteVector(32, 9));
    body.insert(body.end(), {4, 3});
    put_vector(body, 2, from_hex("3006020101020101"));
    return message(12, body);
}

certs::ByteVector together(const std::vector<certs::ByteVector>& parts) {
    certs::ByteVector all;
    for (const certs::ByteVector& part : parts) all.insert(all.end(), part.begin(), part.end());
    return all;
}

}  // namespace tls_test
