// Why a server did not switch from clear text to TLS.
#include <fmt/format.h>

#include "inspect/diagnosis/catalog.h"
#include "inspect/diagnosis/explain/parts.h"
#include "inspect/diagnosis/first_bytes.h"
#include "inspect/diagnosis/wording.h"

namespace inspect::diagnosis {

namespace {

// What switches it on, as nginx, Postfix and the databases name it.
std::string how_to_offer(starttls::Protocol protocol) {
    using enum starttls::Protocol;
    switch (protocol) {
        case smtp:
            return "Switch it on and give the server a certificate: in Postfix \"smtpd_tls_security_level = may\" with "
                   "smtpd_tls_chain_files.";
        case imap:
        case pop3:
            return "Switch it on and give the server a certificate: in Dovecot \"ssl = yes\" with ssl_cert and ssl_key.";
        case ftp:
            return "Switch it on and give the server a certificate: in vsftpd \"ssl_enable=YES\" with rsa_cert_file.";
        case postgres:
            return "Switch it on and give the server a certificate: \"ssl = on\" with ssl_cert_file and ssl_key_file in postgresql.conf.";
        case mysql:
            return "Give the server a certificate: ssl_cert and ssl_key under [mysqld]; it then offers TLS by itself.";
    }
    return "";
}

}  // namespace

Problem explain_starttls(const Context& context, const StartTlsFailure& failure) {
    using Kind = StartTlsFailure::Kind;
    const starttls::Protocol protocol = context.attempt.starttls.value_or(starttls::Protocol::smtp);
    const std::string_view spoken = starttls::title(protocol);
    const std::string target = shorten(context.target(), 60);
    const Answerer answerer = recognise_first_bytes(failure.said, context.attempt.port);
    Problem problem = problem_of(Code::starttls_failed);
    const Fix ask{Actor::server, how_to_offer(protocol), ""};
    const Fix other_protocol{
        Actor::client, "Check the port and the protocol: smtp, imap, pop3, ftp, postgres or mysql.",
        context.check_command(endpoint(context.attempt.host, starttls::port_of(protocol)), starttls::name(protocol))};
    switch (failure.kind) {
        case Kind::not_offered:
            problem.title = fmt::format("{} speaks {} but does not offer to switch to TLS", target, spoken);
            problem.detail = "So all that a client says there travels in the clear, or the client refuses to go on.";
            problem.fixes = {ask};
            if (const std::uint16_t port = starttls::tls_port_of(protocol))
                problem.fixes.push_back({Actor::client,
                                         fmt::format("Try port {}, which speaks TLS from the first byte.", port),
                                         context.check_command(endpoint(context.attempt.host, port), "")});
            break;
        case Kind::other:
            problem.title = answerer.protocol.empty() || answerer.protocol == spoken
                                ? fmt::format("{} does not speak {} as it should before TLS", target, spoken)
                                : fmt::format("{} speaks {}, not {}", target, answerer.protocol, spoken);
            problem.detail = "What it said first is not what that protocol begins with.";
            problem.fixes = {other_protocol};
            break;
        case Kind::closed:
            problem.title = fmt::format("{} closed the connection before it came to TLS ({})", target, spoken);
            problem.detail = "It ended the conversation in the clear.";
            problem.fixes = {
                {Actor::server,
                 "Look into the server's log at this time: limits on clients and blocked addresses end connections so.",
                 ""},
                other_protocol};
            break;
        case Kind::timed_out:
            problem.title = fmt::format("{} said nothing that leads to TLS within {} ({})", target,
                                        seconds_text(context.attempt.timeout_seconds), spoken);
            problem.detail = "A server of that protocol greets its client, or answers its request for TLS, at once.";
            problem.fixes = {{Actor::client, "If this port speaks TLS from the first byte, leave --starttls out.",
                              context.check_command(context.target(), "")},
                             other_protocol};
            break;
    }
    problem.evidence = {
        {"protocol asked for", fmt::format("{} (--starttls {})", spoken, starttls::name(protocol)), "", {}}};
    if (!failure.said.empty()) problem.evidence.push_back({"the server said", show_first_bytes(failure.said), "", {}});
    problem.title = shorten(problem.title, title_limit);
    return problem;
}

}  // namespace inspect::diagnosis
