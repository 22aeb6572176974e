// The answers that a connection gives itself: refusals, diagnoses, pages. Part of connection.h. It
// is separate from connection.cpp also because the compiler would build the frames of these stories
// into the frames of forward() and read_head(), which each request allocates anew.
#include <fmt/format.h>

#include <algorithm>

#include "inspect/diagnosis/explain/preflight.h"
#include "inspect/diagnosis/known/client_kind.h"
#include "inspect/report/render.h"
#include "proxy/client/connection.h"
#include "proxy/io/clock.h"
#include "proxy/io/signal.h"
#include "proxy/settings/credentials.h"

namespace proxy {

namespace http = inspect::http;
namespace diagnosis = inspect::diagnosis;

namespace {

constexpr double drain_time = 1;               // seconds to read and discard an unwanted body, before the answer
constexpr std::size_t most_drained = 1 << 20;  // of an unwanted body; beyond that the connection is closed instead

// The second word of a request line.
std::string_view target_of(std::string_view line) {
    line.remove_prefix(std::min(line.find(' ') + 1, line.size()));
    return line.substr(0, line.find_first_of(" \r\n"));
}

}  // namespace

// Why the parser gave up. A line that is no request line may be the rest of a body before it;
// nothing of that is kept.
diagnosis::RequestRejected Connection::rejected_head() {
    diagnosis::RequestRejected rejected{.error = requests_.error(), .first_bytes = "", .fault = requests_.fault()};
    const bool first_line = rejected.fault.line == 1 || rejected.error == http::MessageError::not_http;
    if (!first_line) return rejected;
    const std::string_view here = certs::as_text(client_.buffered());
    // An earlier step may have consumed its beginning.
    const std::string bytes(here.starts_with(rejected.fault.text) ? here : rejected.fault.text);
    const std::string_view line = std::string_view(bytes).substr(0, bytes.find_first_of("\r\n"));
    const bool request = line.contains(" HTTP/");
    rejected.fault.text.clear();
    if (exchanges_ > 0 && !request) return rejected;
    const std::string_view target = target_of(bytes);
    rejected.user_information = rejected.error == http::MessageError::bad_start_line && http::has_user_information(target);
    rejected.first_bytes = shown(rejected.user_information ? target : request ? line : bytes);
    return rejected;
}

// What cannot be parsed as a request, or stops in its middle, gets an answer and ends the
// connection (RFC 9112 §2.2).
io::Task<> Connection::reject(const http::RequestHead& request, inspect::Flow flow, std::optional<BadRequest> begun) {
    diagnosis::RequestRejected rejected = rejected_head();
    rejected.at_reverse = listen_.reverse.has_value() && !listen_.tls;
    if (begun && begun->stalled) rejected.stalled = settings_.idle_timeout;
    diagnosis::Attempt attempt = refusal(std::move(rejected));
    attempt.host = tunnel_ ? tunnel_->host : "";
    attempt.request_sent = begun && begun->stalled;
    const diagnosis::Diagnosis found = diagnosis::explain(attempt);
    const bool answered = flow.status != 0;
    say_of_client(found, request, std::move(flow));
    // A response has begun, so there is no place for another. A response that is not whole must not
    // look whole.
    if (begun && answered) co_return begun->cut_short ? client_.socket().reset() : client_.close();
    const std::string wire = to_wire(diagnostic_answer(found, request, reader_of(settings_, attempt, request)), request, false);
    client_.socket().set_deadline(settings_.idle_timeout);
    (void)co_await client_.write(certs::as_bytes(wire));
    co_await client_.linger(linger_time);
}

// The attempt of a request that is refused before any server is asked.
diagnosis::Attempt Connection::refusal(diagnosis::Failure why) {
    diagnosis::Attempt attempt;
    attempt.time = io::now();
    attempt.proxy_address = address_here().to_string();
    attempt.failure = std::move(why);
    return attempt;
}

// The same for a request that names its server.
diagnosis::Attempt Connection::refusal(diagnosis::Failure why, const http::Target& target, const http::RequestHead& request) {
    diagnosis::Attempt attempt = refusal(std::move(why));
    attempt.host = target.host;
    attempt.port = target.port;
    attempt.tls = target.scheme != "http";
    attempt.method = request.method;
    return attempt;
}

// Reports on stderr, for clients that do not show an answer.
void Connection::notify(diagnosis::Diagnosis found) {
    found.client = client_address_;
    notices_.tell(found);
}

// Waits until a password of this client may be checked. Whatever else the client sends meanwhile
// waits in the system.
io::Task<Connection::Turn> Connection::await_turn() {
    const auto wait = services_.guesses.turn(Guesses::name_of(client_ip()), io::clock_ms());
    if (!wait) co_return Turn::too_many;
    const double until = io::clock_ms() + *wait;
    io::Signal due;
    io::Timer timer(context_.upstream.loop);
    constexpr double longest_nap = 0.5;  // seconds until the end of the proxy is noticed
    for (double left = *wait / 1000; left > 0; left = (until - io::clock_ms()) / 1000) {
        timer.start(std::min(left, longest_nap), [&due] { due.notify(); });
        co_await due.wait();
        if (context_.stopping() || client_.socket().closed()) co_return Turn::gone;
    }
    co_return Turn::come;
}

// False when the connection is to end.
io::Task<bool> Connection::weigh_password(const http::RequestHead& request) {
    if (admitted_ || !request.fields.has("Proxy-Authorization")) co_return true;
    const Turn turn = co_await await_turn();
    if (turn == Turn::gone) co_return false;
    if (turn == Turn::come) {
        admitted_ = is_authorized(*settings_.proxy_auth, request);
        if (admitted_) ++services_.counters.passwords;
        if (!admitted_) services_.guesses.wrong(Guesses::name_of(client_ip()), io::clock_ms());
        co_return true;
    }
    const std::string wire = to_wire(too_many_guesses(), request, false);
    if (co_await client_.write(certs::as_bytes(wire))) co_await client_.linger(linger_time);
    co_return false;
}

// Java does not show the answer to a CONNECT. Where it may send credentials for tunnels, it does so
// once it is asked for them, over another connection or this one. By default it may not, and
// leaves.
io::Task<> Connection::notify_of_java() {
    constexpr double soon = 0.5;  // seconds
    io::Signal due;
    io::Timer timer(context_.upstream.loop);
    timer.start(soon, [&due] { due.notify(); });
    co_await due.wait();
    if (services_.counters.passwords != *java_asked_ || context_.stopping()) co_return;
    notices_.tell("java " + client_ip(),
                  fmt::format("client {}: Java sends no password for tunnels by itself: start it with "
                              "-Djdk.http.auth.tunneling.disabledSchemes= [proxy_authentication_required]",
                              client_ip()),
                  Repeats::day);
}

io::Task<Connection::Next> Connection::refuse_use(const http::RequestHead& request) {
    using Way = diagnosis::NotAuthorized::Way;
    const Way way = request.target.starts_with('/') ? Way::gateway : Way::proxy;
    const bool tried = request.fields.has("Proxy-Authorization");
    const std::string* agent = request.fields.find("User-Agent");
    const bool java = request.method == "CONNECT" && diagnosis::recognise_client(agent ? *agent : "", {}) == diagnosis::ClientKind::java;
    const diagnosis::Attempt attempt = refusal(diagnosis::NotAuthorized{tried, way, java});
    if (java && !tried) java_asked_ = services_.counters.passwords;
    // A client that gives no password may be waiting to be asked. One that gives wrong ones asks
    // again and again.
    if (tried) notify(diagnosis::explain(attempt));
    return answer_diagnosis(attempt, request);
}

io::Task<Connection::Next> Connection::refuse_target(const http::RequestHead& request) {
    return answer_diagnosis(refusal(diagnosis::RequestRejected{http::MessageError::bad_start_line, shown(request.target),
                                                               http::has_user_information(request.target)}),
                            request);
}

// The proxy's own page, under a name that someone else may have made to lead here.
io::Task<Connection::Next> Connection::refuse_name(const http::RequestHead& request) {
    const std::string own = own_origin(request), scheme = own.substr(0, own.find(':'));
    inspect::page::Misdirected asked{shown(*request.fields.find("Host")), fmt::format("{}://{}/", scheme, address_here().to_string()), ""};
    if (http::parse_target("GET", own + "/")) asked.origin = own;
    return answer(misdirected(request, asked), request, diagnosis::Code::none);
}

// The server that a request is for, whatever way it came in.
http::Target Connection::destination_of(const http::RequestHead& request) const {
    if (tunnel_) return {http::TargetForm::authority, tunnel_->tls ? "https" : "http", tunnel_->host, tunnel_->port, ""};
    if (listen_.reverse) return *listen_.reverse;
    if (auto target = http::parse_target(request.method, request.target); target && target->form == http::TargetForm::absolute)
        return *std::move(target);
    return http::parse_gateway(request.target).value_or(http::Target{});
}

bool Connection::has_been_here(const http::RequestHead& request) const {
    return passed_proxies(request.fields).contains(services_.upstream.pseudonym);
}

// The request came from a proxy, whose client is told too late and in other words: hence stderr.
io::Task<Connection::Next> Connection::refuse_loop(const http::Target& target, const http::RequestHead& request) {
    const diagnosis::Attempt attempt =
        refusal(diagnosis::ProxyLoop{passed_proxies(request.fields), loop_marks(request.fields)}, target, request);
    const diagnosis::Diagnosis found = diagnosis::explain(attempt);
    notify(found);
    return answer(diagnostic_answer(found, request, reader_of(settings_, attempt, request)), request, found.code);
}

// Few clients show the answer to a CONNECT, so stderr reports it too.
io::Task<Connection::Next> Connection::refuse_as_proxy(const http::RequestHead& request) {
    diagnosis::NotAProxy seen{.listener = fmt::format("{}://{}", listen_.tls ? "https" : "http", address_here().to_string()),
                              .serves = http::origin_of(*listen_.reverse),
                              .asked = shown(fmt::format("{} {}", request.method, request.target)),
                              .proxies = {}};
    for (std::size_t i = 0; i < services_.upstream.listeners.size(); ++i)
        if (!settings_.listen[i].reverse) seen.proxies.push_back(services_.upstream.listeners[i].to_string());
    const diagnosis::Attempt attempt = refusal(std::move(seen));
    const diagnosis::Diagnosis found = diagnosis::explain(attempt);
    notify(found);
    return answer(diagnostic_answer(found, request, reader_of(settings_, attempt, request)), request, found.code);
}

io::Task<Connection::Next> Connection::answer(Answer made, const http::RequestHead& request, diagnosis::Code code) {
    // A body that waits for a 100 (Continue) may never come. Only closing the connection shows
    // where the next request would begin.
    const bool drained = !requests_.has_body() || (!request.fields.has("Expect") && co_await drain_body());
    client_.socket().clear_deadline();
    inspect::Flow flow;
    flow.code = code;
    co_return co_await send(std::move(made), request, std::move(flow), drained);
}

// Sends and logs an answer of our own; `complete` is whether the request was read to its end.
io::Task<Connection::Next> Connection::send(Answer made, const http::RequestHead& request, inspect::Flow flow, bool complete) {
    const bool keep = complete && requests_.keeps_alive() && !context_.stopping();
    flow.status = made.head.status;
    flow.response_bytes = made.body.size();
    const std::string wire = to_wire(std::move(made), request, keep);
    client_.socket().set_deadline(settings_.idle_timeout);
    const bool sent = (co_await client_.write(certs::as_bytes(wire))).has_value();
    client_.socket().clear_deadline();
    record(request, std::move(flow));
    ++exchanges_;
    co_return sent&& keep ? Next::request : Next::done;
}

// Reads and discards the current request's body. False when it is too long to wait for, or does not
// end.
io::Task<bool> Connection::drain_body() {
    io::Timer patience(context_.upstream.loop);
    patience.start(drain_time, [this] { client_.socket().stop_reading(); });
    std::size_t drained = 0;
    for (;;) {
        const http::Step step = requests_.step(client_.buffered());
        client_.consume(step.used);
        drained += step.used;
        if (step.event == http::Event::end) co_return true;
        if (step.event == http::Event::failed || drained > most_drained) co_return false;
        if (step.event != http::Event::more) continue;
        const auto more = co_await client_.fill();
        if (!more || *more == 0) co_return false;
    }
}

io::Task<Connection::Next> Connection::answer_diagnosis(const diagnosis::Attempt& attempt, const http::RequestHead& request) {
    const Reader reader = reader_of(settings_, attempt, request);
    const diagnosis::Diagnosis found = diagnosis::explain(reader.foreign ? without_own_facts(attempt) : attempt);
    return answer(diagnostic_answer(found, request, reader), request, found.code);
}

std::optional<CrossOrigin> Connection::cross_origin(const http::RequestHead& request, const Destination& destination) const {
    const std::string* page = request.fields.find("Origin");
    return page ? std::optional(CrossOrigin{client_ip(), *page, destination.host, destination.port}) : std::nullopt;
}

// A request whose preflight was answered here is answered here; a preflight goes to the server.
std::optional<io::Task<Connection::Next>> Connection::answer_as_preflight(const http::RequestHead& request,
                                                                          const Destination& destination) {
    const auto who = cross_origin(request, destination);
    if (who && http::is_preflight(request)) services_.preflights.forget(*who, request);
    auto failed = who && !http::is_preflight(request) ? services_.preflights.take(*who, request, io::now()) : std::nullopt;
    if (!failed) return std::nullopt;
    const Reader reader = reader_of(settings_, *failed, request);
    diagnosis::Diagnosis found = diagnosis::explain(reader.foreign ? without_own_facts(*std::move(failed)) : *failed);
    diagnosis::tell_of_preflight(found);
    return answer(diagnostic_answer(found, request, reader), request, found.code);
}

// The server was not reached, or did not verify.
io::Task<Connection::Next> Connection::answer_unreached(const http::RequestHead& request) {
    upstream_->attempt.method = request.method;
    upstream_->attempt.path = shown(request.target);
    if (auto leave = answer_preflight(request, upstream_->attempt)) return answer(*std::move(leave), request, diagnosis::Code::none);
    return answer_diagnosis(upstream_->attempt, request);
}

// A preflight for a server that failed: a page that --allow-origin names may send its request, to
// learn why.
std::optional<Answer> Connection::answer_preflight(const http::RequestHead& request, const diagnosis::Attempt& failed) {
    if (!http::is_preflight(request)) return std::nullopt;
    services_.preflights.keep(*cross_origin(request, upstream_->destination), request, failed, io::now());
    const bool named = !http::named_page(request, settings_.allow_origin).empty();
    return named ? std::optional(permission(request)) : std::nullopt;
}

// The server was reached and the request sent, but no response came.
diagnosis::Attempt Connection::attempt_of(const http::RequestHead& request, diagnosis::Failure failure) const {
    diagnosis::Attempt attempt = upstream_->attempt;
    attempt.failure = std::move(failure);
    attempt.request_sent = true;
    attempt.method = request.method;
    attempt.path = shown(request.target);
    attempt.timeout_seconds = settings_.response_timeout;
    return attempt;
}

// A response that has begun leaves no place for another: only stderr and the log report it. Returns
// the code.
diagnosis::Code Connection::tell_cut(const http::RequestHead& request, const diagnosis::HttpFailure& cut) {
    const diagnosis::Diagnosis found = diagnosis::explain(attempt_of(request, cut));
    notices_.tell(found);
    return found.code;
}

io::Task<Connection::Next> Connection::answer_failure(const http::RequestHead& request, ServerFailed failed, inspect::Flow flow) {
    diagnosis::Attempt attempt = std::visit([&](auto& why) { return attempt_of(request, diagnosis::Failure(std::move(why))); }, failed.why);
    attempt.request_sent = !std::holds_alternative<diagnosis::ParentRefusal>(attempt.failure);
    if (std::holds_alternative<tls::HandshakeFailure>(attempt.failure))
        co_await make_experiments(context_.upstream, upstream_->address, attempt);
    notices_.tell(diagnosis::explain(attempt));
    const Reader reader = reader_of(settings_, attempt, request);
    if (reader.foreign) attempt = without_own_facts(std::move(attempt));
    const diagnosis::Diagnosis found = diagnosis::explain(attempt);
    flow.code = found.code;
    auto leave = answer_preflight(request, attempt);
    co_return co_await send(leave ? *std::move(leave) : diagnostic_answer(found, request, reader), request, std::move(flow),
                            failed.request_complete);
}

}  // namespace proxy
