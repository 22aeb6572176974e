#include "proxy/upstream/start_tls.h"

namespace proxy {

namespace starttls = inspect::starttls;
using Failure = inspect::diagnosis::StartTlsFailure;

namespace {

// nullopt: TLS may begin.
io::Task<std::optional<Failure::Kind>> converse(io::Channel& channel, starttls::Dialogue& dialogue) {
    if (const std::string opening = dialogue.opening(); !opening.empty())
        (void)co_await channel.write(certs::as_bytes(opening));
    for (;;) {
        const starttls::Step step = dialogue.step(channel.buffered());
        channel.consume(step.used);
        switch (step.state) {
            case starttls::State::ready: co_return std::nullopt;
            case starttls::State::not_offered: co_return Failure::Kind::not_offered;
            case starttls::State::other: co_return Failure::Kind::other;
            case starttls::State::send: (void)co_await channel.write(certs::as_bytes(step.send)); break;
            case starttls::State::more:
                if (step.used > 0) break;
                const auto more = co_await channel.fill();
                if (!more || *more == 0)
                    co_return channel.socket().timed_out() ? Failure::Kind::timed_out : Failure::Kind::closed;
        }
    }
}

}  // namespace

io::Task<> begin_start_tls(Upstream& upstream, starttls::Protocol protocol, double patience) {
    starttls::Dialogue dialogue(protocol, upstream.destination.name);
    upstream.attempt.starttls = protocol;
    upstream.channel->socket().set_deadline(patience);
    const auto failure = co_await converse(*upstream.channel, dialogue);
    upstream.channel->socket().clear_deadline();
    if (!failure) co_return;
    upstream.attempt.failure = Failure{*failure, dialogue.heard()};
    upstream.attempt.timeout_seconds = patience;
    upstream.channel->close();
}

}  // namespace proxy
