#include "tls/context.h"

#include <wolfssl/options.h>

#include <wolfssl/ssl.h>

#include <array>
#include <mutex>
#include <new>
#include <string>

#include "tls/context_state.h"

namespace tls {

namespace {

// AES-128-GCM first, as in browsers; then all that a server of the last fifteen years may insist
// on, so that an odd server is spoken to and judged instead of refused. 3DES and RC4 are not in the
// library.
constexpr const char* modern_ciphers =
    "TLS13-AES128-GCM-SHA256:TLS13-AES256-GCM-SHA384:TLS13-CHACHA20-POLY1305-SHA256:TLS13-AES128-CCM-SHA256:"
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:"
    "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305:"
    "ECDHE-ECDSA-AES128-SHA256:ECDHE-RSA-AES128-SHA256:ECDHE-ECDSA-AES256-SHA384:ECDHE-RSA-AES256-SHA384:"
    "ECDHE-ECDSA-AES128-SHA:ECDHE-RSA-AES128-SHA:ECDHE-ECDSA-AES256-SHA:ECDHE-RSA-AES256-SHA:"
    "ECDHE-ECDSA-AES128-CCM:"
    "DHE-RSA-AES128-GCM-SHA256:DHE-RSA-AES256-GCM-SHA384:DHE-RSA-CHACHA20-POLY1305:DHE-RSA-AES128-SHA256:DHE-RSA-AES256-SHA256:"
    "DHE-RSA-AES128-SHA:DHE-RSA-AES256-SHA";

// Offered only to servers, and last, as OpenSSL and Chromium do: no forward secrecy, but some
// appliances have nothing else.
constexpr const char* rsa_ciphers =
    "AES128-GCM-SHA256:AES256-GCM-SHA384:AES128-SHA256:AES256-SHA256:AES128-SHA:AES256-SHA";

// X25519 first, as in browsers; then what OpenSSL has besides.
constexpr auto groups =
    std::to_array<int>({WOLFSSL_ECC_X25519, WOLFSSL_ECC_SECP256R1, WOLFSSL_ECC_SECP384R1, WOLFSSL_ECC_SECP521R1,
                        WOLFSSL_ECC_X448, WOLFSSL_FFDHE_2048, WOLFSSL_FFDHE_3072, WOLFSSL_FFDHE_4096});

void start_library() {
    static std::once_flag once;
    std::call_once(once, [] {
        if (wolfSSL_Init() != WOLFSSL_SUCCESS) throw std::runtime_error("wolfSSL cannot be initialised");
    });
}

ContextPointer make(WOLFSSL_METHOD* method, const std::string& ciphers) {
    ContextPointer context(wolfSSL_CTX_new(method));
    if (!context) throw std::bad_alloc();
    // Nothing is resumed: every connection to a server is judged anew, and to a client one P-256
    // signature costs less than keeping tickets.
    wolfSSL_CTX_set_session_cache_mode(context.get(), WOLFSSL_SESS_CACHE_OFF);
    wolfSSL_CTX_no_ticket_TLSv13(context.get());
    wolfSSL_CTX_NoTicketTLSv12(context.get());
    wolfSSL_CTX_set_cipher_list(context.get(), ciphers.c_str());
    return context;
}

WOLFSSL_METHOD* client_method(Version minimum, Version maximum) {
    if (maximum == Version::tls_1_2) return wolfTLSv1_2_client_method();
    return minimum == Version::tls_1_3 ? wolfTLSv1_3_client_method() : wolfTLS_client_method();
}

}  // namespace

void FreeContext::operator()(WOLFSSL_CTX* context) const { wolfSSL_CTX_free(context); }

ClientContext::ClientContext(Version minimum, Version maximum) {
    start_library();
    ContextPointer context = make(client_method(minimum, maximum), std::string(modern_ciphers) + ":" + rsa_ciphers);
    wolfSSL_CTX_SetMinVersion(context.get(), minimum == Version::tls_1_3 ? WOLFSSL_TLSV1_3 : WOLFSSL_TLSV1_2);
    wolfSSL_CTX_SetMinDhKey_Sz(context.get(), dh_bits_least);
    for (const int group : groups) wolfSSL_CTX_UseSupportedCurve(context.get(), static_cast<word16>(group));
    // RFC 5746 §3.4: an empty renegotiation_info, which some servers insist on. Nothing is ever
    // renegotiated, and a server that answers without one is accepted just the same.
    if (minimum != Version::tls_1_3) wolfSSL_CTX_UseSecureRenegotiation(context.get());
    wolfSSL_CTX_set_client_cert_cb(context.get(), on_client_certificate);
    // Only allows the sessions that want a staple to ask for it; the library looks nothing up
    // unless OCSP itself is enabled.
    wolfSSL_CTX_EnableOCSPStapling(context.get());
    state_ = std::make_shared<const State>(
        State{.context = std::move(context), .minimum = minimum, .offers_key_shares = maximum == Version::tls_1_3});
}

ServerIdentity::ServerIdentity(const std::vector<certs::ByteVector>& chain, certs::Bytes key) {
    start_library();
    ContextPointer context = make(wolfTLS_server_method(), modern_ciphers);
    wolfSSL_CTX_SetMinVersion(context.get(), WOLFSSL_TLSV1_2);
    wolfSSL_CTX_set_verify(context.get(), WOLFSSL_VERIFY_NONE, nullptr);
    auto preferred = groups;
    wolfSSL_CTX_set_groups(context.get(), preferred.data(), static_cast<int>(preferred.size()));
    wolfSSL_CTX_set_servername_callback(context.get(), on_server_name);
    certs::ByteVector all;
    for (const certs::ByteVector& certificate : chain) all.insert(all.end(), certificate.begin(), certificate.end());
    if (wolfSSL_CTX_use_certificate_chain_buffer_format(context.get(), all.data(), static_cast<long>(all.size()),
                                                        WOLFSSL_FILETYPE_ASN1) != WOLFSSL_SUCCESS) {
        throw IdentityError("the certificate chain cannot be used by a TLS server");
    }
    if (wolfSSL_CTX_use_PrivateKey_buffer(context.get(), key.data(), static_cast<long>(key.size()),
                                          WOLFSSL_FILETYPE_ASN1) != WOLFSSL_SUCCESS ||
        wolfSSL_CTX_check_private_key(context.get()) != WOLFSSL_SUCCESS) {
        throw IdentityError("the private key does not belong to the certificate");
    }
    state_ = std::make_shared<const State>(State{.context = std::move(context)});
}

std::string_view version_of_wolfssl() { return wolfSSL_lib_version(); }

}  // namespace tls
