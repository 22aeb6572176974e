#include "inspect/diagnosis/client_failure.h"

#include <fmt/format.h>

#include "inspect/diagnosis/catalog.h"
#include "inspect/diagnosis/first_bytes.h"
#include "inspect/diagnosis/wording.h"

namespace inspect::diagnosis {

namespace {

using tls::FailureKind;

// RFC 8446 §6.2: the alerts with which clients refuse a certificate.
bool refuses_certificate(std::uint8_t alert) { return alert >= 42 && alert <= 49 && alert != 47; }

std::string_view code_of(const tls::HandshakeFailure& failure) {
    switch (failure.kind) {
        case FailureKind::not_tls: return "client_not_tls";
        case FailureKind::version: return "client_protocol_version";
        case FailureKind::cipher:
        case FailureKind::weak_dh: return "client_no_shared_cipher";
        default: break;
    }
    const std::uint8_t alert = failure.alert_received.value_or(0);
    if (refuses_certificate(alert)) return "client_untrusted_ca";
    if (alert == 70 || alert == 86) return "client_protocol_version";
    if (alert == 40 || alert == 71) return "client_no_shared_cipher";
    return "client_closed";
}

std::string asked(const ClientAttempt& attempt) {
    const std::string& name = attempt.sni.empty() ? attempt.host : attempt.sni;
    return name.empty() ? "this host" : shorten(name, 45);
}

// Concrete first: the four programs most developers come with, then the rest on the page.
std::vector<Fix> trust_fixes(const ClientAttempt& attempt) {
    const std::string ca = shell_word(attempt.ca_file.empty() ? "ca.pem" : attempt.ca_file);
    return {{Actor::client, "curl: name the CA for one call, or set it for the shell.", fmt::format("export CURL_CA_BUNDLE={}", ca)},
            {Actor::client, "Postman: Settings > Certificates > CA Certificates on, and choose the file.", fmt::format("ls {}", ca)},
            {Actor::client, "Node: add it to Node's own list.", fmt::format("export NODE_EXTRA_CA_CERTS={}", ca)},
            {Actor::client, "Python: requests reads the first, the ssl module the second.",
             fmt::format("export REQUESTS_CA_BUNDLE={0} SSL_CERT_FILE={0}", ca)},
            {Actor::client, "Java: add it to the JDK's store (password changeit).",
             fmt::format("keytool -importcert -cacerts -alias whytls -file {} -storepass changeit -noprompt", ca)},
            {Actor::client,
             "Chrome, Edge and the system: install it as a root; Firefox: Settings > Privacy & Security > View Certificates > Authorities "
             "> Import. http://why.tls/ shows each.",
             fmt::format("sudo cp {} /usr/local/share/ca-certificates/whytls.crt && sudo update-ca-certificates", ca)},
            {Actor::client, "If the program pins its certificates, leave this host alone.",
             "whytls proxy --passthrough " + shell_word(attempt.sni.empty() ? attempt.host : attempt.sni)}};
}

void untrusted(const ClientAttempt& attempt, Problem& problem) {
    problem.title = fmt::format("the client does not trust the local CA of whytls for {} (alert {})", asked(attempt),
                                tls::alert_name(attempt.failure.alert_received.value_or(0)));
    problem.detail =
        "It refused the certificate that whytls made for it. Many programs keep their own list of CAs, apart from the system's.";
    problem.fixes = trust_fixes(attempt);
}

void closed(const ClientAttempt& attempt, Problem& problem) {
    if (attempt.failure.alert_received) {
        problem.title = fmt::format("the client ended the handshake for {} with the alert {}", asked(attempt),
                                    tls::alert_name(*attempt.failure.alert_received));
        problem.detail = "The alert is all that it tells; its own log or console tells more.";
        problem.fixes = {{Actor::client, "Look into the client's own log at this time.", ""}};
        return;
    }
    if (attempt.failure.kind == FailureKind::timeout) {
        problem.title = fmt::format("the client did not finish the handshake for {} in time", asked(attempt));
        problem.detail = "It opened the tunnel and then fell silent.";
        problem.fixes = {{Actor::client, "Look whether the client is stopped in a debugger or waits for a dialogue.", ""}};
        return;
    }
    if (attempt.failure.kind == FailureKind::protocol_error) {
        problem.title =
            fmt::format("the handshake with the client for {} could not be finished: it broke the TLS protocol", asked(attempt));
        problem.detail = "What the client sent is not what TLS allows there; the library's own words are in the log.";
        problem.fixes = {{Actor::client, "Update the client's TLS library, and look into its own log.", ""}};
        return;
    }
    problem.proof = Proof::likely;
    problem.title = fmt::format("the client hung up in the handshake for {}, without an alert", asked(attempt));
    problem.detail =
        "Many clients do that when they do not trust a certificate; others were stopped, or opened a connection that they then did not "
        "need.";
    problem.fixes = trust_fixes(attempt);
}

}  // namespace

Diagnosis explain_client(const ClientAttempt& attempt) {
    Problem problem = problem_of(code_of(attempt.failure));
    if (problem.code == "client_untrusted_ca") {
        untrusted(attempt, problem);
    } else if (problem.code == "client_protocol_version") {
        problem.title = fmt::format("the client offers for {} no TLS version that whytls speaks (1.2 and 1.3)", asked(attempt));
        problem.detail = "TLS 1.0 and 1.1 are obsolete (RFC 8996).";
        problem.fixes = {
            {Actor::client, "Update the client, or enable TLS 1.2 in its settings.", ""},
            {Actor::client, "If it cannot be changed, leave this host alone.", "whytls proxy --passthrough " + shell_word(attempt.host)}};
    } else if (problem.code == "client_no_shared_cipher") {
        problem.title = fmt::format("the client and whytls share no cipher suite, group or key type for {}", asked(attempt));
        problem.detail = "The certificates made here have EC P-256 keys; a client that takes RSA certificates alone cannot use them.";
        problem.fixes = {
            {Actor::client, "Allow ECDHE-ECDSA with AES-GCM in the client's settings, or update it.", ""},
            {Actor::client, "If it cannot be changed, leave this host alone.", "whytls proxy --passthrough " + shell_word(attempt.host)}};
    } else if (problem.code == "client_not_tls") {
        const Answerer answerer = recognise_first_bytes(attempt.failure.first_bytes, 0);
        problem.title = fmt::format("the client sent {} to {} where TLS was expected",
                                    answerer.protocol.empty() ? "something that is not TLS" : answerer.protocol, asked(attempt));
        problem.detail = fmt::format("Its first bytes are: {}", show_first_bytes(attempt.failure.first_bytes));
        problem.fixes = {{Actor::client, "Use https:// in the client's URL, or http:// without a tunnel.", ""},
                         {Actor::client, "If it speaks another protocol on purpose, leave this host alone.",
                          "whytls proxy --passthrough " + shell_word(attempt.host)}};
    } else {
        closed(attempt, problem);
    }
    problem.title = shorten(problem.title, title_limit);
    problem.evidence = {{"client", attempt.client, "", {}}};
    if (!attempt.host.empty()) problem.evidence.push_back({"asked for", attempt.host, "", {}});
    problem.evidence.push_back({"SNI received", attempt.sni.empty() ? "none" : attempt.sni, "", {}});
    if (attempt.failure.alert_received)
        problem.evidence.push_back(
            {"alert received",
             fmt::format("{} ({})", tls::alert_name(*attempt.failure.alert_received), *attempt.failure.alert_received),
             "",
             {}});
    if (!attempt.ca_file.empty()) problem.evidence.push_back({"the CA to trust", attempt.ca_file, "", {}});

    Diagnosis diagnosis;
    diagnosis.outcome = Outcome::failed;
    diagnosis.code = problem.code;
    diagnosis.leg = Leg::client;
    diagnosis.phase = Phase::handshake;
    diagnosis.proxy_status_error = find_code(problem.code)->proxy_status_error;
    diagnosis.title = problem.title;
    diagnosis.detail = problem.detail;
    diagnosis.host = attempt.host;
    diagnosis.client = attempt.client;
    diagnosis.sni = attempt.sni;
    diagnosis.time = attempt.time;
    diagnosis.library_text = attempt.failure.library_text;
    diagnosis.problems.push_back(std::move(problem));
    return diagnosis;
}

}  // namespace inspect::diagnosis
