#include "proxy/upstream/start_tls.h"

#include <algorithm>
#include <utility>

namespace proxy {

namespace starttls = inspect::starttls;
using Failure = inspect::diagnosis::StartTlsFailure;

namespace {

Failure trailed(certs::Bytes rest) {
    const std::string_view text = certs::as_text(rest.first(std::min(rest.size(), starttls::most_heard)));
    return {.kind = Failure::Kind::trailing, .said = "", .trailing = std::string(text), .trailing_bytes = rest.size()};
}

// Why a dialogue that ended in that state leads to no TLS; nullopt for one that does.
std::optional<Failure::Kind> failure_of(starttls::State state) {
    switch (state) {
        case starttls::State::more:
        case starttls::State::send:
        case starttls::State::ready: return std::nullopt;
        case starttls::State::not_offered: return Failure::Kind::not_offered;
        case starttls::State::declined: return Failure::Kind::declined;
        case starttls::State::refused: return Failure::Kind::refused;
        case starttls::State::other: return Failure::Kind::other;
        case starttls::State::unasked: return Failure::Kind::unasked;
        case starttls::State::trailing: return Failure::Kind::trailing;
    }
    return Failure::Kind::other;
}

// nullopt: TLS may begin. The failure does not yet have what the server said.
io::Task<std::optional<Failure>> converse(io::Channel& channel, starttls::Dialogue& dialogue) {
    if (const std::string opening = dialogue.opening(); !opening.empty())
        (void)co_await channel.write(certs::as_bytes(opening));
    for (;;) {
        const starttls::Step step = dialogue.step(channel.buffered());
        channel.consume(step.used);
        if (step.state == starttls::State::ready) co_return std::nullopt;
        if (step.state == starttls::State::trailing) co_return trailed(channel.buffered());
        if (const auto kind = failure_of(step.state)) co_return Failure{.kind = *kind, .said = ""};
        if (step.state == starttls::State::send) {
            (void)co_await channel.write(certs::as_bytes(step.send));
        } else if (step.used == 0) {
            const auto more = co_await channel.fill();
            if (!more || *more == 0) {
                const bool timed_out = channel.socket().timed_out();
                co_return Failure{.kind = timed_out ? Failure::Kind::timed_out : Failure::Kind::closed, .said = ""};
            }
        }
    }
}

}  // namespace

io::Task<> begin_start_tls(Upstream& upstream, starttls::Protocol protocol, double patience) {
    starttls::Dialogue dialogue(protocol, upstream.destination.name);
    upstream.attempt.starttls = protocol;
    upstream.channel->socket().set_deadline(patience);
    auto failure = co_await converse(*upstream.channel, dialogue);
    upstream.channel->socket().clear_deadline();
    if (!failure) co_return;
    failure->said = dialogue.heard();
    upstream.attempt.failure = *std::move(failure);
    upstream.attempt.timeout_seconds = patience;
    upstream.channel->close();
}

}  // namespace proxy
