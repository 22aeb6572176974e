// What a client session offers and resumes, and which keys the server may have.
#include <wolfssl/options.h>

#include <wolfssl/ssl.h>

#include "tls/session_state.h"

namespace tls {

class ResumableSession {
public:
    explicit ResumableSession(WOLFSSL_SESSION* session) : session_(session) {}
    ResumableSession(const ResumableSession&) = delete;
    ResumableSession& operator=(const ResumableSession&) = delete;
    ~ResumableSession() { wolfSSL_SESSION_free(session_); }

    WOLFSSL_SESSION* library_session() const { return session_; }

private:
    WOLFSSL_SESSION* session_;
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
    // As OpenSSL and Go do: nearly all servers accept X25519, and one that does not asks for another
    // (RFC 8446 §4.1.4).
    if (offers_key_shares) wolfSSL_UseKeyShare(ssl.get(), WOLFSSL_ECC_X25519);
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
    auto session = std::make_shared<const ResumableSession>(library);
    // By which the server finds it again.
    unsigned id = 0;
    wolfSSL_SESSION_get_id(library, &id);
    const bool by_ticket = wolfSSL_SESSION_has_ticket(library) == 1;
    return by_ticket || (id > 0 && wolfSSL_version(state_->ssl.get()) < State::tls_1_3) ? session : nullptr;
}

}  // namespace tls
