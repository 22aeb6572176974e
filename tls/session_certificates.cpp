// The certificates of a handshake: the server's chain and staple go to the Judge, and ours goes to
// a server that asks for it.
#include <wolfssl/options.h>

#include <wolfssl/ssl.h>

#include <algorithm>
#include <exception>

#include "tls/certificate_message.h"
#include "tls/session_state.h"

namespace tls {

// Whether the handshake may go on with this chain.
bool Session::State::judge(std::span<const certs::Bytes> chain) {
    if (!handshaking) return false;
    Handshaking& now = *handshaking;
    if (now.judged) return !now.refused;
    now.judged = true;
    now.refused = true;
    const certs::ByteVector messages = first_messages();
    read_certificate_request(messages);
    try {
        const certs::ByteVector status = certificate_status(messages);
        const certs::Bytes staple = ocsp_response_in(status);
        info.stapled = !staple.empty();
        verdict = std::make_unique<certs::Verdict>(now.parameters.judge(chain, staple));
        now.refused = !verdict->accepted() && !now.parameters.accept_any;
    } catch (...) { now.trouble = std::current_exception(); }
    now.watch.stop_keeping();
    return !now.refused;
}

// The library gives up on a chain with a certificate that it cannot parse, or with a kind of key
// that it lacks, before it asks for a verdict. The chain is then taken from the wire, so that what
// is wrong with it can still be reported.
void Session::State::judge_unheard_chain(HandshakeFailure& found) {
    Handshaking& now = *handshaking;
    if (now.judged) return;
    const certs::ByteVector message = certificate_message(first_messages());
    if (message.empty()) return;
    found.reached = std::max(found.reached, Milestone::certificate);
    const auto chain = certificates_in(message, now.watch.server_version() == tls_1_3);
    if (!chain) return;
    if (chain->empty()) {
        found.kind = FailureKind::no_certificate;
    } else {
        judge(*chain);
    }
}

// TLS 1.3: the server's messages up to its Certificate, decrypted.
certs::ByteVector Session::State::first_messages() const {
    const RecordWatch& watch = handshaking->watch;
    if (watch.server_version() != tls_1_3) return {};
    return messages_in_flight(watch.encrypted_flight(), watch.server_cipher(), handshaking->server_secret);
}

certs::ByteVector Session::State::certificate_message(certs::Bytes messages) const {
    const RecordWatch& watch = handshaking->watch;
    if (watch.server_version() != tls_1_3) return watch.certificate_message();
    const certs::Bytes body = message_in(messages, handshake_certificate).value_or(certs::Bytes());
    return {body.begin(), body.end()};
}

certs::ByteVector Session::State::certificate_status(certs::Bytes messages) const {
    if (!handshaking->parameters.ask_for_staple || !can_ask_for_staple()) return {};
    if (handshaking->watch.server_version() != tls_1_3) return handshaking->watch.certificate_status();
    const certs::ByteVector message = certificate_message(messages);
    const certs::Bytes status = certificate_status_in(message);
    return {status.begin(), status.end()};
}

// Set before the handshake, because the library picks the signature at the CertificateRequest,
// which in TLS 1.3 comes before the Certificate. The library sends the identity after the server's
// last message, and sends no such flight when the Judge refuses.
void Session::State::use(const ClientIdentity& identity) {
    certs::ByteVector all;
    for (const certs::ByteVector& certificate : identity.chain)
        all.insert(all.end(), certificate.begin(), certificate.end());
    WOLFSSL* own = ssl.get();
    const bool good = wolfSSL_use_certificate_chain_buffer_format(own, all.data(), static_cast<long>(all.size()),
                                                                  WOLFSSL_FILETYPE_ASN1) == WOLFSSL_SUCCESS &&
                      wolfSSL_use_PrivateKey_buffer(own, identity.key.data(), static_cast<long>(identity.key.size()),
                                                    WOLFSSL_FILETYPE_ASN1) == WOLFSSL_SUCCESS;
    if (!good) throw IdentityError("the client certificate and its key cannot be used by a TLS client");
    handshaking->client_chain = identity.chain;
}

void Session::State::read_certificate_request(certs::Bytes messages) {
    if (info.certificate_request) return;
    const bool modern = handshaking->watch.server_version() == tls_1_3;
    const std::optional<certs::Bytes> encrypted = message_in(messages, handshake_certificate_request);
    const certs::Bytes body =
        modern ? encrypted.value_or(certs::Bytes()) : certs::Bytes(handshaking->watch.certificate_request());
    if (!body.empty())
        info.certificate_request = tls::read_certificate_request(body, modern, handshaking->client_chain);
    if (info.certificate_request) certificate_requested = true;
}

// Called when nothing more of the handshake will come; `turn_taken`: what we had to send was sent.
void Session::State::note_certificate_request(bool turn_taken) {
    read_certificate_request({});
    certificate_sent = certificate_requested && !handshaking->client_chain.empty() && turn_taken;
    info.certificate_requested = certificate_requested;
    info.certificate_sent = certificate_sent;
}

}  // namespace tls
