#include "proxy/client/client.h"

#include <fmt/format.h>

#include "inspect/report/print/redaction.h"
#include "proxy/client/record.h"
#include "proxy/http/route.h"
#include "proxy/io/clock.h"

namespace proxy {

namespace http = inspect::http;

namespace {

std::string_view scheme_here(const Client& client) { return client.channel.is_tls() ? "https" : "http"; }

}  // namespace

Client::Client(ClientContext& clients, io::Socket socket, const ListenAt& listening)
    : context(clients), listen(listening), channel(std::move(socket)) {
    if (const auto peer = channel.socket().peer()) address = peer->to_string();
    id = fmt::format("{:x}",
                     io::now().seconds * 4096 + static_cast<std::int64_t>(services().counters.connections++ % 4096));
}

Client::Client(Client& carrying, io::Socket socket)
    : context(carrying.context),
      listen(carrying.listen),
      carrier(&carrying),
      channel(std::move(socket)),
      address(carrying.address),
      id(carrying.id + '.' + std::to_string(++carrying.tunnels)) {}

std::string Client::ip() const { return address.substr(0, address.rfind(':')); }

std::string Client::flow_id(std::uint64_t number) const {
    std::string made = id;
    made += '-';
    made += std::to_string(number == 0 ? exchanges + 1 : number);
    return made;
}

io::Address Client::address_here() {
    return carrier ? carrier->address_here() : channel.socket().local().value_or(listen.address);
}

bool Client::is_on_this_machine() const {
    if (carrier) return carrier->is_on_this_machine();
    const auto peer = channel.socket().peer();
    return !peer || peer->is_loopback();
}

bool Client::was_stopped() { return context.stopping() && channel.socket().closed(); }

std::string Client::shown(std::string_view text) const {
    constexpr std::size_t read = 8192, limit = 512;
    return inspect::report::redacted(text.substr(0, read), settings().secrets.names).substr(0, limit);
}

Server& Client::begin_server(Destination destination) {
    std::optional<io::Address> before;
    if (const Server* last = servers.latest(); tunnel && last)
        before = last->upstream.address ? last->upstream.address : last->upstream.before;
    Server& server = servers.begin(std::move(destination), several);
    server.upstream.before = before;
    server.upstream.way = fmt::format("{}{}", listen.address.to_string(), tunnel ? " tunnel" : "");
    return server;
}

io::Task<> Client::open(Upstream& server, std::string flow) {
    do co_await dial(context.upstream, server);
    while (co_await secure(context.upstream, server));
    server.attempt.outside_tunnel = !tunnel;
    report_upstream(*this, server, flow);
}

void Client::notify(inspect::diagnosis::Diagnosis found) {
    found.client = address;
    notices().tell(found);
}

const NamedListener& named_here(Client& client, const http::RequestHead& request) {
    const auto host = request.fields.find("Host");
    auto& known = client.named;
    if (known && known->host == host) return *known;
    const std::string_view scheme = scheme_here(client);
    NamedListener& named = known.emplace();
    if (host) named.host = *host;
    named.target = http::parse_authority(scheme, host ? *host : client.address_here().to_string());
    named.origin = named.target ? http::origin_of(*named.target) : fmt::format("{}://{}", scheme, host.value_or(""));
    return named;
}

const std::string& own_origin(Client& client, const http::RequestHead& request) {
    return named_here(client, request).origin;
}

bool is_asked_by_own_name(Client& client, const http::RequestHead& request) {
    if (!request.fields.has("Host")) return true;
    const auto& named = named_here(client, request).target;
    return named && (is_own_host(named->host) || http::is_own_name(*named, client.settings().allow_origin));
}

}  // namespace proxy
