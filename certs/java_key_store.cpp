#include "certs/java_key_store.h"

#include <fmt/format.h>

#include "certs/crypto.h"

namespace certs {

namespace {

// The format has no document but Java's own reader and writer (sun.security.provider.JavaKeyStore).
constexpr std::uint64_t jks_magic = 0xfeedfeed, jks_version = 2, trusted_certificate_entry = 2;

void append_number(ByteVector& out, std::uint64_t number, unsigned bytes) {
    for (unsigned at = bytes; at-- > 0;) out.push_back(static_cast<std::uint8_t>(number >> (8 * at)));
}

// java.io.DataOutput's writeUTF, of ASCII: the length, then the text.
void append_utf(ByteVector& out, std::string_view text) {
    append_number(out, text.size(), 2);
    out.insert(out.end(), text.begin(), text.end());
}

// What Java appends: SHA-1 of the password in UTF-16, of these words, and of all that comes before.
std::array<std::uint8_t, 20> keyed_digest(Bytes store, std::string_view password) {
    ByteVector keyed;
    for (const char each : password) append_number(keyed, static_cast<std::uint8_t>(each), 2);
    constexpr std::string_view words = "Mighty Aphrodite";
    keyed.insert(keyed.end(), words.begin(), words.end());
    keyed.insert(keyed.end(), store.begin(), store.end());
    return sha1(keyed);
}

}  // namespace

ByteVector java_trust_store(std::span<const Certificate> certificates, std::string_view password, Time made) {
    ByteVector store;
    append_number(store, jks_magic, 4);
    append_number(store, jks_version, 4);
    append_number(store, certificates.size(), 4);
    for (std::size_t at = 0; at < certificates.size(); ++at) {
        append_number(store, trusted_certificate_entry, 4);
        append_utf(store, fmt::format("whytls-{}", at + 1));
        append_number(store, static_cast<std::uint64_t>(made.seconds) * 1'000, 8);
        append_utf(store, "X.509");
        const Bytes der = certificates[at].der();
        append_number(store, der.size(), 4);
        store.insert(store.end(), der.begin(), der.end());
    }
    const auto digest = keyed_digest(store, password);
    store.insert(store.end(), digest.begin(), digest.end());
    return store;
}

}  // namespace certs
