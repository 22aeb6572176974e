#include "proxy/client/connection.h"

#include <fmt/format.h>

#include "inspect/diagnosis/wording.h"
#include "inspect/report/print/escape.h"
#include "inspect/report/render.h"
#include "proxy/http/max_forwards.h"
#include "proxy/io/clock.h"
#include "proxy/settings/ca_directory.h"
#include "proxy/settings/credentials.h"

namespace proxy {

namespace http = inspect::http;
namespace diagnosis = inspect::diagnosis;

namespace {

constexpr double just_opened_ms = 1000;

// For a response that --insecure let through.
std::string mark_of(const diagnosis::Attempt& attempt) { return inspect::report::proxy_status(diagnosis::explain(attempt)); }

std::string cookies_remark(const std::string& host) {
    return fmt::format(
        "{}: a Cookie was not passed on: through the gateway path go only cookies that the server has set through it, for browsers "
        "send those of every program on this machine; to send your own, use whytls as a proxy (curl -x)",
        inspect::report::for_terminal(host, 300));
}

}  // namespace

Connection::Connection(ClientContext& context, io::Socket socket, const ListenAt& listen)
    : context_(context),
      services_(context.services),
      settings_(services_.upstream.settings),
      notices_(services_.upstream.notices),
      listen_(listen),
      client_(std::move(socket)) {
    if (const auto peer = client_.socket().peer()) client_address_ = peer->to_string();
    id_ = fmt::format("{:x}", io::now().seconds * 4096 + static_cast<std::int64_t>(services_.counters.connections++ % 4096));
    listed_ = context_.connections.insert(context_.connections.end(), this);
}

Connection::~Connection() { context_.connections.erase(listed_); }

void Connection::close_if_idle() {
    if (idle_) client_.close();
}

io::Task<> Connection::run() {
    co_await wait_for_client();
    const bool forward = !listen_.reverse;
    if (!forward && !listen_.tls && tls::begins_tls(client_.buffered())) co_return co_await refuse_tls();
    if (listen_.tls || (forward && tls::begins_tls(client_.buffered()))) {
        if (!co_await accept_tls()) co_return;
    } else if (forward && http::socks::begins_socks(client_.buffered())) {
        co_return co_await serve_socks();
    }
    co_await serve_requests();
}

// The first byte shows the protocol.
io::Task<> Connection::wait_for_client() {
    client_.socket().set_deadline(settings_.idle_timeout);
    (void)co_await client_.fill();
    idle_ = client_.buffered().empty();
}

io::Task<> Connection::serve_requests() {
    const bool guarded = settings_.proxy_auth && !tunnel_ && !listen_.reverse;
    while (co_await read_head()) {
        if (guarded && !co_await weigh_password(requests_.request())) break;
        if (requests_.request().method == "CONNECT" && !tunnel_ && !listen_.reverse) {
            if (may_use(requests_.request())) co_return co_await serve_connect(requests_.request());
            (void)requests_.step({});
            if (co_await refuse_use(requests_.request()) == Next::done) break;
            requests_ = http::Parser::requests(settings_.limits);  // what follows a refused CONNECT is again a request
            continue;
        }
        if (co_await serve_request() == Next::done) break;
    }
    if (java_asked_) co_await notify_of_java();
    if (!client_.socket().closed()) co_await client_.linger(linger_time, end_properly_);
}

// Reads up to a request's head. False when there will be none.
io::Task<bool> Connection::read_head() {
    forwarded_ = false;
    // Requests may come faster than they are answered, and many at once.
    if (client_.socket().had_its_turn()) (void)co_await client_.socket().give_way();
    client_.socket().set_deadline(settings_.idle_timeout);
    bool began = false;
    for (;;) {
        if (!began && !client_.buffered().empty()) {
            began = true;
            request_began_ = io::clock_ms() - std::exchange(tunnel_ms_, 0);
        }
        const http::Step step = requests_.step(client_.buffered());
        client_.consume(step.used);
        idle_ = requests_.between_messages();
        if (step.event == http::Event::head) {
            idle_ = false;
            if (!client_key_.empty()) report_client_trust();
            client_.socket().clear_deadline();
            co_return true;
        }
        if (step.event == http::Event::failed) {
            co_await reject({}, {}, std::nullopt);
            co_return false;
        }
        if (context_.stopping() && idle_) co_return false;
        const auto more = co_await client_.fill();
        if (more && *more > 0) continue;
        if (client_.is_tls() && exchanges_ == 0) report_left_client();
        client_.close();
        co_return false;
    }
}

// Chooses the story of a request. It is not a coroutine itself: its frame, allocated for each
// request, would have room for all of them.
io::Task<Connection::Next> Connection::serve_request() {
    ++services_.counters.requests;
    const http::RequestHead& request = requests_.request();
    if (!requests_.has_body()) (void)requests_.step({});  // its end
    if (loop_marks(request.fields).contains(services_.upstream.pseudonym)) return refuse_loop(destination_of(request), request);
    if (tunnel_ && !is_own_host(tunnel_->host) && request.method != "CONNECT") return forward(route_tunnelled(*tunnel_, request));

    if (tunnel_ && is_own_host(tunnel_->host)) return answer_own_page(request, request.target, {});
    const auto target = http::parse_target(request.method, request.target);
    const bool absolute = target && target->form == http::TargetForm::absolute;
    const bool other_scheme = absolute && target->scheme != "http" && target->scheme != "https";
    if (!target || other_scheme) return refuse_target(request);
    if (listen_.reverse) return serve_reverse(*target, request);
    if (target->form == http::TargetForm::authority) return refuse_target(request);  // a CONNECT inside a tunnel
    const std::string path = absolute ? target->path_and_query : request.target;
    const bool own = absolute ? is_own_host(target->host) : !http::names_gateway(path);
    if (!own && !may_use(request)) return refuse_use(request);
    if (!own && absolute && has_been_here(request)) return refuse_loop(*target, request);
    if (!own && absolute) return forward(route_forward(*target, request));
    if (!own) return serve_gateway(request);
    if (!absolute && !is_asked_by_own_name(request)) return refuse_name(request);
    const auto sent_on = http::gateway_path_of(request, own_origin(request));
    if (sent_on && !absolute) return answer(redirect(*sent_on), request, diagnosis::Code::none);
    return answer_own_page(request, path, absolute ? http::RequestHead{} : request);
}

bool Connection::may_use(const http::RequestHead& request) const {
    return !settings_.proxy_auth || is_authorized(*settings_.proxy_auth, request);
}

// Every request goes to the one server. A request that names another server, in the form for
// proxies, gets an answer that says so.
io::Task<Connection::Next> Connection::serve_reverse(const http::Target& target, const http::RequestHead& request) {
    const bool absolute = target.form == http::TargetForm::absolute;
    const bool ours = absolute && (target.host == listen_.reverse->host || target.port == address_here().port());
    if (target.form == http::TargetForm::authority || (absolute && !ours)) return refuse_as_proxy(request);
    const std::string path = absolute ? target.path_and_query : request.target;
    return forward(route_reverse(*listen_.reverse, own_origin(request), path, settings_.allow_origin, request));
}

io::Task<Connection::Next> Connection::serve_gateway(const http::RequestHead& request) {
    const auto upstream = http::parse_gateway(request.target);
    if (!upstream) return refuse_target(request);
    const std::string own = own_origin(request);
    const std::string base = "/" + http::origin_of(*upstream);
    if (auto sign = http::cross_site(request, own, settings_.allow_origin)) {
        diagnosis::Attempt attempt = refusal(diagnosis::CrossSiteRefused{*std::move(sign), address_here().to_string(), own,
                                                                         shown(http::origin_of(*upstream) + upstream->path_and_query)},
                                             *upstream, request);
        attempt.proxy_address = own.substr(own.find("://") + 3);
        return answer_diagnosis(attempt, request);
    }
    // In any other spelling, a browser takes what belongs to every server ("/https:/") for this
    // server's: cookies, passwords, service workers.
    const bool spelt = request.target.starts_with(base + "/");
    if (!spelt && request.fields.has("Sec-Fetch-Mode") && !request.fields.has("Upgrade"))
        return answer(redirect(base + upstream->path_and_query), request, diagnosis::Code::none);
    const auto& allowed = settings_.allow_origin;
    if (http::is_preflight(request) && !http::named_page(request, allowed).empty())
        return answer(permission(request), request, diagnosis::Code::none);
    Route route = route_gateway(*upstream, own, allowed, request);
    const bool cookies_left_out = request.fields.has("Cookie") && !route.request.fields.has("Cookie");
    // To a browser's user they are no loss: they belong to other programs.
    if (cookies_left_out && !request.fields.has("Sec-Fetch-Site")) {
        const std::string& host = upstream->host;
        notices_.tell("cookies " + host, cookies_remark(host), Repeats::day);
    }
    return forward(std::move(route));
}

// Where the client connected to. For a listener on all addresses, the address that the client used.
io::Address Connection::address_here() { return client_.socket().local().value_or(listen_.address); }

// How the client names this listener: by the Host field, or else (HTTP/1.0) by the address that it
// connected to.
std::string Connection::own_origin(const http::RequestHead& request) {
    const std::string scheme = client_.is_tls() ? "https" : "http";
    const std::string* host = request.fields.find("Host");
    const std::string authority = host ? *host : address_here().to_string();
    const auto target = http::parse_target("GET", fmt::format("{}://{}/", scheme, authority));
    return target ? http::origin_of(*target) : fmt::format("{}://{}", scheme, authority);
}

// Any address is accepted, for a port forwarder keeps the one that the client used. A name could be
// made to lead here by its owner.
bool Connection::is_asked_by_own_name(const http::RequestHead& request) {
    if (!request.fields.has("Host")) return true;
    const auto named = http::parse_target("GET", own_origin(request) + "/");
    if (!named) return false;
    const std::string_view host = named->host;
    return is_own_host(host) || http::is_own_name(*named, settings_.allow_origin);
}

// `named` has the Host field that names this listener; a request in absolute form does not name it.
io::Task<Connection::Next> Connection::answer_own_page(const http::RequestHead& request, std::string_view path,
                                                       const http::RequestHead& named) {
    return answer(own_page(services_.authority.certificate(), page_state(named), request, path), request, diagnosis::Code::none);
}

inspect::page::State Connection::page_state(const http::RequestHead& named) {
    const auto listener = http::parse_target("GET", own_origin(named) + "/");
    const auto peer = client_.socket().peer();
    inspect::page::State state;
    state.version = WHYTLS_VERSION;
    state.proxy = listener ? diagnosis::endpoint(listener->host, listener->port) : address_here().to_string();
    state.local = !peer || peer->is_loopback();
    state.asks_password = settings_.proxy_auth.has_value();
    for (const io::Address& each : services_.upstream.listeners)
        if (const std::string text = each.to_string(); std::ranges::find(state.listeners, text) == state.listeners.end())
            state.listeners.push_back(text);
    state.ca_file = services_.upstream.ca_file;
    state.install = install_command(settings_.ca_dir);
    state.ca = certs::describe(services_.authority.certificate());
    state.trust_source = services_.upstream.trust.source();
    state.anchors = services_.upstream.trust.size();
    state.connections = services_.counters.connections;
    state.requests = services_.counters.requests;
    state.failed_handshakes = services_.counters.failed_handshakes;
    return state;
}

io::Task<> Connection::open(Destination destination) {
    renew_upstream(std::move(destination));
    do co_await dial(context_.upstream, *upstream_);
    while (co_await secure(context_.upstream, *upstream_));
    upstream_->attempt.outside_tunnel = !tunnel_;
    report_upstream();
}

// A tunnel is one connection to its client, which attributes everything that comes over it to the
// same server.
void Connection::renew_upstream(Destination destination) {
    std::optional<io::Address> before;
    if (tunnel_ && upstream_) before = upstream_->address ? upstream_->address : upstream_->before;
    upstream_.emplace(std::move(destination));
    upstream_->before = before;
}

// What a server has sent since its last response, its end included, would be taken for the answer
// to the next request. A connection that was opened for a client which then sent nothing may have
// been closed since; but the first request must report an objection to the handshake. A connection
// that the server is about to close is not used either: the request could cross with the close
// (proxy/upstream/reuse).
bool Connection::may_reuse() {
    if (!upstream_ || upstream_->failed() || !upstream_->open()) return false;
    if (!upstream_->reuse.allows(io::clock_ms())) return false;
    const bool just_opened = !upstream_->used && io::clock_ms() - upstream_->opened < just_opened_ms;
    return just_opened || upstream_->channel->is_quiet();
}

io::Task<Connection::Next> Connection::forward(Route route) {
    auto& [destination, request, mapping] = route;
    if (auto last = answer_as_last(request)) co_return co_await answer(std::move(*last), request, diagnosis::Code::none);
    if (auto told = answer_as_preflight(request, destination)) co_return co_await *std::move(told);
    forwarded_ = true;
    ExchangeOptions options{.began = request_began_,
                            .response_timeout = settings_.response_timeout,
                            .idle_timeout = settings_.idle_timeout,
                            .last = context_.stopping(),
                            .pseudonym = services_.upstream.pseudonym,
                            .proxy_status = "",
                            .mapping = mapping ? &*mapping : nullptr};
    inspect::Flow flow;
    Outcome outcome;
    SentBody sent;
    for (;;) {
        const bool ready = upstream_ && upstream_->destination == destination && may_reuse();
        // What a tunnel's handshake found is reported to its first request. Later ones try again,
        // for the server may be mended.
        const bool fresh_failure = tunnel_ && exchanges_ == 0 && upstream_ && upstream_->failed();
        if (!ready && !fresh_failure) co_await open(destination);
        if (upstream_->failed() && was_stopped()) {
            record(request, {});
            co_return Next::done;
        }
        if (upstream_->failed()) co_return co_await answer_unreached(request);
        if (upstream_->attempt.let_through) options.proxy_status = mark_of(upstream_->attempt);
        const NearRequest under_way(services_.counters, upstream_->leads_near());
        options.marked = under_way.number() > most_unmarked;
        outcome = co_await exchange(client_, requests_, *upstream_, request, options, flow);
        auto* again = std::get_if<NotProcessed>(&outcome);
        if (again == nullptr) break;
        // Once: the next connection is a fresh one, to which this does not apply.
        sent = std::move(again->sent);
        options.again = &sent;
        flow = {};
    }

    if (auto* failed = std::get_if<ServerFailed>(&outcome)) co_return co_await answer_failure(request, std::move(*failed), std::move(flow));
    if (auto* upgraded = std::get_if<Upgraded>(&outcome)) {
        co_await relay_upgraded(request, std::move(*upgraded), std::move(flow));
        co_return Next::done;
    }
    if (const auto* bad = std::get_if<BadRequest>(&outcome)) {
        co_await reject(request, std::move(flow), *bad);
        co_return Next::done;
    }
    end_properly_ = !flow.no_close_notify;
    if (const auto* cut = std::get_if<CutShort>(&outcome))
        flow.code = cut->why ? tell_cut(request, *cut->why) : flow.idle_seconds ? diagnosis::Code::upstream_timeout : diagnosis::Code::none;
    record(request, std::move(flow));
    ++exchanges_;
    if (const auto* complete = std::get_if<Complete>(&outcome)) co_return complete->keep_client ? Next::request : Next::done;
    client_.socket().reset();  // without a proper end: the client must not take what it received for the whole
    co_return Next::done;
}

}  // namespace proxy
