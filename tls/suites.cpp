#include "tls/suites.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace tls {

namespace {

using enum SuiteFamily;

constexpr auto suites = std::to_array<Suite>({
    {0x1301, "TLS_AES_128_GCM_SHA256", tls_1_3},
    {0x1302, "TLS_AES_256_GCM_SHA384", tls_1_3},
    {0x1303, "TLS_CHACHA20_POLY1305_SHA256", tls_1_3},
    {0x1304, "TLS_AES_128_CCM_SHA256", tls_1_3},
    {0xC02B, "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", ecdhe},
    {0xC02F, "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", ecdhe},
    {0xC02C, "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", ecdhe},
    {0xC030, "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", ecdhe},
    {0xCCA9, "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256", ecdhe},
    {0xCCA8, "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", ecdhe},
    {0xC023, "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256", ecdhe},
    {0xC027, "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256", ecdhe},
    {0xC024, "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384", ecdhe},
    {0xC028, "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384", ecdhe},
    {0xC009, "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA", ecdhe},
    {0xC013, "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA", ecdhe},
    {0xC00A, "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA", ecdhe},
    {0xC014, "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA", ecdhe},
    {0xC0AC, "TLS_ECDHE_ECDSA_WITH_AES_128_CCM", ecdhe},
    {0x009E, "TLS_DHE_RSA_WITH_AES_128_GCM_SHA256", dhe},
    {0x009F, "TLS_DHE_RSA_WITH_AES_256_GCM_SHA384", dhe},
    {0xCCAA, "TLS_DHE_RSA_WITH_CHACHA20_POLY1305_SHA256", dhe},
    {0x0067, "TLS_DHE_RSA_WITH_AES_128_CBC_SHA256", dhe},
    {0x006B, "TLS_DHE_RSA_WITH_AES_256_CBC_SHA256", dhe},
    {0x0033, "TLS_DHE_RSA_WITH_AES_128_CBC_SHA", dhe},
    {0x0039, "TLS_DHE_RSA_WITH_AES_256_CBC_SHA", dhe},
    {0x009C, "TLS_RSA_WITH_AES_128_GCM_SHA256", rsa},
    {0x009D, "TLS_RSA_WITH_AES_256_GCM_SHA384", rsa},
    {0x003C, "TLS_RSA_WITH_AES_128_CBC_SHA256", rsa},
    {0x003D, "TLS_RSA_WITH_AES_256_CBC_SHA256", rsa},
    {0x002F, "TLS_RSA_WITH_AES_128_CBC_SHA", rsa},
    {0x0035, "TLS_RSA_WITH_AES_256_CBC_SHA", rsa},
    {0xC09C, "TLS_RSA_WITH_AES_128_CCM", obsolete},
    {0xC09D, "TLS_RSA_WITH_AES_256_CCM", obsolete},
    {0x0041, "TLS_RSA_WITH_CAMELLIA_128_CBC_SHA", obsolete},
    {0x0084, "TLS_RSA_WITH_CAMELLIA_256_CBC_SHA", obsolete},
    {0x0096, "TLS_RSA_WITH_SEED_CBC_SHA", obsolete},
    {0xC0AD, "TLS_ECDHE_ECDSA_WITH_AES_256_CCM", obsolete},
    {0xC0AE, "TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8", obsolete},
    {0xC05C, "TLS_ECDHE_ECDSA_WITH_ARIA_128_GCM_SHA256", obsolete},
    {0xC060, "TLS_ECDHE_RSA_WITH_ARIA_128_GCM_SHA256", obsolete},
    {0xC061, "TLS_ECDHE_RSA_WITH_ARIA_256_GCM_SHA384", obsolete},
    {0xC076, "TLS_ECDHE_RSA_WITH_CAMELLIA_128_CBC_SHA256", obsolete},
    {0x0088, "TLS_DHE_RSA_WITH_CAMELLIA_256_CBC_SHA", obsolete},
    {0xC09E, "TLS_DHE_RSA_WITH_AES_128_CCM", obsolete},
    {0xC09F, "TLS_DHE_RSA_WITH_AES_256_CCM", obsolete},
    {0xC0A2, "TLS_DHE_RSA_WITH_AES_128_CCM_8", obsolete},
    {0xC0A3, "TLS_DHE_RSA_WITH_AES_256_CCM_8", obsolete},
    {0xC0AF, "TLS_ECDHE_ECDSA_WITH_AES_256_CCM_8", obsolete},
    {0xC05D, "TLS_ECDHE_ECDSA_WITH_ARIA_256_GCM_SHA384", obsolete},
    {0xC052, "TLS_DHE_RSA_WITH_ARIA_128_GCM_SHA256", obsolete},
    {0xC053, "TLS_DHE_RSA_WITH_ARIA_256_GCM_SHA384", obsolete},
    {0xC072, "TLS_ECDHE_ECDSA_WITH_CAMELLIA_128_CBC_SHA256", obsolete},
    {0xC073, "TLS_ECDHE_ECDSA_WITH_CAMELLIA_256_CBC_SHA384", obsolete},
    {0xC077, "TLS_ECDHE_RSA_WITH_CAMELLIA_256_CBC_SHA384", obsolete},
    {0x0045, "TLS_DHE_RSA_WITH_CAMELLIA_128_CBC_SHA", obsolete},
    {0x00BE, "TLS_DHE_RSA_WITH_CAMELLIA_128_CBC_SHA256", obsolete},
    {0x00C4, "TLS_DHE_RSA_WITH_CAMELLIA_256_CBC_SHA256", obsolete},
    {0x00A2, "TLS_DHE_DSS_WITH_AES_128_GCM_SHA256", obsolete},
    {0x0032, "TLS_DHE_DSS_WITH_AES_128_CBC_SHA", obsolete},
    {0x0038, "TLS_DHE_DSS_WITH_AES_256_CBC_SHA", obsolete},
    {0xC008, "TLS_ECDHE_ECDSA_WITH_3DES_EDE_CBC_SHA", obsolete},
    {0xC012, "TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA", obsolete},
    {0x0016, "TLS_DHE_RSA_WITH_3DES_EDE_CBC_SHA", obsolete},
    {0x000A, "TLS_RSA_WITH_3DES_EDE_CBC_SHA", obsolete},
    {0xC007, "TLS_ECDHE_ECDSA_WITH_RC4_128_SHA", obsolete},
    {0xC011, "TLS_ECDHE_RSA_WITH_RC4_128_SHA", obsolete},
    {0x0005, "TLS_RSA_WITH_RC4_128_SHA", obsolete},
    {0x0004, "TLS_RSA_WITH_RC4_128_MD5", obsolete},
    {0x0015, "TLS_DHE_RSA_WITH_DES_CBC_SHA", obsolete},
    {0x0009, "TLS_RSA_WITH_DES_CBC_SHA", obsolete},
    {0x0008, "TLS_RSA_EXPORT_WITH_DES40_CBC_SHA", obsolete},
    {0x0003, "TLS_RSA_EXPORT_WITH_RC4_40_MD5", obsolete},
    {0x1305, "TLS_AES_128_CCM_8_SHA256", obsolete},
    {0x00A6, "TLS_DH_anon_WITH_AES_128_GCM_SHA256", obsolete},
    {0x0034, "TLS_DH_anon_WITH_AES_128_CBC_SHA", obsolete},
    {0xC018, "TLS_ECDH_anon_WITH_AES_128_CBC_SHA", obsolete},
    {0x003B, "TLS_RSA_WITH_NULL_SHA256", obsolete},
    {0x0002, "TLS_RSA_WITH_NULL_SHA", obsolete},
});

}  // namespace

std::string version_name(WireVersion version) {
    switch (version) {
        case 0x0300: return "SSLv3";
        case 0x0301: return "TLSv1";
        case 0x0302: return "TLSv1.1";
        case 0x0303: return "TLSv1.2";
        case 0x0304: return "TLSv1.3";
        default: return fmt::format("{:#06x}", version);
    }
}

std::span<const Suite> known_suites() { return suites; }

bool is_of_tls_1_3(std::uint16_t suite) {
    return suite >> 8 == 0x13 || suite == 0x00C6 || suite == 0x00C7 || suite == 0xC0B4 || suite == 0xC0B5;
}

const Suite* find_suite(std::uint16_t number) {
    for (const std::span<const Suite> table : {known_suites(), rare_suites()}) {
        const auto found = std::ranges::find(table, number, &Suite::number);
        if (found != table.end()) return &*found;
    }
    return nullptr;
}

std::string suite_name(std::uint16_t number) {
    const Suite* suite = find_suite(number);
    return suite != nullptr ? suite->name : fmt::format("{:#06x}", number);
}

}  // namespace tls
