// What a client session resumes, and which keys the server may have.
#include <wolfssl/options.h>

#include <wolfssl/ssl.h>

#include "tls/session_state.h"

namespace tls {

class ResumableSession {
public:
    ResumableSession(WOLFSSL_SESSION* session, bool over_x25519) : session_(session), over_x25519_(over_x25519) {}
    ResumableSession(const ResumableSession&) = delete;
    ResumableSession& operator=(const ResumableSession&) = delete;
    ~ResumableSession() { wolfSSL_SESSION_free(session_); }

    WOLFSSL_SESSION* library_session() const { return session_; }
    bool was_over_x25519() const { return over_x25519_; }

private:
    WOLFSSL_SESSION* session_;
    bool over_x25519_;
};

namespace {

const char* schemes_of(AcceptedKeys keys) {
    switch (keys) {
        case AcceptedKeys::rsa: return "RSA-PSS+SHA256:RSA-PSS+SHA384:RSA-PSS+SHA512:RSA+SHA256:RSA+SHA384:RSA+SHA512";
        case AcceptedKeys::ecdsa: return "ECDSA+SHA256:ECDSA+SHA384:ECDSA+SHA512";
        case AcceptedKeys::eddsa: return "ED25519:ED448";
        case AcceptedKeys::any: break;
    }
    return nullptr;
}

}  // namespace

void Session::State::apply_offer(const ClientParameters& parameters, bool offers_key_shares) {
    if (offers_key_shares) wolfSSL_UseKeyShare(ssl.get(), WOLFSSL_ECC_X25519);
    // Nearly all servers accept X25519. P-256 saves servers that have only P-256 a second round trip;
    // one that is known to have X25519 is spared the key.
    const bool has_x25519 = parameters.resume && parameters.resume->was_over_x25519();
    if (offers_key_shares && !has_x25519) wolfSSL_UseKeyShare(ssl.get(), WOLFSSL_ECC_SECP256R1);
    if (const char* schemes = schemes_of(parameters.keys)) wolfSSL_set1_sigalgs_list(ssl.get(), schemes);
    if (parameters.ask_for_ticket) wolfSSL_UseSessionTicket(ssl.get());
    if (parameters.resume) wolfSSL_set_session(ssl.get(), parameters.resume->library_session());
}

// The library resumed what this side asked it to. A server that shows a chain resumes nothing.
bool Session::State::was_resumed() const {
    return handshaking && handshaking->parameters.resume && !handshaking->judged &&
           wolfSSL_session_reused(ssl.get()) == 1;
}

std::shared_ptr<const ResumableSession> Session::resumable() const {
    if (state_->server || !state_->done) return nullptr;
    WOLFSSL_SESSION* library = wolfSSL_get1_session(state_->ssl.get());
    if (library == nullptr) return nullptr;
    auto session = std::make_shared<const ResumableSession>(library, state_->info.group == "x25519");
    // By which the server finds it again.
    unsigned id = 0;
    wolfSSL_SESSION_get_id(library, &id);
    const bool by_ticket = wolfSSL_SESSION_has_ticket(library) == 1;
    return by_ticket || (id > 0 && wolfSSL_version(state_->ssl.get()) < State::tls_1_3) ? session : nullptr;
}

}  // namespace tls
