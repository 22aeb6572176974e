#include "inspect/diagnosis/client_kind.h"

#include <algorithm>
#include <array>
#include <vector>

#include "inspect/diagnosis/wording.h"

namespace inspect::diagnosis {

namespace {

struct AgentRow {
    std::string_view part;  // of the User-Agent, letter case apart
    ClientKind kind;
};

// The first that fits: browsers name one another, so that the more particular come first.
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

// What the order of the cipher suites says. The TLS 1.3 suites are 1301 (AES-128), 1302 (AES-256) and 1303 (ChaCha20).
ClientKind by_hello(const tls::ClientHello& hello) {
    if (hello.ciphers.empty()) return ClientKind::unknown;
    if (std::ranges::any_of(hello.ciphers, is_grease)) return ClientKind::chrome;
    std::vector<std::uint16_t> first(hello.ciphers.begin(),
                                     hello.ciphers.begin() + static_cast<std::ptrdiff_t>(std::min<std::size_t>(3, hello.ciphers.size())));
    const auto begins = [&](std::initializer_list<std::uint16_t> order) { return std::ranges::equal(first, order); };
    const bool finite_field = std::ranges::find(hello.groups, std::uint16_t{0x0100}) != hello.groups.end();  // ffdhe2048
    if (begins({0x1302, 0x1303, 0x1301})) return ClientKind::openssl;                                        // its default order
    if (begins({0x1301, 0x1303, 0x1302}) && finite_field) return ClientKind::firefox;
    if (begins({0x1302, 0x1301, 0x1303})) return ClientKind::java;  // JSSE's order since JDK 12
    const auto position = std::ranges::find(hello.ciphers, std::uint16_t{0x1301});
    const bool last = hello.ciphers.end() - position <= 3 && position != hello.ciphers.end();
    return last && hello.ciphers.size() > 6 ? ClientKind::go : ClientKind::unknown;  // crypto/tls puts them behind those of 1.2
}

}  // namespace

ClientKind recognise_client(std::string_view user_agent, const tls::ClientHello& hello) {
    const auto row = std::ranges::find_if(agents, [&](const AgentRow& each) { return mentions(user_agent.substr(0, 512), each.part); });
    return row == agents.end() ? by_hello(hello) : row->kind;
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
        case ClientKind::openssl: return "a program on OpenSSL (curl, Python, Node …)";
    }
    return "";
}

}  // namespace inspect::diagnosis
