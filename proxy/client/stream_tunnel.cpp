#include "proxy/client/stream_tunnel.h"

#include <exception>

#include "proxy/client/connect_tunnel.h"
#include "proxy/client/connection.h"
#include "proxy/client/request/refusals.h"
#include "proxy/io/socket_pair.h"
#include "proxy/stream/stream_pipe.h"
#include "proxy/upstream/via.h"

namespace proxy {

namespace http = inspect::http;
namespace http2 = inspect::http2;

namespace {

io::Task<bool> accept_tunnel(ServerStream& stream) {
    stream.respond({.status = 200, .reason = "", .version = {1, 1}, .fields = {}}, {});
    return stream.flush();
}

io::Task<> serve_inside(ServerStream& stream, io::Socket end, ClientConnection& inside) {
    StreamPipe pipe(stream, std::move(end), http2::ErrorCode::connect_error, [&inside] { inside.abandon(); });
    std::exception_ptr bug;
    try {
        co_await inside.run_tunnel();
    } catch (...) { bug = std::current_exception(); }
    inside.client().channel.close();
    co_await pipe.end(inside.client().settings().idle_timeout);
    if (bug) std::rethrow_exception(bug);
}

}  // namespace

io::Task<> serve_stream_tunnel(Client& client, Admission& admission, ServerStream& stream, RequestStory& story) {
    const http::RequestHead& request = stream.request();
    if (!admission.allows(request)) co_return (void) co_await story.refuse(refuse_use(client, request, false));
    const auto target = http::parse_target(request.method, request.target);
    if (auto refusal = refuse_tunnel(client, target, request))
        co_return (void) co_await story.refuse(*std::move(refusal));

    const ClientLimit::Seat seat(client.services().open_connections, client.ip());
    const std::size_t most = client.settings().most_connections_per_client;
    if (seat.number() > most) co_return (void) co_await story.refuse({.answer = too_many_tunnels(client.ip(), most)});
    auto pair = io::socket_pair(client.context.upstream.loop);
    if (!pair) {
        client.services().report_exhaustion();
        co_return stream.reset(http2::ErrorCode::refused_stream);
    }
    ClientConnection inside(client, std::move(pair->second));
    Client& tunnelled = inside.client();
    if (const auto agent = request.fields.find("User-Agent")) tunnelled.user_agent = agent->substr(0, 512);
    tunnelled.began_ms = client.began_ms;
    if (!co_await begin_tunnel(tunnelled, *target, passed_proxies(request.fields), "2.0"))
        co_return (void) co_await story.refuse(diagnosed(tunnelled, tunnelled.upstream().attempt, request));
    if (co_await accept_tunnel(stream)) co_await serve_inside(stream, std::move(pair->first), inside);
}

}  // namespace proxy
