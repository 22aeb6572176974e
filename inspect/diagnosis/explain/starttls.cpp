// Why a server did not switch from clear text to TLS.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "inspect/content/utf8.h"
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
        case lmtp:
        case sieve: return how_to_offer(imap);
        case ftp:
            return "Switch it on and give the server a certificate: in vsftpd \"ssl_enable=YES\" with rsa_cert_file.";
        case nntp:
            return "Switch it on and give the server a certificate: in INN tlscertfile and tlskeyfile in inn.conf, and nnrpd built with TLS.";
        case xmpp:
        case xmpp_server:
            return "Give the server a certificate for the domain: in Prosody \"prosodyctl cert import\", with mod_tls loaded.";
        case ldap:
            return "Give the server a certificate: in OpenLDAP olcTLSCertificateFile and olcTLSCertificateKeyFile of cn=config; it then offers TLS by itself.";
        case postgres:
            return "Switch it on and give the server a certificate: \"ssl = on\" with ssl_cert_file and ssl_key_file in postgresql.conf.";
        case mysql:
            return "Give the server a certificate: ssl_cert and ssl_key under [mysqld]; it then offers TLS by itself.";
    }
    return "";
}

// The server's own words: as they are when a person can read them.
std::string shown(const std::string& said) {
    return content::is_readable(said, true) ? shorten(said.substr(0, said.find_first_of("\r\n")), 200)
                                            : show_first_bytes(said);
}

// RFC 6120 §4.9.3.6: the stream was opened to a domain that the server does not serve. It is that
// of its users' addresses, rarely the host's name.
bool serves_another_domain(starttls::Protocol protocol, const std::string& said) {
    return (protocol == starttls::Protocol::xmpp || protocol == starttls::Protocol::xmpp_server) &&
           said.contains("<host-unknown");
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
        Actor::client, fmt::format("Check the port and the protocol ({}).", fmt::join(starttls::names(), ", ")),
        context.check_command(endpoint(context.attempt.host, starttls::port_of(protocol)), starttls::name(protocol))};
    switch (failure.kind) {
        case Kind::not_offered:
            if (serves_another_domain(protocol, failure.said)) {
                const std::string_view named = context.server_name();
                problem.title = fmt::format("{} does not serve the XMPP domain {}", target,
                                            shorten(named.empty() ? context.asked_name() : named, 40));
                problem.detail = "It ended the stream that was opened to that domain before it came to TLS.";
                problem.fixes = {
                    {Actor::client,
                     "Name the domain with --servername: what follows the @ in its users' addresses, "
                     "which is often not the host's name.",
                     ""},
                    {Actor::server, "Or let the server serve that domain: in Prosody a VirtualHost, in ejabberd hosts.",
                     ""}};
                break;
            }
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
    if (!failure.said.empty()) problem.evidence.push_back({"the server said", shown(failure.said), "", {}});
    problem.title = shorten(problem.title, title_limit);
    return problem;
}

}  // namespace inspect::diagnosis
