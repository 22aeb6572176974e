// What a session learns of its own secrets: one opens the server's first encrypted flight, and all
// go to the key log where one is kept.
#include <wolfssl/options.h>

#include <wolfssl/ssl.h>

#include <array>
#include <exception>

#include "tls/session_state.h"

namespace tls {

#ifdef HAVE_SECRET_CALLBACK

namespace {

constexpr int go_on = 0, give_up = -1;  // what a callback of the library answers

// RFC 9850 §2.1; "" for what is not logged. The library derives no exporter secret unless it is
// built to (HAVE_KEYING_MATERIAL).
std::string_view label_of(int id) {
    switch (id) {
        case CLIENT_HANDSHAKE_TRAFFIC_SECRET: return "CLIENT_HANDSHAKE_TRAFFIC_SECRET";
        case SERVER_HANDSHAKE_TRAFFIC_SECRET: return "SERVER_HANDSHAKE_TRAFFIC_SECRET";
        case CLIENT_TRAFFIC_SECRET: return "CLIENT_TRAFFIC_SECRET_0";
        case SERVER_TRAFFIC_SECRET: return "SERVER_TRAFFIC_SECRET_0";
        case EXPORTER_SECRET: return "EXPORTER_SECRET";
        default: return "";
    }
}

// TLS 1.3, once for each secret.
int on_secret(WOLFSSL*, int id, const unsigned char* secret, int size, void* context) {
    auto& state = *static_cast<Session::State*>(context);
    if (!state.handshaking) return go_on;
    const certs::Bytes bytes(secret, static_cast<std::size_t>(size));
    if (id == SERVER_HANDSHAKE_TRAFFIC_SECRET && !state.server)
        state.handshaking->server_secret.assign(bytes.begin(), bytes.end());
    return state.log_key(label_of(id), bytes) ? go_on : give_up;
}

// TLS 1.2.
int on_master_secret(WOLFSSL*, void* secret, int size, void* context) {
    const certs::Bytes bytes(static_cast<const std::uint8_t*>(secret), static_cast<std::size_t>(size));
    return static_cast<Session::State*>(context)->log_key("CLIENT_RANDOM", bytes) ? go_on : give_up;
}

}  // namespace

void Session::State::tell_secrets_to(const KeyLog* key_log) {
    handshaking->key_log = key_log;
    if (!server || key_log != nullptr) wolfSSL_set_tls13_secret_cb(ssl.get(), on_secret, this);
    if (key_log != nullptr) wolfSSL_set_secret_cb(ssl.get(), on_master_secret, this);
}

// False when the handshake cannot go on, because the key log threw.
bool Session::State::log_key(std::string_view label, certs::Bytes secret) {
    if (!handshaking || handshaking->key_log == nullptr || label.empty()) return true;
    try {
        std::array<std::uint8_t, 32> random{};
        if (wolfSSL_get_client_random(ssl.get(), random.data(), random.size()) == random.size())
            (*handshaking->key_log)(key_log_line(label, random, secret));
        return true;
    } catch (...) {
        handshaking->trouble = std::current_exception();
        return false;
    }
}

#else

void Session::State::tell_secrets_to(const KeyLog* /*key_log*/) {}
bool Session::State::log_key(std::string_view /*label*/, certs::Bytes /*secret*/) { return true; }

#endif

}  // namespace tls
