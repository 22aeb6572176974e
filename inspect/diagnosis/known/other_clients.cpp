#include "inspect/diagnosis/known/other_clients.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "certs/hostname.h"
#include "inspect/diagnosis/experiments.h"
#include "inspect/diagnosis/known/alert_words.h"
#include "inspect/diagnosis/wording.h"

namespace inspect::diagnosis {

namespace {

constexpr std::size_t names_shown = 10;

// The values of one failure that rows refer to.
struct RowFacts {
    const Attempt& attempt;
    const certs::Finding* finding = nullptr;  // of the certificate that the row's code is about

    template <typename Evidence>
    const Evidence* evidence() const {
        return finding != nullptr ? std::get_if<Evidence>(&finding->evidence) : nullptr;
    }
    const tls::HandshakeFailure* handshake() const { return std::get_if<tls::HandshakeFailure>(&attempt.failure); }
};

// The certificate's names of that kind, which "DNS:" and "IP:" mark.
std::vector<std::string> names(const RowFacts& facts, std::string_view kind) {
    std::vector<std::string> found;
    if (const auto* evidence = facts.evidence<certs::NameEvidence>())
        for (const std::string& name : evidence->names)
            if (name.starts_with(kind)) found.push_back(shorten(std::string_view(name).substr(kind.size()), 255));
    return found;
}

bool is_plain(std::string_view name) {
    return std::ranges::all_of(name, [](unsigned char c) { return c > 0x20 && c < 0x7f; });
}

// Each program writes what is not plain in escapes of its own.
std::string joined(const std::vector<std::string>& items, std::string_view before) {
    std::string text;
    for (const std::string& item : items) {
        if (&item == items.data() + names_shown) return text + ", …";
        text += fmt::format("{}{}{}", text.empty() ? "" : ", ", before, is_plain(item) ? item : "…");
    }
    return text;
}

// The certificates of the best path, leaf first; none without a verdict.
std::span<const certs::PathCertificate> path_of(const Attempt& attempt) {
    if (!attempt.verdict || attempt.verdict->paths.empty()) return {};
    return attempt.verdict->paths.front().certificates;
}

bool is_anchor(const Attempt& attempt, std::optional<std::size_t> depth) {
    const auto path = path_of(attempt);
    return depth && *depth < path.size() && path[*depth].provenance == certs::Provenance::trust_store;
}

// Whether a CA below the trusted root limits names or demands policies.
bool constrained_below_the_anchor(const Attempt& attempt) {
    const auto path = path_of(attempt);
    return path.empty() || std::ranges::any_of(path, [](const certs::PathCertificate& each) {
               const certs::Extensions& found = each.certificate.extensions();
               return each.provenance != certs::Provenance::trust_store &&
                      (found.name_constraints || found.policy_constraints);
           });
}

// The number after the prefix in "RSA 1024"; 0 without.
std::size_t bits_of(std::string_view key, std::string_view prefix) {
    std::size_t bits = 0;
    if (key.starts_with(prefix)) std::from_chars(key.data() + prefix.size(), key.data() + key.size(), bits);
    return bits;
}

bool speaks_obsolete_versions(const Attempt& attempt) {
    return std::ranges::any_of(std::array{Trial::tls_1_0, Trial::tls_1_1}, [&](Trial trial) {
        const Experiment* experiment = find_experiment(attempt, trial);
        return experiment != nullptr && experiment->answer.kind == tls::ProbeAnswer::Kind::accepted;
    });
}

// The finding's certificate in the best path.
const certs::Certificate* certificate_of(const RowFacts& facts) {
    const auto path = path_of(facts.attempt);
    const std::size_t depth = facts.finding != nullptr ? facts.finding->depth.value_or(path.size()) : path.size();
    return depth < path.size() ? &path[depth].certificate : nullptr;
}

bool sent_no_issuer(const Attempt& attempt) {
    const auto path = path_of(attempt);
    const auto sent = [](const certs::PathCertificate& each) { return each.provenance == certs::Provenance::served; };
    return attempt.verdict &&
           (attempt.verdict->served.size() == 1 || (!path.empty() && std::ranges::count_if(path, sent) == 1));
}

// For a root that was sent, the question is about the certificate below it, as in verify().
const certs::Certificate* child_of_namesake(const RowFacts& facts) {
    const auto path = path_of(facts.attempt);
    const auto* const issuer = facts.evidence<certs::IssuerEvidence>();
    if (issuer == nullptr || issuer->found.empty() || issuer->found != issuer->wanted || !facts.finding->depth)
        return nullptr;
    const std::size_t depth = *facts.finding->depth - (facts.finding->code == certs::Code::untrusted_root ? 1 : 0);
    return depth < path.size() ? &path[depth].certificate : nullptr;
}

// OpenSSL goes by the names, by the key identifiers and serial numbers where both are there, and by
// the kinds of key and signature.
bool openssl_takes_namesake(const RowFacts& facts) {
    const certs::Certificate* const child = child_of_namesake(facts);
    const auto* const issuer = facts.evidence<certs::IssuerEvidence>();
    if (child == nullptr || issuer->found_other_kind || (facts.finding->depth == 0 && child->is_self_issued()))
        return false;
    const auto& identifier = child->extensions().authority_key_identifier;
    return (issuer->wanted_key.empty() || issuer->found_key.empty()) && !(identifier && identifier->serial);
}

// Whether the failure is of the sort that the rows of its code were tried with: keys too small,
// hashes with collisions, a certificate that is wrong. What other programs make of an unknown
// algorithm, or of what is only a limit here, is another question.
bool was_tried(const RowFacts& facts) {
    const auto* const algorithm = facts.evidence<certs::AlgorithmEvidence>();
    const auto* const parse = facts.evidence<certs::ParseEvidence>();
    if (algorithm != nullptr && facts.finding->code != certs::Code::bad_signature)
        return algorithm->fault == certs::AlgorithmFault::weak;
    return parse == nullptr || (parse->fault != certs::ParseFault::limit && parse->instead.empty());
}

bool holds(When when, const RowFacts& facts) {
    if (!was_tried(facts)) return false;
    const bool address = is_address(facts.attempt.host);
    const auto* name = facts.evidence<certs::NameEvidence>();
    const auto* algorithm = facts.evidence<certs::AlgorithmEvidence>();
    const auto* constraint = facts.evidence<certs::ConstraintEvidence>();
    const auto* failure = facts.handshake();
    const auto& verdict = facts.attempt.verdict;
    switch (when) {
        case When::always: return true;
        case When::address_listed: return address && !names(facts, "IP:").empty();
        case When::address_unlisted: return address && names(facts, "IP:").empty();
        case When::own_common_name: return !address && name != nullptr && name->common_name == name->asked;
        // One with a wildcard may match, so nothing is said of it.
        case When::other_common_name:
            return !address && name != nullptr && name->common_name != name->asked &&
                   !name->common_name.contains('*') && !name->common_name.empty();
        case When::only_common_name:
            return !address && name != nullptr && name->common_name == name->asked && names(facts, "DNS:").empty();
        case When::partial_wildcard:
            return name != nullptr && name->nearest && name->nearest->reason == certs::NearMissReason::partial_wildcard;
        case When::anchor: return facts.finding != nullptr && is_anchor(facts.attempt, facts.finding->depth);
        case When::anchor_rules: return !constrained_below_the_anchor(facts.attempt);
        case When::rsa_1024: return algorithm != nullptr && bits_of(algorithm->found, "RSA ") >= 1024;
        case When::lone: return sent_no_issuer(facts.attempt);
        case When::namesake: return child_of_namesake(facts) != nullptr;
        case When::no_namesake: return child_of_namesake(facts) == nullptr;
        case When::namesake_alike: return openssl_takes_namesake(facts);
        case When::namesake_rsa:
            return openssl_takes_namesake(facts) &&
                   mentions(certs::algorithm_text(child_of_namesake(facts)->signature_algorithm()), "RSA");
        case When::namesake_trusted: {
            const auto* const issuer = facts.evidence<certs::IssuerEvidence>();
            return child_of_namesake(facts) != nullptr && issuer->from == certs::Provenance::trust_store &&
                   !openssl_takes_namesake(facts);
        }
        case When::looks_self_signed: {
            const auto path = path_of(facts.attempt);
            return !path.empty() && looks_self_signed(path.front().certificate);
        }
        case When::fetchable:
            return verdict && !verdict->paths.empty() &&
                   std::ranges::any_of(verdict->paths.front().certificates,
                                       [](const auto& each) { return each.provenance == certs::Provenance::aia; });
        case When::sha1: return algorithm != nullptr && mentions(algorithm->found, "sha1");
        case When::issuer: return facts.finding != nullptr && facts.finding->depth.value_or(0) > 0;
        case When::excluded: return constraint != nullptr && constraint->constraint.starts_with("excluded");
        case When::no_constraints: {
            const certs::Certificate* certificate = certificate_of(facts);
            return certificate != nullptr && !certificate->extensions().basic_constraints;
        }
        case When::misplaced_critical: {
            const auto* extension = facts.evidence<certs::ExtensionEvidence>();
            return extension != nullptr && is_misplaced_critical(extension->oid);
        }
        case When::unreadable_name:
            return std::ranges::any_of(names(facts, "DNS:"), [](const std::string& each) {
                return std::ranges::any_of(each, [](unsigned char c) { return c >= 0x80; });
            });
        case When::obsolete_version: return speaks_obsolete_versions(facts.attempt);
        case When::reset: return failure != nullptr && failure->kind == tls::FailureKind::reset;
        case When::http: return failure != nullptr && failure->first_bytes.starts_with("HTTP/");
        case When::demanded: return failure != nullptr && failure->alert_received == 116;
    }
    return false;
}

// A signature of the kind that the certificate's own key makes (OpenSSL's check_sig_alg_match).
bool may_have_signed_itself(const certs::Certificate& certificate) {
    const std::string made = certs::algorithm_text(certificate.signature_algorithm());
    switch (certificate.public_key().kind) {
        case certs::KeyKind::rsa: return made.contains("RSA");
        case certs::KeyKind::rsa_pss: return made.starts_with("RSASSA-PSS");
        case certs::KeyKind::ec: return made.starts_with("ecdsa");
        case certs::KeyKind::ed25519: return made == "Ed25519";
        case certs::KeyKind::ed448: return made == "Ed448";
        default: return false;
    }
}

// Most programs report the failure of the last one tried.
std::string tried_address(const Attempt& attempt) {
    return attempt.addresses.empty() ? endpoint(attempt.host, attempt.port) : attempt.addresses.back().address;
}

std::string value_of(std::string_view placeholder, const RowFacts& facts) {
    const auto* date = facts.evidence<certs::DateEvidence>();
    const auto* name = facts.evidence<certs::NameEvidence>();
    if (placeholder == "host") return shorten(facts.attempt.host, 255);
    if (placeholder == "port") return fmt::format("{}", facts.attempt.port);
    if (placeholder == "address") return tried_address(facts.attempt);
    if (placeholder == "altnames") return joined(names(facts, "DNS:"), "DNS:");
    if (placeholder == "names") return joined(names(facts, "DNS:"), "");
    if (placeholder == "addresses") return joined(names(facts, "IP:"), "");
    if (placeholder == "common_name" && name != nullptr) return shorten(name->common_name, 255);
    if (placeholder == "not_after" && date != nullptr) return certs::rfc3339(date->not_after);
    if (placeholder == "not_before" && date != nullptr) return certs::rfc3339(date->not_before);
    return "…";
}

std::string filled_in(std::string_view text, const RowFacts& facts) {
    std::string result;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t open = std::min(text.find('{', at), text.size());
        result += text.substr(at, open - at);
        if (open == text.size()) break;
        const std::size_t close = text.find('}', open);
        result += value_of(text.substr(open + 1, close - open - 1), facts);
        at = close + 1;
    }
    return result;
}

Elsewhere spoken(Voice voice, const Saying& saying) {
    return {name(voice), saying.accepts, std::string(saying.text), voice == Voice::node ? saying.error : ""};
}

Elsewhere in_the_voice_of(Voice voice, const Saying& saying) {
    Elsewhere result = spoken(voice, saying);
    if (saying.voice != Voice::openssl) return result;
    if (voice == Voice::curl) result.text = "curl: (60) SSL certificate problem: " + result.text;
    if (voice == Voice::python)
        result.text = "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: " + result.text;
    return result;
}

constexpr std::array openssl_programs{Voice::curl, Voice::node, Voice::python};

bool speaks(const Saying& saying, Voice voice) {
    return saying.voice == voice || (saying.voice == Voice::openssl && std::ranges::count(openssl_programs, voice) > 0);
}

// What each program looks at first, of what is commonly wrong together. OpenSSL's callers differ:
// curl checks the name itself, after OpenSSL; Python has OpenSSL do it; Node lets OpenSSL go on and
// reports what it said last.
enum class Group { trust, purpose, dates, name, other };
struct Order {
    Voice voice;
    std::array<Group, 4> groups;
};
constexpr std::array orders{
    Order{Voice::curl, {Group::trust, Group::purpose, Group::dates, Group::name}},
    Order{Voice::node, {Group::dates, Group::purpose, Group::trust, Group::name}},
    Order{Voice::python, {Group::trust, Group::purpose, Group::name, Group::dates}},
    Order{Voice::java, {Group::trust, Group::dates, Group::purpose, Group::name}},
};

Group group_of(Code code) {
    constexpr std::pair<Code, Group> groups[] = {
        {Code::self_signed, Group::trust},          {Code::untrusted_root, Group::trust},
        {Code::missing_intermediate, Group::trust}, {Code::unknown_issuer, Group::trust},
        {Code::wrong_purpose, Group::purpose},      {Code::expired, Group::dates},
        {Code::hostname_mismatch, Group::name},
    };
    const auto found = std::ranges::find(groups, code, &std::pair<Code, Group>::first);
    return found == std::end(groups) ? Group::other : found->second;
}

// The problem that this program would find first; nullptr where that is not known.
const Problem* first_for(Voice voice, const std::vector<const Problem*>& errors) {
    if (errors.size() == 1) return errors.front();
    const auto order = std::ranges::find(orders, voice, &Order::voice);
    if (order == orders.end()) return nullptr;
    const auto rank = [&](const Problem* problem) { return std::ranges::find(order->groups, group_of(problem->code)); };
    if (std::ranges::any_of(errors, [&](const Problem* each) { return rank(each) == order->groups.end(); }))
        return nullptr;
    return *std::ranges::min_element(errors, {}, rank);
}

// Warnings that some other client makes a failure count too, when nothing else does.
std::vector<const Problem*> that_count(const std::vector<Problem>& problems) {
    std::vector<const Problem*> counted;
    for (const auto severity : {certs::Severity::error, certs::Severity::warning}) {
        for (const Problem& problem : problems)
            if (problem.severity == severity && problem.refused_by.empty() &&
                std::ranges::count(counted, problem.code, &Problem::code) == 0)
                counted.push_back(&problem);
        if (!counted.empty()) return counted;
    }
    return counted;
}

// Codes whose rows have the words for one alert (RFC 8446 §6.2). Another alert has its own words,
// and a failure without any has as many words as there are ways to end.
constexpr std::pair<Code, int> told_by_alert[] = {{Code::no_shared_cipher, 40},
                                                  {Code::protocol_version, 70},
                                                  {Code::sni_unrecognized, 112},
                                                  {Code::no_shared_alpn, 120}};

// Whether the words for the failure are those for its alert, if for any; the rows are about others.
bool is_told_by_alert(Code code, const tls::HandshakeFailure* failure) {
    if (failure == nullptr) return false;
    if (code == Code::client_certificate_rejected) return true;
    const int alert = failure->alert_received.value_or(0);
    const auto* const usual = std::ranges::find(told_by_alert, code, &std::pair<Code, int>::first);
    if (usual != std::end(told_by_alert)) return alert != usual->second;
    // Where the connection ended after the server's first words, these words decide what is
    // printed.
    if (code == Code::connection_closed) return alert != 0 || failure->reached > tls::Milestone::client_hello;
    return code == Code::client_certificate_required && alert != 40 && alert != 116;
}

// The clients that make a warning an error, each with the first that it would find; what any
// version says, the later ones say too.
std::vector<Elsewhere> refusals_of(const std::vector<Problem>& problems) {
    const auto program = [](const Elsewhere& each) { return each.client.substr(0, each.client.find(' ')); };
    std::vector<Elsewhere> said;
    for (const Problem& problem : problems)
        for (const Elsewhere& each : problem.refused_by) {
            const bool later = each.client.ends_with(" and later");
            const bool told = std::ranges::any_of(said, [&](const Elsewhere& other) {
                return other.client == each.client || (later && program(other) == program(each));
            });
            if (!told) said.push_back(each);
        }
    return said;
}

const certs::Finding* finding_of(const Attempt& attempt, const Problem& problem) {
    if (!attempt.verdict) return nullptr;
    const auto found = std::ranges::find_if(attempt.verdict->problems, [&](const certs::Finding& finding) {
        return code_of(finding.code) == problem.code && finding.depth == problem.depth;
    });
    return found == attempt.verdict->problems.end() ? nullptr : &*found;
}

}  // namespace

bool looks_self_signed(const certs::Certificate& leaf) {
    if (!leaf.is_self_issued() || !may_have_signed_itself(leaf)) return false;
    const certs::Extensions& extensions = leaf.extensions();
    if (!extensions.authority_key_identifier) return true;
    const auto& [key, names, serial] = *extensions.authority_key_identifier;
    const auto& own = extensions.subject_key_identifier;
    const bool other_key = key && own && !std::ranges::equal(*key, *own);
    return !other_key && (!serial || std::ranges::equal(*serial, leaf.serial()));
}

bool is_misplaced_critical(std::string_view oid) {
    constexpr std::string_view never_critical[] = {"2.5.29.35", "2.5.29.14", "1.3.6.1.5.5.7.1.1"};
    return std::ranges::count(never_critical, oid) > 0;
}

std::string_view name(Voice voice) {
    switch (voice) {
        case Voice::openssl: return "OpenSSL";
        case Voice::curl: return "curl (OpenSSL)";
        case Voice::node: return "Node, Postman";
        case Voice::python: return "Python (ssl)";
        case Voice::java: return "Java";
        case Voice::go: return "Go";
        case Voice::rustls: return "rustls";
        case Voice::chrome: return "Chrome";
        case Voice::firefox: return "Firefox";
    }
    return "";
}

std::vector<Elsewhere> in_each_voice(const Saying& saying) {
    std::vector<Elsewhere> said;
    if (saying.voice == Voice::openssl) {
        for (const Voice voice : openssl_programs) said.push_back(in_the_voice_of(voice, saying));
    } else {
        said.push_back(spoken(saying.voice, saying));
    }
    return said;
}

// The server takes HTTP/2 only, which was not offered, and is by most programs.
bool wants_http2(const Attempt& attempt) {
    const Experiment* h2 = find_experiment(attempt, Trial::alpn_h2);
    return h2 != nullptr && was_accepted(*h2) && std::ranges::find(attempt.alpn, "h2") == attempt.alpn.end();
}

std::vector<Elsewhere> elsewhere(const Attempt& attempt, const std::vector<Problem>& problems) {
    using enum Voice;
    const std::vector<const Problem*> counted = that_count(problems);
    std::vector<Elsewhere> said;
    // Other programs do not meet what passed by itself, nor what is only a limit here.
    if (std::ranges::any_of(counted, &Problem::our_limit) || was_passing(attempt) || wants_http2(attempt)) return said;
    const bool refused_here = std::ranges::count(problems, certs::Severity::error, &Problem::severity) > 0;
    for (const Voice voice : {curl, node, python, java, go, rustls, chrome, firefox}) {
        const Problem* problem = counted.empty() ? nullptr : first_for(voice, counted);
        if (problem == nullptr) continue;
        const RowFacts facts{attempt, finding_of(attempt, *problem)};
        if (is_told_by_alert(problem->code, facts.handshake())) {
            if (auto one = said_of_alert(voice, *facts.handshake())) said.push_back(*std::move(one));
            continue;
        }
        const auto row = std::ranges::find_if(sayings(), [&](const Saying& each) {
            return each.code == problem->code && speaks(each, voice) && holds(each.when, facts);
        });
        // That the program accepts this says nothing about what else is wrong.
        if (row == sayings().end() || (row->accepts && counted.size() > 1)) continue;
        Elsewhere one = in_the_voice_of(voice, *row);
        one.text = filled_in(one.text, facts);
        // curl takes an address from the URL in its shortest form (RFC 5952).
        if (voice == curl && is_address(attempt.host))
            one.text = replaced(one.text, attempt.host, certs::parse_host(attempt.host).text);
        said.push_back(std::move(one));
    }
    // What is an error here is what the others meet first, as far as that is known.
    if (!refused_here)
        for (Elsewhere& each : refusals_of(problems))
            if (std::ranges::count(said, each.client, &Elsewhere::client) == 0) said.push_back(std::move(each));
    return said;
}

std::vector<EvidenceRow> elsewhere_rows(const std::vector<Elsewhere>& said) {
    std::vector<EvidenceRow> rows;
    for (const Elsewhere& each : said) {
        std::string text = each.accepts ? "accepts it" + (each.text.empty() ? "" : ": " + each.text) : each.text;
        if (!each.error.empty()) text += fmt::format(" [{}]", each.error);
        rows.push_back({std::string(each.client), std::move(text), "", {}});
    }
    return rows;
}

}  // namespace inspect::diagnosis
