// The diagnosis: what is wrong, with which certificate, who can mend it and how. Every rendering is
// a pure function of this value. Its members are the report's (contract §4). Texts are raw: each
// rendering escapes for itself.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "certs/certificate.h"
#include "certs/verdict.h"
#include "inspect/diagnosis/attempt.h"
#include "inspect/diagnosis/code.h"

namespace inspect::diagnosis {

enum class Outcome { ok, warning, failed };
enum class Leg { upstream, client, upstream_proxy };
enum class Phase { dns, connect, handshake, verify, http };
enum class Actor { server, client, network };
enum class Proof { observed, experiment, likely };

struct Fix {
    Actor actor = Actor::server;
    std::string text;     // one imperative sentence
    std::string command;  // a shell command that does or shows it; "" without; safe to paste whatever the names are
    bool operator==(const Fix&) const = default;
};

struct EvidenceRow {
    std::string label;  // "asked for", "certificate is valid for"
    std::string value;
    std::string note;                 // "nearest: a wildcard spans one label only"; "" without
    std::vector<std::string> values;  // several of the same kind; `value` is then ""
};

// Two names label by label, aligned at their right ends as DNS is read.
struct LabelPair {
    enum class Relation { same, wildcard, differs, only_asked, only_certificate };
    std::string asked, certificate;  // "" where that name has no label left
    Relation relation = Relation::same;
};

// What another program makes of the same failure.
struct Elsewhere {
    std::string_view client;  // "curl (OpenSSL)"
    bool accepts = false;
    std::string text;        // what it prints; where it accepts: why, or "" without a reason
    std::string_view error;  // Node's error.code; "" for others
};

struct Problem {
    Code code = Code::none;
    // The step of contract §4 that it fails: the catalogue's unless the attempt got further; "" for
    // a problem of no step.
    std::string_view step;
    certs::Severity severity = certs::Severity::error;
    std::optional<std::size_t> depth;
    std::string title;  // states the two values that disagree, at most 120 characters
    std::string detail;
    std::vector<EvidenceRow> evidence;
    Proof proof = Proof::observed;
    std::vector<Fix> fixes;
    std::vector<LabelPair> labels = {};  // of a host name that does not match, leftmost first; empty otherwise
    // whytls cannot do what the server wants: the server is not at fault, and others may connect.
    bool our_limit = false;
    std::vector<Elsewhere> refused_by = {};  // of a warning: the clients that make it an error
};

struct StepCertificate {
    std::size_t depth = 0;
    certs::Status status = certs::Status::skip;
    std::string summary;
};
struct StepSummary {
    std::string_view step;  // contract §4: dns, connect, hello, handshake, path … strength
    certs::Status status = certs::Status::skip;
    std::string summary;
    std::string_view reference;  // "RFC 9525 §6.3"; "" without
    std::vector<StepCertificate> certificates;
};

// An experiment in words: "TLS 1.0 only", "accepted", and what was agreed on or seen.
struct ToldExperiment {
    std::string tried, result;
    std::string detail;  // "" without
    bool operator==(const ToldExperiment&) const = default;
};

struct ChainCertificate {
    certs::Description description;
    certs::Provenance provenance = certs::Provenance::served;
    bool unreadable = false;  // it keeps its place; its description has only `sha256`, and perhaps `subject`
};

// What it comes to: the worst problem's code, words and place, and what the client is answered.
struct Conclusion {
    Outcome outcome = Outcome::ok;
    Code code = Code::none;  // problems.front().code
    Leg leg = Leg::upstream;
    Phase phase = Phase::verify;
    int status = 502;                     // of the HTTP answer
    std::string_view proxy_status_error;  // RFC 9209 §2.3's error type
    std::string title, detail;
    std::string next_step;  // what a line on its own adds: "run whytls ca install"; "" when the title says all
};

// Where the parent proxy failed, the facts' host and port are those of the server asked for.
struct Diagnosis : Facts, Conclusion {
    std::string address;             // "203.0.113.7:443"; "" when none connected
    std::vector<StepSummary> steps;  // all of the contract's, in its order
    std::vector<Problem> problems;   // root cause first
    std::vector<ToldExperiment> experiments;
    std::vector<ChainCertificate> chain;  // the best path
    std::vector<std::string> served;      // sha256 of each certificate as sent
    std::vector<Elsewhere> elsewhere;     // of other clients; empty when all is well
    // PEM, leaf first, without the root: what the server should send; "" unless known.
    std::string fixed_chain;
    bool tls_begun = false;  // a ClientHello was sent
    std::size_t anchors = 0;
    std::string provider;                       // "Amazon CloudFront"; "" when not recognised
    bool nothing_sent = true;                   // no byte of the request was sent to the server
    std::string client;                         // the client's address, on the client's leg
    std::vector<std::string> response_remarks;  // what is worth saying about `response`, one sentence each
    std::string http2_remark;                   // what the server broke after it agreed on h2; "" otherwise
    std::string library_text;                   // for the log only
};

// The whole meaning of an attempt. Pure; total: any attempt gives a diagnosis.
Diagnosis explain(const Attempt& attempt);

// The contract's words.
std::string_view name(Outcome outcome);
std::string_view name(Leg leg);
std::string_view name(Phase phase);
std::string_view name(Actor actor);
std::string_view name(Proof proof);
std::string_view name(certs::Status status);
std::string_view name(certs::Severity severity);
std::string_view name(certs::Provenance provenance);

}  // namespace inspect::diagnosis
