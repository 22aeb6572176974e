#include "inspect/diagnosis/explain/certificate/unsent_issuer.h"

#include <fmt/format.h>

#include <algorithm>

#include "inspect/diagnosis/wording.h"

namespace inspect::diagnosis {

using certs::IssuerEvidence;

namespace {

// A single leaf is most often cert.pem where fullchain.pem was meant.
Fix add_own_intermediates(const Case& c, const IssuerEvidence& issuer) {
    const std::string wanted = quoted(short_name(issuer.wanted), 60);
    if (c.offline())
        return {
            Actor::server,
            fmt::format(
                "The file holds only the server's certificate: if {} is an intermediate, verify it together with that.",
                wanted),
            fmt::format("cat {} chain.pem | {}", shell_word(c.context.file()),
                        "whytls verify -" +
                            (c.context.attempt.host.empty() ? "" : " --host " + shell_word(c.context.attempt.host)) +
                            as_words(c.context.attempt.given))};
    return {
        Actor::server,
        fmt::format(
            "The server sends only its certificate: if {} is an intermediate, serve it too (fullchain.pem, not cert.pem).",
            wanted),
        ""};
}

std::string words_for(const IssuerSought& sought) {
    const std::string url = shorten(sought.url, 100);
    switch (sought.why) {
        case NotFetched::switched_off: return fmt::format("{} was not asked for it (--aia off)", url);
        case NotFetched::not_asked: return fmt::format("{} was not asked for it: no time was left", url);
        case NotFetched::behind_parent:
            return "The issuer was not fetched past the parent proxy, unless --no-proxy exempts the host that has it";
        case NotFetched::forbidden:
            return fmt::format(
                "{} was not asked for it: it leads to an address where a certificate may not send whytls", url);
        case NotFetched::unreachable:
            return fmt::format("{} could not be asked for it: no connection came about, or it broke off", url);
        case NotFetched::timed_out: return fmt::format("{} did not give it in time", url);
        case NotFetched::useless: return fmt::format("{} was asked for it and gave no certificate", url);
        case NotFetched::leads_nowhere:
            return fmt::format("{} gave a certificate with which no path leads to a trusted root either", url);
    }
    return "";
}

}  // namespace

Fix append_issuer(const IssuerEvidence& issuer, bool certain) {
    const std::string wanted = quoted(short_name(issuer.wanted), 60);
    std::string text = fmt::format(
        "{}append {} to the server's certificate file (use fullchain.pem, not cert.pem) and reload.",
        certain ? "Send the whole chain: " : fmt::format("If {} is an intermediate and no root, send it too: ", wanted),
        certain ? "the intermediate " + wanted : "it");
    const bool web = issuer.aia_url.starts_with("http://") || issuer.aia_url.starts_with("https://");
    if (!web) return {Actor::server, text + " It is to be had from the CA that issued the certificate.", ""};
    return {Actor::server, std::move(text),
            fmt::format("curl -sS {} | openssl x509 -inform DER >>fullchain.pem", shell_word(issuer.aia_url))};
}

Fix trust_intermediate() {
    return {Actor::client,
            "Until then, get the intermediate from the CA that issued the certificate, and add it to what you trust.",
            "whytls proxy --add-trust intermediate.pem"};
}

Fix serve_issuer(const Case& c, const IssuerEvidence& issuer, bool certain) {
    const bool leaf_alone = c.verdict.served.size() == 1 && issuer.aia_url.empty();
    return leaf_alone ? add_own_intermediates(c, issuer) : append_issuer(issuer, certain);
}

bool fetched_in_vain(const Case& c) {
    return std::ranges::any_of(c.context.attempt.issuers_sought,
                               [](const IssuerSought& each) { return each.why == NotFetched::leads_nowhere; });
}

Fix take_fixed_chain(const Case& c) {
    if (c.offline() || c.context.attempt.check)
        return {Actor::server,
                "Take the whole chain, in order, from the report that the same command prints with --json.",
                "whytls proxy --json | jq -er .fixed_chain >fixed-chain.pem"};
    const Attempt& attempt = c.context.attempt;
    const bool password = std::ranges::find(attempt.given, "--proxy-auth", &GivenOption::name) != attempt.given.end();
    // whytls finds the address by its own --resolve. The tunnel is for the host; the name inside it
    // need not be the host's.
    const bool renamed = c.context.asked_name() != attempt.host;
    const std::string through =
        renamed
            ? " --connect-to " + shell_word(endpoint(c.context.asked_name(), attempt.port) + ":" + c.context.target())
            : "";
    return {
        Actor::server, "Let the server send the whole chain, in order, as this report has it (as JSON).",
        fmt::format(
            "curl -sS -x http://{}{}{} --cacert {} -H 'Accept: application/problem+json' {} | jq -er .fixed_chain >fixed-chain.pem",
            attempt.proxy_address, password ? " --proxy-user USER:PASSWORD" : "", through, shell_word(attempt.ca_file),
            c.context.curl_url(true))};
}

void tell_sought(const Case& c, Problem& problem) {
    const std::vector<IssuerSought>& sought = c.context.attempt.issuers_sought;
    if (sought.empty()) return;
    const auto answered = [](const IssuerSought& each) {
        return each.why == NotFetched::useless || each.why == NotFetched::leads_nowhere;
    };
    const auto open = std::ranges::find_if_not(sought, answered);
    const std::string words = words_for(open != sought.end() ? *open : sought.back());
    problem.detail += fmt::format(
        " {}{}.", words, open != sought.end() ? "; so whether the server leaves out an intermediate is not known" : "");
}

}  // namespace inspect::diagnosis
