#include "proxy/client/admission.h"

#include <fmt/format.h>

#include <algorithm>

#include "proxy/io/clock.h"
#include "proxy/io/signal.h"
#include "proxy/settings/credentials.h"

namespace proxy {

// Whatever else the client sends meanwhile waits in the system.
io::Task<Admission::Verdict> Admission::await_turn() {
    const auto wait = client_.services().guesses.turn(Guesses::name_of(client_.ip()), io::clock_ms());
    if (!wait) co_return Verdict::too_many;
    const double until = io::clock_ms() + *wait;
    io::Signal due;
    io::Timer timer(client_.context.upstream.loop);
    constexpr double longest_nap = 0.5;  // seconds until the end of the proxy is noticed
    for (double left = *wait / 1000; left > 0; left = (until - io::clock_ms()) / 1000) {
        timer.start(std::min(left, longest_nap), [&due] { due.notify(); });
        co_await due.wait();
        if (client_.context.stopping() || client_.channel.socket().closed()) co_return Verdict::gone;
    }
    co_return Verdict::checked;
}

io::Task<Admission::Verdict> Admission::check(const inspect::http::RequestHead& request) {
    if (admitted_ || !request.fields.has("Proxy-Authorization")) co_return Verdict::checked;
    const Verdict turn = co_await await_turn();
    if (turn != Verdict::checked) co_return turn;
    admitted_ = is_authorized(*client_.settings().proxy_auth, request);
    if (admitted_) ++client_.services().counters.passwords;
    if (!admitted_) client_.services().guesses.wrong(Guesses::name_of(client_.ip()), io::clock_ms());
    co_return turn;
}

io::Task<Admission::Verdict> Admission::check(std::string_view user, std::string_view password) {
    const Verdict turn = co_await await_turn();
    if (turn != Verdict::checked) co_return turn;
    admitted_ = matches(*client_.settings().proxy_auth, user, password);
    if (!admitted_) client_.services().guesses.wrong(Guesses::name_of(client_.ip()), io::clock_ms());
    co_return turn;
}

bool Admission::allows(const inspect::http::RequestHead& request) const {
    const auto& expected = client_.settings().proxy_auth;
    return !expected || client_.replays || is_authorized(*expected, request);
}

void Admission::asked_java() { java_asked_ = client_.services().counters.passwords; }

io::Task<> Admission::report_java() {
    if (!java_asked_) co_return;
    constexpr double soon = 0.5;  // seconds
    io::Signal due;
    io::Timer timer(client_.context.upstream.loop);
    timer.start(soon, [&due] { due.notify(); });
    co_await due.wait();
    if (client_.services().counters.passwords != *java_asked_ || client_.context.stopping()) co_return;
    client_.notices().tell("java " + client_.ip(),
                           fmt::format("client {}: Java sends no password for tunnels by itself: start it with "
                                       "-Djdk.http.auth.tunneling.disabledSchemes= [proxy_authentication_required]",
                                       client_.ip()),
                           Repeats::day);
}

}  // namespace proxy
