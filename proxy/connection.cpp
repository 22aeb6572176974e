#include "proxy/connection.h"

#include <fmt/format.h>

#include <algorithm>

#include "inspect/diagnosis/client_failure.h"
#include "inspect/report/log.h"
#include "inspect/report/render.h"
#include "proxy/tunnel.h"

namespace proxy {

namespace http = inspect::http;
namespace diagnosis = inspect::diagnosis;

namespace {

constexpr double idle_timeout = 300;           // seconds between two requests, and for one head
constexpr double silence = 0.5;                // seconds until a tunnel's client counts as waiting for the server
constexpr double drain_time = 1;               // seconds to read away a body that nobody wants, before the answer
constexpr double linger_time = 2;              // seconds for our last words to arrive
constexpr std::size_t most_drained = 1 << 20;  // of a body that nobody wants, before the connection is closed instead
constexpr std::string_view own_host = "why.tls";

// What we can relay, of what the client offers, in its order. h2 comes later.
std::vector<std::string> relayable(const std::vector<std::string>& alpn) {
    std::vector<std::string> ours;
    std::ranges::copy_if(alpn, std::back_inserter(ours), [](const std::string& name) { return name == "http/1.1" || name == "http/1.0"; });
    return ours;
}

bool is_address(std::string_view host) { return io::Address::parse(host, 0).has_value(); }

Origin origin_of(const http::Target& target) {
    Origin origin{.host = target.host, .port = target.port, .tls = target.scheme == "https", .name = target.host, .sni = "", .alpn = {}};
    origin.plain_requests = !origin.tls;
    if (!origin.tls) return origin;
    if (!is_address(origin.host)) origin.sni = origin.host;
    origin.alpn = {"http/1.1"};
    return origin;
}

// The head as the server gets it: hop-by-hop fields are ours to end (RFC 9110 §7.6.1), an upgrade is passed on.
http::RequestHead for_server(http::RequestHead head) {
    const std::string* upgrade = head.fields.has_token("Connection", "upgrade") ? head.fields.find("Upgrade") : nullptr;
    const std::string protocol = upgrade ? *upgrade : "";
    head.fields.remove_hop_by_hop();
    if (!protocol.empty()) {
        head.fields.add("Connection", "Upgrade");
        head.fields.add("Upgrade", protocol);
    } else if (head.version.minor == 0) {
        head.fields.add("Connection", "keep-alive");
    }
    return head;
}

// RFC 9112 §3.2.2: towards the origin server the origin form, with the target's own host.
void to_origin_form(http::RequestHead& head, const http::Target& target) {
    head.target = target.origin;
    const std::string* host = head.fields.find("Host");
    if (!host || *host != http::authority(target)) head.fields.set("Host", http::authority(target));
}

http::RequestHead without_head(std::string method) {
    http::RequestHead head;
    head.method = std::move(method);
    return head;
}

}  // namespace

Connection::Connection(Worker& worker, io::Socket socket) : worker_(worker), services_(worker.services), client_(std::move(socket)) {
    if (const auto peer = client_.socket().peer()) client_address_ = peer->to_string();
    id_ = fmt::format("{:x}", now().seconds * 4096 + static_cast<std::int64_t>(services_.counters.connections++ % 4096));
    listed_ = worker_.connections.insert(worker_.connections.end(), this);
}

Connection::~Connection() { worker_.connections.erase(listed_); }

void Connection::close_if_idle() {
    if (idle_) client_.close();
}

std::string Connection::flow_id() const { return fmt::format("{}-{}", id_, exchanges_ + 1); }

io::Task<> Connection::run() {
    while (co_await read_head()) {
        if (requests_.request().method == "CONNECT" && !tunnel_) {
            const http::RequestHead request = requests_.request();
            co_return co_await serve_connect(request);
        }
        if (co_await serve_request() == Next::done) break;
    }
    if (!client_.socket().closed()) co_await client_.linger(linger_time);
}

// Reads up to a request's head. False when there will be none.
io::Task<bool> Connection::read_head() {
    client_.socket().set_deadline(idle_timeout);
    for (;;) {
        const http::Step step = requests_.step(client_.buffered());
        client_.consume(step.used);
        idle_ = requests_.between_messages();
        if (step.event == http::Event::head) {
            idle_ = false;
            if (!client_key_.empty()) services_.clients.trusted(std::exchange(client_key_, {}), tunnel_->name);
            client_.socket().clear_deadline();
            co_return true;
        }
        if (step.event == http::Event::failed) {
            co_await reject();
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

// What cannot be read as a request gets a 400 and ends the connection (RFC 9112 §2.2).
io::Task<> Connection::reject() {
    diagnosis::Attempt attempt;
    attempt.host = tunnel_ ? tunnel_->host : "";
    attempt.time = now();
    attempt.failure = diagnosis::RequestRejected{requests_.error(), std::string(certs::as_text(client_.buffered()).substr(0, 512))};
    const http::RequestHead nothing = without_head("");
    diagnosis::Diagnosis found = diagnosis::explain(attempt);
    found.client = client_address_;
    say(inspect::report::sentence(found));
    ExchangeResult result;
    result.status = found.status;
    log_request(nothing, result, found.code, io::clock_ms());
    const std::string wire = to_wire(diagnostic_answer(found, nothing, services_.settings.detail), nothing, false);
    (void)co_await client_.write(certs::as_bytes(wire));
    co_await client_.linger(linger_time);
}

io::Task<Connection::Next> Connection::serve_request() {
    ++services_.counters.requests;
    http::RequestHead request = requests_.request();
    if (!requests_.has_body()) (void)requests_.step({});  // its end
    if (tunnel_ && tunnel_->host != own_host && request.method != "CONNECT")
        co_return co_await forward(*tunnel_, for_server(std::move(request)));

    if (tunnel_ && tunnel_->host == own_host) co_return co_await answer(own_page(services_, request, request.target), request, "");
    const auto target = http::parse_target(request.method, request.target);
    const bool other_scheme = target && target->form == http::TargetForm::absolute && target->scheme != "http" && target->scheme != "https";
    if (!target || other_scheme || tunnel_) {  // in a tunnel: a CONNECT, which has no meaning there
        diagnosis::Attempt attempt;
        attempt.time = now();
        attempt.failure = diagnosis::RequestRejected{http::MessageError::bad_start_line, request.target.substr(0, 512)};
        co_return co_await answer_diagnosis(attempt, request);
    }
    if (target->form == http::TargetForm::absolute && target->host != own_host) {
        const Origin origin = origin_of(*target);
        to_origin_form(request, *target);
        co_return co_await forward(origin, for_server(std::move(request)));
    }
    const std::string path = target->form == http::TargetForm::absolute ? target->origin : request.target;
    co_return co_await answer(own_page(services_, request, path), request, "");
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
    const double started = io::clock_ms();
    const bool keep = complete && requests_.keeps_alive() && !worker_.stopping;
    result.status = made.head.status;
    result.response_bytes = made.body.size();
    const std::string wire = to_wire(std::move(made), request, keep);
    const bool sent = (co_await client_.write(certs::as_bytes(wire))).has_value();
    log_request(request, result, code, started);
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

void Connection::report_upstream() {
    if (upstream_->reported || (!upstream_->origin.tls && !upstream_->failed())) return;
    upstream_->reported = true;
    const bool good = !upstream_->failed() && !upstream_->attempt.let_through;
    if (!good || services_.log.enabled()) services_.report_upstream(flow_id(), diagnosis::explain(upstream_->attempt));
    if (good) upstream_->attempt.verdict.reset();  // told; kept, it would be a fifth of an idle connection's memory
}

// What a server said since its last response, its end included, would be taken for the answer to the next request.
bool Connection::may_reuse() {
    if (!upstream_ || upstream_->failed() || !upstream_->open()) return false;
    return !upstream_->used || upstream_->stream->is_quiet();
}

io::Task<Connection::Next> Connection::forward(Origin origin, http::RequestHead request) {
    const double started = io::clock_ms();
    ExchangeOptions options{.response_timeout = services_.settings.response_timeout, .last = worker_.stopping, .proxy_status = ""};
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
    if (result.request_error) {
        if (result.status == 0)
            co_await reject();
        else
            client_.close();  // a response has begun: there is no place for another
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
        if (result.refused && upstream_->address) co_await make_experiments(worker_, *upstream_->address, attempt);
        const diagnosis::Diagnosis found = diagnosis::explain(attempt);
        say(inspect::report::sentence(found));
        co_return co_await send(diagnostic_answer(found, request, services_.settings.detail), request, found.code, result,
                                result.request_complete);
    }
    log_request(request, result, result.cut_short ? "upstream_closed" : "", started);
    ++exchanges_;
    if (result.switched) {
        co_await tunnel(client_, *upstream_->stream);
        co_return Next::done;
    }
    if (result.cut_short || result.client_gone) {
        client_.socket().reset();  // without a proper end: the client must not take what it got for the whole
        co_return Next::done;
    }
    co_return result.keep_client ? Next::request : Next::done;
}

io::Task<> Connection::serve_connect(const http::RequestHead& request) {
    const auto target = http::parse_target(request.method, request.target);
    if (!target) {
        diagnosis::Attempt attempt;
        attempt.time = now();
        attempt.failure = diagnosis::RequestRejected{http::MessageError::bad_start_line, request.target.substr(0, 512)};
        (void)co_await answer_diagnosis(attempt, request);
        co_return co_await client_.linger(linger_time);
    }
    (void)requests_.step({});
    if (const std::string* agent = request.fields.find("User-Agent")) user_agent_ = agent->substr(0, 512);
    tunnel_ = Origin{.host = target->host, .port = target->port, .tls = true, .name = target->host, .sni = "", .alpn = {}};
    upstream_.emplace(*tunnel_);

    const bool untouched = matches_any(services_.settings.passthrough, target->host);
    if (untouched) {
        upstream_->origin.tls = false;
        co_await dial(worker_, *upstream_);
        report_upstream();
        if (upstream_->failed()) {
            (void)co_await answer_diagnosis(upstream_->attempt, request);
            co_return co_await client_.linger(linger_time);
        }
    }
    if (!co_await client_.write(certs::as_bytes("HTTP/1.1 200 Connection Established\r\n\r\n"))) co_return;
    if (untouched) co_return co_await pass_through();

    tls::ClientHello hello;
    client_.socket().set_deadline(services_.settings.handshake_timeout);
    const tls::Peek peeked = co_await peek(hello);
    client_.socket().clear_deadline();
    if (peeked == tls::Peek::complete) co_return co_await intercept(hello);
    if (peeked == tls::Peek::not_tls) co_return co_await pass_through();
    if (upstream_->failed()) report_upstream();
    tls::HandshakeFailure failure;
    failure.kind = client_.socket().timed_out() ? tls::FailureKind::timeout : tls::FailureKind::closed;
    if (client_.socket().timed_out() || !client_.buffered().empty()) report_client_failure(failure);
}

// What the client of a tunnel speaks, by its first bytes; need_more when it left before that was clear.
io::Task<tls::Peek> Connection::peek(tls::ClientHello& hello) {
    io::Timer patience(worker_.loop);
    if (client_.buffered().empty()) {
        patience.start(silence, [this] { client_.socket().stop_reading(); });
    }
    for (;;) {
        if (!client_.buffered().empty()) {
            patience.stop();
            tls::PeekResult result = tls::peek_client_hello(client_.buffered());
            if (result.state == tls::Peek::complete) hello = std::move(result.hello);
            if (result.state != tls::Peek::need_more) co_return result.state;
            if (client_.buffered().size() >= io::block_size) co_return tls::Peek::not_tls;
        }
        idle_ = client_.buffered().empty();
        const auto more = co_await client_.fill();
        if (!more && more.error().kind == io::StreamError::Kind::cancelled) co_return co_await peek_silent_client(hello);
        idle_ = false;
        if (!more || *more == 0) co_return tls::Peek::need_more;
    }
}

namespace {

// Ends the wait for the client when the server is the first to say something.
io::Task<> listen_to_server(io::Stream& server, io::Stream& client) {
    const auto first = co_await server.fill();
    if (first || first.error().kind != io::StreamError::Kind::cancelled) client.socket().stop_reading();
}

}  // namespace

// The client says nothing: perhaps its protocol lets the server begin (SSH, SMTP). Connects, and whoever speaks first decides.
io::Task<tls::Peek> Connection::peek_silent_client(tls::ClientHello& hello) {
    co_await dial(worker_, *upstream_);
    tls::Peek state = tls::Peek::need_more;
    std::optional<io::Child> server;
    if (upstream_->open()) server.emplace(listen_to_server(*upstream_->stream, client_));
    while (state == tls::Peek::need_more) {
        const auto more = co_await client_.fill();
        if (!more && more.error().kind == io::StreamError::Kind::cancelled) state = tls::Peek::not_tls;
        if (!more || *more == 0) break;
        tls::PeekResult result = tls::peek_client_hello(client_.buffered());
        if (result.state == tls::Peek::complete) hello = std::move(result.hello);
        state = result.state;
    }
    if (server) {
        upstream_->stream->socket().stop_reading();
        co_await server->join();
    }
    idle_ = false;
    co_return state;
}

io::Task<> Connection::intercept(const tls::ClientHello& hello) {
    // RFC 6066 §3: a host name. Other bytes are neither sent on nor put into a certificate.
    if (http::parse_target("CONNECT", hello.sni + ":443") && !is_address(hello.sni)) sni_ = hello.sni;
    hello_ = hello;
    client_key_ = client_key(client_address_, hello);
    tunnel_->sni = sni_;
    tunnel_->alpn = relayable(hello.alpn);
    // A client that names a host in its ClientHello will check the certificate for that name, whatever it asked CONNECT for.
    if (!sni_.empty()) tunnel_->name = sni_;

    if (tunnel_->host != own_host) co_await open_for_tunnel();
    if (client_.socket().closed()) co_return;

    std::vector<std::string> alpn = tunnel_->alpn;
    if (!upstream_->failed() && upstream_->attempt.handshake && !upstream_->attempt.handshake->alpn.empty()) {
        alpn = {upstream_->attempt.handshake->alpn};
    }
    client_.start_tls(tls::Session::server(worker_.identities->find(tunnel_->name, now()), alpn));
    client_.socket().set_deadline(services_.settings.handshake_timeout);
    const double started = io::clock_ms();
    const auto done = co_await client_.handshake();
    client_.socket().clear_deadline();
    handshake_end_ = io::clock_ms();
    handshake_ms_ = handshake_end_ - started;
    if (!done) {
        report_client_failure(done.error());
        client_.close();
        co_return;
    }
    requests_ = http::Parser::requests();
    co_await run();
}

// Before the client's own handshake, so that it gets the ALPN that the server agreed to.
io::Task<> Connection::open_for_tunnel() {
    if (upstream_->open()) {
        upstream_->origin = *tunnel_;
    } else {
        upstream_.emplace(*tunnel_);
        co_await dial(worker_, *upstream_);
    }
    co_await secure(worker_, *upstream_);
    report_upstream();
}

io::Task<> Connection::pass_through() {
    if (!upstream_->open()) {
        upstream_.emplace(*tunnel_);
        upstream_->origin.tls = false;
        co_await dial(worker_, *upstream_);
        report_upstream();
        if (upstream_->failed()) co_return;
    }
    const double started = io::clock_ms();
    const Tunnelled bytes = co_await tunnel(client_, *upstream_->stream);
    http::RequestHead request = without_head("CONNECT");
    request.target = fmt::format("{}:{}", tunnel_->host, tunnel_->port);
    ExchangeResult result;
    result.status = 200;
    result.request_bytes = bytes.up;
    result.response_bytes = bytes.down;
    log_request(request, result, "", started);
}

// Whether a client that has sent nothing and now closes did so soon enough after the handshake to have refused our certificate (as mockttp
// measures it); one that closes later had opened a connection in reserve.
bool Connection::left_in_silence() const {
    constexpr double least = 100;  // milliseconds
    return !worker_.stopping && !client_key_.empty() && client_.buffered().empty() &&
           io::clock_ms() - handshake_end_ <= std::max(10 * handshake_ms_, least);
}

void Connection::report_client_failure(const tls::HandshakeFailure& failure, bool left_in_silence) {
    diagnosis::ClientAttempt attempt;
    attempt.client = client_address_;
    attempt.host = tunnel_ ? tunnel_->name : "";
    attempt.sni = sni_;
    attempt.time = now();
    attempt.failure = failure;
    attempt.left_in_silence = left_in_silence;
    attempt.trusts_elsewhere = !client_key_.empty() && services_.clients.trusts_elsewhere(client_key_, attempt.host);
    attempt.hello = hello_;
    attempt.user_agent = user_agent_;
    attempt.ca_file = (services_.authority->directory() / "ca.pem").string();
    services_.report_client(flow_id(), client_address_, diagnosis::explain_client(attempt));
}

void Connection::log_request(const http::RequestHead& request, const ExchangeResult& result, std::string_view code, double started) {
    if (!services_.log.enabled()) return;
    inspect::report::RequestLine line;
    line.id = flow_id();
    line.client = client_address_;
    line.method = request.method;
    const bool origin_form = request.target.starts_with('/') || request.target == "*";
    if (upstream_ && origin_form) {
        const Origin& origin = upstream_->origin;
        const http::Target target{http::TargetForm::absolute, origin.tls ? "https" : "http", origin.name, origin.port, ""};
        line.url = fmt::format("{}://{}{}", target.scheme, http::authority(target), request.target);
    } else {
        line.url = request.target;
    }
    line.time = now();
    line.status = result.status;
    line.request_bytes = result.request_bytes;
    line.response_bytes = result.response_bytes;
    line.first_byte_ms = result.first_byte_ms;
    line.total_ms = io::clock_ms() - started;
    line.code = code;
    if (upstream_ && upstream_->attempt.let_through) line.let_through = diagnosis::explain(upstream_->attempt).code;
    services_.log.line(inspect::report::request_line(line));
}

}  // namespace proxy
