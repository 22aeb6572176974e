#include "proxy/client/request/request_live.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "certs/crypto.h"
#include "inspect/diagnosis/wording.h"
#include "inspect/gateway/cross_site.h"
#include "proxy/client/connection.h"
#include "proxy/client/request/refusals.h"
#include "proxy/io/socket_pair.h"
#include "proxy/live/live.h"
#include "proxy/services/reachable.h"
#include "proxy/settings/ca_directory.h"
#include "proxy/settings/credentials.h"
#include "proxy/stream/http1_client.h"

namespace proxy {

namespace http = inspect::http;
namespace diagnosis = inspect::diagnosis;

namespace {

// RFC 7617.
bool brings_password(const http::RequestHead& request, const Credentials& expected) {
    http::RequestHead as_to_proxy;
    if (const auto given = request.fields.find("Authorization")) as_to_proxy.fields.add("Proxy-Authorization", *given);
    return is_authorized(expected, as_to_proxy);
}

Answer plain(int status, std::string text) {
    Answer made;
    made.head.status = status;
    made.head.reason = http::reason_phrase(status);
    made.head.fields.add("Content-Type", "text/plain; charset=utf-8");
    made.head.fields.add("Cache-Control", "no-store");
    made.body = std::move(text);
    return made;
}

// The request as it goes to a proxy (RFC 9112 §3.2.2).
http::RequestHead head_of(const inspect::Record& record, const inspect::report::ReplayOrder& order,
                          std::size_t content_size) {
    http::RequestHead head;
    head.method = order.method.value_or(record.request->method);
    head.target = order.url.value_or(record.flow.url);
    if (order.headers)
        for (const auto& [name, value] : *order.headers) head.fields.add(name, value);
    else
        head.fields = record.request->fields;
    head.fields.remove_hop_by_hop();
    const bool had_content = head.fields.has("Content-Length") || head.fields.has("Transfer-Encoding");
    for (const std::string_view name : {"Transfer-Encoding", "Content-Length", "Expect"}) head.fields.remove(name);
    if (const auto target = http::parse_target("GET", head.target))
        if (order.url || !head.fields.has("Host")) head.fields.set("Host", http::authority(*target));
    if (had_content || content_size > 0) head.fields.add("Content-Length", std::to_string(content_size));
    head.fields.add("Connection", "close");
    return head;
}

// The response goes to the book; the one who asks is told its number.
io::Task<> read_response(Http1Client& proxy) {
    while (co_await proxy.head())
        if (proxy.response().status >= 200 || proxy.response().status == 101) break;
    for (;;) {
        const Piece piece = proxy.body().here();
        proxy.body().consume();
        if (piece.next == Piece::Next::end || piece.next == Piece::Next::failed) co_return;
        if (piece.next == Piece::Next::wait && co_await proxy.body().more() != Arrival::more) co_return;
    }
}

io::Task<> serve_replayed(ClientConnection& connection) { co_await connection.run(); }

// A client of this process asks its own proxy, over two sockets.
io::Task<std::expected<std::uint64_t, std::string>> replay(ClientContext& context, RecordPointer record,
                                                           inspect::report::ReplayOrder order) {
    static const ListenAt forward{.address = *io::Address::parse("127.0.0.1", 0)};
    const std::string content = order.content.value_or(record->request_content.bytes);
    const http::RequestHead head = head_of(*record, order, content.size());
    const auto target = http::parse_target(head.method, head.target);
    if (!target || target->form != http::TargetForm::absolute)
        co_return std::unexpected("it is no request for a URL of a server, which could be asked for again");
    auto pair = io::socket_pair(context.upstream.loop);
    if (!pair) co_return std::unexpected("file descriptors run out");
    std::uint64_t number = 0;
    ClientConnection connection(context, std::move(pair->second), forward);
    connection.client().replays = &number;
    connection.client().address = "whytls";
    io::Child serving(serve_replayed(connection));
    {
        io::Channel channel(std::move(pair->first));
        channel.socket().set_deadline(60);
        http::Parser responses = http::Parser::responses();
        Http1Client client(channel, responses);
        co_await client.request(head, !content.empty());
        if (content.empty() || co_await client.write(certs::as_bytes(content))) co_await read_response(client);
        channel.close();
    }
    co_await serving.join();
    if (number == 0) co_return std::unexpected("it did not get as far as a flow of its own: see the proxy's messages");
    co_return number;
}

// Where the visitor of the live page, which has a listener of its own, reaches the proxy: at `here`,
// the address of the page, where a listener is there too. A listener on every address is not named
// by its own, but as the page was, by `host` ("" when that is not known).
std::string proxy_beside(std::span<const io::Address> listeners, const io::Address& here, const std::string& host) {
    const auto is_here = [&here](const io::Address& each) {
        return each.is_v6() == here.is_v6() && (each.is_unspecified() || each.ip() == here.ip());
    };
    const auto found = std::ranges::find_if(listeners, is_here);
    const io::Address& listener = found == listeners.end() ? listeners.front() : *found;
    if (!listener.is_unspecified() || !is_here(listener)) return listener.to_string();
    return diagnosis::endpoint(host.empty() ? here.ip() : host, listener.port());
}

}  // namespace

inspect::page::State page_state(Client& client, const http::RequestHead& named) {
    const auto& listener = named_here(client, named).target;
    const Services& services = client.services();
    inspect::page::State state;
    state.version = WHYTLS_VERSION;
    state.proxy = listener ? diagnosis::endpoint(listener->host, listener->port) : client.address_here().to_string();
    if (client.listen.live && !services.upstream.listeners.empty())
        state.proxy = proxy_beside(services.upstream.listeners, client.address_here(), listener ? listener->host : "");
    state.local = client.is_on_this_machine();
    state.transparent = client.listen.transparent;
    state.asks_password = client.settings().proxy_auth.has_value();
    for (const io::Address& each : services.upstream.listeners)
        if (const std::string text = each.to_string();
            std::ranges::find(state.listeners, text) == state.listeners.end())
            state.listeners.push_back(text);
    if (const auto& listeners = client.settings().listen; state.local && listens_beyond_loopback(listeners))
        state.reachable = reachable_from_elsewhere(listeners, services.upstream.listeners, interface_addresses());
    if (services.upstream.page) state.live = fmt::format("http://{}/", services.upstream.page->to_string());
    state.ca_file = services.upstream.ca_file;
    if (!services.upstream.ca_is_temporary) state.install = install_command(client.settings().ca_dir);
    const auto authority = services.authority.get();
    state.ca = certs::describe(authority->certificate());
    state.ca_sha1 = certs::hex(certs::sha1(authority->certificate().der()));
    const auto keyring = services.upstream.keyring.get();
    state.trust_source = keyring->trust.source();
    state.anchors = keyring->trust.size();
    state.connections = services.counters.connections;
    state.requests = services.counters.requests;
    state.failed_handshakes = services.counters.failed_handshakes;
    return state;
}

bool shows_live(Client& client, const Admission& admission, const http::RequestHead& request, std::string_view target) {
    const bool known = client.settings().proxy_auth ? admission.allows(request) : client.is_on_this_machine();
    return client.services().book.open() && is_of_live_page(target) && known;
}

std::optional<Answer> refuse_live(Client& client, const http::RequestHead& request) {
    const auto& password = client.settings().proxy_auth;
    const auto& named = named_here(client, request).target;
    if (!request.fields.has("Host") || !named || !http::is_own_name(*named, {}) || has_been_here(client, request))
        return plain(403, "whytls: the live page is asked for by this machine's address or as localhost\n");
    if (password ? brings_password(request, *password) : client.is_on_this_machine()) return std::nullopt;
    Answer made = plain(password ? 401 : 403,
                        "whytls: the live page shows traffic only to who knows the password of --proxy-auth\n");
    if (password) made.head.fields.add("WWW-Authenticate", "Basic realm=\"whytls\"");
    return made;
}

io::Task<bool> answer_live(Client& client, ServerStream& stream, std::string target, bool at_why_tls) {
    const http::RequestHead named = at_why_tls ? http::RequestHead{} : stream.request();
    LiveRequest asked{.context = client.context,
                      .stream = stream,
                      .request = stream.request(),
                      .target = std::move(target),
                      .origin = at_why_tls ? "http://why.tls" : own_origin(client, named),
                      .page = page_state(client, named),
                      .replay = [&client](RecordPointer record, inspect::report::ReplayOrder order) {
                          return replay(client.context, std::move(record), std::move(order));
                      }};
    co_return co_await serve_live(std::move(asked));
}

}  // namespace proxy
