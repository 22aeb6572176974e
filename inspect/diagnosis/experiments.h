// Which experiments a failed handshake calls for, what each shows, and the words for it. Pure;
// proxy/upstream/experiments runs them. None of them carries a byte of a client's request, or a
// client certificate.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "inspect/diagnosis/attempt.h"
#include "inspect/diagnosis/diagnosis.h"

namespace inspect::diagnosis {

// At most this many for one failure (contract §4).
constexpr std::size_t most_experiments = 6;

// The experiments to make next, to learn why this attempt's handshake failed, the most telling
// first. At first: none when nothing listened there, when TLS is not what failed, or when the
// failure says enough. Then, depending on attempt.experiments: others, or some of them again.
std::vector<Trial> experiments_for(const Attempt& attempt);

// Whether a Date field could show that a clock is wrong: a certificate's date failed, by the local
// clock.
bool calls_for_the_time(const Attempt& attempt);

// The names and protocols that a trial offers when it is a whole handshake; nullopt for other
// trials.
struct HandshakeOffer {
    std::string sni;                // "" sends none
    std::vector<std::string> alpn;  // empty sends none
};
std::optional<HandshakeOffer> handshake_of(Trial trial, const Attempt& attempt);

// The ClientHello of a trial that sends only that; nullopt for others.
std::optional<tls::ProbeHello> hello_of(Trial trial, const Attempt& attempt);

// Whether the trial tries TLS, not HTTP.
bool is_of_tls(Trial trial);

// "HEAD / HTTP/1.1" with Host and User-Agent, and nothing else.
http::RequestHead date_request(const Attempt& attempt, std::uint16_t port);

// The attempt's experiment of that kind; nullptr when it was not made.
const Experiment* find_experiment(const Attempt& attempt, Trial trial);

// Whether the server agreed to what the trial offered: to its version, not to an older one.
bool was_accepted(const Experiment& experiment);

// Whether the handshake that failed was accepted when it was made again, or another was accepted
// once and refused another time. That is a passing fault, for which neither side needs to change
// anything.
bool was_passing(const Attempt& attempt);

// Whether the server speaks HTTP/2, as a trial showed after it had not answered HTTP/1.1.
bool speaks_http2(const Attempt& attempt);

// Whether the server chose a cipher suite that whytls never offers.
bool is_obsolete(const Experiment& experiment);

// Whether what this accepted experiment shows, where our handshake was not accepted, can hardly be
// chance: it was accepted twice, the same handshake again was refused, and no other that differs
// from ours in one thing only was accepted.
bool is_proven_by(const Attempt& attempt, const Experiment& experiment);

// Whether that was tried and the server did not take it: a reader of the report need not try it
// again.
bool was_in_vain(const Attempt& attempt, Trial trial);

// What the server answers to plain HTTP, when that shows which protocol it speaks instead of TLS:
// the status line, or the first bytes of what is not HTTP either; "" otherwise. A TLS server's own
// complaint about HTTP, status 400, shows nothing.
std::string answer_in_the_clear(const Attempt& attempt);

ToldExperiment told(const Experiment& experiment);

}  // namespace inspect::diagnosis
