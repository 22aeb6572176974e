#include "tls/handshake_info.h"

#include <wolfssl/options.h>

#include <fmt/format.h>
#include <wolfssl/ssl.h>

#include "tls/suites.h"

namespace tls {

namespace {

std::string cipher_name(unsigned suite) {
    const char* name = wolfSSL_get_cipher_name_iana_from_suite(static_cast<unsigned char>(suite >> 8),
                                                               static_cast<unsigned char>(suite & 0xff));
    return name != nullptr && std::string_view(name) != "None" ? name : fmt::format("{:#06x}", suite);
}

// RFC 8446 §4.2.7's spelling of the library's "SECP256R1", "X25519", "FFDHE_2048".
std::string group_name(WOLFSSL* ssl) {
    const char* name = wolfSSL_get_curve_name(ssl);
    std::string group;
    for (const char character : std::string_view(name != nullptr ? name : "")) {
        if (character != '_')
            group += static_cast<char>(character >= 'A' && character <= 'Z' ? character - 'A' + 'a' : character);
    }
    return group;
}

}  // namespace

void describe_agreement(WOLFSSL* ssl, bool server, Handshake& info) {
    info.version = version_name(static_cast<WireVersion>(wolfSSL_version(ssl)));
    info.cipher = cipher_name(static_cast<unsigned>(wolfSSL_get_current_cipher_suite(ssl)) & 0xffff);
    // The library keeps the group of a key share even if a TLS 1.2 server did not use it.
    const bool curve = info.version == "TLSv1.3" || info.cipher.find("_ECDHE_") != std::string::npos;
    if (curve) info.group = group_name(ssl);
    char* alpn = nullptr;
    unsigned short alpn_size = 0;
    if (wolfSSL_ALPN_GetProtocol(ssl, &alpn, &alpn_size) == WOLFSSL_SUCCESS) info.alpn.assign(alpn, alpn_size);
    if (!server) return;
    void* name = nullptr;
    const unsigned short name_size = wolfSSL_SNI_GetRequest(ssl, WOLFSSL_SNI_HOST_NAME, &name);
    if (name != nullptr) info.sni.assign(static_cast<const char*>(name), name_size);
}

void describe_server_hello(const RecordWatch& watch, Handshake& info) {
    if (watch.server_version() == 0) return;
    info.version = version_name(watch.server_version());
    info.cipher = cipher_name(watch.server_cipher());
}

}  // namespace tls
