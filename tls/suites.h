// What handshakes agree on, or fail to, by number and name: versions and cipher suites, including
// those that whytls itself never offers.
#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace tls {

// As on the wire: 0x0301 is TLS 1.0, 0x0304 TLS 1.3.
using WireVersion = std::uint16_t;

// "TLSv1.2", as reports spell it.
std::string version_name(WireVersion version);

enum class SuiteFamily {
    tls_1_3,  // only AEAD and hash (RFC 8446 §B.4)
    ecdhe,
    dhe,       // over a group that the server chooses
    rsa,       // RSA key exchange, without forward secrecy: offered last
    obsolete,  // 3DES, RC4, DES, export, no authentication, rare ciphers: nothing that whytls offers
};

struct Suite {
    std::uint16_t number;
    const char* name;  // IANA's
    SuiteFamily family;
};

// Those that clients and servers use, in the order in which a client would offer them.
std::span<const Suite> known_suites();
// All others that have a name, all of them obsolete: only a scan offers them.
std::span<const Suite> rare_suites();

// Whether the suite is of TLS 1.3, which has suites of its own (RFC 8446 §B.4, RFC 8998, RFC 9150).
bool is_of_tls_1_3(std::uint16_t suite);

// nullptr for one that is in neither table.
const Suite* find_suite(std::uint16_t number);

// IANA's name; "0x1234" for one that is in neither table.
std::string suite_name(std::uint16_t number);

}  // namespace tls
