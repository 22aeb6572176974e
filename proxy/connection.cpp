#include "proxy/connection.h"

#include <fmt/format.h>

#include <algorithm>

#include "inspect/diagnosis/client_failure.h"
#include "inspect/report/log.h"
#include "inspect/report/redaction.h"
#include "inspect/report/render.h"
#include "proxy/credentials.h"
#include "proxy/max_forwards.h"

namespace proxy {

namespace http = inspect::http;
namespace diagnosis = inspect::diagnosis;

namespace {

constexpr double drain_time = 1;               // seconds to read away a body that nobody wants, before the answer
constexpr std::size_t most_drained = 1 << 20;  // of a body that nobody wants, before the connection is closed instead
}  // namespace

Connection::Connection(Worker& worker, io::Socket socket, const ListenAt& listen)
    : worker_(worker), services_(worker.services), listen_(listen), client_(std::move(socket)) {
    if (const auto peer = client_.socket().peer()) client_address_ = peer->to_string();
    id_ = fmt::format("{:x}", now().seconds * 4096 + static_cast<std::int64_t>(services_.counters.connections++ % 4096));
    listed_ = worker_.connections.insert(worker_.connections.end(), this);
}

Connection::~Connection() { worker_.connections.erase(listed_); }

void Connection::close_if_idle() {
    if (idle_) client_.close();
}

io::Task<> Connection::run() {
    co_await wait_for_client();
    const bool forward = !listen_.reverse;
    if (listen_.tls || (forward && tls::begins_tls(client_.buffered()))) {
        if (!co_await accept_tls()) co_return;
    } else if (forward && http::socks::begins_socks(client_.buffered())) {
        co_return co_await serve_socks();
    }
    co_await serve_requests();
}

// Its first byte tells what it speaks.
io::Task<> Connection::wait_for_client() {
    client_.socket().set_deadline(services_.settings.idle_timeout);
    (void)co_await client_.fill();
    idle_ = client_.buffered().empty();
}

io::Task<> Connection::serve_requests() {
    while (co_await read_head()) {
        if (requests_.request().method == "CONNECT" && !tunnel_ && !listen_.reverse) {
            const http::RequestHead request = requests_.request();
            if (may_use(request)) co_return co_await serve_connect(request);
            (void)requests_.step({});
            if (co_await answer_diagnosis(unauthorized(request.fields.has("Proxy-Authorization")), request) == Next::done) break;
            requests_ = http::Parser::requests(services_.settings.limits);  // what follows a refused CONNECT is a request again
            continue;
        }
        if (co_await serve_request() == Next::done) break;
    }
    if (!client_.socket().closed()) co_await client_.linger(linger_time);
}

// Reads up to a request's head. False when there will be none.
io::Task<bool> Connection::read_head() {
    forwarded_ = false;
    client_.socket().set_deadline(services_.settings.idle_timeout);
    for (;;) {
        const http::Step step = requests_.step(client_.buffered());
        client_.consume(step.used);
        idle_ = requests_.between_messages();
        if (step.event == http::Event::head) {
            idle_ = false;
            request_began_ = io::clock_ms();
            if (!client_key_.empty()) report_client_trust();
            client_.socket().clear_deadline();
            co_return true;
        }
        if (step.event == http::Event::failed) {
            const http::RequestHead nothing;
            co_await reject(nothing, {});
            co_return false;
        }
        if (worker_.stopping && idle_) co_return false;
        const auto more = co_await client_.fill();
        if (more && *more > 0) continue;
        // TLS 1.3 and some clients refuse our certificate only after our side of the handshake is done.
        if (client_.is_tls() && exchanges_ == 0) {
            const auto& failure = client_.session().failure();
            const bool wordless = !failure || !failure->alert_received;  // Node resets the connection
            if (wordless && left_in_silence())
                report_client_failure({}, true);
            else if (failure)
                report_client_failure(*failure);
        }
        client_.close();
        co_return false;
    }
}

// What cannot be read as a request, or stops in its middle, gets an answer and ends the connection (RFC 9112 §2.2).
io::Task<> Connection::reject(const http::RequestHead& request, const ExchangeResult& result) {
    diagnosis::Attempt attempt;
    attempt.host = tunnel_ ? tunnel_->host : "";
    attempt.time = now();
    diagnosis::RequestRejected rejected{requests_.error(), shown(certs::as_text(client_.buffered()))};
    if (result.request_stalled) rejected.stalled = services_.settings.idle_timeout;
    attempt.failure = std::move(rejected);
    attempt.request_sent = result.request_stalled;
    const diagnosis::Diagnosis found = diagnosis::explain(attempt);
    say_of_client(found, request, result);
    if (result.status != 0) co_return client_.close();  // a response has begun: there is no place for another
    const std::string wire = to_wire(diagnostic_answer(found, request, services_.settings.detail), request, false);
    (void)co_await client_.write(certs::as_bytes(wire));
    co_await client_.linger(linger_time);
}

io::Task<Connection::Next> Connection::serve_request() {
    ++services_.counters.requests;
    http::RequestHead request = requests_.request();
    if (!requests_.has_body()) (void)requests_.step({});  // its end
    if (tunnel_ && tunnel_->host != own_host && request.method != "CONNECT")
        co_return co_await forward(route_tunnelled(*tunnel_, std::move(request)));

    if (tunnel_ && tunnel_->host == own_host)
        co_return co_await answer(own_page(services_, request, request.target, address_here()), request, "");
    const auto target = http::parse_target(request.method, request.target);
    const bool absolute = target && target->form == http::TargetForm::absolute;
    const bool other_scheme = absolute && target->scheme != "http" && target->scheme != "https";
    // A CONNECT has no meaning inside a tunnel, nor where every request goes to one server.
    if (!target || other_scheme || target->form == http::TargetForm::authority) co_return co_await refuse_target(request);
    const std::string path = absolute ? target->origin : request.target;
    if (listen_.reverse) {
        std::string own = own_origin(request);
        co_return co_await forward(route_reverse(*listen_.reverse, std::move(own), path, std::move(request)));
    }
    const bool own = absolute ? target->host == own_host : !http::names_gateway(path);
    if (!own && !may_use(request)) {
        const bool tried = request.fields.has("Proxy-Authorization");
        co_return co_await answer_diagnosis(unauthorized(tried), request);
    }
    if (!own && absolute) co_return co_await forward(route_forward(*target, std::move(request)));
    if (!own) co_return co_await serve_gateway(std::move(request));
    if (const auto sent_on = http::gateway_path_of(request, own_origin(request)); sent_on && !absolute)
        co_return co_await answer(redirect(*sent_on), request, "");
    co_return co_await answer(own_page(services_, request, path, address_here()), request, "");
}

bool Connection::may_use(const http::RequestHead& request) const {
    return !services_.settings.proxy_auth || is_authorized(*services_.settings.proxy_auth, request);
}

diagnosis::Attempt Connection::unauthorized(bool tried) const {
    diagnosis::Attempt attempt;
    attempt.time = now();
    attempt.failure = diagnosis::NotAuthorized{tried};
    if (!services_.listeners.empty()) attempt.proxy_address = services_.listeners.front().to_string();
    return attempt;
}

io::Task<Connection::Next> Connection::refuse_target(const http::RequestHead& request) {
    diagnosis::Attempt attempt;
    attempt.time = now();
    attempt.failure = diagnosis::RequestRejected{http::MessageError::bad_start_line, shown(request.target)};
    co_return co_await answer_diagnosis(attempt, request);
}

io::Task<Connection::Next> Connection::serve_gateway(http::RequestHead request) {
    const auto upstream = http::parse_gateway(request.target);
    if (!upstream) co_return co_await refuse_target(request);
    const std::string own = own_origin(request);
    if (auto sign = http::cross_site(request, own, services_.settings.allow_origin)) {
        diagnosis::Attempt attempt;
        attempt.host = upstream->host;
        attempt.port = upstream->port;
        attempt.tls = upstream->scheme == "https";
        attempt.time = now();
        attempt.method = request.method;
        attempt.proxy_address = own.substr(own.find("://") + 3);
        attempt.failure = diagnosis::CrossSiteRefused{*std::move(sign), services_.listeners.front().to_string()};
        co_return co_await answer_diagnosis(attempt, request);
    }
    co_return co_await forward(route_gateway(*upstream, own, std::move(request)));
}

// Where the client connected to; of a listener on all addresses the one it used.
io::Address Connection::address_here() { return client_.socket().local().value_or(listen_.address); }

// How the client names this listener: by the Host field, else (HTTP/1.0) by the address that it connected to.
std::string Connection::own_origin(const http::RequestHead& request) {
    const std::string scheme = client_.is_tls() ? "https" : "http";
    const std::string* host = request.fields.find("Host");
    const std::string authority = host ? *host : address_here().to_string();
    const auto target = http::parse_target("GET", fmt::format("{}://{}/", scheme, authority));
    return target ? http::origin_of(*target) : fmt::format("{}://{}", scheme, authority);
}

io::Task<Connection::Next> Connection::answer(Answer made, const http::RequestHead& request, std::string_view code) {
    // A body that waits for a 100 (Continue) may never come: only closing says where the next request would begin.
    const bool drained = !requests_.has_body() || (!request.fields.has("Expect") && co_await drain_body());
    client_.socket().clear_deadline();
    co_return co_await send(std::move(made), request, code, {}, drained);
}

// Sends and logs an answer of our own; `complete` says whether the request has been read to its end.
io::Task<Connection::Next> Connection::send(Answer made, const http::RequestHead& request, std::string_view code, ExchangeResult result,
                                            bool complete) {
    const bool keep = complete && requests_.keeps_alive() && !worker_.stopping;
    result.status = made.head.status;
    result.response_bytes = made.body.size();
    const std::string wire = to_wire(std::move(made), request, keep);
    const bool sent = (co_await client_.write(certs::as_bytes(wire))).has_value();
    log_request(request, result, code, request_began_);
    ++exchanges_;
    co_return sent&& keep ? Next::request : Next::done;
}

// Reads away the current request's body. False when it is too long to wait for, or does not end.
io::Task<bool> Connection::drain_body() {
    io::Timer patience(worker_.loop);
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
    const diagnosis::Diagnosis found = diagnosis::explain(attempt);
    co_return co_await answer(diagnostic_answer(found, request, services_.settings.detail), request, found.code);
}

io::Task<> Connection::open(Origin origin) {
    upstream_.emplace(std::move(origin));
    co_await dial(worker_, *upstream_);
    co_await secure(worker_, *upstream_);
    report_upstream();
}

// What a server said since its last response, its end included, would be taken for the answer to the next request.
bool Connection::may_reuse() {
    if (!upstream_ || upstream_->failed() || !upstream_->open()) return false;
    return !upstream_->used || upstream_->stream->is_quiet();
}

io::Task<Connection::Next> Connection::forward(Route route) {
    auto& [origin, request, mapping] = route;
    if (auto last = answer_as_last(request)) co_return co_await answer(std::move(*last), request, "");
    forwarded_ = true;
    ExchangeOptions options{.response_timeout = services_.settings.response_timeout,
                            .idle_timeout = services_.settings.idle_timeout,
                            .last = worker_.stopping,
                            .proxy_status = "",
                            .mapping = mapping ? &*mapping : nullptr};
    ExchangeResult result;
    for (;;) {
        const bool ready = upstream_ && upstream_->origin == origin && may_reuse();
        // What a tunnel's handshake found is told to its first request; later ones try again, for the server may be mended.
        const bool fresh_failure = tunnel_ && exchanges_ == 0 && upstream_ && upstream_->failed();
        if (!ready && !fresh_failure) co_await open(origin);
        if (upstream_->failed()) {
            upstream_->attempt.method = request.method;
            co_return co_await answer_diagnosis(upstream_->attempt, request);
        }
        if (upstream_->attempt.let_through) options.proxy_status = inspect::report::proxy_status(diagnosis::explain(upstream_->attempt));
        result = co_await exchange(client_, requests_, *upstream_, request, options);
        if (!result.stale) break;
        upstream_.reset();
    }

    if (!result.keep_upstream && !result.switched && upstream_->stream) upstream_->stream->close();
    if (result.request_error || result.request_stalled) {
        co_await reject(request, result);
        co_return Next::done;
    }
    if (result.failure) {
        diagnosis::Attempt attempt = upstream_->attempt;
        if (result.refused)
            attempt.failure = *result.refused;
        else if (result.parent_refused)
            attempt.failure = *result.parent_refused;
        else
            attempt.failure = *result.failure;
        attempt.request_sent = !result.parent_refused;
        attempt.method = request.method;
        attempt.timeout_seconds = services_.settings.response_timeout;
        if (result.refused) co_await make_experiments(worker_, upstream_->address, attempt);
        const diagnosis::Diagnosis found = diagnosis::explain(attempt);
        say(inspect::report::sentence(found));
        co_return co_await send(diagnostic_answer(found, request, services_.settings.detail), request, found.code, result,
                                result.request_complete);
    }
    if (result.switched) {
        co_await relay_switched(request, std::move(result));
        co_return Next::done;
    }
    log_request(request, result, result.cut_short ? "upstream_closed" : "", request_began_);
    ++exchanges_;
    if (result.cut_short || result.client_gone) {
        client_.socket().reset();  // without a proper end: the client must not take what it got for the whole
        co_return Next::done;
    }
    co_return result.keep_client ? Next::request : Next::done;
}

}  // namespace proxy
