#include "handmade_server.h"

#include <wolfssl/options.h>

#include <wolfssl/wolfcrypt/aes.h>
#include <wolfssl/wolfcrypt/curve25519.h>
#include <wolfssl/wolfcrypt/hmac.h>
#include <wolfssl/wolfcrypt/kdf.h>
#include <wolfssl/wolfcrypt/sha256.h>

#include <string_view>

#include "tls/reader.h"
#include "wire.h"

namespace tls_test {

namespace {

using Hash = std::array<std::uint8_t, 32>;
using Key = std::array<std::uint8_t, 32>;

constexpr Key private_key = {0x08, 1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15,
                             16,   17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 0x40};

Key times_private_key(const Key& point) {
    Key product{};
    REQUIRE(wc_curve25519_generic(32, product.data(), 32, private_key.data(), 32, point.data()) == 0);
    return product;
}

Hash sha256(certs::Bytes bytes) {
    Hash hash{};
    wc_Sha256Hash(bytes.data(), static_cast<word32>(bytes.size()), hash.data());
    return hash;
}

Hash extract(certs::Bytes salt, Hash secret) {
    Hash key{};
    wc_Tls13_HKDF_Extract(key.data(), salt.data(), static_cast<word32>(salt.size()), secret.data(), secret.size(),
                          WC_SHA256);
    return key;
}

template <std::size_t size>
void expand(std::array<std::uint8_t, size>& out, const Hash& secret, std::string_view label, certs::Bytes context) {
    const certs::Bytes protocol = certs::as_bytes("tls13 "), name = certs::as_bytes(label);
    wc_Tls13_HKDF_Expand_Label(out.data(), size, secret.data(), secret.size(), protocol.data(),
                               static_cast<word32>(protocol.size()), name.data(), static_cast<word32>(name.size()),
                               context.data(), static_cast<word32>(context.size()), WC_SHA256);
}

struct Offer {
    certs::Bytes session_id;
    Key x25519{};
};

Offer offer_of(certs::Bytes client_hello) {
    tls::Reader reader(client_hello.subspan(5 + 4 + 2 + 32));
    Offer offer;
    offer.session_id = reader.vector(1);
    reader.vector(2);  // ciphers
    reader.vector(1);  // compression
    tls::Reader extensions(reader.vector(2));
    while (!extensions.at_end()) {
        const bool key_share = extensions.number(2) == 51;
        tls::Reader body(extensions.vector(2));
        if (!key_share) continue;
        tls::Reader shares(body.vector(2));
        while (!shares.at_end()) {
            const bool x25519 = shares.number(2) == 0x001d;
            const certs::Bytes key = shares.vector(2);
            if (x25519 && key.size() == 32) std::copy(key.begin(), key.end(), offer.x25519.begin());
        }
    }
    return offer;
}

certs::ByteVector hello_message(certs::Bytes session_id, const Key& public_key) {
    certs::ByteVector body = {3, 3};
    body.insert(body.end(), 32, 0x77);
    put_vector(body, 1, session_id);
    const certs::ByteVector extensions =
        together({from_hex("002b00020304"), from_hex("00330024001d0020"), {public_key.begin(), public_key.end()}});
    body.insert(body.end(), {0x13, 0x01, 0});
    put_vector(body, 2, extensions);
    return message(2, body);
}

}  // namespace

// RFC 8446 §7.1.
HandmadeServer::HandmadeServer(certs::Bytes client_hello) {
    const Offer offer = offer_of(client_hello);
    const certs::ByteVector said = hello_message(offer.session_id, times_private_key({9}));
    hello_ = record(22, 0x0303, said);
    const certs::Bytes asked = client_hello.subspan(5);
    said_ = together({{asked.begin(), asked.end()}, said});
    Hash derived{};
    expand(derived, extract({}, {}), "derived", sha256({}));
    handshake_secret_ = extract(derived, times_private_key(offer.x25519));
    expand(secret_, handshake_secret_, "s hs traffic", transcript({}));
    expand(key_, secret_, "key", {});
    expand(iv_, secret_, "iv", {});
}

void HandmadeServer::is_done(certs::Bytes messages) {
    Hash derived{};
    expand(derived, handshake_secret_, "derived", sha256({}));
    expand(secret_, extract(derived, {}), "s ap traffic", transcript(messages));
    expand(key_, secret_, "key", {});
    expand(iv_, secret_, "iv", {});
    sequence_ = 0;
}

Hash HandmadeServer::transcript(certs::Bytes messages) const {
    return sha256(together({said_, {messages.begin(), messages.end()}}));
}

certs::ByteVector HandmadeServer::certificate_verify(const certs::PrivateKey& key, certs::Bytes messages) const {
    const certs::Bytes context = certs::as_bytes("TLS 1.3, server CertificateVerify");
    const Hash hash = transcript(messages);
    const certs::ByteVector content =
        together({certs::ByteVector(64, ' '), {context.begin(), context.end()}, {0}, {hash.begin(), hash.end()}});
    certs::ByteVector body = from_hex("0403");
    put_vector(body, 2, key.sign(certs::SignatureAlgorithm::ecdsa_sha256, content));
    return message(15, body);
}

certs::ByteVector HandmadeServer::finished(certs::Bytes messages) const {
    Hash key{}, verify_data{};
    expand(key, secret_, "finished", {});
    const Hash hash = transcript(messages);
    Hmac hmac;
    wc_HmacInit(&hmac, nullptr, INVALID_DEVID);
    wc_HmacSetKey(&hmac, WC_SHA256, key.data(), key.size());
    wc_HmacUpdate(&hmac, hash.data(), hash.size());
    REQUIRE(wc_HmacFinal(&hmac, verify_data.data()) == 0);
    wc_HmacFree(&hmac);
    return message(20, verify_data);
}

certs::ByteVector HandmadeServer::encrypted(certs::Bytes messages, std::uint8_t type) {
    certs::ByteVector plain(messages.begin(), messages.end());
    plain.push_back(type);
    const std::size_t size = plain.size() + 16;
    certs::ByteVector sealed = {23, 3, 3, static_cast<std::uint8_t>(size >> 8), static_cast<std::uint8_t>(size & 0xff)};
    sealed.resize(5 + size);
    auto nonce = iv_;
    nonce.back() ^= sequence_++;
    REQUIRE(sequence_ < 255);
    Aes aes;
    wc_AesInit(&aes, nullptr, INVALID_DEVID);
    wc_AesGcmSetKey(&aes, key_.data(), key_.size());
    const int failed =
        wc_AesGcmEncrypt(&aes, sealed.data() + 5, plain.data(), static_cast<word32>(plain.size()), nonce.data(),
                         nonce.size(), sealed.data() + 5 + plain.size(), 16, sealed.data(), 5);
    wc_AesFree(&aes);
    REQUIRE(failed == 0);
    return sealed;
}

}  // namespace tls_test
