#include "proxy/client/connection.h"

#include "inspect/before_tls/socks.h"
#include "proxy/client/client_report.h"
#include "proxy/client/client_tls.h"
#include "proxy/client/connect_tunnel.h"
#include "proxy/client/redirected.h"
#include "proxy/client/request/refusals.h"
#include "proxy/client/request/request_story.h"
#include "proxy/client/socks.h"
#include "proxy/io/clock.h"
#include "proxy/upstream/via.h"

namespace proxy {

namespace http = inspect::http;

ClientConnection::ClientConnection(ClientContext& context, io::Socket socket, const ListenAt& listen)
    : client_(context, std::move(socket), listen),
      listed_(context.connections.insert(context.connections.end(), this)) {}

ClientConnection::ClientConnection(Client& carrier, io::Socket socket)
    : client_(carrier, std::move(socket)),
      listed_(client_.context.connections.insert(client_.context.connections.end(), this)) {}

ClientConnection::~ClientConnection() { client_.context.connections.erase(listed_); }

void ClientConnection::close_if_idle() {
    if (http2_) return http2_->stop();
    if (http_ ? http_->is_between() : client_.idle) client_.channel.close();
}

void ClientConnection::abandon() {
    client_.channel.socket().reset();
    if (client_.relays && client_.upstream().open()) client_.upstream().channel->socket().reset();
    client_.servers.abandon();
}

io::Task<> ClientConnection::run() {
    const bool speaks_http = co_await begin();
    co_await serve(speaks_http);
}

io::Task<> ClientConnection::run_tunnel() {
    client_.idle = false;
    const bool speaks_http = co_await serve_tunnel(client_);
    co_await serve(speaks_http);
}

// True: HTTP comes next.
io::Task<> ClientConnection::serve(bool speaks_http) {
    while (speaks_http) {
        if (co_await speaks_http2()) {
            http2_ = std::make_unique<Http2Requests>(client_);
            co_await serve_http2();
            break;
        }
        http_.emplace(client_.channel, client_.settings().limits);
        speaks_http = co_await serve_requests();
        http_.reset();
    }
    if (client_.servers.speak_http2()) co_await client_.servers.end();
}

// Under TLS the client has agreed to it; in the clear it begins with its preface, without asking
// (RFC 9113 §3.3).
io::Task<bool> ClientConnection::speaks_http2() {
    io::Channel& channel = client_.channel;
    if (channel.is_tls() && channel.session().handshake_info().alpn == "h2") co_return true;
    const auto begun = [&channel] {
        const std::string_view first = certs::as_text(channel.buffered()).substr(0, http2_preface.size());
        return !first.empty() && http2_preface.starts_with(first) ? first.size() : 0;
    };
    while (begun() > 0 && begun() < http2_preface.size()) {
        channel.socket().set_deadline(client_.settings().idle_timeout);
        const auto more = co_await channel.fill();
        if (!more || *more == 0) co_return false;
    }
    co_return begun() == http2_preface.size();
}

io::Task<> ClientConnection::serve_http2() {
    client_.channel.socket().clear_deadline();
    co_await http2_->run();
    http2_.reset();
}

// The first byte shows the protocol. True when it is HTTP, perhaps in a tunnel or under TLS.
io::Task<bool> ClientConnection::begin() {
    if (client_.listen.transparent) co_return begin_redirected(client_) && co_await serve_tunnel(client_);
    client_.channel.socket().set_deadline(client_.settings().idle_timeout);
    (void)co_await client_.channel.fill();
    client_.idle = client_.channel.buffered().empty();
    client_.began_ms = io::clock_ms();
    const certs::Bytes first = client_.channel.buffered();
    const ListenAt& listen = client_.listen;
    const bool forward = listen.is_proxy(), takes_tls = forward || listen.live;
    if (!takes_tls && !listen.tls && tls::begins_tls(first)) {
        co_await refuse_tls(client_);
        co_return false;
    }
    if (listen.tls && co_await speaks_http2()) {
        http2_ = std::make_unique<Http2Requests>(client_, report_without_tls(client_));
        co_await serve_http2();
        co_return false;
    }
    if (listen.tls || (takes_tls && tls::begins_tls(first))) co_return co_await accept_tls(client_);
    if (forward && http::socks::begins_socks(first))
        co_return co_await open_socks_tunnel(client_, admission_) && co_await serve_tunnel(client_);
    co_return true;
}

// True when a tunnel was opened in which the client speaks HTTP.
io::Task<bool> ClientConnection::serve_requests() {
    const bool guarded = client_.settings().proxy_auth && !client_.tunnel && client_.listen.is_proxy();
    for (;;) {
        const Http1Server::Next next =
            co_await http_->next(client_.settings().idle_timeout, !client_.context.stopping());
        if (next != Http1Server::Next::request) {
            co_await end_requests(next);
            break;
        }
        client_.began_ms = http_->began_ms() - std::exchange(client_.tunnel_ms, 0);
        if (!client_.tls.key.empty()) report_client_trust(client_);
        if (guarded && !co_await check_password()) break;
        const bool connect = http_->request().method == "CONNECT" && !client_.tunnel && client_.listen.is_proxy();
        if (connect && admission_.allows(http_->request())) co_return co_await serve_connect();
        RequestStory story(client_, admission_, *http_);
        if (!co_await (connect ? refuse_connect(story) : story.run())) break;
        // What follows a refused CONNECT is again a request.
        if (connect) http_.emplace(client_.channel, client_.settings().limits);
    }
    co_await admission_.report_java();
    if (!client_.channel.socket().closed()) co_await client_.channel.linger(linger_time, client_.end_properly);
    co_return false;
}

// No further request comes.
io::Task<> ClientConnection::end_requests(Http1Server::Next next) {
    if (next == Http1Server::Next::malformed) {
        client_.began_ms = http_->began_ms() - std::exchange(client_.tunnel_ms, 0);
        co_await RequestStory(client_, admission_, *http_).reject();
    } else if (next == Http1Server::Next::gone) {
        if (client_.channel.is_tls() && client_.exchanges == 0) report_left_client(client_);
        client_.channel.close();
    }
}

// Checks the password that a request brings. False when the connection is to end.
io::Task<bool> ClientConnection::check_password() {
    const Admission::Verdict verdict = co_await admission_.check(http_->request());
    if (verdict == Admission::Verdict::too_many)
        (void)co_await send(*http_, too_many_guesses(), http_->request().method, {.last = true},
                            client_.settings().idle_timeout);
    co_return verdict == Admission::Verdict::checked;
}

io::Task<bool> ClientConnection::refuse_connect(RequestStory& story) {
    const http::RequestHead& request = http_->request();
    const bool java = is_java_tunnel(request);
    if (java && !request.fields.has("Proxy-Authorization")) admission_.asked_java();
    return story.refuse(refuse_use(client_, request, java));
}

// True when the client speaks HTTP inside the tunnel.
io::Task<bool> ClientConnection::serve_connect() {
    const http::RequestHead request = http_->request();
    const auto target = http::parse_target(request.method, request.target);
    std::optional<Refusal> refusal = refuse_tunnel(client_, target, request);
    if (const auto agent = request.fields.find("User-Agent")) client_.user_agent = agent->substr(0, 512);
    if (!refusal && !co_await begin_tunnel(client_, *target, passed_proxies(request.fields), "1.1"))
        refusal = diagnosed(client_, client_.upstream().attempt, request);
    if (!refusal) {
        client_.idle = false;
        http_.reset();
        const bool open =
            (co_await client_.channel.write(certs::as_bytes("HTTP/1.1 200 Connection Established\r\n\r\n")))
                .has_value();
        co_return open&& co_await serve_tunnel(client_);
    }
    RequestStory story(client_, admission_, *http_);
    (void)co_await story.refuse(*std::move(refusal));
    co_await client_.channel.linger(linger_time);
    co_return false;
}

}  // namespace proxy
