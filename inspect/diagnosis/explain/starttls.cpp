// Why a server did not switch from clear text to TLS.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

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

// The length of the character that begins `text`; 0 when it cannot be read.
std::size_t readable_size(std::string_view text) {
    for (std::size_t size = 1; size <= std::min<std::size_t>(text.size(), 4); ++size)
        if (content::is_utf8(text.substr(0, size)))
            return content::is_readable(text.substr(0, size)) && text.front() != '\x1b' ? size : 0;
    return 0;
}

// The server's own words, on one line. What a person cannot read in them is written as "\x07"; where
// that is much, they are no words.
std::string shown(const std::string& all) {
    std::string_view said = certs::trimmed(all, "\r\n");
    std::string text;
    std::size_t unreadable = 0;
    while (!said.empty()) {
        const std::size_t size = readable_size(said);
        const bool cut = size == 0 && !content::is_utf8(said) && content::is_utf8(said, true);
        if (cut && static_cast<unsigned char>(said.front()) >= 0x80) break;
        if (said.front() == '\r' || said.front() == '\n') {
            if (!text.ends_with(' ')) text += ' ';
        } else if (size > 0) {
            text += said.substr(0, size);
        } else {
            ++unreadable;
            text += fmt::format("\\x{:02x}", static_cast<unsigned char>(said.front()));
        }
        said.remove_prefix(std::max<std::size_t>(size, 1));
    }
    constexpr std::size_t few = 4;  // one in so many
    return unreadable * few > all.size() ? show_first_bytes(all) : shorten(text, 300);
}

// RFC 6120 §4.9.3.6: the stream was opened to a domain that the server does not serve. It is that
// of its users' addresses, rarely the host's name.
bool serves_another_domain(starttls::Protocol protocol, const std::string& said) {
    return (protocol == starttls::Protocol::xmpp || protocol == starttls::Protocol::xmpp_server) &&
           said.contains("<host-unknown");
}

// Whether the server says, by the code of its reply, that it may answer otherwise another time (RFC
// 5321 §4.2.1, RFC 959 §4.2).
bool is_for_now(starttls::Protocol protocol, const std::string& said) {
    using enum starttls::Protocol;
    return (protocol == smtp || protocol == lmtp || protocol == ftp || protocol == nntp) && said.starts_with('4');
}

Problem explain_other_domain(const Context& context) {
    Problem problem = problem_of(Code::starttls_failed);
    const std::string_view named = context.server_name();
    problem.title = fmt::format("{} does not serve the XMPP domain {}", shorten(context.target(), 60),
                                shorten(named.empty() ? context.asked_name() : named, 40));
    problem.detail = "It ended the stream that was opened to that domain before it came to TLS.";
    problem.fixes = {
        {Actor::client,
         "Name the domain with --servername: what follows the @ in its users' addresses, which is often not the host's name.",
         ""},
        {Actor::server, "Or let the server serve that domain: in Prosody a VirtualHost, in ejabberd hosts.", ""}};
    return problem;
}

// The server spoke its protocol and did not switch: title, reason and fixes.
Problem explain_refusal(const Context& context, const StartTlsFailure& failure, starttls::Protocol protocol) {
    using Kind = StartTlsFailure::Kind;
    if (serves_another_domain(protocol, failure.said)) return explain_other_domain(context);
    const std::string_view spoken = starttls::title(protocol);
    const std::string target = shorten(context.target(), 60);
    Problem problem = problem_of(Code::starttls_failed);
    const Fix log{Actor::server,
                  "Its reason is what it said; where that does not suffice, look into its log at this time.", ""};
    if (failure.kind == Kind::refused) {
        problem.title = fmt::format("{} refuses to serve this client ({})", target, spoken);
        problem.detail = "It said so in the clear before TLS could begin. Whether it would switch to TLS is not known.";
        problem.fixes = {log};
        problem.fixes[0].text +=
            " Servers refuse addresses that are on a block list, not on a list of those allowed, or that connect too often.";
        problem.fixes.push_back({Actor::client,
                                 is_for_now(protocol, failure.said)
                                     ? "Try again later: a code that begins with 4 refuses for now."
                                     : "Try from an address that the server accepts: it may be about yours.",
                                 ""});
        return problem;
    }
    if (failure.kind == Kind::declined) {
        problem.title = fmt::format("{} speaks {} and refused when asked to switch to TLS", target, spoken);
        problem.detail = "Its answer to the request for TLS is a refusal in the words of its protocol.";
        problem.fixes = {log};
    } else {
        problem.title = fmt::format("{} speaks {} but does not offer to switch to TLS", target, spoken);
        problem.detail = "So all that a client says there travels in the clear, or the client refuses to go on.";
    }
    problem.fixes.push_back({Actor::server, how_to_offer(protocol), ""});
    if (const std::uint16_t port = starttls::tls_port_of(protocol))
        problem.fixes.push_back({Actor::client, fmt::format("Try port {}, which speaks TLS from the first byte.", port),
                                 context.check_command(endpoint(context.attempt.host, port), "")});
    return problem;
}

// Bytes in the clear where TLS has to begin (as of CVE-2011-0411).
Problem explain_injection(const Context& context, const StartTlsFailure& failure, starttls::Protocol protocol) {
    const std::string_view spoken = starttls::title(protocol);
    const std::string target = shorten(context.target(), 60);
    Problem problem = problem_of(Code::starttls_failed);
    problem.title = failure.kind == StartTlsFailure::Kind::unasked
                        ? fmt::format("{} agreed to TLS before it was asked ({})", target, spoken)
                        : fmt::format("{} sent {} in the clear after the answer that agrees to TLS ({})", target,
                                      counted(failure.trailing_bytes, "byte"), spoken);
    problem.detail =
        "Anyone on the way can add such bytes, and a client that takes them for what came under TLS is deceived (response injection, "
        "CVE-2011-0411). So no TLS was begun.";
    problem.fixes = {
        {Actor::server,
         "Send each answer only when it was asked for, and after the one that agrees to TLS nothing until TLS runs.",
         ""},
        {Actor::network,
         "If the server sends no such thing, look for what lies between: a mail filter, a proxy, an attacker.", ""}};
    return problem;
}

// It did not come to an answer of that protocol.
Problem explain_no_answer(const Context& context, const StartTlsFailure& failure, starttls::Protocol protocol) {
    using Kind = StartTlsFailure::Kind;
    const std::string_view spoken = starttls::title(protocol);
    const std::string target = shorten(context.target(), 60);
    const Answerer answerer = recognise_first_bytes(failure.said, context.attempt.port);
    const Fix other_protocol{
        Actor::client, fmt::format("Check the port and the protocol ({}).", fmt::join(starttls::names(), ", ")),
        context.check_command(endpoint(context.attempt.host, starttls::port_of(protocol)), starttls::name(protocol))};
    Problem problem = problem_of(Code::starttls_failed);
    if (failure.kind == Kind::closed) {
        problem.title = fmt::format("{} closed the connection before it came to TLS ({})", target, spoken);
        problem.detail = "It ended the conversation in the clear.";
        problem.fixes = {
            {Actor::server,
             "Look into the server's log at this time: limits on clients and blocked addresses end connections so.",
             ""},
            other_protocol};
    } else if (failure.kind == Kind::timed_out) {
        problem.title = fmt::format("{} said nothing that leads to TLS within {} ({})", target,
                                    seconds_text(context.attempt.timeout_seconds), spoken);
        problem.detail = "A server of that protocol greets its client, or answers its request for TLS, at once.";
        problem.fixes = {{Actor::client, "If this port speaks TLS from the first byte, leave --starttls out.",
                          context.check_command(context.target(), "")},
                         other_protocol};
    } else {
        problem.title = answerer.protocol.empty() || answerer.protocol == spoken
                            ? fmt::format("{} does not speak {} as it should before TLS", target, spoken)
                            : fmt::format("{} speaks {}, not {}", target, answerer.protocol, spoken);
        problem.detail = "What it said is not what that protocol says there.";
        problem.fixes = {other_protocol};
    }
    return problem;
}

Problem explain_kind(const Context& context, const StartTlsFailure& failure, starttls::Protocol protocol) {
    using Kind = StartTlsFailure::Kind;
    switch (failure.kind) {
        case Kind::not_offered:
        case Kind::declined: return explain_refusal(context, failure, protocol);
        case Kind::refused: {
            // A refusal in the words of several protocols may be another's.
            const std::string_view answers = recognise_first_bytes(failure.said, context.attempt.port).protocol;
            return answers.empty() || answers == starttls::title(protocol)
                       ? explain_refusal(context, failure, protocol)
                       : explain_no_answer(context, failure, protocol);
        }
        case Kind::unasked:
        case Kind::trailing: return explain_injection(context, failure, protocol);
        case Kind::other:
        case Kind::closed:
        case Kind::timed_out: break;
    }
    return explain_no_answer(context, failure, protocol);
}

}  // namespace

Problem explain_starttls(const Context& context, const StartTlsFailure& failure) {
    const starttls::Protocol protocol = context.attempt.starttls.value_or(starttls::Protocol::smtp);
    Problem problem = explain_kind(context, failure, protocol);
    problem.evidence = {{"protocol asked for",
                         fmt::format("{} (--starttls {})", starttls::title(protocol), starttls::name(protocol)),
                         "",
                         {}}};
    if (!failure.said.empty()) problem.evidence.push_back({"the server said", shown(failure.said), "", {}});
    if (!failure.trailing.empty()) problem.evidence.push_back({"after that it sent", shown(failure.trailing), "", {}});
    problem.title = shorten(problem.title, title_limit);
    return problem;
}

}  // namespace inspect::diagnosis
