// whytls-flood FD SECRET SEQUENCE COUNT KIND: continues a TLS 1.3 connection that another program
// opened, as a peer that sends many records and says nothing in them (RFC 8446 §4.6.3, §5.1).
// SECRET is the traffic secret in hexadecimal: 32 bytes for TLS_AES_128_GCM_SHA256, 48 for
// TLS_AES_256_GCM_SHA384. SEQUENCE is the number of records that it has protected. KIND is update,
// asking (updates that want one back), empty, or byte (application data). It prints "full" the
// first time the other end takes no more, and at the end how many records left.
#include <wolfssl/options.h>

#include <wolfssl/wolfcrypt/aes.h>
#include <wolfssl/wolfcrypt/kdf.h>

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <vector>

namespace {

constexpr std::uint8_t handshake = 22, application_data = 23, key_update = 24;

// What protects one direction (RFC 8446 §7.3).
class Direction {
public:
    Direction(std::string_view hex, std::uint64_t sequence) : sequence_(sequence) {
        for (; hex.size() >= 2; hex.remove_prefix(2)) {
            const std::array<char, 3> digits{hex[0], hex[1], 0};
            secret_.push_back(static_cast<std::uint8_t>(std::strtoul(digits.data(), nullptr, 16)));
        }
        wc_AesInit(&aes_, nullptr, INVALID_DEVID);
        make_keys();
    }
    Direction(const Direction&) = delete;
    Direction& operator=(const Direction&) = delete;
    ~Direction() { wc_AesFree(&aes_); }

    void append(std::vector<std::uint8_t>& wire, std::uint8_t type, std::string_view content) {
        std::array<std::uint8_t, 16> inner{};
        std::copy(content.begin(), content.end(), inner.begin());
        inner[content.size()] = type;
        const std::size_t plain = content.size() + 1, at = wire.size();
        wire.insert(wire.end(), {application_data, 3, 3, 0, static_cast<std::uint8_t>(plain + 16)});
        wire.resize(at + 5 + plain + 16);
        auto nonce = iv_;
        for (std::size_t i = 0; i < 8; ++i) nonce[11 - i] ^= static_cast<std::uint8_t>(sequence_ >> (8 * i));
        ++sequence_;
        wc_AesGcmEncrypt(&aes_, &wire[at + 5], inner.data(), static_cast<word32>(plain), nonce.data(), nonce.size(),
                         &wire[at + 5 + plain], 16, &wire[at], 5);
    }

    void update() {
        std::vector<std::uint8_t> next(secret_.size());
        expand(next.data(), next.size(), "traffic upd");
        secret_ = std::move(next);
        sequence_ = 0;
        make_keys();
    }

private:
    bool is_sha384() const { return secret_.size() == 48; }

    void make_keys() {
        std::array<std::uint8_t, 32> key{};
        const std::size_t size = is_sha384() ? 32 : 16;
        expand(key.data(), size, "key");
        expand(iv_.data(), iv_.size(), "iv");
        wc_AesGcmSetKey(&aes_, key.data(), static_cast<word32>(size));
    }

    void expand(std::uint8_t* out, std::size_t size, std::string_view label) {
        static constexpr std::string_view protocol = "tls13 ";
        const auto bytes = [](std::string_view text) { return reinterpret_cast<const std::uint8_t*>(text.data()); };
        wc_Tls13_HKDF_Expand_Label(out, static_cast<word32>(size), secret_.data(), static_cast<word32>(secret_.size()),
                                   bytes(protocol), static_cast<word32>(protocol.size()), bytes(label),
                                   static_cast<word32>(label.size()), nullptr, 0,
                                   is_sha384() ? int{WC_SHA384} : int{WC_SHA256});
    }

    std::vector<std::uint8_t> secret_;
    std::array<std::uint8_t, 12> iv_{};
    std::uint64_t sequence_;
    Aes aes_{};
};

void append_one(Direction& direction, std::vector<std::uint8_t>& wire, std::string_view kind) {
    if (kind == "empty" || kind == "byte") return direction.append(wire, application_data, kind == "byte" ? "x" : "");
    const std::array<char, 5> message{key_update, 0, 0, 1, static_cast<char>(kind == "asking" ? 1 : 0)};
    direction.append(wire, handshake, std::string_view(message.data(), message.size()));
    direction.update();
}

// False when the other end is gone.
bool send_all(int fd, const std::vector<std::uint8_t>& wire, bool& full) {
    for (std::size_t sent = 0; sent < wire.size();) {
        pollfd ready{fd, POLLOUT, 0};
        if (!full && ::poll(&ready, 1, 100) == 0) {
            full = true;
            std::puts("full");
            std::fflush(stdout);
        }
        const ssize_t size = ::write(fd, &wire[sent], wire.size() - sent);
        if (size <= 0) return false;
        sent += static_cast<std::size_t>(size);
    }
    return true;
}

}  // namespace

int main(int count, char** arguments) {
    if (count != 6) return 2;
    const int fd = std::atoi(arguments[1]);
    Direction direction(arguments[2], std::strtoull(arguments[3], nullptr, 10));
    const long wanted = std::atol(arguments[4]);
    constexpr long at_once = 1000;
    std::vector<std::uint8_t> wire;
    bool full = false;
    long made = 0;
    while (made < wanted) {
        wire.clear();
        for (long end = std::min(made + at_once, wanted); made < end; ++made) append_one(direction, wire, arguments[5]);
        if (!send_all(fd, wire, full)) break;
    }
    std::printf("%ld records\n", made);
    return 0;
}
