// Why the certificate is not valid for the host that was asked for (RFC 9525).
#include <fmt/format.h>

#include <algorithm>

#include "certs/hostname.h"
#include "inspect/diagnosis/catalog.h"
#include "inspect/diagnosis/explain/certificate/issuance.h"
#include "inspect/diagnosis/explain/parts.h"
#include "inspect/diagnosis/near_miss.h"
#include "inspect/diagnosis/wording.h"
#include "inspect/http/message.h"

namespace inspect::diagnosis {

namespace {

// Its name says who made the certificate, not who answered.
bool is_development_ca(const Provider* provider) {
    return provider != nullptr && provider->kind == Provider::Kind::local_ca;
}

using certs::NameEvidence;
using certs::NearMissReason;

// Only hosts and addresses can match; an e-mail address in the certificate is of no use here.
std::vector<std::string> usable_names(const NameEvidence& evidence) {
    std::vector<std::string> names;
    for (const auto& name : evidence.names)
        if (name.starts_with("DNS:") || name.starts_with("IP:")) names.push_back(name.substr(name.find(':') + 1));
    return names;
}

std::vector<std::string> labels(std::string_view name) {
    std::vector<std::string> result;
    for (std::size_t at = 0; result.size() < 32;) {
        const auto dot = name.find('.', at);
        result.emplace_back(name.substr(at, dot - at));
        if (dot == std::string_view::npos) break;
        at = dot + 1;
    }
    std::ranges::reverse(result);
    return result;
}

bool same_label(std::string_view a, std::string_view b) {
    return std::ranges::equal(a, b,
                              [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

std::vector<LabelPair> compare(std::string_view asked, std::string_view certificate) {
    if (is_address(asked) || is_address(certificate) || asked.size() > 255 || certificate.size() > 255) return {};
    if (asked.ends_with('.')) asked.remove_suffix(1);
    const auto left = labels(asked), right = labels(certificate);
    std::vector<LabelPair> pairs;
    for (std::size_t i = 0; i < std::max(left.size(), right.size()); ++i) {
        using enum LabelPair::Relation;
        LabelPair pair{i < left.size() ? left[i] : "", i < right.size() ? right[i] : "", differs};
        if (i >= right.size())
            pair.relation = only_asked;
        else if (i >= left.size())
            pair.relation = only_certificate;
        else if (same_label(pair.asked, pair.certificate))
            pair.relation = same;
        else if (pair.certificate == "*" && i + 1 == right.size())
            pair.relation = wildcard;
        pairs.push_back(std::move(pair));
    }
    std::ranges::reverse(pairs);
    return pairs;
}

std::string parent_domain(std::string_view host) {
    const auto dot = host.find('.');
    return std::string(dot == std::string_view::npos || host.find('.', dot + 1) == std::string_view::npos
                           ? host
                           : host.substr(dot + 1));
}

std::string title_for(const NameEvidence& evidence, const std::vector<std::string>& names, bool genuine) {
    const std::string asked = shorten(evidence.asked, 40);
    if (const NameFault* fault = fault_of(evidence)) return fault_title(*fault, *evidence.nearest, evidence.asked);
    if (names.empty()) return fmt::format("the certificate names no host at all, so it is not valid for {}", asked);
    // The nearest name says most; it comes first.
    std::vector<std::string> shown = names;
    if (evidence.nearest)
        if (const auto at = std::ranges::find(shown, evidence.nearest->name); at != shown.end())
            std::rotate(shown.begin(), at, at + 1);
    for (auto& name : shown) name = shorten(distinct_name(name), 30);
    const std::size_t total = std::max(evidence.names_total, names.size());
    const std::size_t length = shown.size() > 1 ? shown[0].size() + shown[1].size() : shown[0].size();
    const std::string list = listed(shown, length > 32 ? 1 : 2, total);
    return genuine ? fmt::format("the certificate is genuine, but it is for {}, not for {}", list, asked)
                   : fmt::format("the certificate is for {}, not for {}", list, asked);
}

void add_evidence(Problem& problem, const Context& context, const NameEvidence& evidence,
                  const std::vector<std::string>& names) {
    const std::string& sni = context.attempt.sni;
    problem.evidence = {{"asked for", evidence.asked, "", {}}};
    if (context.attempt.verified_file && !context.attempt.host.empty() && context.attempt.host != evidence.asked)
        problem.evidence.back().note = "in DNS form; typed as " + shorten(context.attempt.host, 80);
    if (!context.attempt.verified_file)
        problem.evidence.push_back({"SNI sent",
                                    sni.empty() ? "none" : sni,
                                    sni.empty() && is_address(evidence.asked) ? "an address is never sent as SNI" : "",
                                    {}});
    const NameFault* fault = fault_of(evidence);
    EvidenceRow row{fault != nullptr ? "names in the certificate" : "certificate is valid for", "", "", names};
    const auto as_shown = fault != nullptr ? visible_name : shown_name;
    std::ranges::transform(row.values, row.values.begin(), as_shown);
    if (names.empty()) row.value = "no host name or address";
    if (evidence.names_total > evidence.names.size())
        row.note = fmt::format("and {} more", evidence.names_total - evidence.names.size());
    problem.evidence.push_back(std::move(row));
    if (evidence.nearest && evidence.nearest->reason != NearMissReason::none)
        problem.evidence.push_back(
            {"nearest name", as_shown(evidence.nearest->name), near_miss_text(*evidence.nearest, evidence.asked), {}});
    if (!evidence.common_name.empty())
        problem.evidence.push_back(
            {"common name (CN)", evidence.common_name, "never looked at for host names, says RFC 9525", {}});
    if (context.provider != nullptr)
        problem.evidence.push_back({context.attempt.verified_file         ? "whose it is"
                                    : is_development_ca(context.provider) ? "made by"
                                                                          : "who answered",
                                    std::string(context.provider->title),
                                    "recognised by this certificate",
                                    {}});
    else if (context.hosted_at != nullptr)
        problem.evidence.push_back(
            {"DNS leads to", context.attempt.canonical_name, std::string(context.hosted_at->title), {}});
}

std::string openssl_names(const Context& context) {
    if (context.attempt.verified_file)
        return fmt::format("openssl x509 -in {} -noout -ext subjectAltName", shell_word(context.file()));
    return fmt::format("{} 2>/dev/null | openssl x509 -noout -ext subjectAltName", context.s_client());
}

// " --reverse https://NAME:PORT/" for a reverse listener that was given this server by its address;
// "" for a proxy.
std::string reverse_by_name(const Attempt& attempt, const std::string& name) {
    const auto given = std::ranges::find(attempt.given, "--reverse", &GivenOption::name);
    if (given == attempt.given.end() || std::ranges::count(attempt.given, "--reverse", &GivenOption::name) > 1)
        return "";
    const std::string before = "https://" + (attempt.host.contains(':') ? "[" + attempt.host + "]" : attempt.host);
    if (!given->value.starts_with(before)) return "";
    const std::size_t path = given->value.find('/', before.size());
    const std::string rest = path == std::string::npos ? "" : given->value.substr(path);
    return " --reverse " + shell_word("https://" + (attempt.port == 443 ? name : endpoint(name, attempt.port)) + rest);
}

std::string ask_by_name(const Context& context, const std::string& name) {
    const Attempt& attempt = context.attempt;
    const std::string address = attempt.address_given() ? context.peer() : context.peer_host();
    const std::string resolve = " --resolve " + shell_word(fmt::format("{}:{}:{}", name, attempt.port, address));
    if (!attempt.check) return "whytls proxy" + reverse_by_name(attempt, name) + resolve;
    return context.check_command(attempt.port == 443 ? name : endpoint(name, attempt.port),
                                 attempt.starttls ? starttls::name(*attempt.starttls) : "") +
           resolve;
}

// Whether the certificate is valid for the host that was connected to, when --servername asked for
// another name.
bool covers_host(const Context& context) {
    const auto& verdict = context.attempt.verdict;
    return verdict && !verdict->served.empty() && verdict->served.front().certificate &&
           certs::certificate_matches(*verdict->served.front().certificate, certs::parse_host(context.attempt.host));
}

// A name to ask the server by, in place of its address: the name of one host, not one that covers
// several.
std::string name_to_ask_by(const std::vector<std::string>& names) {
    const auto found = std::ranges::find_if(
        names, [](const std::string& name) { return !is_address(name) && certs::dns_matches(name, name); });
    return found == names.end() ? "" : *found;
}

// The host asked for is the certificate's common name, and it has no other name: it was made for
// the host, in the old way.
bool has_only_common_name(const NameEvidence& evidence, const std::vector<std::string>& names) {
    return names.empty() && evidence.names_total <= evidence.names.size() && !is_address(evidence.asked) &&
           inspect::http::same_name(evidence.common_name, evidence.asked);
}

void add_address_fixes(Problem& problem, const Context& context, const NameEvidence& evidence,
                       const std::vector<std::string>& names) {
    const std::string& asked = evidence.asked;
    const std::string name = name_to_ask_by(names);
    if (!name.empty())
        problem.fixes.push_back(
            {Actor::client,
             context.attempt.verified_file
                 ? "Ask for the server by a name that its certificate carries."
                 : "Ask for the server by a name that its certificate carries; if DNS does not know that name yet, "
                   "tell whytls the address.",
             context.attempt.verified_file ? "whytls verify " + shell_word(context.file()) + " --host " +
                                                 shell_word(name) + as_words(context.attempt.given)
                                           : ask_by_name(context, name)});
    // Whoever wrote the address into the certificate meant it to be asked for.
    problem.fixes.insert(
        fault_of(evidence) != nullptr ? problem.fixes.begin() : problem.fixes.end(),
        {Actor::server,
         fmt::format("Issue a certificate with the address as a subject alternative name of type iPAddress: IP:{}.",
                     shorten(asked, 100)),
         "openssl req -new -key key.pem -subj / -addext " + shell_word("subjectAltName=IP:" + asked)});
}

void add_fixes(Problem& problem, const Context& context, const NameEvidence& evidence,
               const std::vector<std::string>& names) {
    const std::string& asked = evidence.asked;
    const std::string shown = shorten(asked, 100);
    const NearMissReason reason = evidence.nearest ? evidence.nearest->reason : NearMissReason::none;
    const NameFault* fault = fault_of(evidence);
    const bool named = !context.server_name().empty(), own_name = named && covers_host(context);
    if (has_only_common_name(evidence, names)) {
        problem.fixes = {
            issue(context,
                  fmt::format("Issue a certificate that lists {} among its subject alternative names too.", shown),
                  "sudo certbot certonly -d " + shell_word(asked)),
            {Actor::client, "See the certificate's names yourself.", openssl_names(context)}};
        return;
    }
    if (own_name) problem.fixes.push_back(context.check_server_name("the certificate covers the host, not that name"));
    if (is_address(asked)) {
        add_address_fixes(problem, context, evidence, names);
    } else if (fault != nullptr) {
        problem.fixes.push_back(issue(context, fault_fix(*fault, asked),
                                      fault->reissue ? "sudo certbot certonly -d " + shell_word(asked) : ""));
    } else if (reason == NearMissReason::typo && evidence.nearest) {
        problem.fixes.push_back({Actor::client,
                                 fmt::format("Check the spelling of the host in your URL: the certificate has {}.",
                                             shorten(evidence.nearest->name, 100)),
                                 ""});
    }
    if (!is_address(asked) && fault == nullptr &&
        (context.provider == nullptr || is_development_ca(context.provider)) && context.hosted_at == nullptr) {
        const bool deeper = reason == NearMissReason::wildcard_one_label;
        problem.fixes.push_back(issue(
            context,
            deeper
                ? fmt::format(
                      "Issue a certificate that lists {0} (or *.{1}), or serve it at a name with one label less.",
                      shown, shorten(parent_domain(asked), 80))
                : fmt::format(
                      "Issue a certificate that lists {} among its subject alternative names, and serve it for that name.",
                      shown),
            "sudo certbot certonly -d " + shell_word(asked)));
        if (!context.attempt.verified_file)
            problem.fixes.push_back(
                {Actor::server,
                 fmt::format("If such a certificate exists, the server does not choose it: check its virtual hosts "
                             "(server_name, ServerName) for {}.",
                             shown),
                 "sudo nginx -T | grep -nE 'server_name|ssl_certificate'"});
    }
    if (context.attempt.verified_file)
        problem.fixes.push_back(
            {Actor::client, "Check that this is the file you mean, and that --host is spelt right.", ""});
    else if (named && !own_name)
        problem.fixes.push_back(context.check_server_name("the certificate covers neither that name nor the host"));
    else if (context.attempt.address_given() && fault == nullptr)
        problem.fixes.push_back(
            {Actor::client,
             fmt::format("Check your {}: the address may belong to another server.", context.attempt.address_option),
             ""});
    else if (!is_address(asked) && fault == nullptr && !named)
        problem.fixes.push_back({Actor::network,
                                 "Check that DNS points the host at the right server; another one may have answered.",
                                 "dig +short " + shell_word(asked)});
    problem.fixes.push_back({Actor::client,
                             context.attempt.verified_file || context.attempt.check
                                 ? "See the certificate's names yourself."
                                 : "See the certificate's names yourself, without the proxy.",
                             openssl_names(context)});
}

// Why the certificate is not for the name that was asked for, as far as that is known.
std::string detail_for(const Context& context, const NameEvidence& evidence, const std::vector<std::string>& names) {
    const NameFault* fault = fault_of(evidence);
    return has_only_common_name(evidence, names)
               ? "Its common name is the host's, but host names are looked for only in the subject alternative names (RFC 9525 §2), and "
                 "it has none of type dNSName. curl, Node, Python and Java still take the common name; Chrome, Go and rustls refuse such a "
                 "certificate."
           : context.attempt.verified_file && context.provider != nullptr && !is_development_ca(context.provider)
               ? fmt::format("It is {}'s own, not one that was made for the host.", context.provider->title)
           : context.provider != nullptr && context.provider->kind == Provider::Kind::service
               ? fmt::format(
                     "{} answered with its default certificate, because the host is not set up there or has no certificate of its own.",
                     context.provider->title)
           : context.provider != nullptr && !is_development_ca(context.provider)
               ? fmt::format("What answered is {}: the server has no certificate for the host.",
                             context.provider->title)
           : context.hosted_at != nullptr
               ? fmt::format("DNS leads the host to {}, where it is not set up or has no certificate of its own.",
                             context.hosted_at->title)
           : evidence.nearest && evidence.nearest->reason != NearMissReason::none
               ? fmt::format("The nearest name is {}: {}.",
                             shorten(fault != nullptr ? visible_name(evidence.nearest->name)
                                                      : shown_name(evidence.nearest->name),
                                     100),
                             near_miss_text(*evidence.nearest, evidence.asked))
           : context.attempt.verified_file ? "It was made for other names, or this is another server's file."
           : !context.server_name().empty()
               ? fmt::format("The certificate {}; the name asked for was given by --servername.",
                             covers_host(context)
                                 ? "covers the host that was connected to, " + shorten(context.attempt.host, 80)
                                 : "covers neither that name nor the host that was connected to")
           : context.attempt.address_given()
               ? fmt::format(
                     "Mostly the server has no certificate for that host and shows its default one, or the address given by {} is "
                     "another server's.",
                     context.attempt.address_option)
               : "Mostly the server has no certificate for that host and shows its default one, or DNS points at another server.";
}

}  // namespace

Problem explain_hostname(const Context& context, const certs::Finding& finding, bool alone) {
    Problem problem = problem_of(code_of(finding.code));
    const auto* given = std::get_if<NameEvidence>(&finding.evidence);
    NameEvidence evidence = given != nullptr ? *given : NameEvidence{};
    if (evidence.asked.empty()) evidence.asked = context.attempt.host;
    const auto names = usable_names(evidence);
    if (finding.code == certs::Code::no_subject_alt_name) {
        problem.title =
            evidence.common_name.empty()
                ? fmt::format("the certificate carries no name, neither {} nor another", shorten(evidence.asked, 60))
                : fmt::format("the certificate has only the common name {}, no subject alternative name for {}",
                              quoted(evidence.common_name, 25), shorten(evidence.asked, 30));
        problem.detail =
            "Host names are looked for only in the subject alternative names (RFC 9525 §2). " +
            std::string(
                inspect::http::same_name(evidence.common_name, evidence.asked)
                    ? "curl, Node and Java still take the common name; Chrome, Go and rustls refuse such a certificate."
                    : "Programs that still take the common name find another there.");
    } else {
        problem.title = title_for(evidence, names, alone && context.chain.size() > 1);
        problem.detail = detail_for(context, evidence, names);
        const auto subject = evidence.nearest && !evidence.nearest->name.empty() ? evidence.nearest->name
                             : names.empty()                                     ? ""
                                                                                 : names.front();
        if (!subject.empty() && fault_of(evidence) == nullptr) problem.labels = compare(evidence.asked, subject);
    }
    add_evidence(problem, context, evidence, names);
    add_fixes(problem, context, evidence, names);
    return problem;
}

}  // namespace inspect::diagnosis
