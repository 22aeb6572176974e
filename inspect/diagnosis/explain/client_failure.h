// What went wrong between a client and us, explained: contract §6 "the client's side".
#pragma once

#include <string>
#include <vector>

#include "inspect/diagnosis/diagnosis.h"
#include "inspect/diagnosis/given_option.h"
#include "tls/client_hello.h"
#include "tls/failure.h"

namespace inspect::diagnosis {

struct ClientAttempt {
    std::string client;  // "127.0.0.1:51234"
    std::string host;    // the host it asked for (CONNECT), or connected to; "" when unknown
    std::uint16_t port = 443;
    bool at_listener = false;  // a listener that speaks TLS itself: there is no host behind it to leave alone
    std::string sni;
    certs::Time time;
    tls::HandshakeFailure failure;
    // The handshake was finished, and then the client closed at once without a request.
    bool left_in_silence = false;
    bool said_goodbye = false;      // with a close_notify, as a client that closes in order does (RFC 8446 §6.1)
    std::size_t times_left = 1;     // how often, as far as is remembered; it has never sent a request
    bool trusts_elsewhere = false;  // it has accepted our certificate for another host, and never for this one
    tls::ClientHello hello;
    std::string user_agent;                     // of the CONNECT; "" without
    std::string ca_file;                        // where our CA certificate is, for the fix's command
    std::vector<GivenOption> given;             // what the proxy was started with, for the same command
    bool runs_command = false;                  // … which was `whytls exec`
    std::string install = "whytls ca install";  // the command that makes this machine trust it; "" where none should
};

// How often a client leaves in silence, and never sends a request, until that is taken for a
// refusal.
constexpr std::size_t times_until_likely = 3;

// Whether a client that left in silence likely refused our certificate. Health checks, connections
// in reserve and tools that only look at the certificate leave the same way. So this holds only for
// a program that is known to look late, or one that keeps doing it.
bool likely_refused(const ClientAttempt& attempt);

// For a client that left in silence and likely did not refuse: no failure, and nothing to mend.
Diagnosis closed_unused(const ClientAttempt& attempt);

Diagnosis explain_client(const ClientAttempt& attempt);

}  // namespace inspect::diagnosis
