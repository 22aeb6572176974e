#include "proxy/client/own_names.h"

#include <fmt/format.h>

#include "proxy/http/route.h"

namespace proxy {

namespace http = inspect::http;

std::string own_origin(Client& client, const http::RequestHead& request) {
    const std::string scheme = client.channel.is_tls() ? "https" : "http";
    const std::string* host = request.fields.find("Host");
    const std::string authority = host ? *host : client.address_here().to_string();
    const auto target = http::parse_target("GET", fmt::format("{}://{}/", scheme, authority));
    return target ? http::origin_of(*target) : fmt::format("{}://{}", scheme, authority);
}

bool is_asked_by_own_name(Client& client, const http::RequestHead& request) {
    if (!request.fields.has("Host")) return true;
    const auto named = http::parse_target("GET", own_origin(client, request) + "/");
    return named && (is_own_host(named->host) || http::is_own_name(*named, client.settings().allow_origin));
}

}  // namespace proxy
