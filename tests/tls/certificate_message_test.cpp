#include "tls/certificate_message.h"

#include <wolfssl/options.h>

#include <wolfssl/wolfcrypt/aes.h>
#include <wolfssl/wolfcrypt/hmac.h>

#include <ctime>

#include "tests/support/catch.h"
#include "tests/tls/wire.h"

using namespace tls_test;

namespace {

const certs::ByteVector secret(32, 0x5A);

// HKDF-Expand-Label with an empty context (RFC 8446 §7.1).
certs::ByteVector expanded(std::string_view label, std::size_t size) {
    certs::ByteVector info{0, static_cast<std::uint8_t>(size)};
    put_vector(info, 1, certs::as_bytes("tls13 " + std::string(label)));
    info.push_back(0);
    certs::ByteVector result(size);
    REQUIRE(wc_HKDF_Expand(WC_SHA256, secret.data(), static_cast<word32>(secret.size()), info.data(),
                           static_cast<word32>(info.size()), result.data(), static_cast<word32>(size)) == 0);
    return result;
}

// A server's encrypted flight with these messages, in records of `portion` bytes.
certs::ByteVector flight(certs::Bytes messages, std::size_t portion) {
    const certs::ByteVector key = expanded("key", 16), iv = expanded("iv", 12);
    Aes aes;
    wc_AesInit(&aes, nullptr, INVALID_DEVID);
    wc_AesGcmSetKey(&aes, key.data(), static_cast<word32>(key.size()));
    certs::ByteVector result;
    for (std::uint64_t sequence = 0; !messages.empty(); ++sequence) {
        const certs::Bytes piece = messages.first(std::min(portion, messages.size()));
        messages = messages.subspan(piece.size());
        certs::ByteVector plain(piece.begin(), piece.end()), nonce = iv, sealed(piece.size() + 1 + 16);
        plain.push_back(22);
        for (std::size_t i = 0; i < 8; ++i) nonce[11 - i] ^= static_cast<std::uint8_t>(sequence >> (8 * i));
        const certs::ByteVector whole = record(23, 0x0303, sealed);
        REQUIRE(wc_AesGcmEncrypt(&aes, sealed.data(), plain.data(), static_cast<word32>(plain.size()), nonce.data(), 12,
                                 sealed.data() + plain.size(), 16, whole.data(), 5) == 0);
        const certs::ByteVector complete = record(23, 0x0303, sealed);
        result.insert(result.end(), complete.begin(), complete.end());
    }
    wc_AesFree(&aes);
    return result;
}

certs::ByteVector read(certs::Bytes messages, std::size_t portion) {
    return tls::messages_in_flight(flight(messages, portion), 0x1301, secret);
}

// CPU seconds of this thread.
double now() {
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

}  // namespace

TEST_CASE("the encrypted flight is read up to its Certificate, however it is cut into records") {
    const certs::ByteVector before = together({message(8, {}), message(11, certs::ByteVector(300, 1))});
    const certs::ByteVector all = together({before, message(15, certs::ByteVector(70, 2))});
    for (const std::size_t portion : {std::size_t{1}, std::size_t{7}, before.size()})
        CHECK(read(all, portion) == before);
    CHECK(read(all, all.size()) == all);  // what is in the same record comes along
    CHECK(read(certs::Bytes(before).first(before.size() - 1), 7).size() == before.size() - 1);
    certs::ByteVector broken = flight(all, 100);
    broken[150] ^= 1;
    CHECK(tls::messages_in_flight(broken, 0x1301, secret).size() == 100);
}

TEST_CASE("thousands of small messages in small records are read in time that grows with their number") {
    // As many as the watch keeps: a record of four bytes takes 26.
    const certs::ByteVector sealed = flight(certs::ByteVector(4 * std::size_t{44'000}, 0), 4);
    const double start = now();
    CHECK(tls::messages_in_flight(sealed, 0x1301, secret).size() == 4 * std::size_t{44'000});
    CHECK(now() - start < 1);
}
