#include "tls/session.h"

#include <wolfssl/options.h>

#include <wolfssl/error-ssl.h>
#include <wolfssl/ssl.h>

#include <algorithm>
#include <array>
#include <climits>
#include <exception>
#include <new>
#include <utility>

#include "tls/certificate_message.h"
#include "tls/classify.h"
#include "tls/handshake_info.h"
#include "tls/session_state.h"

namespace tls {

namespace {

constexpr std::uint8_t close_notify = 0;
constexpr int accept = 1, refuse = 0;  // what a verify callback answers
// How often the library may ask for input in one read(): twice per record. A key update costs some
// microseconds.
constexpr int most_receives = 32;

bool is_offered(std::uint16_t version, std::uint16_t lowest) {
    return version >= lowest && version <= Session::State::tls_1_3;
}

// ALPN names in the library's form. One with a comma, which no registered protocol has, would
// become two.
std::string joined(const std::vector<std::string>& names) {
    std::string list;
    for (const std::string& name : names) {
        if (!name.empty() && !name.contains(',')) list += (list.empty() ? "" : ",") + name;
    }
    return list;
}

// Called for every certificate. The first call sees the whole chain, and its answer holds for all.
int on_verify(int, WOLFSSL_X509_STORE_CTX* store) {
    auto& state = *static_cast<Session::State*>(store->userCtx);
    std::vector<certs::Bytes> chain;
    for (int i = 0; i < store->totalCerts; ++i) chain.emplace_back(store->certs[i].buffer, store->certs[i].length);
    if (!chain.empty() && state.judge(chain)) return accept;
    // Only a session that verifies sends an alert about a certificate. Until here it did not
    // verify, so that the library neither checks signatures (the Judge does) nor adds a stranger's
    // intermediates to the context.
    wolfSSL_set_verify(state.ssl.get(), WOLFSSL_VERIFY_PEER, on_verify);
    return refuse;
}

int on_receive(WOLFSSL*, char* buffer, int size, void* context) {
    return static_cast<Session::State*>(context)->receive(
        {reinterpret_cast<std::uint8_t*>(buffer), static_cast<std::size_t>(size)});
}

int on_send(WOLFSSL*, char* buffer, int size, void* context) {
    static_cast<Session::State*>(context)->output.append(
        {reinterpret_cast<const std::uint8_t*>(buffer), static_cast<std::size_t>(size)});
    return size;
}

}  // namespace

bool can_ask_for_staple() {
#ifdef WOLFSSL_STAPLE_NOT_JUDGED
    return can_read_encrypted_flights();
#else
    return false;
#endif
}

int on_client_certificate(WOLFSSL* ssl, WOLFSSL_X509**, WOLFSSL_EVP_PKEY**) {
    constexpr int none = 0;
    Session::State::of(ssl).certificate_requested = true;
    return none;
}

int on_server_name(WOLFSSL* ssl, int*, void*) {
    constexpr int go_on = 0;
    Session::State::of(ssl).choose_alpn();
    return go_on;
}

void FreeSession::operator()(WOLFSSL* ssl) const { wolfSSL_free(ssl); }

Session::State& Session::State::of(WOLFSSL* ssl) { return *static_cast<State*>(wolfSSL_GetIOReadCtx(ssl)); }

Session::State::State(WOLFSSL_CTX* context, bool is_server) : server(is_server), ssl(wolfSSL_new(context)) {
    if (!ssl) throw std::bad_alloc();
    handshaking = std::make_unique<Handshaking>();
    wolfSSL_SSLSetIORecv(ssl.get(), on_receive);
    wolfSSL_SSLSetIOSend(ssl.get(), on_send);
    wolfSSL_SetIOReadCtx(ssl.get(), this);
    wolfSSL_SetIOWriteCtx(ssl.get(), this);
}

Session::Session(std::unique_ptr<State> state) : state_(std::move(state)) {}
Session::Session(Session&&) noexcept = default;
Session& Session::operator=(Session&&) noexcept = default;
Session::~Session() = default;

Session Session::client(const ClientContext& context, ClientParameters parameters) {
    auto state = std::make_unique<State>(context.state().context.get(), false);
    WOLFSSL* ssl = state->ssl.get();
    state->lowest_version = context.state().minimum == Version::tls_1_3 ? 0x0304 : 0x0303;
    wolfSSL_SetCertCbCtx(ssl, state.get());
    wolfSSL_set_verify(ssl, WOLFSSL_VERIFY_NONE, on_verify);
    state->tell_secrets_to(parameters.key_log);
    if (!parameters.sni.empty()) {
        wolfSSL_UseSNI(ssl, WOLFSSL_SNI_HOST_NAME, parameters.sni.data(),
                       static_cast<unsigned short>(parameters.sni.size()));
    }
    std::string names = joined(parameters.alpn);
    if (parameters.ask_for_staple && can_ask_for_staple()) wolfSSL_UseOCSPStapling(ssl, WOLFSSL_CSR_OCSP, 0);
    if (!names.empty())
        wolfSSL_UseALPN(ssl, names.data(), static_cast<unsigned>(names.size()), WOLFSSL_ALPN_FAILED_ON_MISMATCH);
    state->apply_offer(parameters, context.state().offers_key_shares);
    state->info.sni = parameters.sni;
    if (parameters.identity != nullptr && !parameters.accept_any) state->use(*parameters.identity);
    state->handshaking->parameters = std::move(parameters);
    return Session(std::move(state));
}

Session Session::server(const ServerIdentity& identity, const std::vector<std::string>& alpn, const KeyLog* key_log) {
    auto state = std::make_unique<State>(identity.state().context.get(), true);
    state->handshaking->alpn = alpn;
    state->tell_secrets_to(key_log);
    return Session(std::move(state));
}

void Session::feed(certs::Bytes input) {
    state_->input = input;
    if (!state_->failure || state_->failure->kind != FailureKind::not_tls) return;
    std::string& first = state_->failure->first_bytes;
    first += certs::as_text(input.first(std::min(input.size(), RecordWatch::first_bytes_most - first.size())));
    state_->input = {};
}

std::size_t Session::unread() const { return state_->input.size(); }

bool Session::inside_record() const { return state_->edge.inside(); }

void Session::feed_end_of_file(bool reset) {
    state_->end_of_file = true;
    state_->reset = reset;
}

Progress Session::handshake() {
    State& state = *state_;
    if (state.failure) return Progress::failed;
    if (state.done) return Progress::done;
    if (!state.look_ahead()) return Progress::want_input;
    const int result = state.server ? wolfSSL_accept(state.ssl.get()) : wolfSSL_connect(state.ssl.get());
    if (state.handshaking->trouble) std::rethrow_exception(state.handshaking->trouble);
    if (result == WOLFSSL_SUCCESS) {
        // The library cannot bypass its verify callback; if it ever does, nothing may be sent to an
        // unjudged server.
        if (!state.server && !state.handshaking->judged && !state.was_resumed()) {
            state.fail(VERIFY_CERT_ERROR);
            return Progress::failed;
        }
        // The library counts the octets of the prime, leading zeros too.
        if (!state.server && state.handshaking->watch.dh_bits().value_or(dh_bits_least) < dh_bits_least) {
            state.fail(DH_KEY_SIZE_E);
            return Progress::failed;
        }
        state.finish();
        return Progress::done;
    }
    const int code = state.error(result);
    if (code == WOLFSSL_ERROR_WANT_READ && !state.handshaking->watch.not_tls()) return Progress::want_input;
    state.fail(code);
    if (state.handshaking->trouble) std::rethrow_exception(state.handshaking->trouble);
    return Progress::failed;
}

ReadResult Session::read(std::span<std::uint8_t> buffer) {
    State& state = *state_;
    if (state.ended) return {.state = *state.ended};
    if (state.failure) return {.state = ReadState::failed};
    if (!state.done) return {.state = ReadState::want_input};
    std::size_t size = 0;
    state.receives = 0;
    while (size < buffer.size() && state.may_read()) {
        const std::size_t room = std::min<std::size_t>(buffer.size() - size, INT_MAX);
        const int result = wolfSSL_read(state.ssl.get(), buffer.data() + size, static_cast<int>(room));
        if (result > 0) {
            size += static_cast<std::size_t>(result);
            continue;
        }
        const int code = state.error(result);
        if (code == WOLFSSL_ERROR_WANT_READ) break;
        if (code == WOLFSSL_ERROR_ZERO_RETURN) {
            state.ended = ReadState::closed;
        } else if (code == SOCKET_PEER_CLOSED_E && state.end_of_file && !state.reset) {
            state.ended = ReadState::truncated;
        } else {
            state.fail(code);
            state.ended = ReadState::failed;
        }
        break;
    }
    if (size > 0) return {.state = ReadState::data, .size = size};
    if (!state.ended && !state.input.empty() && state.receives > most_receives) return {.state = ReadState::more};
    return {.state = state.ended.value_or(ReadState::want_input)};
}

// Whether the library has anything to read from. It takes no more than the record that it reads, and
// to ask it in vain costs as much as a small record does.
bool Session::State::may_read() const { return !input.empty() || end_of_file || wolfSSL_pending(ssl.get()) > 0; }

bool Session::write(certs::Bytes plaintext) {
    State& state = *state_;
    if (!state.done || state.failure || state.close_sent) return false;
    state.output.expect(plaintext.size());
    while (!plaintext.empty()) {
        const std::size_t size = std::min<std::size_t>(plaintext.size(), INT_MAX);
        const int result = wolfSSL_write(state.ssl.get(), plaintext.data(), static_cast<int>(size));
        if (result <= 0) {
            state.fail(state.error(result));
            return false;
        }
        plaintext = plaintext.subspan(static_cast<std::size_t>(result));
    }
    return true;
}

void Session::send_close_notify() {
    State& state = *state_;
    if (!state.done || state.failure || state.close_sent) return;
    state.close_sent = true;
    wolfSSL_shutdown(state.ssl.get());
}

certs::Bytes Session::output() const { return state_->output.bytes(); }
void Session::sent(std::size_t size) { state_->output.drop(size); }

Handshake Session::handshake_info() const { return state_->info; }

std::optional<certs::Verdict> Session::take_verdict() {
    if (!state_->verdict) return std::nullopt;
    std::optional<certs::Verdict> verdict(std::move(*state_->verdict));
    state_->verdict.reset();
    return verdict;
}

const std::optional<HandshakeFailure>& Session::failure() const { return state_->failure; }

Milestone Session::reached() const { return state_->reached(); }

// Shows the watch what arrived; false when it must not reach the library yet. In TLS 1.2 the
// library asks for our verdict at the Certificate, before the CertificateStatus. So it gets neither
// until both are here: then it asks when the staple is known, and sends its own alert when the
// answer is no. If an announced status does not come, the wait ends with the next message, the end
// of the file, or more than the watch would keep.
bool Session::State::look_ahead() {
    Handshaking& now = *handshaking;
    now.watch.take(input);
    const bool wait = now.watch.awaits_certificate_status() && !end_of_file;
    if (!wait && now.held.bytes().empty()) return true;
    now.held.append(std::exchange(input, {}));
    return !wait || now.held.bytes().size() > RecordWatch::kept_most;
}

int Session::State::receive(std::span<std::uint8_t> buffer) {
    if (done && ++receives > most_receives && !input.empty()) return WOLFSSL_CBIO_ERR_WANT_READ;
    const bool was_held = handshaking && !handshaking->held.bytes().empty();
    const certs::Bytes source = was_held ? handshaking->held.bytes() : input;
    if (source.empty()) {
        if (!end_of_file) return WOLFSSL_CBIO_ERR_WANT_READ;
        return reset ? WOLFSSL_CBIO_ERR_CONN_RST : WOLFSSL_CBIO_ERR_CONN_CLOSE;
    }
    const std::size_t size = std::min(buffer.size(), source.size());
    std::ranges::copy(source.first(size), buffer.begin());
    edge.take(source.first(size));
    if (was_held) {
        handshaking->held.drop(size);
    } else {
        input = input.subspan(size);
    }
    return static_cast<int>(size);
}

// The library would take the client's first choice; here our order decides (RFC 7301 §3.2 leaves it
// to the server).
void Session::State::choose_alpn() {
    if (!handshaking || handshaking->alpn.empty()) return;
    char* list = nullptr;
    unsigned short size = 0;
    if (wolfSSL_ALPN_GetPeerProtocol(ssl.get(), &list, &size) != WOLFSSL_SUCCESS) return;
    const std::string offered = "," + std::string(list, size) + ",";
    wolfSSL_ALPN_FreePeerProtocol(ssl.get(), &list);
    for (std::string& name : handshaking->alpn) {
        if (offered.find("," + name + ",") == std::string::npos) continue;
        wolfSSL_UseALPN(ssl.get(), name.data(), static_cast<unsigned>(name.size()), WOLFSSL_ALPN_CONTINUE_ON_MISMATCH);
        break;
    }
}

Milestone Session::State::reached() const {
    if (!handshaking) return Milestone::done;
    Milestone reached = handshaking->watch.reached();
    if (server) return reached;
    if (handshaking->judged) reached = std::max(reached, Milestone::certificate);
    if (certificate_requested) reached = std::max(reached, Milestone::certificate_request);
    return std::max(reached, Milestone::client_hello);
}

void Session::State::finish() {
    done = true;
    describe_agreement(ssl.get(), server, info);
    info.resumed = was_resumed();
    if (!server) {
        note_certificate_request(true);
        const RecordWatch& watch = handshaking->watch;
        if (watch.server_version() != tls_1_3) {
            info.secure_renegotiation = watch.secure_renegotiation();
            info.dh_bits = watch.dh_bits();
        }
    }
    handshaking.reset();
}

// wolfSSL's own code: two of its codes come in OpenSSL's numbering.
int Session::State::error(int result) const {
    const int code = wolfSSL_get_error(ssl.get(), result);
    return code == WOLFSSL_ERROR_SYSCALL ? SOCKET_PEER_CLOSED_E : code;
}

void Session::State::fail(int code) {
    HandshakeFailure found;
    found.library_code = code;
    if (code != WOLFSSL_ERROR_WANT_READ) {
        std::array<char, WOLFSSL_MAX_ERROR_SZ> text{};
        wolfSSL_ERR_error_string_n(static_cast<unsigned long>(code), text.data(), text.size());
        found.library_text = text.data();
    }
    wolfSSL_ERR_clear_error();

    WOLFSSL_ALERT_HISTORY alerts{};
    wolfSSL_get_alert_history(ssl.get(), &alerts);
    if (alerts.last_tx.level == alert_fatal) found.alert_sent = static_cast<std::uint8_t>(alerts.last_tx.code);
    if (alerts.last_rx.level == alert_fatal || alerts.last_rx.code == close_notify) {
        found.alert_received = static_cast<std::uint8_t>(alerts.last_rx.code);
    }

    static const RecordWatch nothing_watched;
    // The library stops at the first byte that it does not accept. What explains it may come after
    // that byte, and the watch has seen it.
    if (handshaking) input = {};
    const RecordWatch& watch = handshaking ? handshaking->watch : nothing_watched;
    if (!found.alert_received) found.alert_received = watch.plaintext_alert();
    const LibraryFailure library{.code = code,
                                 .reset = reset,
                                 .alert_received = found.alert_received,
                                 .lowest_version = lowest_version,
                                 .agreed = !handshaking || is_offered(watch.server_version(), lowest_version)};
    found.kind = classify(library, watch);
    if (handshaking && !server) {
        const bool ended_by_peer =
            found.kind == FailureKind::alert || found.kind == FailureKind::closed || found.kind == FailureKind::reset;
        if (!handshaking->judged) read_certificate_request(first_messages());
        note_certificate_request(ended_by_peer && watch.flight_done());
        const bool signs_nothing =
            code == INVALID_PARAMETER && certificate_requested && !handshaking->client_chain.empty();
        if (signs_nothing) found.kind = FailureKind::client_signature;
    }
    found.certificate_requested = certificate_requested;
    found.certificate_sent = certificate_sent;
    found.reached = reached();
    if (handshaking) {
        if (found.kind == FailureKind::not_tls) found.first_bytes = watch.first_bytes();
        const bool before_verdict =
            found.kind == FailureKind::protocol_error || found.kind == FailureKind::client_signature;
        if (!server && before_verdict) judge_unheard_chain(found);
        if (handshaking->refused) found.kind = FailureKind::certificate;
        if (!server) describe_server_hello(watch, info);
    }
    failure = std::move(found);
}

}  // namespace tls
