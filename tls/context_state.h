// What a context holds for the sessions: the library's own context object. For tls/*.cpp only.
#pragma once

#include <memory>

#include "tls/context.h"

struct WOLFSSL;
struct WOLFSSL_CTX;
struct WOLFSSL_X509;
struct WOLFSSL_EVP_PKEY;

namespace tls {

// The least bits of a Diffie-Hellman group's prime. OpenSSL accepts no smaller one at any security
// level; neither do Java and, within 16 bits, GnuTLS.
constexpr unsigned short dh_bits_least = 1024;

struct FreeContext {
    void operator()(WOLFSSL_CTX* context) const;
};
using ContextPointer = std::unique_ptr<WOLFSSL_CTX, FreeContext>;

// The library's callbacks that belong to a context but concern one session; they are defined in
// session.cpp.
int on_client_certificate(WOLFSSL* ssl, WOLFSSL_X509**, WOLFSSL_EVP_PKEY**);
int on_server_name(WOLFSSL* ssl, int*, void*);

struct ClientContext::State {
    ContextPointer context;
    Version minimum;
    bool offers_key_shares;  // TLS 1.3 is in the range
};

struct ServerIdentity::State {
    ContextPointer context;
};

}  // namespace tls
