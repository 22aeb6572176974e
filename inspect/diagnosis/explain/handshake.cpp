// Why the handshake failed before there was a certificate to judge, or for another reason than the
// certificate.
#include <fmt/format.h>

#include <algorithm>

#include "certs/crypto.h"
#include "inspect/diagnosis/catalog.h"
#include "inspect/diagnosis/experiments.h"
#include "inspect/diagnosis/explain/parts.h"
#include "inspect/diagnosis/first_bytes.h"
#include "inspect/diagnosis/wording.h"

namespace inspect::diagnosis {

namespace {

using tls::FailureKind;
using tls::Milestone;

std::string reached_text(Milestone reached) {
    switch (reached) {
        case Milestone::nothing: return "nothing was sent or received";
        case Milestone::client_hello: return "our ClientHello was sent, no ServerHello came back";
        case Milestone::server_hello: return "the server answered with its ServerHello";
        case Milestone::certificate: return "the server sent its certificate";
        case Milestone::certificate_request: return "the server asked for a client certificate";
        case Milestone::done: return "the handshake was finished on our side";
    }
    return "";
}

std::string host(const Context& context) { return shorten(context.attempt.host, 60); }

bool is_loopback(std::string_view host) {
    return host == "localhost" || host == "::1" || (is_address(host) && host.starts_with("127."));
}

std::string offered_alpn(const Attempt& attempt) { return attempt.alpn.empty() ? "none" : listed(attempt.alpn, 8); }

EvidenceRow row(std::string label, std::string value) { return {std::move(label), std::move(value), "", {}}; }

Problem not_tls(const Context& context, const tls::HandshakeFailure& failure) {
    const Attempt& attempt = context.attempt;
    const std::string said = failure.first_bytes.empty() ? answer_in_the_clear(attempt) : failure.first_bytes;
    const Answerer answerer = recognise_first_bytes(said, attempt.port);
    Problem problem = problem_of(Code::not_tls);
    const std::string_view protocol = answerer.protocol;
    problem.title = protocol.empty()
                        ? fmt::format("{} answered with something that is not TLS", shorten(context.target(), 70))
                        : fmt::format("{} speaks {}, not TLS", shorten(context.target(), 70),
                                      protocol == "HTTP" ? "plain HTTP" : protocol);
    problem.detail =
        fmt::format("Where a TLS ServerHello was expected, the server sent: {}", show_first_bytes(failure.first_bytes));
    if (protocol.starts_with("HTTP"))
        problem.fixes = {
            {Actor::client, "Use http:// for this port, or the port that speaks TLS (usually 443).",
             "curl -v" + context.curl_to(false)},
            {Actor::server,
             fmt::format("Switch TLS on for port {}: in nginx \"listen {} ssl;\", in Apache \"SSLEngine on\".",
                         attempt.port, attempt.port),
             ""}};
    else if (!answerer.starttls.empty())
        problem.fixes = {
            {Actor::client,
             fmt::format(
                 "{} starts in the clear and switches to TLS by a command (STARTTLS): use a client that does so, or its TLS-only port.",
                 protocol),
             starttls::parse_protocol(answerer.starttls) ? context.check_command(context.target(), answerer.starttls)
                                                         : context.s_client_upgraded(answerer.starttls)}};
    else if (protocol == "SSH")
        problem.fixes = {{Actor::client, "Check the port: this one belongs to an SSH server. HTTPS is usually on 443.",
                          "ssh -p " + fmt::format("{} {}", context.peer_port(), shell_word(context.peer_host()))}};
    else if (!protocol.empty())
        problem.fixes = {
            {Actor::client, fmt::format("Check the port: a {} server without TLS listens there.", protocol), ""},
            {Actor::server, fmt::format("Switch TLS on in the {} server, if clients should use it.", protocol), ""}};
    else
        problem.fixes = {{Actor::client, "Check the port in your URL: another service seems to listen there.",
                          fmt::format("curl -sv --max-time 5 telnet://{} </dev/null", shell_word(context.peer()))},
                         {Actor::server, fmt::format("Check what listens on port {}.", context.peer_port()),
                          fmt::format("ss -ltnp 'sport = :{}'", context.peer_port())}};
    problem.evidence = handshake_evidence(context, failure);
    if (!failure.first_bytes.empty())
        problem.evidence.push_back(row("first bytes received", show_first_bytes(failure.first_bytes)));
    return problem;
}

Problem closed(const Context& context, const tls::HandshakeFailure& failure) {
    Problem problem = problem_of(Code::connection_closed);
    const bool reset = failure.kind == FailureKind::reset;
    const bool early = failure.reached <= Milestone::client_hello;
    problem.title = fmt::format("{} {} the connection {}", shorten(context.target(), 60), reset ? "reset" : "closed",
                                early ? "instead of answering our ClientHello" : "in the middle of the handshake");
    problem.detail = fmt::format(
        "No fatal TLS alert came first, so the server did not say why; {}. A firewall on the way can do the same in its name.",
        reached_text(failure.reached));
    if (failure.reached == Milestone::certificate_request)
        problem.detail += " It had asked for a client certificate: some servers hang up when none comes.";
    problem.fixes = {
        {Actor::server,
         "Look into the server's error log at this time: it may name the reason (no certificate for this name, a crash, a limit).",
         ""}};
    const auto tried = [&](Trial trial) { return find_experiment(context.attempt, trial) != nullptr; };
    if (early && !tried(Trial::tls_1_2))
        problem.fixes.push_back(
            {Actor::client,
             fmt::format(
                 "Try the same handshake {}with only TLS 1.2: if that works, something on the way breaks on large or new "
                 "ClientHellos.",
                 context.attempt.check ? "" : "without the proxy, and "),
             context.s_client(" -tls1_2")});
    problem.fixes.push_back(
        {Actor::network,
         !early || context.attempt.sni.empty() || was_in_vain(context.attempt, Trial::without_sni)
             ? "Ask whether a firewall filters this server; try from another network."
             : "Ask whether a firewall filters this host by its name (SNI); try from another network.",
         ""});
    if (!early) problem.step = "handshake";
    problem.evidence = handshake_evidence(context, failure);
    return problem;
}

Problem timed_out(const Context& context, const tls::HandshakeFailure& failure) {
    Problem problem = problem_of(Code::handshake_timeout);
    if (failure.reached > Milestone::client_hello) problem.step = "handshake";
    const double seconds = context.attempt.timeout_seconds;
    problem.title = fmt::format("{} accepted the connection but did not finish the handshake{}",
                                shorten(context.target(), 40), seconds > 0 ? " within " + seconds_text(seconds) : "");
    problem.detail = fmt::format(
        "TCP works; then {}. The server is stuck or overloaded, does not speak TLS there and waits, or its packets are lost on the way.",
        reached_text(failure.reached));
    problem.fixes = {
        {Actor::server, "Check that the server's TLS listener is alive and not out of workers.", context.s_client()}};
    const bool small_too = was_in_vain(context.attempt, Trial::small_hello);  // so no packet was too large
    if (!small_too && !is_loopback(context.peer_host()))
        problem.fixes.push_back({Actor::network,
                                 "Large packets may be lost on the way (a VPN's MTU): try a smaller one.",
                                 "ping -M do -s 1372 " + shell_word(context.peer_host())});
    problem.fixes.push_back(
        {Actor::client, "If the server is only slow, give it more time.", "whytls proxy --handshake-timeout 30"});
    problem.evidence = handshake_evidence(context, failure);
    return problem;
}

Problem protocol_version(const Context& context, const tls::HandshakeFailure& failure) {
    Problem problem = problem_of(Code::protocol_version);
    const std::string offered = versions_offered(context.attempt);
    problem.title = fmt::format("{} accepts none of the TLS versions offered: {}", host(context), offered);
    problem.detail =
        "The server probably speaks only TLS 1.0 or 1.1, which are obsolete (RFC 8996), or is set to a range that excludes ours.";
    problem.proof = failure.alert_received ? Proof::observed : Proof::likely;
    problem.fixes = {
        {Actor::server,
         "Enable TLS 1.2 and 1.3 on the server: in nginx \"ssl_protocols TLSv1.2 TLSv1.3;\", in Apache \"SSLProtocol -all +TLSv1.2 "
         "+TLSv1.3\".",
         ""},
        {Actor::client, "See which version it accepts.", context.s_client(" -tls1_1 -cipher 'ALL:@SECLEVEL=0'")}};
    if (context.attempt.versions.lowest == context.attempt.versions.highest)
        problem.fixes.push_back({Actor::client, "--tls-min or --tls-max narrows the range of whytls: widen it.",
                                 "whytls proxy --tls-min 1.2 --tls-max 1.3"});
    problem.evidence = handshake_evidence(context, failure);
    problem.evidence.push_back(row("versions offered", "TLS " + offered));
    return problem;
}

Problem no_cipher(const Context& context, const tls::HandshakeFailure& failure) {
    Problem problem = problem_of(Code::no_shared_cipher);
    const bool ours = failure.kind == FailureKind::cipher;
    problem.title =
        ours ? fmt::format("{} chose nothing that we offered: no cipher suite, group or signature algorithm in common",
                           shorten(context.attempt.host, 40))
             : fmt::format("{} ended the handshake with {}: no cipher or key type in common",
                           shorten(context.attempt.host, 40), tls::alert_name(failure.alert_received.value_or(40)));
    problem.detail =
        failure.reached <= Milestone::client_hello
            ? "Right after the ClientHello this almost always means that no cipher suite, key exchange group or signature "
              "algorithm is shared; a server without any certificate for the name, or with a key of an unusual kind (P-192, "
              "secp256k1, DSA), says the same."
            : "What the server chose, or the kind of its certificate's key (P-192, secp256k1), is not among what we offered.";
    problem.proof = ours ? Proof::observed : Proof::likely;
    problem.fixes = {
        {Actor::server,
         "Enable modern suites, such as ECDHE with AES-GCM: Mozilla's generator (https://ssl-config.mozilla.org) writes the "
         "settings, profile \"intermediate\".",
         ""},
        {Actor::server,
         "Check that a certificate is set for this name, with a key that clients take (RSA, EC P-256 or P-384): without one a "
         "TLS listener refuses every client so.",
         context.s_client()},
        {Actor::client, "See what the server would take from a client that offers every cipher suite and curve.",
         context.s_client(" -cipher 'ALL:COMPLEMENTOFALL:@SECLEVEL=0' -groups "
                          "X25519:P-256:P-384:P-521:X448:secp256k1:brainpoolP256r1:brainpoolP384r1:brainpoolP512r1")}};
    if (ours)
        problem.fixes.push_back(pass_through(
            context,
            "Where other clients connect, this is a limit of whytls: have the proxy let this host through untouched (--passthrough)."));
    problem.evidence = handshake_evidence(context, failure);
    return problem;
}

Problem sni(const Context& context, const tls::HandshakeFailure& failure) {
    Problem problem = problem_of(Code::sni_unrecognized);
    const std::string& sent = context.attempt.sni;
    problem.title = fmt::format(
        "the server at {} has no site called {}",
        shorten(context.attempt.addresses.empty() ? context.target() : context.attempt.addresses.back().address, 45),
        sent.empty() ? "(no SNI was sent)" : shorten(sent, 45));
    problem.detail = "It answered the name in the ClientHello (SNI) with the alert unrecognized_name.";
    if (!context.server_name().empty()) problem.detail += " That name was given by --servername.";
    problem.fixes = {{Actor::server,
                      fmt::format("Configure a site for {}: its server name, and a certificate that covers it.",
                                  shorten(sent.empty() ? context.attempt.host : sent, 60)),
                      ""},
                     !context.server_name().empty() ? context.check_server_name("the server has no site of that name")
                     : context.attempt.address_given()
                         ? Fix{Actor::client,
                               fmt::format("Check your {}: the address may belong to another server.",
                                           context.attempt.address_option),
                               ""}
                         : Fix{Actor::network, "Check that DNS points the host at the right server.",
                               "getent ahosts " + shell_word(context.attempt.host)}};
    if (!was_in_vain(context.attempt, Trial::without_sni))
        problem.fixes.push_back(
            {Actor::client, "See what the server serves without a name.", context.s_client_unnamed()});
    problem.evidence = handshake_evidence(context, failure);
    return problem;
}

Problem no_alpn(const Context& context, const tls::HandshakeFailure& failure) {
    Problem problem = problem_of(Code::no_shared_alpn);
    problem.title = fmt::format("{} accepts none of the application protocols offered ({})", host(context),
                                shorten(offered_alpn(context.attempt), 30));
    problem.detail = "The server ended the handshake with the alert no_application_protocol (RFC 7301 §3.2).";
    problem.fixes = {{Actor::server, "Enable http/1.1 on this port, and h2 where it is to be had.", ""},
                     {Actor::client, "See which protocol the server takes.", context.s_client(" -alpn h2,http/1.1")}};
    problem.evidence = handshake_evidence(context, failure);
    problem.evidence.push_back(row("ALPN offered", offered_alpn(context.attempt)));
    if (std::ranges::find(context.attempt.alpn, "h2") == context.attempt.alpn.end())
        problem.fixes.insert(
            problem.fixes.begin(),
            {Actor::client,
             "If it takes only HTTP/2, as servers for gRPC do, nothing is wrong with it: let the client offer h2, as curl does with "
             "--http2.",
             ""});
    return problem;
}

const certs::Certificate* leaf_of(const Attempt& attempt) {
    if (!attempt.verdict || attempt.verdict->paths.empty()) return nullptr;
    const auto& certificates = attempt.verdict->paths.front().certificates;
    return certificates.empty() ? nullptr : &certificates.front().certificate;
}

// OpenSSL servers sign as their key's parameters say, not as TLS does, and OpenSSL clients verify
// that. This is no proof against the server.
Problem odd_key_parameters(const Context& context, const tls::HandshakeFailure& failure, const certs::PublicKey& key) {
    Problem problem = problem_of(Code::tls_protocol_error);
    problem.title =
        fmt::format("whytls cannot verify what the RSASSA-PSS key of {} signs: its parameters are none of TLS's",
                    shorten(context.attempt.host, 35));
    problem.detail =
        "TLS has one hash for the message and for its mask, and a salt of that length (RFC 8446 §4.2.3); the certificate's key demands "
        "something else. OpenSSL (curl, Node) goes by the key: a limit of whytls, which verifies TLS's own schemes only.";
    problem.proof = Proof::likely;
    problem.fixes = {
        pass_through(context,
                     "Where another client connects, have the proxy let this host through untouched (--passthrough)."),
        {Actor::server, "Where every client is to connect, use an RSA or EC key without such parameters.",
         "openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out key.pem"}};
    problem.evidence = handshake_evidence(context, failure);
    problem.evidence.push_back(row("key", certs::algorithm_text(key.algorithm)));
    return problem;
}

Problem handshake_signature(const Context& context, const tls::HandshakeFailure& failure) {
    const certs::Certificate* const leaf = leaf_of(context.attempt);
    if (leaf != nullptr && !certs::fits_tls_schemes(leaf->public_key()))
        return odd_key_parameters(context, failure, leaf->public_key());
    Problem problem = problem_of(Code::handshake_signature);
    problem.title = fmt::format("{} could not prove that it holds its certificate's private key", host(context));
    problem.detail =
        "The signature over the handshake does not fit the certificate. Certificate and key do not belong together, or someone shows a "
        "certificate that is not theirs.";
    problem.fixes = {
        {Actor::server, "Check that certificate and key belong together: both commands must print the same.",
         "openssl x509 -in cert.pem -noout -pubkey; openssl pkey -in key.pem -pubout"},
        {Actor::network, "If the server is right, look for a device between here and it that takes part in TLS.", ""}};
    problem.evidence = handshake_evidence(context, failure);
    return problem;
}

Problem no_certificate(const Context& context, const tls::HandshakeFailure& failure) {
    Problem problem = problem_of(Code::no_certificate);
    problem.title = fmt::format("{} sent no certificate at all", host(context));
    problem.detail =
        "The handshake got as far as the certificate list, and it was empty (RFC 8446 §4.4.2 forbids that).";
    problem.fixes = {
        {Actor::server, "Set a certificate and its key for this listener.", context.s_client(" -showcerts")}};
    problem.evidence = handshake_evidence(context, failure);
    return problem;
}

Problem weak_dh(const Context& context, const tls::HandshakeFailure& failure) {
    Problem problem = problem_of(Code::weak_dh);
    problem.title = fmt::format("{} uses a Diffie-Hellman group that is too small (under 1024 bits)", host(context));
    problem.detail =
        "Such groups can be broken (Logjam). OpenSSL refuses them at any security level, and so do Java and GnuTLS (tried); browsers "
        "and Go offer no such suites.";
    problem.fixes = {
        {Actor::server, "Prefer ECDHE suites, or use a group of RFC 7919.", "openssl dhparam -out dhparam.pem 2048"},
        {Actor::client, "See what the server agrees to with ECDHE only.", context.s_client(" -tls1_2 -cipher ECDHE")}};
    problem.evidence = handshake_evidence(context, failure);
    return problem;
}

Problem other_alert(const Context& context, const tls::HandshakeFailure& failure) {
    Problem problem = problem_of(Code::tls_alert);
    const std::string alert = failure.alert_received ? tls::alert_name(*failure.alert_received) : "no alert known";
    problem.title = fmt::format("{} ended the handshake with the TLS alert {}", host(context), alert);
    problem.detail = fmt::format(
        "How far it came: {}. The alert's name (RFC 8446 §6.2) is all that the server tells; its own log tells more.",
        reached_text(failure.reached));
    problem.fixes = {{Actor::server, "Look into the server's error log at this time for the TLS error.", ""},
                     {Actor::client, "See whether another client gets the same alert.", context.s_client()}};
    problem.evidence = handshake_evidence(context, failure);
    return problem;
}

Problem broken_protocol(const Context& context, const tls::HandshakeFailure& failure) {
    Problem problem = problem_of(Code::tls_protocol_error);
    const std::string end =
        failure.alert_sent ? fmt::format("; we ended with {}", tls::alert_name(*failure.alert_sent)) : "";
    problem.title =
        fmt::format("whytls cannot take what {} sent in the handshake{}", shorten(context.attempt.host, 45), end);
    problem.detail = fmt::format(
        "So far {}. What came next is not what TLS allows there, or is beyond what whytls can do; the library's own words are in the log. Where "
        "another client connects, it is a limit of whytls.",
        reached_text(failure.reached));
    problem.proof = Proof::likely;
    problem.fixes = {
        {Actor::client, "See whether another client stumbles as well.", context.s_client()},
        pass_through(context,
                     "Where another client connects, have the proxy let this host through untouched (--passthrough)."),
        {Actor::server, "Where none does, update the server's TLS library, and look into its error log.", ""},
        {Actor::network, "Try from another network: a device on the way may change the bytes.", ""}};
    problem.evidence = handshake_evidence(context, failure);
    return problem;
}

Problem renegotiation(const Context& context, const tls::HandshakeFailure& failure) {
    Problem problem = broken_protocol(context, failure);
    problem.title = fmt::format("{} takes a first handshake for a renegotiation; we answered with handshake_failure",
                                host(context));
    problem.detail =
        "The renegotiation_info of its ServerHello is not the empty one with which a first handshake is answered (RFC 5746 §3.4). So it looks "
        "when somebody on the way splices two connections, which that extension is there to prevent, or when the server mixes them up "
        "itself.";
    return problem;
}

Problem alert(const Context& context, const tls::HandshakeFailure& failure) {
    const int number = failure.alert_received.value_or(0);
    if (is_about_client_certificate(failure)) return explain_client_certificate(context, failure);
    if (number == 70) return protocol_version(context, failure);
    if (number == 112) return sni(context, failure);
    if (number == 120) return no_alpn(context, failure);
    if (number == 71 || (number == 40 && failure.reached <= Milestone::client_hello))
        return no_cipher(context, failure);
    return other_alert(context, failure);
}

Problem by_failure(const Context& context, const tls::HandshakeFailure& failure) {
    switch (failure.kind) {
        case FailureKind::not_tls: return not_tls(context, failure);
        case FailureKind::closed:
        case FailureKind::reset:
            if (is_about_client_certificate(failure)) return explain_client_certificate(context, failure);
            return closed(context, failure);
        case FailureKind::timeout: return timed_out(context, failure);
        case FailureKind::alert: return alert(context, failure);
        case FailureKind::version: return protocol_version(context, failure);
        case FailureKind::cipher: return no_cipher(context, failure);
        case FailureKind::client_signature: return explain_client_certificate(context, failure);
        case FailureKind::handshake_signature: return handshake_signature(context, failure);
        case FailureKind::no_certificate: return no_certificate(context, failure);
        case FailureKind::weak_dh: return weak_dh(context, failure);
        case FailureKind::renegotiation: return renegotiation(context, failure);
        case FailureKind::certificate:  // without a verdict: the library's own complaint
        case FailureKind::protocol_error: return broken_protocol(context, failure);
    }
    return broken_protocol(context, failure);
}

// What ended the handshake did not end the same one a moment later, whatever it says.
Problem passing(const Context& context, const tls::HandshakeFailure& failure) {
    const bool unoffered = failure.kind == FailureKind::version || failure.kind == FailureKind::cipher;
    Problem problem = failure.alert_received ? other_alert(context, failure)
                      : unoffered            ? broken_protocol(context, failure)
                                             : by_failure(context, failure);
    const std::string who = shorten(context.attempt.host, 40);
    const auto end = [&]() -> std::string {
        switch (failure.kind) {
            case FailureKind::alert:
                return "ended a handshake with the TLS alert " + tls::alert_name(failure.alert_received.value_or(0));
            case FailureKind::closed: return "closed the connection in a handshake";
            case FailureKind::reset: return "reset the connection in a handshake";
            case FailureKind::timeout: return "did not finish a handshake in time";
            case FailureKind::not_tls: return "answered a handshake with what is no TLS";
            case FailureKind::version: return "chose a version that we had not offered";
            case FailureKind::cipher: return "chose nothing that we had offered";
            default: return "ended a handshake by what it sent";
        }
    };
    const auto is_again = [](const Experiment& each) { return each.trial == Trial::same_again && was_accepted(each); };
    const bool again = std::ranges::any_of(context.attempt.experiments, is_again);
    problem.title = fmt::format("{} {}; {} (tried)", who, end(),
                                again ? "the same again was accepted" : "one of two alike was accepted");
    problem.detail =
        "A passing trouble, then, and neither side's settings need change for it: a restart, a limit on connections, or one of several "
        "servers behind this address that is not like the others.";
    problem.proof = Proof::experiment;
    problem.fixes = {
        {Actor::client, context.attempt.check ? "Try again." : "Send the request again.", ""},
        {Actor::server, "If it comes back, look into the error log of each server behind this address at that time.",
         ""}};
    if (again) problem.evidence.push_back(row("the same handshake again (tried)", "accepted"));
    return problem;
}

}  // namespace

std::vector<EvidenceRow> handshake_evidence(const Context& context, const tls::HandshakeFailure& failure) {
    const Attempt& attempt = context.attempt;
    std::vector<EvidenceRow> rows = {row("asked for", context.target()),
                                     row("SNI sent", attempt.sni.empty() ? "none" : attempt.sni)};
    if (failure.alert_received)
        rows.push_back(row("alert received",
                           fmt::format("{} ({})", tls::alert_name(*failure.alert_received), *failure.alert_received)));
    if (failure.alert_sent)
        rows.push_back(
            row("alert sent", fmt::format("{} ({})", tls::alert_name(*failure.alert_sent), *failure.alert_sent)));
    rows.push_back(row("how far it came", reached_text(failure.reached)));
    return rows;
}

Problem explain_handshake(const Context& context, const tls::HandshakeFailure& failure) {
    if (was_passing(context.attempt)) return passing(context, failure);
    Problem problem = by_failure(context, failure);
    const Code cause = code_by_experiments(context.attempt, problem.code);
    if (cause != problem.code) {
        if (cause == Code::not_tls) problem = not_tls(context, failure);
        if (cause == Code::protocol_version) problem = protocol_version(context, failure);
        if (cause == Code::no_shared_cipher) problem = no_cipher(context, failure);
        if (cause == Code::sni_unrecognized) problem = sni(context, failure);
        if (cause == Code::no_shared_alpn) problem = no_alpn(context, failure);
        if (cause == Code::tls_alert) problem = other_alert(context, failure);
        if (cause == Code::tls_protocol_error) problem = broken_protocol(context, failure);
    }
    add_experiments(context, problem);
    if (context.attempt.accepted_before)
        problem.detail += fmt::format(" It accepted the same handshake {} before: it may fail only now and then.",
                                      seconds_text(*context.attempt.accepted_before));
    return problem;
}

}  // namespace inspect::diagnosis
