#include "tls/groups.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace tls {

namespace {

constexpr bool yes = true, no = false;

constexpr auto groups = std::to_array<Group>({
    {0x11EC, "X25519MLKEM768", no, yes},
    {0x11EB, "SecP256r1MLKEM768", no, yes},
    {0x11ED, "SecP384r1MLKEM1024", no, yes},
    {0x6399, "X25519Kyber768Draft00", no, yes},
    {0x001D, "x25519", yes, yes},
    {0x0017, "secp256r1", yes, yes},
    {0x001E, "x448", yes, yes},
    {0x0018, "secp384r1", yes, yes},
    {0x0019, "secp521r1", yes, yes},
    {0x0100, "ffdhe2048", no, yes},
    {0x0101, "ffdhe3072", no, yes},
    {0x0102, "ffdhe4096", no, yes},
    {0x0103, "ffdhe6144", no, yes},
    {0x0104, "ffdhe8192", no, yes},
    {0x0200, "MLKEM512", no, yes},
    {0x0201, "MLKEM768", no, yes},
    {0x0202, "MLKEM1024", no, yes},
    {0x001F, "brainpoolP256r1tls13", no, yes},
    {0x0020, "brainpoolP384r1tls13", no, yes},
    {0x0021, "brainpoolP512r1tls13", no, yes},
    {0x0029, "curveSM2", yes, yes},
    {0x001A, "brainpoolP256r1", yes, no},
    {0x001B, "brainpoolP384r1", yes, no},
    {0x001C, "brainpoolP512r1", yes, no},
    {0x0016, "secp256k1", yes, no},
    {0x0015, "secp224r1", yes, no},
    {0x0014, "secp224k1", yes, no},
    {0x0013, "secp192r1", yes, no},
    {0x0012, "secp192k1", yes, no},
    {0x0010, "secp160r1", yes, no},
    {0x0011, "secp160r2", yes, no},
    {0x000F, "secp160k1", yes, no},
    {0x000E, "sect571r1", yes, no},
    {0x000D, "sect571k1", yes, no},
    {0x000C, "sect409r1", yes, no},
    {0x000B, "sect409k1", yes, no},
    {0x000A, "sect283r1", yes, no},
    {0x0009, "sect283k1", yes, no},
    {0x0008, "sect239k1", yes, no},
    {0x0007, "sect233r1", yes, no},
    {0x0006, "sect233k1", yes, no},
    {0x0005, "sect193r2", yes, no},
    {0x0004, "sect193r1", yes, no},
    {0x0003, "sect163r2", yes, no},
    {0x0002, "sect163r1", yes, no},
    {0x0001, "sect163k1", yes, no},
});

}  // namespace

std::span<const Group> known_groups() { return groups; }

std::string group_name(std::uint16_t number) {
    const auto found = std::ranges::find(groups, number, &Group::number);
    return found == groups.end() ? fmt::format("{:#06x}", number) : found->name;
}

}  // namespace tls
