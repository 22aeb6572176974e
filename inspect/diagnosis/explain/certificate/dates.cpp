// What dates make wrong: a certificate that has expired, is not valid yet, expires soon or is valid
// for too long.
#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <iterator>

#include "inspect/diagnosis/explain/certificate/certificate_case.h"
#include "inspect/diagnosis/explain/certificate/issuance.h"
#include "inspect/diagnosis/known/public_roots.h"
#include "inspect/diagnosis/wording.h"

namespace inspect::diagnosis {

namespace {

// A renewed certificate keeps its names: where they are wrong too, renewing mends half.
Fix replace_expired(const Case& c) {
    const std::string asked = c.wanted_name();
    if (c.covers_host() || is_address(asked))
        return issue(
            c.context,
            fmt::format("Renew the certificate of {} and reload the server; {}.", shorten(c.owner(), 40),
                        c.covers_host() ? "then find out why the automatic renewal stopped"
                                        : "then ask for it by that name, as it does not cover " + shorten(asked, 60)),
            "sudo certbot renew && sudo systemctl reload nginx");
    return issue(
        c.context,
        fmt::format(
            "Have a new certificate issued that lists {}: renewing this one is not enough, as it does not cover that name.",
            shorten(asked, 60)),
        "sudo certbot certonly -d " + shell_word(asked));
}

std::string update_trust_store() { return "sudo apt-get install --only-upgrade ca-certificates"; }

// A root of the system's own store comes with the system's packages. The successor of another root
// comes only from whoever runs the CA.
Fix replace_root(const Case& c) {
    if (c.context.attempt.root_of_system)
        return {Actor::client, "Update this machine's trust store, so that it has the root's successor.",
                update_trust_store()};
    return {Actor::client, "Ask whoever runs the CA for the root's successor, and trust that.",
            "whytls proxy --add-trust new-root.pem"};
}

const PublicRoot* known_root(const Case& c, std::size_t depth) {
    return depth > 0 && c.certificate(depth) != nullptr ? find_public_root(c.certificate(depth)->subject) : nullptr;
}

// Those on the path that have expired, the one furthest up first.
std::vector<std::size_t> expired_depths(const Case& c) {
    std::vector<std::size_t> depths;
    for (const auto& other : c.verdict.problems)
        if (other.code == certs::Code::expired && other.severity == certs::Severity::error)
            depths.push_back(other.depth.value_or(0));
    std::ranges::sort(depths, std::greater());
    return depths;
}

// What to do first about a certificate further up that has expired as well: renewing what is below
// it is not enough.
void replace_above(const Case& c, std::size_t depth, bool first, std::vector<Fix>& fixes) {
    const std::string as_well = fmt::format("{} has expired as well", c.who(depth)), begin = first ? "First " : "Then ";
    if (c.is_anchor(depth)) {
        Fix fix = replace_root(c);
        fix.text =
            fmt::format("{}{} {}, and to renew what is below it is not enough.", begin,
                        c.context.attempt.root_of_system ? "update this machine's trust store:"
                                                         : "trust the root's successor, which whoever runs the CA has:",
                        as_well);
        fixes.push_back(std::move(fix));
        if (const PublicRoot* known = known_root(c, depth))
            fixes.push_back({Actor::server, std::string(known->fix), ""});
        return;
    }
    fixes.push_back(
        {Actor::server,
         fmt::format(
             "{}replace the CA certificate in the server's certificate file by the one that the CA gives out now "
             "(fullchain.pem): {}.",
             begin, as_well),
         c.connect_command(" -showcerts")});
}

std::vector<Fix> renewal(const Case& c) {
    return {
        replace_expired(c),
        {Actor::server,
         c.offline()
             ? "If it was renewed already, this is the old file: look at its dates."
             : "If it was renewed already, the server still serves the old file: reload it, on every machine of the load "
               "balancer.",
         c.leaf_into("openssl x509 -noout -dates")}};
}

std::vector<Fix> replacement(const Case& c) {
    if (c.is_anchor(c.depth()))
        return {replace_root(c),
                {Actor::server, "Serve the chain that the CA gives out now: it leads to a root that is still valid.",
                 c.connect_command(" -showcerts")}};
    return {{Actor::server,
             "Replace the expired CA certificate in the server's certificate file by the one that the CA gives out now "
             "(fullchain.pem), and reload.",
             c.connect_command(" -showcerts")},
            {Actor::client, "If a newer root would give another path, update this machine's trust store.",
             update_trust_store()}};
}

// All that has expired on the path is to be mended, from the top down. It is reported once, with
// the certificate that is reported first.
std::vector<Fix> fixes_of_expired(const Case& c) {
    const auto depths = expired_depths(c);
    if (depths.size() < 2 || depths.back() != c.depth()) {
        std::vector<Fix> fixes = c.depth() == 0 ? renewal(c) : replacement(c);
        if (const PublicRoot* known = known_root(c, c.depth()))
            fixes.insert(fixes.begin(), {Actor::server, std::string(known->fix), ""});
        return fixes;
    }
    std::vector<Fix> fixes;
    for (const std::size_t depth : depths)
        if (depth > 0) replace_above(c, depth, depth == depths.front(), fixes);
    if (depths.back() == 0) std::ranges::move(renewal(c), std::back_inserter(fixes));
    return fixes;
}

std::string detail_of_expired(const Case& c) {
    if (c.depth() == 0)
        return "Its renewal has stopped, or the server was not reloaded after it. The certificate may be genuine, but no one vouches for it any "
               "more.";
    if (c.is_anchor(c.depth()))
        return "The root itself, in this machine's trust store, is outside its dates, and no other path verifies: neither to a newer root of "
               "that CA in the trust store, nor over a cross-certificate to another one.";
    return "The server's own certificate may be fine; a CA certificate above it is outside its dates, and no other path verifies. The CA "
           "may give out a newer certificate of the same name.";
}

void tell_expired(const Case& c, Problem& problem, const certs::DateEvidence& dates) {
    const std::string span = span_of_time(dates.at.seconds - dates.not_after.seconds), at = readable(dates.at);
    problem.title =
        who_is(c, c.context.attempt.time_given
                      ? fmt::format("expired at {}, {} before {} (set by --at)", readable(dates.not_after), span, at)
                      : fmt::format("expired {} ago, at {}; it is now {}", span, readable(dates.not_after), at));
    problem.detail = detail_of_expired(c);
    problem.fixes = fixes_of_expired(c);
}

void tell_not_yet_valid(const Case& c, Problem& problem, const certs::DateEvidence& dates) {
    const bool given = c.context.attempt.time_given;
    const std::string span = span_of_time(dates.not_before.seconds - dates.at.seconds), at = readable(dates.at);
    problem.title = who_is(
        c, given ? fmt::format("is valid only from {}, {} after {} (set by --at)", readable(dates.not_before), span, at)
                 : fmt::format("is valid only from {}, in {}; it is now {}", readable(dates.not_before), span, at));
    problem.detail =
        given
            ? "The time set by --at lies before the certificate's first day."
            : "Either a clock is wrong (here, or where the certificate was made), or the certificate was put in service too early.";
    problem.fixes = {
        {Actor::server,
         c.depth() > 0 || c.covers_host()
             ? "Wait until the certificate is valid, or serve the one before it until then."
             : fmt::format("Waiting is not enough, as the certificate does not cover {}: have one issued that does.",
                           shorten(c.wanted_name(), 60)),
         ""}};
    // No one has to wait for a moment that may be long past.
    if (given)
        problem.fixes.insert(
            problem.fixes.begin(),
            {Actor::client, fmt::format("Leave --at away, or give it a time from {} on.", readable(dates.not_before)),
             ""});
    if (given && (c.depth() > 0 || c.covers_host())) problem.fixes.resize(1);
}

}  // namespace

void explain_dates(const Case& c, Problem& problem) {
    const auto dates = c.evidence<certs::DateEvidence>();
    const bool past = c.finding.code == certs::Code::expired;
    if (past)
        tell_expired(c, problem, dates);
    else
        tell_not_yet_valid(c, problem, dates);
    problem.evidence = {row("valid from", readable(dates.not_before)), row("valid until", readable(dates.not_after)),
                        time_of_check(c, dates.at)};
    if (const PublicRoot* known = past ? known_root(c, c.depth()) : nullptr)
        problem.evidence.push_back(row("what is known of it", std::string(known->happened), "recognised by its name"));
    if (!c.context.attempt.time_given) problem.fixes.push_back(check_clock());
}

void explain_expires_soon(const Case& c, Problem& problem) {
    const auto dates = c.evidence<certs::DateEvidence>();
    const std::string span = span_of_time(dates.not_after.seconds - dates.at.seconds), end = readable(dates.not_after);
    problem.title = who_is(c, c.context.attempt.time_given ? fmt::format("expires at {}, {} after {} (set by --at)",
                                                                         end, span, readable(dates.at))
                                                           : fmt::format("expires in {}, at {}", span, end));
    problem.detail = "Less than a tenth of its lifetime remains; automatic renewal should have replaced it by now.";
    problem.evidence = {row("valid until", end), time_of_check(c, dates.at)};
    problem.fixes = {
        issue(c.context, "Renew it, and look why the automatic renewal did not.", "sudo certbot renew --dry-run")};
}

void explain_long_validity(const Case& c, Problem& problem) {
    const auto length = c.evidence<certs::LengthEvidence>();
    const auto dates = c.evidence<certs::DateEvidence>();
    const auto days = length.found != 0 ? static_cast<std::int64_t>(length.found)
                                        : (dates.not_after.seconds - dates.not_before.seconds) / certs::day;
    problem.title =
        length.allowed != 0
            ? fmt::format("{} is valid for {} days; at its issuance at most {} were allowed", c.who(), days,
                          length.allowed)
            : fmt::format("{} is valid for {} days, longer than was allowed at its issuance", c.who(), days);
    problem.detail =
        "Chrome and Safari refuse that from public CAs (CA/Browser Forum: 398 days, 200 from 2026-03-15, 100 from 2027-03-15, 47 from "
        "2029-03-15). A private CA is free to do it: where its root is not in the trust store already, --add-trust gives it so that this "
        "is not asked.";
    problem.evidence = {row("lifetime in days", std::to_string(days))};
    if (length.allowed > 0) problem.evidence.push_back(row("allowed at its issuance", std::to_string(length.allowed)));
    problem.fixes = {{Actor::server, "Issue certificates with a shorter lifetime, and renew them automatically.", ""}};
}

}  // namespace inspect::diagnosis
