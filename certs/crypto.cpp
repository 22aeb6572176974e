#include "certs/crypto.h"

#include <wolfssl/options.h>

#include <wolfssl/wolfcrypt/hash.h>

namespace certs {

std::array<std::uint8_t, 32> sha256(Bytes data) {
    std::array<std::uint8_t, 32> digest{};
    wc_Sha256Hash(data.data(), static_cast<word32>(data.size()), digest.data());
    return digest;
}

std::array<std::uint8_t, 20> sha1(Bytes data) {
    std::array<std::uint8_t, 20> digest{};
    wc_ShaHash(data.data(), static_cast<word32>(data.size()), digest.data());
    return digest;
}

}  // namespace certs
