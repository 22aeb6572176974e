#include "inspect/scan/remarks.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "inspect/diagnosis/wording.h"
#include "tls/groups.h"

namespace inspect::scan {

namespace {

constexpr tls::WireVersion tls_1_2 = 0x0303, tls_1_3 = 0x0304;

bool has_any(std::string_view name, std::initializer_list<std::string_view> parts) {
    return std::ranges::any_of(parts, [&](std::string_view part) { return name.contains(part); });
}

bool is_null(std::string_view name) { return has_any(name, {"_WITH_NULL_", "TLS_SHA256_SHA256", "TLS_SHA384_SHA384"}); }
bool is_anonymous(std::string_view name) { return has_any(name, {"_anon_"}); }
bool is_export(std::string_view name) { return has_any(name, {"_EXPORT"}); }
bool is_rc4(std::string_view name) { return has_any(name, {"_RC4_"}); }
// Sweet32: blocks of 64 bits.
bool has_small_blocks(std::string_view name) {
    return !is_export(name) && has_any(name, {"_3DES_", "_DES_", "_IDEA_", "_RC2_", "_28147_"});
}
// RFC 8446's suites say nothing of the key exchange, which has forward secrecy.
bool without_forward_secrecy(std::string_view name) {
    return name.contains("_WITH_") && !is_null(name) &&
           !has_any(name, {"_DHE_", "_ECDHE_", "_anon_", "_ECCPWD_", "_EXPORT"});
}

struct Weakness {
    bool (*is)(std::string_view name);
    std::string_view brief;
    std::string_view text;  // after "cipher suites "
    std::string_view reference;
};
constexpr Weakness weaknesses[] = {
    {is_null, "no encryption", "that do not encrypt", "RFC 9325 §4.1"},
    {is_anonymous, "no authentication", "that authenticate no one", "RFC 5246 §A.5"},
    {is_export, "export", "of export grade, which can be broken", "RFC 9325 §4.1"},
    {is_rc4, "RC4", "with RC4, which is prohibited", "RFC 7465"},
    {has_small_blocks, "64-bit blocks", "with blocks of 64 bits (3DES, DES), which collide (Sweet32)", "RFC 9325 §4.1"},
    {without_forward_secrecy, "no forward secrecy",
     "without forward secrecy: whoever gets the key later can read what was recorded", "RFC 9325 §4.1"},
};

std::vector<Remark> about_versions(const Scan& scan) {
    std::vector<Remark> result;
    const auto supports = [&](tls::WireVersion version) {
        const VersionFound* found = scan.find(version);
        return found != nullptr && found->supported == Known::yes;
    };
    const auto lacks = [&](tls::WireVersion version) {
        const VersionFound* found = scan.find(version);
        return found != nullptr && found->supported == Known::no;
    };
    if (supports(0x0300)) result.push_back({"SSL 3 is supported, which is prohibited", "RFC 7568"});
    std::vector<std::string> old;
    for (const auto& [version, name] : {std::pair(0x0301, "1.0"), std::pair(0x0302, "1.1")})
        if (supports(static_cast<tls::WireVersion>(version))) old.emplace_back(name);
    if (!old.empty())
        result.push_back({fmt::format("TLS {} {} supported, which {} obsolete", diagnosis::listed(old, 2),
                                      old.size() == 1 ? "is" : "are", old.size() == 1 ? "is" : "are"),
                          "RFC 8996"});
    if (lacks(tls_1_2) && lacks(tls_1_3))
        result.push_back({"neither TLS 1.2 nor 1.3 is supported: browsers refuse this server", "RFC 9325 §3.1.1"});
    else if (lacks(tls_1_3))
        result.push_back({"TLS 1.3 is not supported", "RFC 9325 §3.1.1"});
    return result;
}

std::vector<Remark> about_suites(const Scan& scan) {
    std::set<std::string> names;
    for (const VersionFound& version : scan.versions)
        for (const std::uint16_t suite : version.suites.found) names.insert(tls::suite_name(suite));
    std::vector<Remark> result;
    for (const Weakness& weakness : weaknesses) {
        std::vector<std::string> weak;
        std::ranges::copy_if(names, std::back_inserter(weak), weakness.is);
        if (!weak.empty())
            result.push_back({fmt::format("{} {}", diagnosis::counted(weak.size(), "cipher suite"), weakness.text),
                              weakness.reference});
    }
    return result;
}

bool is_small(std::uint16_t group) { return has_any(tls::group_name(group), {"160", "163", "192", "193"}); }

std::vector<Remark> about_keys(const Scan& scan) {
    std::vector<Remark> result;
    constexpr std::size_t least = 2048;
    if (scan.dh_bits && *scan.dh_bits < least)
        result.push_back({fmt::format("the Diffie-Hellman group has {} bits, where 2048 are the least", *scan.dh_bits),
                          "RFC 9325 §4.5"});
    if (std::ranges::any_of(scan.groups_old.found, is_small))
        result.push_back({"curves of less than 224 bits are supported", "RFC 9325 §4.5"});
    if (scan.sha1_signatures == Known::yes)
        result.push_back({"the handshake is signed with SHA-1 for a client that offers nothing else", "RFC 9155"});
    return result;
}

std::vector<Remark> about_handshakes(const Scan& scan) {
    std::vector<Remark> result;
    if (scan.secure_renegotiation == Known::no)
        result.push_back({"secure renegotiation is not supported: OpenSSL 3 refuses this server", "RFC 5746"});
    if (scan.compression == Known::yes)
        result.push_back({"TLS compression is supported, by which secrets can be guessed (CRIME)", "RFC 9325 §3.3"});
    if (scan.extended_master_secret == Known::no)
        result.push_back({"extended master secret is not supported (triple handshake)", "RFC 7627"});
    return result;
}

}  // namespace

std::string_view weakness(std::string_view suite) {
    const auto found = std::ranges::find_if(weaknesses, [&](const Weakness& each) { return each.is(suite); });
    return found == std::end(weaknesses) ? "" : found->brief;
}

std::vector<Remark> remarks(const Scan& scan) {
    std::vector<Remark> all;
    for (const auto part : {about_versions, about_suites, about_keys, about_handshakes})
        std::ranges::move(part(scan), std::back_inserter(all));
    return all;
}

}  // namespace inspect::scan
