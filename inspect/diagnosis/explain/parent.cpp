// What the parent proxy (--upstream-proxy) answered when it was asked for the way to a server.
#include <fmt/format.h>

#include <algorithm>

#include "inspect/diagnosis/catalog.h"
#include "inspect/diagnosis/explain/parts.h"
#include "inspect/diagnosis/shown_line.h"
#include "inspect/diagnosis/wording.h"

namespace inspect::diagnosis {

namespace {

std::string status_line(const ParentRefusal& refusal) {
    return fmt::format("{}{}{}", refusal.status, refusal.reason.empty() ? "" : " ", shorten(refusal.reason, 60));
}

// A page of the parent's, as a row shows it.
std::string on_one_line(std::string_view text) {
    constexpr std::string_view blanks = " \t\r\n\v\f";
    std::string line;
    for (const char c : text) {
        if (!blanks.contains(c))
            line += c;
        else if (!line.empty() && line.back() != ' ')
            line += ' ';
    }
    return line;
}

std::string what_it_did(const ParentRefusal& refusal, const Attempt& attempt) {
    switch (refusal.kind) {
        case ParentRefusal::Kind::status: return "answered " + shorten(status_line(refusal), 40);
        case ParentRefusal::Kind::not_http: return "answered with something that is no HTTP";
        case ParentRefusal::Kind::closed: return "closed the connection without an answer";
        case ParentRefusal::Kind::timed_out: return "did not answer within " + seconds_text(attempt.timeout_seconds);
    }
    return "";
}

// The schemes of the challenges in Proxy-Authenticate (RFC 9110 §11.6.1): words that begin a list
// member and are not parameters.
std::vector<std::string> schemes_of(std::string_view asks_for) {
    constexpr std::string_view blanks = " \t";
    std::vector<std::string> schemes;
    while (!asks_for.empty()) {
        std::size_t end = 0;
        for (bool quoted = false; end < asks_for.size() && (quoted || asks_for[end] != ','); ++end)
            quoted = asks_for[end] == '"' ? !quoted : quoted;
        std::string_view member = asks_for.substr(0, end);
        asks_for.remove_prefix(std::min(end + 1, asks_for.size()));
        member.remove_prefix(std::min(member.find_first_not_of(blanks), member.size()));
        const std::string scheme(member.substr(0, member.find_first_of(blanks)));
        const bool known =
            std::ranges::any_of(schemes, [&](const std::string& other) { return http::same_name(other, scheme); });
        if (http::is_token(scheme) && !known) schemes.push_back(shorten(scheme, 20));
    }
    return schemes;
}

// The parent asks for credentials only in schemes that whytls does not speak.
bool offers_no_basic(const ParentRefusal& refusal) {
    const auto schemes = schemes_of(refusal.asks_for);
    return refusal.status == 407 && !schemes.empty() &&
           std::ranges::none_of(schemes, [](const std::string& scheme) { return http::same_name(scheme, "Basic"); });
}

std::string meaning(const ParentRefusal& refusal) {
    if (refusal.kind != ParentRefusal::Kind::status)
        return "The connection to the parent proxy was opened, but no tunnel through it. Perhaps no HTTP proxy listens there.";
    if (offers_no_basic(refusal))
        return fmt::format("The parent proxy takes credentials by {} only, and whytls speaks Basic only{}.",
                           listed(schemes_of(refusal.asks_for), 4),
                           refusal.credentials ? ": those of --upstream-proxy were sent, and are of no use there" : "");
    if (refusal.status == 407)
        return refusal.credentials
                   ? "The parent proxy did not accept the user and password in --upstream-proxy."
                   : "The parent proxy asks for a user and a password, and --upstream-proxy gives none.";
    if (refusal.status == 403) return "The parent proxy's own rules do not let it connect to that host and port.";
    if (refusal.status == 503)
        return "The parent proxy says that it does not serve this now: it has too much to do, or does not reach the server.";
    if (refusal.status == 502 || refusal.status == 504)
        return "The parent proxy says that it could not reach the server itself.";
    return "The parent proxy opens no tunnel to that host and port.";
}

Fix mend(const Context& context, const ParentRefusal& refusal) {
    if (refusal.kind != ParentRefusal::Kind::status)
        return {
            Actor::client,
            refusal.kind == ParentRefusal::Kind::closed && !context.attempt.parent_tls
                ? "Check that --upstream-proxy names the host and the port of an HTTP proxy; one that speaks TLS itself needs https://."
                : "Check that --upstream-proxy names the host and the port of an HTTP proxy, and that the proxy runs there.",
            ""};
    if (offers_no_basic(refusal))
        return {
            Actor::client,
            "Start a proxy that signs in by those schemes between the two (px, cntlm; both are free), and give whytls its address.",
            "whytls proxy --upstream-proxy http://127.0.0.1:3128"};
    if (refusal.status == 407)
        return {
            Actor::client,
            "Give the parent proxy the user and password it knows, percent-encoded; whytls speaks only the scheme Basic.",
            "whytls proxy --upstream-proxy " +
                shell_word((context.attempt.parent_tls ? "https://USER:PASSWORD@" : "http://USER:PASSWORD@") +
                           context.attempt.parent)};
    if (refusal.status >= 502 && refusal.status <= 504)
        return {Actor::network,
                "Ask whoever runs the parent proxy whether it resolves and reaches the server; its log says why not.",
                ""};
    return {Actor::network,
            fmt::format("Ask whoever runs the parent proxy to allow {}.", shorten(context.target(), 60)), ""};
}

}  // namespace

Problem explain_parent(const Context& context, const ParentRefusal& refusal) {
    Problem problem = problem_of(Code::upstream_proxy_refused);
    const std::string parent = shorten(context.attempt.parent, 40);
    problem.title = fmt::format("no way to {}: the parent proxy {} {}", shorten(context.target(), 40), parent,
                                what_it_did(refusal, context.attempt));
    problem.detail = meaning(refusal);
    problem.evidence = {{"parent proxy", context.attempt.parent, "", {}}};
    if (refusal.kind == ParentRefusal::Kind::status)
        problem.evidence.push_back({"its answer", status_line(refusal), "", {}});
    problem.evidence.push_back({"asks for", shorten(refusal.asks_for, 120), "", {}});
    if (refusal.status == 407)
        problem.evidence.push_back({"credentials", refusal.credentials ? "sent (Basic)" : "none sent", "", {}});
    problem.evidence.push_back({"it said", shorten(without_secrets(on_one_line(refusal.first_text)), 200), "", {}});
    problem.fixes = {mend(context, refusal),
                     {Actor::client, "If the server is reached without the parent proxy, exempt it.",
                      "whytls proxy --no-proxy " + shell_word(context.attempt.host)}};
    if (offers_no_basic(refusal))
        problem.fixes.insert(
            problem.fixes.begin() + 1,
            {Actor::network, "Ask whoever runs the parent proxy to take Basic over TLS too, or to exempt this machine.",
             ""});
    return problem;
}

void tell_of_other_whytls(const Context& context, Problem& problem) {
    const Attempt& attempt = context.attempt;
    const bool other = context.provider != nullptr && context.provider->kind == Provider::Kind::whytls;
    if (!other || attempt.parent.empty() || !mends(*context.provider, problem.code)) return;
    problem.title = fmt::format("{} is another whytls, whose local CA is not trusted here",
                                attempt.at_parent() ? "it" : "the parent proxy " + shorten(attempt.parent, 40));
    problem.detail = "Its local CA made the certificate. Two in a row are possible, and then each decrypts.";
    const Fix add{Actor::client,
                  "Give this whytls the CA of the other: its ca.pem, which `whytls ca export` prints there.",
                  "whytls proxy --add-trust ca.pem"};
    problem.fixes = {add, {Actor::client, "If one is enough, leave out --upstream-proxy.", ""}};
}

void tell_of_parent(const Context& context, Problem& problem) {
    const Attempt& attempt = context.attempt;
    problem.title = "the parent proxy failed: " + problem.title;
    problem.detail =
        "This is about the proxy that --upstream-proxy names; the server itself was not asked. " + problem.detail;
    problem.evidence.insert(problem.evidence.begin(), {"on the way to", attempt.waypoint->target, "", {}});
    const auto target = attempt.waypoint->target.substr(0, attempt.waypoint->target.rfind(':'));
    const Fix exempt{Actor::client, "If the server is reached without the parent proxy, exempt it.",
                     "whytls proxy --no-proxy " + shell_word(target)};
    if (std::holds_alternative<ProxyLoop>(attempt.failure)) {
        problem.detail = "--upstream-proxy names whytls's own address, so that every request would come back to it.";
        problem.fixes = {{Actor::client, "Give --upstream-proxy the address of another proxy, or leave it out.", ""}};
    } else if (std::holds_alternative<ConnectFailure>(attempt.failure) ||
               std::holds_alternative<DnsFailure>(attempt.failure)) {
        problem.fixes = {
            {Actor::client, "Check the host and the port in --upstream-proxy, and that the proxy runs there.",
             fmt::format("nc -vz {} {}", shell_word(attempt.host), attempt.port)},
            exempt};
    } else if (problem.code == Code::not_tls) {
        problem.fixes = {{Actor::client, "If that proxy speaks plain HTTP, write http:// in --upstream-proxy.",
                          "whytls proxy --upstream-proxy " + shell_word("http://" + attempt.parent)},
                         exempt};
    }
}

}  // namespace inspect::diagnosis
