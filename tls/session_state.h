// What a session is made of: the library's connection object, what is known of the handshake, and
// the steps in which the library calls back. For tls/session*.cpp only.
#pragma once

#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "tls/byte_queue.h"
#include "tls/context_state.h"
#include "tls/record_edge.h"
#include "tls/record_watch.h"
#include "tls/session.h"

namespace tls {

struct FreeSession {
    void operator()(WOLFSSL* ssl) const;
};

struct Session::State {
    struct Handshaking;
    static constexpr std::uint16_t tls_1_3 = 0x0304;  // on the wire

    bool server = false;
    bool done = false, close_sent = false;
    bool end_of_file = false, reset = false;
    int receives = 0;  // of this read()
    bool certificate_requested = false, certificate_sent = false;
    std::uint16_t lowest_version = 0x0303;
    std::unique_ptr<WOLFSSL, FreeSession> ssl;
    certs::Bytes input;
    RecordEdge edge;  // of what the library has taken
    ByteQueue output;
    std::unique_ptr<Handshaking> handshaking;
    std::unique_ptr<certs::Verdict> verdict;
    std::optional<ReadState> ended;  // what read() returned last
    Handshake info;
    std::optional<HandshakeFailure> failure;

    State(WOLFSSL_CTX* context, bool is_server);
    static State& of(WOLFSSL* ssl);

    bool look_ahead();
    bool may_read() const;
    int receive(std::span<std::uint8_t> buffer);
    bool judge(std::span<const certs::Bytes> chain);
    certs::ByteVector first_messages() const;
    certs::ByteVector certificate_message(certs::Bytes messages) const;
    certs::ByteVector certificate_status(certs::Bytes messages) const;
    void use(const ClientIdentity& identity);
    void tell_secrets_to(const KeyLog* key_log);
    bool log_key(std::string_view label, certs::Bytes secret);
    void read_certificate_request(certs::Bytes messages);
    void note_certificate_request(bool turn_taken);
    void apply_offer(const ClientParameters& parameters, bool offers_key_shares);
    bool was_resumed() const;
    void choose_alpn();
    Milestone reached() const;
    void finish();
    void fail(int code);
    void judge_unheard_chain(HandshakeFailure& found);
    int error(int result) const;
};

// What is needed only until the handshake is done, and freed then.
struct Session::State::Handshaking {
    RecordWatch watch;
    ByteQueue held;                               // arrived, but not yet for the library
    ClientParameters parameters;                  // of a client session
    std::vector<std::string> alpn;                // of a server session
    std::vector<certs::ByteVector> client_chain;  // of a client session that may show a certificate
    certs::ByteVector server_secret;              // TLS 1.3: the server's handshake traffic secret
    const KeyLog* key_log = nullptr;
    bool judged = false, refused = false;
    std::exception_ptr trouble;  // thrown by the Judge or the key log, carried past the library
};

}  // namespace tls
