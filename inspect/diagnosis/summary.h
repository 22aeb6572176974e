// The words around a diagnosis that every rendering shares: where it failed, who can act, what the
// connection was. They are here so that all prose has one home.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "inspect/diagnosis/diagnosis.h"

namespace inspect::diagnosis {

// "between whytls and api.example.com:443, while verifying the certificate"; "in chain.pem, while
// verifying the certificate"
std::string place(const Diagnosis& diagnosis);

// "Nothing of your request was sent to the server.", or what to say instead: for a file with
// warnings, that it verifies. "" when there is nothing to say.
std::string sent_statement(const Diagnosis& diagnosis);

// The problems that the title does not mention: all but the first, or all when none is worth a
// title.
std::span<const Problem> other_problems(const Diagnosis& diagnosis);

// "On the server", "On your side", "In the network".
std::string_view for_whom(Actor actor);

// "ok", "FAIL", "warn", "skip": at most four letters, distinct without colour.
std::string_view status_word(certs::Status status);

// "hostname" for the step of the first problem; "" when it has none.
std::string_view failed_step(const Diagnosis& diagnosis);

// "Connection"; "Verification" when there was none.
std::string_view connection_title(const Diagnosis& diagnosis);

// Until when the chain verifies and what breaks it then, or that it does not verify now; "" unless
// --until-breaks asked.
std::string breaks_statement(const Diagnosis& diagnosis);

// "TLSv1.3, certificate from Test CA, expires in 60 days, on 2027-01-23", for a server that
// verified, beside its name.
std::string agreement_statement(const Diagnosis& diagnosis);

// What "accepted" means for an experiment; "" where there was none.
std::string_view acceptance_statement(const Diagnosis& diagnosis);

// What a refusal that came only in HTTP may be about. Either "it asked for a client certificate,
// and none was sent", from whom it takes one, and how to give one. Or that the server does not
// accept the one that was sent: only a page (`html`) is taken to say so, as an API has its own
// reasons for a 400. "" where the attempt's server asked for none, or where servers do not refuse
// such clients with this status.
std::string certificate_remark(const Attempt& attempt, int status, bool html = false);

// Server, address, SNI, TLS, ALPN, trust store, timings, as far as they are known.
std::vector<EvidenceRow> connection_rows(const Diagnosis& diagnosis);

// A certificate of the chain: subject, names, issuer, dates, key, fingerprint.
std::vector<EvidenceRow> certificate_rows(const Diagnosis& diagnosis, const ChainCertificate& certificate);

// "the server's certificate", "intermediate", "root".
std::string_view role(const Diagnosis& diagnosis, std::size_t depth);

// How a label pair compares, in words: "same", "the wildcard's label", "differs", "missing in the
// certificate".
std::string_view relation_text(LabelPair::Relation relation);

}  // namespace inspect::diagnosis
