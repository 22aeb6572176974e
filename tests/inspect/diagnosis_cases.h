// Attempts of every kind, made with real chains and the real verifier where there is a certificate,
// for the tests of the diagnosis and of its renderings.
#pragma once

#include <string>
#include <vector>

#include "inspect/diagnosis/attempt.h"
#include "tests/inspect/code_names.h"
#include "tests/support/forge.h"

namespace tests {

struct Case {
    std::string code;  // that explain() must find first; "" when all is well
    inspect::diagnosis::Attempt attempt;
};

// An attempt that reached api.example.com, nothing wrong yet.
inspect::diagnosis::Attempt attempt_at(const std::string& host = "api.example.com", std::uint16_t port = 443);

// The attempt, with this chain verified against that root; failed when the verdict says so.
inspect::diagnosis::Attempt judged(inspect::diagnosis::Attempt attempt, const std::vector<Forged>& served,
                                   const Forged& root, certs::Time at = forge_time);

// A verdict with one finding of that kind, for a chain that cannot be forged at hand.
inspect::diagnosis::Attempt found(certs::Finding finding);

inspect::diagnosis::Attempt handshake_failed(tls::FailureKind kind, tls::Milestone reached, int alert = -1,
                                             std::string first_bytes = {});

// A response that failed, without TLS, from good.test:8080.
inspect::diagnosis::Attempt plain_http(inspect::diagnosis::HttpFailure failure);

// The model of all cases: CloudFront's default certificate for api.example.com.
inspect::diagnosis::Attempt cloudfront();

std::vector<Case> all_cases();

// Texts that attack a reader: HTML, terminal escapes, CR/LF, bidirectional overrides, invalid
// UTF-8, 64 kB.
std::vector<std::string> hostile_texts();

// An attempt in which every text is that one: host, SNI, certificate names, subject, issuer,
// reasons, first bytes.
std::vector<inspect::diagnosis::Attempt> hostile_attempts(const std::string& text);

}  // namespace tests
