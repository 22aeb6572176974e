// Certificates that cannot be read, or not all of them: what is wrong with the encoding, what with
// the structure, what is only a limit here, and what is no certificate at all.
#include <fmt/format.h>

#include "inspect/diagnosis/explain/certificate/certificate_case.h"
#include "inspect/diagnosis/wording.h"

namespace inspect::diagnosis {

namespace {

// "certificate 2 of those in the file", "the certificate "a.example"".
std::string which(const Case& c, const std::string& subject) {
    const std::string called = subject.empty() ? "" : quoted(short_name(subject), 20);
    if (c.depth() == 0 && c.leaf_position() == 0) return "the certificate" + (called.empty() ? "" : " " + called);
    const std::size_t place = place_of(c, c.depth());
    return called.empty()
               ? fmt::format("certificate {} of those {}", place, c.offline() ? "in the file" : "sent")
               : fmt::format("certificate {} {}, {},", place, c.offline() ? "in the file" : "of those sent", called);
}

std::string detail(const Case& c, const certs::ParseEvidence& parse) {
    switch (parse.fault) {
        case certs::ParseFault::encoding:
            return "It is not well-formed DER (X.690), in which certificates are encoded. A program that reads BER may take it all the "
                   "same.";
        case certs::ParseFault::limit:
            return fmt::format(
                "That is a limit of whytls, not a fault of the certificate.{}",
                c.offline() ? "" : " Other clients may connect: --passthrough lets the connection through unread.");
        case certs::ParseFault::structure: break;
    }
    return "What stands there is not what RFC 5280 demands of a certificate. A program that reads less strictly may take it all the same.";
}

}  // namespace

void explain_malformed(const Case& c, Problem& problem) {
    const auto parse = c.evidence<certs::ParseEvidence>();
    if (!parse.instead.empty()) {
        problem.title = fmt::format("{} is none: it is {}", which(c, ""), parse.instead);
        problem.detail = "What stands in the place of a certificate is something else.";
        problem.evidence = {row("found", parse.instead), row("needed", "a certificate")};
        problem.fixes = {{Actor::server, "Put the server's own certificate there, as its CA issued it.",
                          c.connect_command(" -showcerts")}};
        return;
    }

    const std::string field =
        parse.field.substr(parse.field.rfind('.') == std::string::npos ? 0 : parse.field.rfind('.') + 1);
    problem.title = fmt::format("{} cannot be read: {} at byte {}, {}", which(c, parse.subject), shorten(field, 25),
                                parse.offset, shorten(parse.reason, parse.subject.empty() ? 45 : 35));
    problem.detail = detail(c, parse);
    problem.evidence = {row("field", parse.field), row("byte", std::to_string(parse.offset)),
                        row("what is wrong", parse.reason)};
    if (!parse.subject.empty()) problem.evidence.push_back(row("subject", parse.subject));
    const bool limit = parse.fault == certs::ParseFault::limit;
    if (!limit)
        problem.fixes = {
            {Actor::server,
             "Have the certificate issued again, with a maintained tool; or install the file again, if it was damaged.",
             c.connect_command(" -showcerts")}};
    else if (!c.offline())
        problem.fixes = {{Actor::client, "Let this host's connections through unread.",
                          "whytls proxy --passthrough " + shell_word(c.owner())}};
    problem.fixes.push_back({Actor::client, "Look at its structure.", "openssl asn1parse -in cert.pem -i | head -40"});
}

void explain_complexity(const Case& c, Problem& problem) {
    const auto length = c.evidence<certs::LengthEvidence>();
    if (length.found > length.allowed && length.allowed > 0) {
        problem.title = fmt::format("the chain needs {} or more intermediates; at most {} are followed", length.found,
                                    length.allowed);
        problem.detail =
            "That is a limit of whytls, which keeps its work bounded; the chain may be right. Real ones have one to four intermediates.";
        problem.evidence = {row("intermediates followed at most", std::to_string(length.allowed)),
                            row("intermediates on the way", fmt::format("{} or more", length.found)),
                            row(std::string(c.sent_label()), std::to_string(c.verdict.sent()))};
        problem.fixes = {
            {Actor::server, "Have the certificate issued nearer to the root.", c.connect_command(" -showcerts")}};
        return;
    }
    problem.title = fmt::format("no path found within the budget: {}, and too many ways to combine them", c.sent());
    problem.detail =
        "There are so many ways to combine the certificates that trying them all would take too long. Chains made to exhaust a verifier "
        "look so.";
    problem.evidence = {row(std::string(c.sent_label()), std::to_string(c.verdict.sent()))};
    problem.fixes = {{Actor::server, "Send only the certificate and its intermediates, in order.",
                      c.connect_command(" -showcerts")}};
}

}  // namespace inspect::diagnosis
