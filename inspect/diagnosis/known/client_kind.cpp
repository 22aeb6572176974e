#include "inspect/diagnosis/known/client_kind.h"

#include <algorithm>
#include <array>
#include <vector>

#include "inspect/diagnosis/wording.h"

namespace inspect::diagnosis {

namespace {

struct AgentRow {
    std::string_view part;  // of the User-Agent, ignoring letter case
    ClientKind kind;
};

// The first that fits counts: browsers name one another, so the more particular come first.
constexpr auto agents = std::to_array<AgentRow>({
    {"PostmanRuntime", ClientKind::postman},
    {"Postman/", ClientKind::postman},
    {"curl/", ClientKind::curl},
    {"libcurl", ClientKind::curl},
    {"Wget/", ClientKind::wget},
    {"git/", ClientKind::git},
    {"python", ClientKind::python},
    {"aiohttp", ClientKind::python},
    {"urllib3", ClientKind::python},
    {"Go-http-client", ClientKind::go},
    {"Dalvik/", ClientKind::android},
    {"okhttp", ClientKind::android},
    {"Android", ClientKind::android},
    {"Java/", ClientKind::java},
    {"Java-http-client", ClientKind::java},
    {"Apache-HttpClient", ClientKind::java},
    {"undici", ClientKind::node},
    {"axios", ClientKind::node},
    {"node", ClientKind::node},
    {"Firefox/", ClientKind::firefox},
    {"Chrome/", ClientKind::chrome},
    {"Safari/", ClientKind::safari},
});

bool is_grease(std::uint16_t value) { return (value & 0x0f0f) == 0x0a0a && value >> 8 == (value & 0xff); }

// Whether the suites of TLS 1.2, which follow those of 1.3 (0x13..), begin with these.
bool begins_with(const std::vector<std::uint16_t>& ciphers, std::initializer_list<std::uint16_t> suites) {
    const auto older = std::ranges::find_if(ciphers, [](std::uint16_t suite) { return suite >> 8 != 0x13; });
    const auto count = std::min(static_cast<std::ptrdiff_t>(suites.size()), ciphers.end() - older);
    return std::ranges::equal(suites, std::ranges::subrange(older, older + count));
}

// tls.DEFAULT_CIPHERS: RSA first, AES-128 before AES-256.
bool is_node(const std::vector<std::uint16_t>& ciphers) {
    return begins_with(ciphers, {0xC02F, 0xC02B, 0xC030, 0xC02C, 0x009E});
}
// The priority string NORMAL: CCM beside GCM, which few others offer.
bool is_gnutls(const std::vector<std::uint16_t>& ciphers) {
    return begins_with(ciphers, {0xC02C, 0xCCA9, 0xC0AD, 0xC00A});
}

// What the order of the cipher suites shows. The TLS 1.3 suites are 1301 (AES-128), 1302 (AES-256)
// and 1303 (ChaCha20).
ClientKind by_hello(const tls::ClientHello& hello) {
    if (hello.ciphers.empty()) return ClientKind::unknown;
    if (std::ranges::any_of(hello.ciphers, is_grease)) return ClientKind::chrome;
    if (is_node(hello.ciphers)) return ClientKind::node;
    if (is_gnutls(hello.ciphers)) return ClientKind::gnutls;
    std::vector<std::uint16_t> first(
        hello.ciphers.begin(),
        hello.ciphers.begin() + static_cast<std::ptrdiff_t>(std::min<std::size_t>(3, hello.ciphers.size())));
    const auto begins = [&](std::initializer_list<std::uint16_t> order) { return std::ranges::equal(first, order); };
    // ffdhe2048
    const bool finite_field = std::ranges::find(hello.groups, std::uint16_t{0x0100}) != hello.groups.end();
    if (begins({0x1302, 0x1303, 0x1301})) return ClientKind::openssl;  // its default order
    if (begins({0x1301, 0x1303, 0x1302}) && finite_field) return ClientKind::firefox;
    if (begins({0x1302, 0x1301, 0x1303})) return ClientKind::java;  // JSSE's order since JDK 12
    const auto position = std::ranges::find(hello.ciphers, std::uint16_t{0x1301});
    const bool last = hello.ciphers.end() - position <= 3 && position != hello.ciphers.end();
    // crypto/tls puts the suites of TLS 1.3 after those of 1.2.
    return last && hello.ciphers.size() > 6 ? ClientKind::go : ClientKind::unknown;
}

}  // namespace

ClientKind recognise_client(std::string_view user_agent, const tls::ClientHello& hello) {
    const auto row = std::ranges::find_if(
        agents, [&](const AgentRow& each) { return mentions(user_agent.substr(0, 512), each.part); });
    return row == agents.end() ? by_hello(hello) : row->kind;
}

bool verifies_late(std::string_view user_agent, const tls::ClientHello& hello) {
    const ClientKind kind = recognise_client(user_agent, hello), library = by_hello(hello);
    return kind == ClientKind::node || kind == ClientKind::postman || library == ClientKind::node ||
           library == ClientKind::gnutls;
}

std::string_view title(ClientKind kind) {
    switch (kind) {
        case ClientKind::unknown: return "";
        case ClientKind::curl: return "curl";
        case ClientKind::wget: return "Wget";
        case ClientKind::git: return "Git";
        case ClientKind::node: return "Node";
        case ClientKind::postman: return "Postman";
        case ClientKind::python: return "Python";
        case ClientKind::java: return "Java";
        case ClientKind::go: return "Go";
        case ClientKind::android: return "Android";
        case ClientKind::chrome: return "Chrome, or another browser of its family";
        case ClientKind::firefox: return "Firefox";
        case ClientKind::safari: return "Safari";
        case ClientKind::openssl: return "a program on OpenSSL (curl, Python, Ruby …)";
        case ClientKind::gnutls: return "a program on GnuTLS (Git, Wget …)";
    }
    return "";
}

}  // namespace inspect::diagnosis
