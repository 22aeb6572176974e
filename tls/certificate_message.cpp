#include "tls/certificate_message.h"

#include <wolfssl/options.h>

#include <wolfssl/openssl/evp.h>
#include <wolfssl/openssl/hmac.h>

#include <array>
#include <memory>
#include <string_view>

#include "tls/reader.h"

namespace tls {

namespace {

constexpr std::uint8_t handshake_record = 22, application_data_record = 23;
constexpr std::uint8_t ocsp_status_type = 1;
constexpr std::uint32_t extension_status_request = 5;
constexpr std::size_t header_size = 5, tag_size = 16, nonce_size = 12;

struct Aead {
    const WOLFSSL_EVP_CIPHER* cipher;
    const WOLFSSL_EVP_MD* hash;
    std::size_t key_size;
};

// RFC 8446 §B.4.
std::optional<Aead> aead_of(std::uint16_t cipher) {
    switch (cipher) {
        case 0x1301: return Aead{wolfSSL_EVP_aes_128_gcm(), wolfSSL_EVP_sha256(), 16};
        case 0x1302: return Aead{wolfSSL_EVP_aes_256_gcm(), wolfSSL_EVP_sha384(), 32};
        case 0x1303: return Aead{wolfSSL_EVP_chacha20_poly1305(), wolfSSL_EVP_sha256(), 32};
        default: return std::nullopt;
    }
}

// HKDF-Expand-Label with an empty context (RFC 8446 §7.1); one block of HMAC is enough for a key or
// a nonce.
std::array<std::uint8_t, 64> expand_label(const Aead& aead, certs::Bytes secret, std::string_view label,
                                          std::size_t size) {
    certs::ByteVector info = {0, static_cast<std::uint8_t>(size), static_cast<std::uint8_t>(6 + label.size())};
    for (const std::string_view text : {std::string_view("tls13 "), label})
        info.insert(info.end(), text.begin(), text.end());
    info.insert(info.end(), {0, 1});  // no context; the number of the block
    std::array<std::uint8_t, 64> block{};
    unsigned length = block.size();
    wolfSSL_HMAC(aead.hash, secret.data(), static_cast<int>(secret.size()), info.data(), static_cast<int>(info.size()),
                 block.data(), &length);
    return block;
}

struct FreeCipher {
    void operator()(WOLFSSL_EVP_CIPHER_CTX* context) const { wolfSSL_EVP_CIPHER_CTX_free(context); }
};

// Decrypts one protected record (RFC 8446 §5.2): its inner plaintext with type and padding; empty
// when it does not authenticate.
certs::ByteVector decrypt(const Aead& aead, const std::uint8_t* key, const std::uint8_t* nonce, certs::Bytes header,
                          certs::Bytes payload) {
    if (payload.size() <= tag_size) return {};
    const certs::Bytes text = payload.first(payload.size() - tag_size);
    certs::ByteVector tag(payload.end() - tag_size, payload.end());
    certs::ByteVector plain(text.size() + tag_size);
    int size = 0, last = 0;
    const std::unique_ptr<WOLFSSL_EVP_CIPHER_CTX, FreeCipher> context(wolfSSL_EVP_CIPHER_CTX_new());
    const bool good =
        context != nullptr && wolfSSL_EVP_DecryptInit_ex(context.get(), aead.cipher, nullptr, key, nonce) == 1 &&
        wolfSSL_EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_TAG, tag_size, tag.data()) == 1 &&
        wolfSSL_EVP_CipherUpdate(context.get(), nullptr, &size, header.data(), static_cast<int>(header.size())) == 1 &&
        wolfSSL_EVP_CipherUpdate(context.get(), plain.data(), &size, text.data(), static_cast<int>(text.size())) == 1 &&
        wolfSSL_EVP_DecryptFinal_ex(context.get(), plain.data() + size, &last) == 1;
    if (!good) return {};
    plain.resize(text.size());
    return plain;
}

// Appends the handshake bytes of a record's inner plaintext; false when it is not a handshake
// record.
bool append_handshake(certs::ByteVector& stream, certs::Bytes inner) {
    while (!inner.empty() && inner.back() == 0) inner = inner.first(inner.size() - 1);
    if (inner.empty() || inner.back() != handshake_record) return false;
    stream.insert(stream.end(), inner.begin(), inner.end() - 1);
    return true;
}

// The size, header included, of the handshake message at the front; 0 while it is not complete.
std::size_t complete_message(certs::Bytes stream) {
    constexpr std::size_t message_header_size = 4;
    Reader reader(stream);
    reader.number(1);
    const certs::Bytes body = reader.vector(3);
    return reader.good() ? message_header_size + body.size() : 0;
}

}  // namespace

std::optional<std::vector<certs::Bytes>> certificates_in(certs::Bytes body, bool tls_1_3) {
    Reader reader(body);
    if (tls_1_3) reader.vector(1);  // certificate_request_context
    Reader list(reader.vector(3));
    std::vector<certs::Bytes> certificates;
    while (!list.at_end() && certificates.size() < listed_certificates_most) {
        certificates.push_back(list.vector(3));
        if (tls_1_3) list.vector(2);  // extensions
    }
    if (!reader.good() || !reader.at_end() || !list.good()) return std::nullopt;
    return certificates;
}

certs::Bytes certificate_status_in(certs::Bytes body) {
    Reader reader(body);
    reader.vector(1);  // certificate_request_context
    Reader list(reader.vector(3));
    list.vector(3);  // the leaf
    Reader extensions(list.vector(2));
    while (!extensions.at_end()) {
        const std::uint32_t type = extensions.number(2);
        const certs::Bytes content = extensions.vector(2);
        if (extensions.good() && type == extension_status_request) return content;
    }
    return {};
}

certs::Bytes ocsp_response_in(certs::Bytes certificate_status) {
    Reader reader(certificate_status);
    const std::uint32_t type = reader.number(1);
    const certs::Bytes response = reader.vector(3);
    return reader.good() && reader.at_end() && type == ocsp_status_type ? response : certs::Bytes();
}

bool can_read_encrypted_flights() {
#ifdef HAVE_SECRET_CALLBACK
    return true;
#else
    return false;
#endif
}

std::optional<certs::Bytes> message_in(certs::Bytes stream, std::uint8_t type) {
    Reader reader(stream);
    while (!reader.at_end()) {
        const std::uint32_t found = reader.number(1);
        const certs::Bytes body = reader.vector(3);
        if (!reader.good()) return std::nullopt;
        if (found == type) return body;
    }
    return std::nullopt;
}

certs::ByteVector messages_in_flight(certs::Bytes flight, std::uint16_t cipher, certs::Bytes secret) {
    const std::optional<Aead> aead = aead_of(cipher);
    if (!aead) return {};
    const auto key = expand_label(*aead, secret, "key", aead->key_size);
    const auto iv = expand_label(*aead, secret, "iv", nonce_size);
    certs::ByteVector stream;
    // Where the first incomplete message begins. Each message is looked at once, however small the
    // records are.
    std::size_t begun = 0;
    std::uint64_t sequence = 0;
    while (flight.size() >= header_size) {
        const certs::Bytes header = flight.first(header_size);
        const std::size_t length = static_cast<std::size_t>(header[3]) << 8 | header[4];
        if (flight.size() - header_size < length) break;
        const certs::Bytes payload = flight.subspan(header_size, length);
        flight = flight.subspan(header_size + length);
        // A ChangeCipherSpec for middleboxes means nothing (RFC 8446 §D.4).
        if (header[0] != application_data_record) continue;
        std::array<std::uint8_t, nonce_size> nonce{};
        for (std::size_t i = 0; i < nonce_size; ++i) {
            const std::size_t from_end = nonce_size - 1 - i;
            nonce[i] = iv[i] ^ (from_end < 8 ? static_cast<std::uint8_t>(sequence >> (8 * from_end)) : 0);
        }
        ++sequence;
        if (!append_handshake(stream, decrypt(*aead, key.data(), nonce.data(), header, payload))) break;
        while (const std::size_t size = complete_message(certs::Bytes(stream).subspan(begun))) {
            if (stream[begun] == handshake_certificate) return stream;
            begun += size;
        }
    }
    return stream;
}

}  // namespace tls
