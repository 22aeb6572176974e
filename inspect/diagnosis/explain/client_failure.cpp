#include "inspect/diagnosis/explain/client_failure.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "inspect/diagnosis/catalog.h"
#include "inspect/diagnosis/first_bytes.h"
#include "inspect/diagnosis/known/client_kind.h"
#include "inspect/diagnosis/shown_line.h"
#include "inspect/diagnosis/wording.h"

namespace inspect::diagnosis {

namespace {

using tls::FailureKind;

// RFC 8446 §6.2: the alerts with which clients refuse a certificate.
bool refuses_certificate(std::uint8_t alert) { return alert >= 42 && alert <= 49 && alert != 47; }

Code code_of(const ClientAttempt& attempt) {
    const tls::HandshakeFailure& failure = attempt.failure;
    const Code refusal = attempt.trusts_elsewhere ? Code::client_pinned : Code::client_untrusted_ca;
    if (attempt.left_in_silence) return refusal;
    switch (failure.kind) {
        case FailureKind::not_tls: return Code::client_not_tls;
        case FailureKind::version: return Code::client_protocol_version;
        case FailureKind::cipher:
        case FailureKind::weak_dh: return Code::client_no_shared_cipher;
        default: break;
    }
    const std::uint8_t alert = failure.alert_received.value_or(0);
    if (refuses_certificate(alert)) return refusal;
    if (alert == 70) return Code::client_protocol_version;
    if (alert == 40 || alert == 71) return Code::client_no_shared_cipher;
    return Code::client_closed;
}

std::string asked(const ClientAttempt& attempt) {
    const std::string& name = attempt.sni.empty() ? attempt.host : attempt.sni;
    return name.empty() ? "this host" : shorten(name, 45);
}

struct TrustFix {
    std::vector<ClientKind> kinds;   // the clients that it is for
    std::string_view text, command;  // {} in either: the CA's file; in the command, as a word of the shell
};

// Whether it reads a store that `whytls ca install` puts the CA into.
bool reads_a_store(ClientKind kind) {
    using enum ClientKind;
    constexpr ClientKind own_list[] = {node, postman, python, android, safari};
    return std::ranges::find(own_list, kind) == std::end(own_list);
}

// What to do besides installing the CA, in a line's few words; {} is the CA's file as a word of the
// shell.
std::string_view briefly(ClientKind kind) {
    switch (kind) {
        case ClientKind::curl: return "give curl --cacert {}";
        case ClientKind::wget: return "give wget --ca-certificate={}";
        case ClientKind::git: return "start git with GIT_SSL_CAINFO={}";
        case ClientKind::node: return "start Node with NODE_EXTRA_CA_CERTS={}";
        case ClientKind::postman: return "in Postman choose {} under Settings > Certificates > CA certificates";
        case ClientKind::python: return "start Python with REQUESTS_CA_BUNDLE={} SSL_CERT_FILE={}";
        case ClientKind::go: return "start the program with SSL_CERT_FILE={}";
        case ClientKind::openssl: return "start an OpenSSL client (curl, Python, Ruby …) with SSL_CERT_FILE={}";
        case ClientKind::android: return "install {} on the device";
        case ClientKind::safari: return "add {} to the keychain";
        default: return "see http://why.tls/ for the program's own way";
    }
}

// The programs that most developers use. For a recognised client, its own fixes come first.
const std::vector<TrustFix>& trust_table() {
    using enum ClientKind;
    static const std::vector<TrustFix> table = {
        {{openssl},
         "An OpenSSL client (curl, Python, Ruby …): most read SSL_CERT_FILE; curl takes --cacert too, Python's requests reads "
         "only REQUESTS_CA_BUNDLE.",
         "export SSL_CERT_FILE={0} REQUESTS_CA_BUNDLE={0}"},
        {{curl}, "curl: give it --cacert {} for one call, or set it for the shell.", "export CURL_CA_BUNDLE={}"},
        {{wget}, "Wget: give it --ca-certificate.", "wget --ca-certificate={} https://example.com/"},
        {{git}, "Git: set it for the shell, or http.sslCAInfo in its settings.", "export GIT_SSL_CAINFO={}"},
        {{postman}, "Postman: Settings > Certificates > CA Certificates on, and choose the file {}.", ""},
        {{node}, "Node: add it to Node's own list.", "export NODE_EXTRA_CA_CERTS={}"},
        {{python},
         "Python: requests reads the first, the ssl module the second.",
         "export REQUESTS_CA_BUNDLE={0} SSL_CERT_FILE={0}"},
        {{java},
         "Java: add it to the JDK's store (password changeit).",
         "keytool -importcert -cacerts -alias whytls -file {} -storepass changeit -noprompt"},
        {{go}, "Go: it reads the system's store, or the file that SSL_CERT_FILE names.", "export SSL_CERT_FILE={}"},
        {{android},
         "Android: install it under Security > Encryption & credentials; an app takes it only when its network_security_config trusts user "
         "CAs.",
         "adb push {} /sdcard/Download/whytls.crt"},
        {{firefox},
         "Firefox: Settings > Privacy & Security > View Certificates > Authorities > Import, and choose the file {}.",
         ""},
        {{safari},
         "Safari and macOS: add it to the keychain as a trusted root.",
         "security add-trusted-cert -r trustRoot -k ~/Library/Keychains/login.keychain-db {}"},
        {{chrome},
         "Chrome, Edge and the system: install it as a root. http://why.tls/ shows each.",
         "sudo cp {} /usr/local/share/ca-certificates/whytls.crt && sudo update-ca-certificates"},
    };
    return table;
}

Fix leave_alone(const ClientAttempt& attempt, std::string text) {
    return {
        Actor::client, std::move(text),
        fmt::format("{}{} --passthrough {}{}", own_command(attempt.runs_command), as_words(attempt.given),
                    shell_word(attempt.host.empty() ? attempt.sni : attempt.host), own_argument(attempt.runs_command))};
}

ClientKind kind_of(const ClientAttempt& attempt) { return recognise_client(attempt.user_agent, attempt.hello); }

std::string trust_briefly(const ClientAttempt& attempt) {
    const ClientKind kind = kind_of(attempt);
    if (attempt.runs_command)
        return "leave out the CA that it is told to trust itself (curl --cacert, verify=, ca:): whytls exec has set the one to use";
    const std::string own =
        replaced(briefly(kind), "{}", shell_word(attempt.ca_file.empty() ? "ca.pem" : attempt.ca_file));
    return reads_a_store(kind) && !attempt.install.empty() ? fmt::format("run {}, or {}", attempt.install, own) : own;
}

std::vector<Fix> trust_fixes(const ClientAttempt& attempt) {
    if (attempt.runs_command)
        return {
            {Actor::client,
             "Leave out the CA that the program is told to trust itself (curl --cacert, verify=, ca:): whytls exec has set "
             "the one to use in its environment (SSL_CERT_FILE, CURL_CA_BUNDLE, NODE_EXTRA_CA_CERTS and their like).",
             ""},
            leave_alone(attempt, "If the program pins its certificates, leave this host alone.")};
    const ClientKind kind = kind_of(attempt);
    const std::string file = attempt.ca_file.empty() ? "ca.pem" : attempt.ca_file, ca = shell_word(file);
    std::vector<Fix> fixes, others;
    for (const TrustFix& row : trust_table()) {
        auto& list = std::ranges::find(row.kinds, kind) != row.kinds.end() ? fixes : others;
        list.push_back({Actor::client, replaced(row.text, "{}", shorten(file, 200)),
                        replaced(replaced(row.command, "{0}", ca), "{}", ca)});
    }
    const bool has_own_way =
        !fixes.empty() && kind != ClientKind::chrome && kind != ClientKind::firefox && kind != ClientKind::java;
    if (!attempt.install.empty())
        fixes.insert(
            has_own_way ? fixes.end() : fixes.begin(),
            {Actor::client, "Make this machine's stores trust it: the system's, browsers', Java's.", attempt.install});
    std::ranges::move(others, std::back_inserter(fixes));
    fixes.push_back(leave_alone(attempt, "If the program pins its certificates, leave this host alone."));
    return fixes;
}

// How the refusal showed, for a title and for a detail.
std::string how(const ClientAttempt& attempt) {
    if (attempt.left_in_silence) return "closed without a request";
    return fmt::format("alert {}", tls::alert_name(attempt.failure.alert_received.value_or(0)));
}

void untrusted(const ClientAttempt& attempt, Problem& problem) {
    problem.title =
        fmt::format("the client does not trust the local CA of whytls for {} ({})", asked(attempt), how(attempt));
    problem.detail =
        "It refused the certificate that whytls made for it. Many programs keep their own list of CAs, apart from the system's.";
    problem.fixes = trust_fixes(attempt);
}

// Whether a close is a refusal by a client that looks at the certificate late. Node and Wget break
// off; Git closes in order all the same. Nothing can be known of others that close in order, such
// as gnutls-cli without input.
bool shows_refusal(const ClientAttempt& attempt) {
    if (attempt.said_goodbye) return kind_of(attempt) == ClientKind::git;
    return verifies_late(attempt.user_agent, attempt.hello);
}

// The client did not refuse the certificate by a word: what was seen is reported, and what it
// likely means.
void likely_untrusted(const ClientAttempt& attempt, Problem& problem) {
    const ClientKind kind = kind_of(attempt);
    problem.title = fmt::format(
        "closed right after the handshake for {}, without a request: the client likely distrusts the local CA",
        shorten(asked(attempt), 22));
    problem.detail =
        shows_refusal(attempt)
            ? fmt::format(
                  "By its ClientHello or User-Agent it is {}: that looks at the certificate only after the handshake, and closes like this "
                  "when it does not trust it. So does what only opens a connection and needs no more.",
                  title(kind))
            : fmt::format(
                  "It did so {} times, and has never sent a request. Programs that look at the certificate only after the handshake "
                  "close like this when they do not trust it; so do health checks.",
                  attempt.times_left);
    problem.proof = Proof::likely;
    problem.fixes = trust_fixes(attempt);
}

void pinned(const ClientAttempt& attempt, Problem& problem) {
    problem.title = fmt::format("the client likely pins {}: it refuses the certificate of whytls only here ({})",
                                asked(attempt), how(attempt));
    problem.detail =
        "From its address, and with the same offers of TLS, certificates of the local CA were taken for other hosts, and never for this one. "
        "If those were another program's, or other settings', this one may only lack the local CA.";
    problem.proof = Proof::likely;
    problem.fixes = {
        leave_alone(attempt, "Let this host through untouched."),
        {Actor::client, "If the program is yours, turn off its pinning in a debug build.", ""},
        {Actor::client, "If it pins nothing, let it trust the local CA: http://why.tls/ says how, for each program.",
         ""}};
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
        problem.fixes = {
            {Actor::client, "Look whether the client is stopped in a debugger or waits for a dialogue.", ""}};
        return;
    }
    if (attempt.failure.kind == FailureKind::protocol_error || attempt.failure.kind == FailureKind::renegotiation) {
        problem.title = fmt::format(
            "the handshake with the client for {} could not be finished: it broke the TLS protocol", asked(attempt));
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

// "GET /"
bool resembles_request(std::string_view bytes) {
    const std::string_view method = bytes.substr(0, bytes.find(' '));
    return std::ranges::all_of(method, [](char c) { return c >= 'A' && c <= 'Z'; }) &&
           bytes.substr(method.size()).starts_with(" /");
}

// As nginx says it: "The plain HTTP request was sent to HTTPS port".
void plain_at_listener(const ClientAttempt& attempt, Problem& problem) {
    const std::string listener = endpoint(attempt.host, attempt.port);
    problem.title = fmt::format(
        "the client sent {} to {}, where whytls speaks TLS",
        resembles_request(attempt.failure.first_bytes) ? "plain HTTP" : "something that is not TLS", listener);
    problem.detail = "This listener was started with --listen-tls: what it takes is https.";
    if (!attempt.failure.first_bytes.empty())
        problem.detail +=
            fmt::format(" The first bytes are: {}", without_secrets(show_first_bytes(attempt.failure.first_bytes)));
    const std::string trust = attempt.ca_file.empty() ? "" : "--cacert " + shell_word(attempt.ca_file) + " ";
    problem.fixes = {{Actor::client, "Use https:// in the client's URL, with the CA of whytls trusted.",
                      fmt::format("curl {}{}", trust, shell_word(url_of(attempt.host, attempt.port)))},
                     {Actor::client, "To speak plain HTTP to it, start whytls without --listen-tls.", ""}};
}

void wrong_version(const ClientAttempt& attempt, Problem& problem) {
    problem.title =
        fmt::format("the client offers for {} no TLS version that whytls speaks (1.2 and 1.3)", asked(attempt));
    problem.detail = "TLS 1.0 and 1.1 are obsolete (RFC 8996).";
    problem.fixes = {{Actor::client, "Update the client, or enable TLS 1.2 in its settings.", ""},
                     leave_alone(attempt, "If it cannot be changed, leave this host alone.")};
}

void no_shared_cipher(const ClientAttempt& attempt, Problem& problem) {
    problem.title =
        fmt::format("the client and whytls share no cipher suite, group or key type for {}", asked(attempt));
    problem.detail =
        "The certificates made here have EC P-256 keys; a client that takes only RSA certificates cannot use them.";
    problem.fixes = {{Actor::client, "Allow ECDHE-ECDSA with AES-GCM in the client's settings, or update it.", ""},
                     leave_alone(attempt, "If it cannot be changed, leave this host alone.")};
}

void not_tls(const ClientAttempt& attempt, Problem& problem) {
    const Answerer answerer = recognise_first_bytes(attempt.failure.first_bytes, 0);
    problem.title =
        fmt::format("the client sent {} to {} where TLS was expected",
                    answerer.protocol.empty() ? "something that is not TLS" : answerer.protocol, asked(attempt));
    problem.detail =
        attempt.failure.first_bytes.empty()
            ? "A ClientHello is what opens a TLS connection; nothing like it came."
            : fmt::format("Its first bytes are: {}", without_secrets(show_first_bytes(attempt.failure.first_bytes)));
    problem.fixes = {{Actor::client, "Use https:// in the client's URL, or http:// without a tunnel.", ""}};
    if (!attempt.host.empty())
        problem.fixes.push_back(
            leave_alone(attempt, "If it speaks another protocol on purpose, leave this host alone."));
}

Problem problem_for(const ClientAttempt& attempt) {
    Problem problem = problem_of(code_of(attempt));
    if (problem.code == Code::client_untrusted_ca && attempt.left_in_silence)
        likely_untrusted(attempt, problem);
    else if (problem.code == Code::client_untrusted_ca)
        untrusted(attempt, problem);
    else if (problem.code == Code::client_pinned)
        pinned(attempt, problem);
    else if (problem.code == Code::client_protocol_version)
        wrong_version(attempt, problem);
    else if (problem.code == Code::client_no_shared_cipher)
        no_shared_cipher(attempt, problem);
    else if (problem.code == Code::client_not_tls && attempt.at_listener)
        plain_at_listener(attempt, problem);
    else if (problem.code == Code::client_not_tls)
        not_tls(attempt, problem);
    else
        closed(attempt, problem);
    if (attempt.at_listener)
        std::erase_if(problem.fixes, [](const Fix& fix) { return fix.command.contains("--passthrough"); });
    if (attempt.left_in_silence) problem.proof = Proof::likely;
    problem.title = shorten(problem.title, title_limit);
    return problem;
}

std::vector<EvidenceRow> evidence_of(const ClientAttempt& attempt) {
    std::vector<EvidenceRow> evidence = {{"client", attempt.client, "", {}}};
    if (const auto kind = title(recognise_client(attempt.user_agent, attempt.hello)); !kind.empty())
        evidence.push_back({"looks like",
                            std::string(kind),
                            attempt.user_agent.empty() ? "by its ClientHello" : "by its User-Agent",
                            {}});
    if (!attempt.host.empty())
        evidence.push_back(attempt.at_listener ? EvidenceRow{"listener", endpoint(attempt.host, attempt.port), "", {}}
                                               : EvidenceRow{"asked for", attempt.host, "", {}});
    evidence.push_back({"SNI received", attempt.sni.empty() ? "none" : attempt.sni, "", {}});
    if (attempt.failure.alert_received)
        evidence.push_back(
            {"alert received",
             fmt::format("{} ({})", tls::alert_name(*attempt.failure.alert_received), *attempt.failure.alert_received),
             "",
             {}});
    if (!attempt.ca_file.empty()) evidence.push_back({"the CA to trust", attempt.ca_file, "", {}});
    return evidence;
}

// What every diagnosis of the client's side states.
Diagnosis diagnosis_for(const ClientAttempt& attempt) {
    Diagnosis diagnosis;
    diagnosis.leg = Leg::client;
    diagnosis.phase = Phase::handshake;
    diagnosis.host = attempt.host;
    diagnosis.port = attempt.port;
    diagnosis.client = attempt.client;
    diagnosis.sni = attempt.sni;
    diagnosis.time = attempt.time;
    return diagnosis;
}

}  // namespace

bool likely_refused(const ClientAttempt& attempt) {
    if (shows_refusal(attempt)) return true;
    return !attempt.trusts_elsewhere && attempt.times_left >= times_until_likely;
}

Diagnosis closed_unused(const ClientAttempt& attempt) {
    Diagnosis diagnosis = diagnosis_for(attempt);
    diagnosis.title = "the client closed right after the handshake, without a request";
    return diagnosis;
}

Diagnosis explain_client(const ClientAttempt& attempt) {
    Problem problem = problem_for(attempt);
    problem.evidence = evidence_of(attempt);
    Diagnosis diagnosis = diagnosis_for(attempt);
    diagnosis.outcome = Outcome::failed;
    diagnosis.code = problem.code;
    diagnosis.proxy_status_error = find_code(problem.code)->proxy_status_error;
    diagnosis.title = problem.title;
    diagnosis.detail = problem.detail;
    const bool hung_up = problem.code == Code::client_closed && problem.proof == Proof::likely;
    if (problem.code == Code::client_untrusted_ca) diagnosis.next_step = trust_briefly(attempt);
    if (hung_up) diagnosis.next_step = "if it does not trust the local CA of whytls: " + trust_briefly(attempt);
    diagnosis.library_text = attempt.failure.library_text;
    diagnosis.problems.push_back(std::move(problem));
    return diagnosis;
}

}  // namespace inspect::diagnosis
