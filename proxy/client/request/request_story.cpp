#include "proxy/client/request/request_story.h"

#include <fmt/format.h>

#include "inspect/gateway/cross_site.h"
#include "inspect/gateway/near_gateway.h"
#include "inspect/http/upgrade.h"
#include "inspect/report/print/escape.h"
#include "inspect/report/render.h"
#include "proxy/client/record.h"
#include "proxy/client/redirected.h"
#include "proxy/client/request/preflight_answers.h"
#include "proxy/client/request/request_live.h"
#include "proxy/http/exchange.h"
#include "proxy/http/forwarding.h"
#include "proxy/http/max_forwards.h"
#include "proxy/io/clock.h"
#include "proxy/stream/http1_client.h"
#include "proxy/stream/http2_client.h"
#include "proxy/upstream/resuming.h"
#include "proxy/upstream/via.h"

namespace proxy {

namespace http = inspect::http;
namespace http2 = inspect::http2;
namespace diagnosis = inspect::diagnosis;

namespace {

// For a response that --insecure let through.
std::string mark_of(const diagnosis::Attempt& attempt) {
    return inspect::report::proxy_status(diagnosis::explain(attempt));
}

// HTTP/2 was tried as well, in vain.
void assume_http1(ServerFailed& failed) {
    if (auto* response = std::get_if<diagnosis::HttpFailure>(&failed.why)) response->perhaps_http2 = false;
}

std::string cookies_remark(const std::string& host) {
    return fmt::format(
        "{}: a Cookie was not passed on: through the gateway path go only cookies that the server has set through it, for browsers "
        "send those of every program on this machine; to send your own, use whytls as a proxy (curl -x)",
        inspect::report::for_terminal(host, 300));
}

// The server that a request is for, whatever way it came in.
http::Target destination_of(const Client& client, const http::RequestHead& request) {
    if (const auto& tunnel = client.tunnel)
        return {http::TargetForm::authority, tunnel->tls ? "https" : "http", tunnel->host, tunnel->port, ""};
    if (client.listen.reverse) return *client.listen.reverse;
    if (auto target = http::parse_target(request.method, request.target);
        target && target->form == http::TargetForm::absolute)
        return *std::move(target);
    return http::parse_gateway(request.target).value_or(http::Target{});
}

}  // namespace

// Chooses the story of a request. It is not a coroutine itself: its frame, allocated for each
// request, would have room for all of them.
io::Task<bool> RequestStory::run() {
    if (client_.listen.live) {
        if (auto refused = refuse_live(client_, request_)) return answer(*std::move(refused));
        return answer_live(client_, stream_, request_.target, false);
    }
    ++client_.services().counters.requests;
    const auto& tunnel = client_.tunnel;
    if (loop_marks(request_.fields).contains(client_.services().upstream.pseudonym))
        return refuse(refuse_loop(client_, destination_of(client_, request_), request_));
    if (tunnel) {
        Destination server = named_by(client_, request_);
        if (is_own_host(server.host)) return answer_own_page(request_.target, {});
        if (request_.method != "CONNECT") return forward(route_tunnelled(std::move(server), request_));
    }
    const auto target = http::parse_target(request_.method, request_.target);
    const bool absolute = target && target->form == http::TargetForm::absolute;
    const bool other_scheme = absolute && target->scheme != "http" && target->scheme != "https";
    if (!target || other_scheme) return refuse(refuse_target(client_, request_));
    if (client_.listen.reverse) return serve_reverse(*target);
    if (target->form == http::TargetForm::authority)
        return refuse(refuse_target(client_, request_));  // a CONNECT inside a tunnel
    const std::string path = absolute ? target->path_and_query : request_.target;
    const bool own = absolute ? is_own_host(target->host) : !http::names_gateway(path);
    if (!own && !admission_.allows(request_)) return refuse(refuse_use(client_, request_, false));
    if (!own && absolute && has_been_here(client_, request_)) return refuse(refuse_loop(client_, *target, request_));
    if (!own && absolute) return forward(route_forward(*target, request_));
    if (!own) return serve_gateway();
    if (!absolute && !is_asked_by_own_name(client_, request_)) return refuse(refuse_name(client_, request_));
    const auto sent_on = http::gateway_path_of(request_, own_origin(client_, request_));
    if (sent_on && !absolute) return answer(redirect(*sent_on));
    // Under the listener's own name it would be of one origin with every page that comes through the
    // gateway path.
    if (absolute && shows_live(client_, admission_, request_, path)) return answer_live(client_, stream_, path, true);
    return answer_own_page(path, absolute ? http::RequestHead{} : request_);
}

// Every request goes to the one server. A request that names another server, in the form for
// proxies, gets an answer that says so.
io::Task<bool> RequestStory::serve_reverse(const http::Target& target) {
    const http::Target& server = *client_.listen.reverse;
    const bool absolute = target.form == http::TargetForm::absolute;
    const bool ours = absolute && (target.host == server.host || target.port == client_.address_here().port());
    if (target.form == http::TargetForm::authority || (absolute && !ours))
        return refuse(refuse_as_proxy(client_, request_));
    const std::string path = absolute ? target.path_and_query : request_.target;
    const auto& [_, here, origin] = named_here(client_, request_);
    const bool own = here && (here->host == server.host || http::is_own_name(*here, client_.settings().allow_origin));
    return forward(route_reverse(server, origin, own, path, request_));
}

io::Task<bool> RequestStory::serve_gateway() {
    const auto upstream = http::parse_gateway(request_.target);
    if (!upstream) return refuse(refuse_target(client_, request_));
    const std::string own = own_origin(client_, request_);
    const std::string base = "/" + http::origin_of(*upstream);
    const auto& allowed = client_.settings().allow_origin;
    if (auto sign = http::cross_site(request_, own, allowed))
        return refuse(refuse_cross_site(client_, *std::move(sign), *upstream, request_));
    // In any other spelling, a browser takes what belongs to every server ("/https:/") for this
    // server's: cookies, passwords, service workers.
    const bool spelt = request_.target.starts_with(base + "/");
    if (!spelt && request_.fields.has("Sec-Fetch-Mode") && !request_.fields.has("Upgrade"))
        return answer(redirect(base + upstream->path_and_query));
    if (http::is_preflight(request_) && !http::named_page(request_, allowed).empty())
        return answer(permission(request_));
    Route route = route_gateway(*upstream, own, allowed, request_);
    const bool cookies_left_out = request_.fields.has("Cookie") && !route.request.fields.has("Cookie");
    // To a browser's user they are no loss: they belong to other programs.
    if (cookies_left_out && !request_.fields.has("Sec-Fetch-Site")) {
        const std::string& host = upstream->host;
        client_.notices().tell("cookies " + host, cookies_remark(host), Repeats::day);
    }
    return forward(std::move(route));
}

io::Task<bool> RequestStory::forward(Route route) {
    if (auto last = answer_as_last(route.request))
        co_return co_await refuse({.answer = *std::move(last)}, route.request);
    if (auto told = refused_preflight(client_, route.request, route.destination))
        co_return co_await refuse(*std::move(told), route.request);
    // As curl offers them; a tunnel's client has made its own offer.
    if (client_.several && !client_.tunnel && route.destination.tls) route.destination.alpn = {"h2", "http/1.1"};
    begin_tap();
    inspect::Flow flow;
    Outcome outcome;
    std::optional<NotProcessed> before;
    bool was_http2 = false, unsure = false;
    for (;;) {
        // What was kept of the content is framed as the first connection's version wants it.
        const bool chunked = route.request.fields.has("Transfer-Encoding") && before && !before->sent.bytes.empty();
        if (unsure && (chunked || !co_await server_.take_over_http2(route))) {
            if (!chunked) assume_http1(before->otherwise);
            outcome = std::move(before->otherwise);
            break;
        }
        if (!unsure) co_await server_.take(route);
        if (server_->failed()) {
            if (!client_.was_stopped()) co_return co_await answer_unreached(route.request);
            record(route.request, {});
            co_return false;
        }
        const bool over_http2 = server_.http2() != nullptr;
        if (chunked && over_http2 != was_http2) {
            outcome = std::move(before->otherwise);
            break;
        }
        was_http2 = over_http2;
        unsure = server_.is_unsure_of_http1();
        if (tap_) show_under_way(client_, route.request, server_.upstream(), *tap_);
        outcome = co_await ask(route, before ? &before->sent : nullptr, flow);
        auto* unprocessed = std::get_if<NotProcessed>(&outcome);
        if (unprocessed == nullptr) break;
        // Once: the next connection is a fresh one, to which this does not apply.
        before = std::move(*unprocessed);
        flow = {};
        if (!unsure) server_.give_back();
    }
    if (!std::holds_alternative<Complete>(outcome)) co_return co_await conclude(route.request, outcome, flow);
    client_.end_properly = !flow.no_close_notify;
    record(route.request, std::move(flow));
    ++client_.exchanges;
    co_return std::get<Complete>(outcome).keep_client;
}

// One exchange over a connection that is open.
io::Task<Outcome> RequestStory::ask(const Route& route, const SentBody* again, inspect::Flow& flow) {
    Upstream& upstream = server_.upstream();
    const Settings& settings = client_.settings();
    const auto& handshake = upstream.attempt.handshake;
    const NearRequest under_way(client_.services().counters, upstream.leads_near());
    const auto changed = for_next_hop(route.request, upstream, client_.several ? "2.0" : "1.1",
                                      client_.services().upstream.pseudonym, under_way.number() > most_unmarked);
    const ExchangeOptions options{.loop = client_.context.upstream.loop,
                                  .began = began_ms_,
                                  .response_timeout = settings.response_timeout,
                                  .idle_timeout = settings.idle_timeout,
                                  .last = client_.context.stopping(),
                                  .parent = upstream.forwarder,
                                  .proxy_status = upstream.attempt.let_through ? mark_of(upstream.attempt) : "",
                                  .mapping = route.mapping ? &*route.mapping : nullptr,
                                  .again = again,
                                  .tap = tap_.get()};
    if (server_.http2()) co_return co_await ask_over_http2(changed ? *changed : route.request, options, flow);
    Http1Client server(*upstream.channel, upstream.responses,
                       {.used = upstream.used,
                        .unsure = server_.is_unsure_of_http1(),
                        .handshake = handshake ? &*handshake : nullptr});
    upstream.used = true;
    Outcome outcome = co_await exchange(stream_, server, changed ? *changed : route.request, options, flow);
    note_resumable(client_.context.upstream, upstream, server.has_answered());
    if (flow.status != 0) flow.server_protocol = http::alpn_name(server.response().version);
    if (const auto* upgraded = std::get_if<Upgraded>(&outcome))
        co_await relay_upgraded(server, upgraded->protocol, flow);
    upstream.reuse.answered(server.announced(), io::clock_ms());
    co_return outcome;
}

// RFC 9110 §10.1.4: TE is about one connection, but HTTP/2 has it say that the client takes
// trailers, without which gRPC does not work (RFC 9113 §8.2.2).
io::Task<Outcome> RequestStory::ask_over_http2(const http::RequestHead& head, const ExchangeOptions& options,
                                               inspect::Flow& flow) {
    const auto& handshake = server_->attempt.handshake;
    Http2Client server(*server_.http2(), server_->destination.tls ? "https" : "http",
                       handshake ? &*handshake : nullptr);
    http::RequestHead with_te;
    if (request_.fields.has_token("TE", "trailers")) {
        with_te = head;
        with_te.fields.add("TE", "trailers");
    }
    Outcome outcome = co_await exchange(stream_, server, with_te.method.empty() ? head : with_te, options, flow);
    note_resumable(client_.context.upstream, server_.upstream(), server.has_answered());
    if (server_.http2()->has_met()) {
        flow.server_protocol = "h2";
        if (server_->http2_only) server_.remember_http2();
    }
    if (const auto* upgraded = std::get_if<Upgraded>(&outcome))
        co_await relay_upgraded(server, upgraded->protocol, flow);
    co_return outcome;
}

// What is left to do when an exchange did not end with a whole response. False: the connection
// ends, but for an answer of our own.
io::Task<bool> RequestStory::conclude(const http::RequestHead& request, Outcome& outcome, inspect::Flow& flow) {
    if (auto* failed = std::get_if<ServerFailed>(&outcome))
        co_return co_await answer_failure(request, std::move(*failed), std::move(flow));
    if (std::holds_alternative<Upgraded>(outcome)) {
        record(request, std::move(flow));
        ++client_.exchanges;
        co_return false;
    }
    if (const auto* bad = std::get_if<BadRequest>(&outcome)) {
        co_await reject_content(request, *bad, std::move(flow));
        co_return false;
    }
    auto code = http2::ErrorCode::internal_error;
    if (const auto* cut = std::get_if<CutShort>(&outcome)) {
        flow.code = report_cut(request, *cut, flow);
        // What a server breaks is not told to its client as the client's own doing.
        const auto& ending = cut->why ? cut->why->http2 : std::nullopt;
        if (ending && ending->by != diagnosis::Http2Ending::By::breach) code = http2::ErrorCode{ending->code};
    }
    record(request, std::move(flow));
    ++client_.exchanges;
    stream_.reset(code);  // without a proper end: the client must not take what it received for the whole
    co_return false;
}

void RequestStory::record(const http::RequestHead& request, inspect::Flow&& flow) {
    if (!request_.method.empty()) flow.protocol = protocol_of(client_, request_);
    const Upstream* server = server_ ? &server_.upstream() : server_of_tunnel(client_);
    proxy::record(client_, request, std::move(flow), server, began_ms_, tap_.get(), number_);
    tap_.reset();
}

void RequestStory::begin_tap() {
    if (tap_) return;
    tap_ = new_tap(client_, request_, began_ms_, number_);
}

void RequestStory::show_failure(const diagnosis::Diagnosis& found) {
    begin_tap();
    if (tap_) tap_->record().own = std::make_shared<const diagnosis::Diagnosis>(found);
}

}  // namespace proxy
