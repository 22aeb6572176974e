// The parts of explain(), one for each place where an attempt can fail. Each returns the problems
// that it can see, root cause first.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "inspect/diagnosis/attempt.h"
#include "inspect/diagnosis/diagnosis.h"
#include "inspect/diagnosis/known/providers.h"

namespace inspect::diagnosis {

// What the parts know besides the failure itself.
struct Context {
    const Attempt& attempt;
    std::vector<ChainCertificate> chain;  // the best path, or what was served and could be read
    const Provider* provider = nullptr;   // by what the certificates say
    const Provider* hosted_at = nullptr;  // by where the host's name leads in DNS

    std::string target() const;  // "api.example.com:443"
    // What a command typed by hand has to connect to: the target, or the address that --resolve
    // puts in its place.
    std::string peer() const;       // "127.0.0.1:8443"
    std::string peer_host() const;  // without port and brackets
    std::uint16_t peer_port() const;
    // How commands and sentences name the file that was verified: "chain.pem" for the standard
    // input, whatever its name is where it is.
    std::string file() const;
    // What is judged, for a sentence: the host asked for, otherwise the certificate's own name.
    std::string whose() const;
    // The name that --servername gave in place of the host; "" without.
    std::string_view server_name() const;
    // What to check where a server does not know that name; only where one was given.
    Fix check_server_name(std::string_view what) const;
    // The name that the server is asked for: the one sent (SNI), which need not be the host's;
    // otherwise the host.
    const std::string& asked_name() const;
    // "openssl s_client -connect HOST:PORT -servername NAME OPTIONS </dev/null": the handshake as
    // it was made, with or without a name.
    std::string s_client(std::string_view options = "") const;
    // The same with an upgrade by that protocol, and the same without a name.
    std::string s_client_upgraded(std::string_view protocol) const;
    std::string s_client_unnamed() const;
    // "whytls check TARGET" with the options that were given, except that `protocol` replaces
    // another --starttls.
    std::string check_command(const std::string& target, std::string_view protocol) const;
    // For curl, the options that lead it to the same server under the same name and have it trust
    // the same root, and the URL: " --connect-to NAME:PORT:ADDRESS:PORT --cacert FILE URL", or what
    // of that is needed.
    std::string curl_to(bool tls, std::string_view path = "/") const;
    std::string curl_url(bool tls, std::string_view path = "/") const;
    // The request's path, to ask for by hand, past every proxy.
    std::string curl_again(bool tls) const;
};

Problem explain_dns(const Context& context, const DnsFailure& failure);
Problem explain_connect(const Context& context);
// upstream_proxy_refused: the parent proxy answered, but not with a tunnel.
Problem explain_parent(const Context& context, const ParentRefusal& refusal);
// Adds to a problem that it is the parent proxy's and not the server's.
void tell_of_parent(const Context& context, Problem& problem);
// Adds, to the problem of a certificate that no one trusts, that the parent proxy is a whytls too.
void tell_of_other_whytls(const Context& context, Problem& problem);
Problem explain_proxy_loop(const Context& context, const ProxyLoop& failure);
// proxy_loop as well: what answers shows a certificate of a whytls. nullopt unless that is why no
// one trusts it, and nullopt behind a parent proxy.
std::optional<Problem> explain_own_certificate(const Context& context);
Problem explain_starttls(const Context& context, const StartTlsFailure& failure);
Problem explain_handshake(const Context& context, const tls::HandshakeFailure& failure);
// What every failed handshake shows.
std::vector<EvidenceRow> handshake_evidence(const Context& context, const tls::HandshakeFailure& failure);
// client_certificate_required and client_certificate_rejected, and whether a failure is one of the
// two.
Problem explain_client_certificate(const Context& context, const tls::HandshakeFailure& failure);
bool is_about_client_certificate(const tls::HandshakeFailure& failure);
// "1.2 and 1.3"; "1.2 only (--tls-max 1.2)"
std::string versions_offered(const Attempt& attempt);
// The code that experiments show to be the cause of a failure that by itself looks like `code`;
// `code` itself when they show none.
Code code_by_experiments(const Attempt& attempt, Code code);
// The experiment whose ClientHello the server took, although ours differs in nothing that a session
// agrees on (version, name, protocols, modern suites); nullptr where none was taken, or where ours
// got further.
const Experiment* accepted_likewise(const Attempt& attempt);
// "Leave it to the client": --passthrough for the host. The way round a limit of whytls.
Fix pass_through(const Context& context, std::string text);
// What the experiments add to a problem of the handshake: the two values that disagree, the proof,
// and what was tried in vain.
void add_experiments(const Context& context, Problem& problem);
// Where a date failed: which clock is wrong, by the server's Date field. Rewrites the date problems
// that only our own clock makes, and adds clock_skew.
Fix check_clock();
void add_clock(const Context& context, std::vector<Problem>& problems);
// Adds that the connection had resumed a TLS session, where the server ended it before it answered
// the first request: it may do so only where a session is resumed (RFC 8446 §2.2).
void tell_of_resumption(const Context& context, Problem& problem);
Problem explain_http(const Context& context, const HttpFailure& failure);
// upstream_closed: a connection that ended before its response did.
Problem explain_closed(const Context& context, const HttpFailure& failure);
// How much of the body came, and what became of it.
void add_body_seen(const HttpFailure& failure, Problem& problem);
Problem explain_request(const Context& context, const RequestRejected& failure);
// The same codes, where HTTP/2 says how it ended.
Problem explain_http2(const Context& context, const HttpFailure& failure);
// No protocol was agreed on, and over HTTP/1.1 nothing came; over HTTP/2 the server answers (tried).
Problem explain_http2_only(const Context& context, const HttpFailure& failure);
// The answer to HTTP/1.1 is HTTP/2's.
Problem explain_http2_answer(const Context& context);
Problem explain_http2_request(const RequestRejected& failure);
Problem explain_not_a_proxy(const NotAProxy& failure);
Problem explain_not_authorized(const Context& context, const NotAuthorized& failure);
Problem explain_cross_site(const Context& context, const CrossSiteRefused& failure);

// All that verification found, and what is worth a warning besides.
std::vector<Problem> explain_certificates(const Context& context, const certs::Verdict& verdict);
// `alone`: nothing else is wrong with the certificate.
Problem explain_hostname(const Context& context, const certs::Finding& finding, bool alone);
// self_signed, untrusted_root, missing_intermediate and unknown_issuer: why no one vouches for the
// chain.
Problem explain_trust(const Context& context, const certs::Verdict& verdict, const certs::Finding& finding, bool alone);
// revoked, revocation_unavailable and must_staple_missing: who says so, or why no one could.
Problem explain_revocation(const Context& context, const certs::Verdict& verdict, const certs::Finding& finding);
// ct_missing: a public certificate without two timestamps of Certificate Transparency logs; nullopt
// when there is nothing to say.
std::optional<Problem> explain_transparency(const Context& context);
// profile_violation: a rule for issuers, a warning where some client enforces it (enforcement.h).
void explain_profile(const Context& context, const certs::Verdict& verdict, const certs::Finding& finding,
                     Problem& problem);
// The same code, where no rule of the profile applies: a certificate with its CA's name, which
// OpenSSL takes for self-signed.
std::optional<Problem> explain_same_name(const Context& context);
// Likewise, for a chain that verifies: an Ed25519 key, or an underscore in the host.
std::vector<Problem> explain_enforcement(const Context& context);
std::vector<Problem> explain_surroundings(const Context& context);

// The steps of contract §4, in its order, with the problems already known.
std::vector<StepSummary> explain_steps(const Context& context, const std::vector<Problem>& problems);

}  // namespace inspect::diagnosis
