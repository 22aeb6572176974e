#include "inspect/diagnosis/experiments.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "certs/certificate.h"
#include "inspect/diagnosis/first_bytes.h"
#include "inspect/diagnosis/wording.h"
#include "inspect/http/message.h"

namespace inspect::diagnosis {

namespace {

using Kind = tls::ProbeAnswer::Kind;
using enum Trial;
using tls::FailureKind;
using tls::Milestone;

constexpr tls::WireVersion wire_1_0 = 0x0301, wire_1_1 = 0x0302, wire_1_2 = 0x0303, wire_1_3 = 0x0304;

using Trials = std::vector<Trial>;

// Whether the cause can only be our ClientHello, or what the server chose from it.
bool turns_on_hello(const tls::HandshakeFailure& failure) {
    return failure.reached <= Milestone::client_hello || failure.kind == FailureKind::version ||
           failure.kind == FailureKind::cipher;
}

// Where an option narrows our own ClientHello: the version that it does not offer alone. Otherwise
// the older version, for servers that stumble over the newer.
Trial one_version(const Attempt& attempt) {
    return attempt.versions.highest == tls::Version::tls_1_2 ? tls_1_3 : tls_1_2;
}

std::vector<Trials> for_alert(const Attempt& attempt, const tls::HandshakeFailure& failure) {
    if (failure.certificate_sent) return {};
    // Up to TLS 1.2 the server names the CAs whose client certificates it takes.
    if (failure.alert_received == 116 || failure.certificate_requested ||
        failure.reached == Milestone::certificate_request)
        return {{same_again, tls_1_2}};
    switch (failure.alert_received.value_or(0)) {
        case 70: return {{same_again, tls_1_2, tls_1_3, tls_1_0, tls_1_1}, {without_sni}};
        case 112: return {{same_again, without_sni}};
        case 120: return {{same_again, without_alpn, alpn_h2}};
        default: break;
    }
    if (turns_on_hello(failure))
        return {{same_again, one_version(attempt), without_sni, without_alpn}, {tls_1_0, tls_1_3}};
    return {{same_again}};
}

// Rounds: each is made only where no ClientHello of the rounds before was accepted.
std::vector<Trials> rounds_for(const Attempt& attempt, const tls::HandshakeFailure& failure) {
    switch (failure.kind) {
        case FailureKind::alert: return for_alert(attempt, failure);
        case FailureKind::version: return {{same_again, tls_1_2, tls_1_3, tls_1_0, tls_1_1}};
        case FailureKind::cipher: return {{same_again, tls_1_2, tls_1_3, tls_1_0}};
        case FailureKind::weak_dh: return {{same_again, dhe_suites, ecdhe_suites}};
        case FailureKind::not_tls:
            if (recognise_first_bytes(failure.first_bytes, attempt.port).protocol.empty())
                return {{same_again, plain_http}};
            return {};
        case FailureKind::closed:
        case FailureKind::reset:
        case FailureKind::timeout:
            if (turns_on_hello(failure))
                return {{same_again, small_hello, one_version(attempt), without_sni}, {tls_1_0, plain_http}};
            return {};
        case FailureKind::protocol_error: return {{same_again, tls_1_2, tls_1_3, without_sni}};
        case FailureKind::no_certificate: return {{same_again, without_sni}};
        case FailureKind::client_signature:
        case FailureKind::renegotiation: return {};
        case FailureKind::certificate:
        case FailureKind::handshake_signature: return {};
    }
    return {};
}

// The trial that would give the same result again if this one's answer was no chance; nullopt when
// it agreed to nothing.
std::optional<Trial> confirming(const Experiment& made) {
    if (!is_of_tls(made.trial) || made.trial == same_again || made.answer.kind != Kind::accepted) return std::nullopt;
    if (made.answer.version == wire_1_0) return tls_1_0;
    if (made.answer.version == wire_1_1) return tls_1_1;
    return made.trial == tls_1_2 && is_obsolete(made) ? obsolete_suites : made.trial;
}

// The trial that should fail when that one was accepted for the reason that it seems to be.
Trial opposite_of(Trial trial) {
    if (trial == small_hello) return large_hello;
    // That the server preferred those does not show that it has nothing else.
    if (trial == obsolete_suites) return ecdhe_suites;
    return trial == tls_1_2 ? tls_1_3 : same_again;
}

// When some were accepted and the same handshake again was not: both once more, the most telling
// first. A server that fails now and then would otherwise be reported as one that fails for a
// reason. None when nothing was accepted.
Trials once_more(std::span<const Experiment> made) {
    Trials trials;
    for (const Experiment& each : made) {
        const auto trial = confirming(each);
        if (!trial || std::ranges::find(trials, *trial) != trials.end()) continue;
        trials.push_back(*trial);
        if (trials.size() > 1) continue;
        trials.push_back(opposite_of(*trial));
        if (trials.back() != same_again) trials.push_back(same_again);
    }
    if (!trials.empty()) trials.resize(most_experiments, same_again);
    return trials;
}

// Whether its end means that the server does not take it. No answer means that only where the
// failure was silence; no connection never does.
bool was_refused(const Experiment& experiment, const tls::HandshakeFailure& failure) {
    if (was_accepted(experiment) || experiment.answer.kind == Kind::not_connected) return false;
    return experiment.answer.kind != Kind::silent || failure.kind == FailureKind::timeout;
}

tls::ProbeHello alone(tls::ProbeHello hello, tls::WireVersion version) {
    hello.lowest = hello.highest = version;
    hello.suites = tls::Offer::everything;
    return hello;
}

tls::ProbeHello up_to_1_2(tls::ProbeHello hello, tls::Offer suites) {
    hello.lowest = wire_1_0;
    hello.highest = wire_1_2;
    hello.suites = suites;
    return hello;
}

std::string tried_text(const Experiment& experiment) {
    switch (experiment.trial) {
        case same_again: return "the same handshake again";
        case tls_1_0: return "TLS 1.0 only";
        case tls_1_1: return "TLS 1.1 only";
        case tls_1_2: return "TLS 1.2 only";
        case tls_1_3: return "TLS 1.3 only";
        case obsolete_suites: return "obsolete cipher suites only";
        case dhe_suites: return "DHE cipher suites only";
        case ecdhe_suites: return "ECDHE cipher suites only";
        case without_sni: return "without SNI";
        case without_alpn: return "without ALPN";
        case alpn_h2: return "ALPN h2 only";
        case small_hello: return fmt::format("a small ClientHello ({} bytes)", experiment.hello_size);
        case large_hello:
            return fmt::format("a large ClientHello ({} bytes, with a hybrid key share)", experiment.hello_size);
        case plain_http: return "plain HTTP (HEAD /)";
        case date_over_tls: return "asked for the Date header without trust (HEAD /)";
        case http_1_1: return "ALPN http/1.1 only, and HEAD / over HTTP/1.1";
        case http_2: return "ALPN h2 only, and HTTP/2 without a request";
        case date_over_http:
            return fmt::format("asked {} for the Date header in plain HTTP (HEAD /)", experiment.address);
    }
    return "";
}

// The certificate as a person would call it.
std::string certificate_text(const tls::ProbeAnswer& answer) {
    if (answer.leaf.empty()) return "";
    const auto leaf = certs::Certificate::parse(answer.leaf);
    if (!leaf) return "a certificate that cannot be read";
    const certs::Description own = describe(*leaf);
    std::vector<std::string> names;
    for (const std::string& name : own.names)
        names.push_back(shorten(name.starts_with("DNS:") ? name.substr(4) : name, 60));
    if (names.empty()) return "certificate of " + quoted(short_name(own.subject), 60);
    return "certificate for " + listed(names, 3, own.names_total);
}

std::string agreed_text(const Experiment& experiment) {
    const tls::ProbeAnswer& answer = experiment.answer;
    std::vector<std::string> parts = {tls::version_name(answer.version), tls::suite_name(answer.cipher)};
    if (answer.dh_bits) parts.push_back(fmt::format("a Diffie-Hellman group of {} bits", *answer.dh_bits));
    if (!answer.alpn.empty()) parts.push_back("ALPN " + shorten(answer.alpn, 30));
    if (const std::string certificate = certificate_text(answer); !certificate.empty()) parts.push_back(certificate);
    if (answer.certificate_requested) parts.emplace_back("asks for a client certificate");
    return fmt::format("{}", fmt::join(parts, ", "));
}

}  // namespace

std::vector<Trial> experiments_for(const Attempt& attempt) {
    if (attempt.http2 && attempt.http2->end != Http2Seen::End::works)
        return attempt.experiments.empty() ? Trials{http_1_1} : Trials();
    if (const auto* response = std::get_if<HttpFailure>(&attempt.failure); response && response->perhaps_http2)
        return attempt.experiments.empty() ? Trials{http_2} : Trials();
    const auto* failure = std::get_if<tls::HandshakeFailure>(&attempt.failure);
    if (failure == nullptr || !attempt.tls) return {};
    const std::vector<Experiment>& made = attempt.experiments;
    const std::size_t room = most_experiments - std::min(most_experiments, made.size());
    std::size_t before = 0;
    for (Trials& round : rounds_for(attempt, *failure)) {
        // What was not sent cannot be left out.
        if (attempt.sni.empty()) std::erase(round, without_sni);
        if (attempt.alpn.empty()) std::erase(round, without_alpn);
        if (before == made.size()) return round;
        before += round.size();
        const Experiment* again = find_experiment(attempt, same_again);
        if (before > made.size() || !turns_on_hello(*failure) || again == nullptr || was_accepted(*again)) return {};
        if (Trials trials = once_more(std::span(made).first(before)); !trials.empty()) {
            trials.resize(before == made.size() ? std::min(trials.size(), room) : 0);
            return trials;
        }
    }
    return {};
}

bool calls_for_the_time(const Attempt& attempt) {
    if (attempt.time_given || attempt.verified_file || !attempt.verdict) return false;
    if (std::holds_alternative<HttpFailure>(attempt.failure)) return false;  // --insecure let the date pass
    return std::ranges::any_of(attempt.verdict->problems, [](const certs::Finding& finding) {
        return finding.severity == certs::Severity::error &&
               (finding.code == certs::Code::expired || finding.code == certs::Code::not_yet_valid);
    });
}

std::optional<HandshakeOffer> handshake_of(Trial trial, const Attempt& attempt) {
    switch (trial) {
        case same_again:
        case date_over_tls: return HandshakeOffer{attempt.sni, attempt.alpn};
        case without_sni: return HandshakeOffer{"", attempt.alpn};
        case without_alpn: return HandshakeOffer{attempt.sni, {}};
        case alpn_h2: return HandshakeOffer{attempt.sni, {"h2"}};
        case http_1_1: return HandshakeOffer{attempt.sni, {"http/1.1"}};
        case http_2: return HandshakeOffer{attempt.sni, {"h2"}};
        default: return std::nullopt;
    }
}

bool is_of_tls(Trial trial) {
    return trial != plain_http && trial != date_over_tls && trial != date_over_http && trial != http_1_1 &&
           trial != http_2;
}

std::optional<tls::ProbeHello> hello_of(Trial trial, const Attempt& attempt) {
    tls::ProbeHello hello{.lowest = attempt.versions.lowest == tls::Version::tls_1_3 ? wire_1_3 : wire_1_2,
                          .highest = attempt.versions.highest == tls::Version::tls_1_2 ? wire_1_2 : wire_1_3,
                          .sni = attempt.sni,
                          .alpn = attempt.alpn};
    switch (trial) {
        case tls_1_0: return alone(hello, wire_1_0);
        case tls_1_1: return alone(hello, wire_1_1);
        case tls_1_2: return alone(hello, wire_1_2);
        case tls_1_3: return alone(hello, wire_1_3);
        case obsolete_suites: return up_to_1_2(hello, tls::Offer::obsolete);
        case dhe_suites: return up_to_1_2(hello, tls::Offer::dhe);
        case ecdhe_suites: return up_to_1_2(hello, tls::Offer::ecdhe);
        case small_hello: hello.suites = tls::Offer::few; return hello;
        case large_hello:
            hello.suites = tls::Offer::few;
            hello.hybrid_share = hello.status_request = true;
            return hello;
        case same_again:
        case without_sni:
        case without_alpn:
        case alpn_h2:
        case plain_http:
        case date_over_tls:
        case date_over_http:
        case http_1_1:
        case http_2: return std::nullopt;
    }
    return std::nullopt;
}

http::RequestHead date_request(const Attempt& attempt, std::uint16_t port) {
    http::RequestHead head;
    head.method = "HEAD";
    head.target = "/";
    head.fields.add("Host", http::authority({http::TargetForm::absolute, "http", attempt.host,
                                             port == 443 ? std::uint16_t{80} : port, ""}));
    head.fields.add("User-Agent", "whytls");
    return head;
}

const Experiment* find_experiment(const Attempt& attempt, Trial trial) {
    const auto found = std::ranges::find(attempt.experiments, trial, &Experiment::trial);
    return found == attempt.experiments.end() ? nullptr : &*found;
}

bool was_accepted(const Experiment& experiment) {
    if (experiment.answer.kind != Kind::accepted) return false;
    const auto hello = hello_of(experiment.trial, Attempt());
    return !hello || (experiment.answer.version >= hello->lowest && experiment.answer.version <= hello->highest);
}

bool speaks_http2(const Attempt& attempt) {
    const Experiment* tried = find_experiment(attempt, http_2);
    return tried && tried->answer.kind == Kind::accepted && !tried->status.empty();
}

bool is_obsolete(const Experiment& experiment) {
    const tls::Suite* suite = tls::find_suite(experiment.answer.cipher);
    return suite != nullptr && suite->family == tls::SuiteFamily::obsolete;
}

bool was_passing(const Attempt& attempt) {
    const auto* failure = std::get_if<tls::HandshakeFailure>(&attempt.failure);
    if (failure == nullptr) return false;
    const auto& made = attempt.experiments;
    // RFC 8446 §4.4.2.4: in TLS 1.3 a server that asks for a client certificate may refuse the
    // client once the handshake is done on our side.
    const bool again = std::ranges::any_of(made, [](const Experiment& each) {
        return each.trial == same_again && was_accepted(each) &&
               !(each.answer.certificate_requested && each.answer.version == wire_1_3);
    });
    return again || std::ranges::any_of(made, [&](const Experiment& each) {
               return std::ranges::any_of(made, [&](const Experiment& other) {
                   return each.trial == other.trial && was_accepted(each) && was_refused(other, *failure);
               });
           });
}

bool is_proven_by(const Attempt& attempt, const Experiment& experiment) {
    // Then ours is no handshake that it does not take.
    if (attempt.accepted_before) return false;
    const auto& failure = std::get<tls::HandshakeFailure>(attempt.failure);
    const auto same = [&](const Experiment& each) {
        return confirming(each) && confirming(each) == confirming(experiment);
    };
    const auto of_alpn = [](Trial trial) { return trial == without_alpn || trial == alpn_h2; };
    // Another that differs from ours in one thing only.
    const auto other = [&](const Experiment& each) {
        const bool alike = same(each) || (of_alpn(each.trial) && of_alpn(experiment.trial));
        return handshake_of(each.trial, attempt) && was_accepted(each) && !alike;
    };
    const auto refused_again = [&](const Experiment& each) {
        return each.trial == same_again && was_refused(each, failure);
    };
    return std::ranges::count_if(attempt.experiments, same) > 1 && std::ranges::none_of(attempt.experiments, other) &&
           std::ranges::any_of(attempt.experiments, refused_again);
}

bool was_in_vain(const Attempt& attempt, Trial trial) {
    const Experiment* made = find_experiment(attempt, trial);
    const auto* failure = std::get_if<tls::HandshakeFailure>(&attempt.failure);
    return made != nullptr && failure != nullptr && was_refused(*made, *failure);
}

std::string answer_in_the_clear(const Attempt& attempt) {
    const Experiment* experiment = find_experiment(attempt, plain_http);
    if (experiment == nullptr) return "";
    if (experiment->answer.kind == Kind::accepted)
        return experiment->status.find(" 400") != std::string::npos ? "" : experiment->status;
    const bool known = !recognise_first_bytes(experiment->answer.first_bytes, attempt.port).protocol.empty();
    return experiment->answer.kind == Kind::not_tls && known ? experiment->answer.first_bytes : "";
}

ToldExperiment told(const Experiment& experiment) {
    const tls::ProbeAnswer& answer = experiment.answer;
    ToldExperiment told{tried_text(experiment), "", ""};
    switch (answer.kind) {
        case Kind::silent: told.result = "no answer"; break;
        case Kind::closed: told.result = "closed"; break;
        case Kind::reset: told.result = "reset"; break;
        case Kind::not_connected: told.result = "no connection"; break;
        case Kind::malformed: told.result = "not understood"; break;
        case Kind::alert: told.result = "alert " + tls::alert_name(answer.alert.value_or(0)); break;
        case Kind::not_tls:
            told.result = is_of_tls(experiment.trial) ? "not TLS" : "not HTTP";
            told.detail = show_first_bytes(answer.first_bytes);
            break;
        case Kind::accepted:
            if (!experiment.status.empty()) {
                told.result = experiment.date && experiment.trial != http_1_1 ? "Date: " + readable(*experiment.date)
                                                                              : "answered";
                told.detail = shorten(experiment.status, 60);
            } else if (experiment.trial == http_2) {
                told.result = "agreed to no protocol";
                told.detail = agreed_text(experiment);
            } else {
                told.result =
                    was_accepted(experiment) ? "accepted" : "answered with " + tls::version_name(answer.version);
                told.detail = agreed_text(experiment);
            }
            break;
    }
    return told;
}

}  // namespace inspect::diagnosis
