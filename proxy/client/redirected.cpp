#include "proxy/client/redirected.h"

#include <fmt/format.h>
#include <unistd.h>

#include "proxy/http/route.h"
#include "proxy/io/clock.h"
#include "proxy/io/listener.h"
#include "proxy/upstream/via.h"

namespace proxy {

namespace http = inspect::http;

namespace {

// Reset, so that a program that is in a circle meets an error.
void refuse(Client& client, const std::string& key, const std::string& line) {
    client.notices().tell("redirected " + key, line, Repeats::day);
    client.channel.socket().reset();
}

}  // namespace

bool begin_redirected(Client& client) {
    const auto meant = client.channel.socket().meant();
    if (!meant) return false;  // the client has left
    client.began_ms = io::clock_ms();
    if (client.services().upstream.is_own_listener(*meant)) {
        const std::string here = meant->to_string();
        refuse(client, here,
               fmt::format("{}: {} connected to it directly; it takes only connections that a rule of the system "
                           "redirects (iptables, nftables): for a proxy use --listen [proxy_loop]",
                           here, client.ip()));
        return false;
    }
    const std::string name = client.services().names.name_of(*meant), host = name.empty() ? meant->ip() : name;
    client.tunnel = Destination{.host = host, .port = meant->port(), .tls = true, .name = host, .sni = "", .alpn = {}};
    if (name.empty()) client.tunnel->at = meant;
    client.tunnel->via = via_of("", "1.1", client.services().upstream.pseudonym);
    client.servers.begin(*client.tunnel, false);
    return true;
}

bool is_own_connection(Client& client) {
    const auto peer = client.channel.socket().peer();
    if (!client.listen.transparent || !peer || !client.tunnel->at ||
        !client.services().upstream.near_ends.met(*peer, *client.tunnel->at))
        return false;
    refuse(
        client, "circle",
        fmt::format("whytls's own connection to {} was redirected back to it: exempt the user that it runs as before "
                    "the rule that redirects: iptables -t nat -I OUTPUT -m owner --uid-owner {} -j RETURN [proxy_loop]",
                    client.tunnel->at->to_string(), ::geteuid()));
    return true;
}

Destination named_by(const Client& client, const http::RequestHead& request) {
    Destination named = *client.tunnel;
    const auto host = request.fields.find("Host");
    if (named.tls || !named.at || !host) return named;
    if (const auto target = http::parse_authority("http", *host)) named.host = named.name = target->host;
    return named;
}

}  // namespace proxy
