// One TLS connection as bytes in and bytes out: the caller moves ciphertext between a socket and
// the session, the session runs the protocol. No socket, no waiting, no clock. The home of
// wolfSSL's connection object.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "certs/verdict.h"
#include "tls/certificate_request.h"
#include "tls/client_identity.h"
#include "tls/context.h"
#include "tls/failure.h"
#include "tls/key_log.h"

namespace tls {

// What both sides agreed on; filled as far as the handshake came.
struct Handshake {
    std::string version;   // "TLSv1.3"
    std::string cipher;    // IANA name, "TLS_AES_128_GCM_SHA256"
    std::string group;     // "x25519", "secp256r1"; "" when unknown
    std::string alpn;      // "" when none was agreed
    std::string sni;       // sent by a client session, received by a server session
    bool resumed = false;  // a client session: then the server showed no chain
    // Client session, TLS 1.2, DHE suite: the length in bits of the prime that the server chose.
    std::optional<std::size_t> dh_bits = {};
    // Client session: the server asked for a client certificate (certificate_request if it could be
    // read), and got one.
    bool certificate_requested = false, certificate_sent = false;
    std::optional<CertificateRequest> certificate_request = {};
    // Client session, TLS 1.2, handshake done: whether the server knows RFC 5746.
    std::optional<bool> secure_renegotiation = {};
    // Client session: an OCSP response was asked for and came with the chain. The verdict has what
    // it says.
    bool stapled = false;
};

// Judges the chain that a server sent (leaf first) with the OCSP response stapled to the leaf (RFC
// 6066 §8, RFC 8446 §4.4.2.1; empty when there is none). Called once, inside the handshake, before
// the client's Finished.
using Judge = std::function<certs::Verdict(std::span<const certs::Bytes> chain, certs::Bytes staple)>;

// The keys that a server may sign with (RFC 8446 §4.2.3), where a client accepts only one kind.
enum class AcceptedKeys { any, rsa, ecdsa, eddsa };

// What a later connection to the same server may resume: a ticket, or a session id.
class ResumableSession;

struct ClientParameters {
    std::string sni;                // "" sends none (an IP address must not be sent, RFC 6066 §3)
    std::vector<std::string> alpn;  // empty sends none
    Judge judge;
    bool ask_for_staple = true;  // status_request (RFC 6066 §8); has no effect where can_ask_for_staple() is false
    bool accept_any = false;     // continue whatever the verdict is (--insecure); the verdict is kept all the same
    // Shown to a server that asks for it, once the Judge has accepted that server; never with
    // accept_any, where no one vouches for the server that would see it. Its bytes are copied.
    const ClientIdentity* identity = nullptr;
    const KeyLog* key_log = nullptr;  // must outlive the handshake; nullptr logs nothing
    AcceptedKeys keys = AcceptedKeys::any;
    bool ask_for_ticket = false;  // up to TLS 1.2 (RFC 5077); TLS 1.3's servers send theirs unasked
    // A server that resumes it shows no chain, so the Judge is not asked. The caller has accepted
    // the server of that session before.
    std::shared_ptr<const ResumableSession> resume = {};
};

// Whether the library leaves a stapled response to the Judge, as it does when this project builds
// it. An installed library would refuse the connection over a response that it does not accept, so
// none is asked for, and the Judge never sees one.
bool can_ask_for_staple();

enum class Progress { want_input, done, failed };

enum class ReadState {
    data,        // `size` bytes were written to the caller's buffer
    want_input,  // feed more ciphertext first
    more,        // nothing yet, and not all that was fed is read: call again, with other work in between
    closed,      // the peer's close_notify: a proper end
    truncated,   // end of file without close_notify (RFC 8446 §6.1)
    failed,      // see failure()
};
struct ReadResult {
    ReadState state;
    std::size_t size = 0;
};

// Move-only. Everything that it wants to send collects in output(). The caller flushes that after
// every call, also after a failure, so that the peer sees the alert.
class Session {
public:
    static Session client(const ClientContext& context, ClientParameters parameters);
    // Serves the leaf of `identity`. Of the `alpn` names that the client offers, it chooses the
    // first in this list's order; none if none fits. `key_log` as in ClientParameters.
    static Session server(const ServerIdentity& identity, const std::vector<std::string>& alpn,
                          const KeyLog* key_log = nullptr);
    Session(Session&&) noexcept;
    Session& operator=(Session&&) noexcept;
    ~Session();

    // Ciphertext that arrived. The session reads from `input` during the calls below and reports
    // with unread() how much of it is left; the bytes must stay valid until it is 0 or feed() is
    // called again.
    void feed(certs::Bytes input);
    std::size_t unread() const;
    // Whether the library has taken the beginning of a record whose end has not come.
    bool inside_record() const;
    void feed_end_of_file(bool reset);

    Progress handshake();
    // Reads at most some dozens of records: a peer can send any number of records that contain
    // nothing, or one byte (RFC 8446 §4.6.3, §5.1).
    ReadResult read(std::span<std::uint8_t> buffer);
    // Encrypts all of `plaintext` into output(). False when the session has failed or was closed.
    bool write(certs::Bytes plaintext);
    void send_close_notify();

    certs::Bytes output() const;  // ciphertext to send
    void sent(std::size_t size);  // drops that much of its front

    Handshake handshake_info() const;
    // Of a client session whose handshake is done, with the last ticket that was read until now;
    // nullptr when there is nothing to resume (in TLS 1.3: no ticket).
    std::shared_ptr<const ResumableSession> resumable() const;
    std::optional<certs::Verdict> take_verdict();  // of a client session, once the chain was judged
    const std::optional<HandshakeFailure>& failure() const;
    Milestone reached() const;  // how far the handshake has come

    struct State;

private:
    explicit Session(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace tls
