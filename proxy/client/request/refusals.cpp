#include "proxy/client/request/refusals.h"

#include <fmt/format.h>

#include <algorithm>

#include "inspect/diagnosis/known/client_kind.h"
#include "inspect/gateway/mapping.h"
#include "proxy/io/clock.h"

namespace proxy {

namespace http = inspect::http;
namespace diagnosis = inspect::diagnosis;

namespace {

// The second word of a request line.
std::string_view target_of(std::string_view line) {
    line.remove_prefix(std::min(line.find(' ') + 1, line.size()));
    return line.substr(0, line.find_first_of(" \r\n"));
}

Refusal with_notice(Refusal made, const diagnosis::Attempt& attempt) {
    made.notice = diagnosis::explain(attempt);
    return made;
}

}  // namespace

diagnosis::Attempt refused(Client& client, diagnosis::Failure why) {
    diagnosis::Attempt attempt;
    attempt.time = io::now();
    attempt.proxy_address = client.address_here().to_string();
    attempt.failure = std::move(why);
    return attempt;
}

diagnosis::Attempt refused(Client& client, diagnosis::Failure why, const http::Target& target,
                           const http::RequestHead& request) {
    diagnosis::Attempt attempt = refused(client, std::move(why));
    attempt.host = target.host;
    attempt.port = target.port;
    attempt.tls = target.scheme != "http";
    attempt.method = request.method;
    return attempt;
}

// A line that is no request line may be the rest of a body before it; nothing of that is kept.
diagnosis::RequestRejected rejected_head(const Client& client, const ServerStream& stream) {
    diagnosis::RequestRejected rejected{.error = stream.error(),
                                        .first_bytes = "",
                                        .at_reverse = client.listen.reverse.has_value() && !client.listen.tls,
                                        .fault = stream.fault()};
    const bool first_line = rejected.fault.line == 1 || rejected.error == http::MessageError::not_http;
    if (!first_line) return rejected;
    const std::string_view here = certs::as_text(client.channel.buffered());
    // An earlier step may have consumed its beginning.
    const std::string bytes(here.starts_with(rejected.fault.text) ? here : rejected.fault.text);
    const std::string_view line = std::string_view(bytes).substr(0, bytes.find_first_of("\r\n"));
    const bool request = line.contains(" HTTP/");
    rejected.fault.text.clear();
    if (client.exchanges > 0 && !request) return rejected;
    const std::string_view target = target_of(bytes);
    rejected.user_information =
        rejected.error == http::MessageError::bad_start_line && http::has_user_information(target);
    rejected.first_bytes = client.shown(rejected.user_information ? target : request ? line : bytes);
    return rejected;
}

Refusal diagnosed(const Client& client, const diagnosis::Attempt& attempt, const http::RequestHead& request) {
    const Reader reader = reader_of(client.settings(), attempt, request);
    const diagnosis::Diagnosis found = diagnosis::explain(reader.foreign ? without_own_facts(attempt) : attempt);
    return {.answer = diagnostic_answer(found, request, reader), .code = found.code};
}

bool is_java_tunnel(const http::RequestHead& request) {
    const auto agent = request.fields.find("User-Agent");
    return request.method == "CONNECT" &&
           diagnosis::recognise_client(agent ? *agent : "", {}) == diagnosis::ClientKind::java;
}

// A client that gives no password may be waiting to be asked. One that gives wrong ones asks again
// and again.
Refusal refuse_use(Client& client, const http::RequestHead& request, bool java) {
    using Way = diagnosis::NotAuthorized::Way;
    const Way way = request.target.starts_with('/') ? Way::gateway : Way::proxy;
    const bool tried = request.fields.has("Proxy-Authorization");
    const diagnosis::Attempt attempt = refused(client, diagnosis::NotAuthorized{tried, way, java});
    Refusal made = diagnosed(client, attempt, request);
    return tried ? with_notice(std::move(made), attempt) : made;
}

Refusal refuse_target(Client& client, const http::RequestHead& request) {
    return diagnosed(
        client,
        refused(client, diagnosis::RequestRejected{http::MessageError::bad_start_line, client.shown(request.target),
                                                   http::has_user_information(request.target)}),
        request);
}

std::optional<Refusal> refuse_tunnel(Client& client, const std::optional<http::Target>& target,
                                     const http::RequestHead& request) {
    if (!target) return refuse_target(client, request);
    if (has_been_here(client, request)) return refuse_loop(client, *target, request);
    return std::nullopt;
}

Refusal refuse_name(Client& client, const http::RequestHead& request) {
    const std::string own = own_origin(client, request), scheme = own.substr(0, own.find(':'));
    inspect::page::Misdirected asked{client.shown(*request.fields.find("Host")),
                                     fmt::format("{}://{}/", scheme, client.address_here().to_string()), ""};
    if (http::parse_target("GET", own + "/")) asked.origin = own;
    return {.answer = misdirected(request, asked)};
}

bool has_been_here(Client& client, const http::RequestHead& request) {
    return passed_proxies(request.fields).contains(client.services().upstream.pseudonym);
}

Refusal refuse_loop(Client& client, const http::Target& target, const http::RequestHead& request) {
    const diagnosis::Attempt attempt = refused(
        client, diagnosis::ProxyLoop{passed_proxies(request.fields), loop_marks(request.fields)}, target, request);
    return with_notice(diagnosed(client, attempt, request), attempt);
}

Refusal refuse_as_proxy(Client& client, const http::RequestHead& request) {
    diagnosis::NotAProxy seen{
        .listener = fmt::format("{}://{}", client.listen.tls ? "https" : "http", client.address_here().to_string()),
        .serves = http::origin_of(*client.listen.reverse),
        .asked = client.shown(fmt::format("{} {}", request.method, request.target)),
        .proxies = {}};
    const auto& listeners = client.services().upstream.listeners;
    for (std::size_t i = 0; i < listeners.size(); ++i)
        if (client.settings().listen[i].is_proxy()) seen.proxies.push_back(listeners[i].to_string());
    const diagnosis::Attempt attempt = refused(client, std::move(seen));
    return with_notice(diagnosed(client, attempt, request), attempt);
}

Refusal refuse_cross_site(Client& client, http::CrossSite sign, const http::Target& upstream,
                          const http::RequestHead& request) {
    const std::string own = own_origin(client, request);
    diagnosis::Attempt attempt =
        refused(client,
                diagnosis::CrossSiteRefused{std::move(sign), client.address_here().to_string(), own,
                                            client.shown(http::origin_of(upstream) + upstream.path_and_query)},
                upstream, request);
    attempt.proxy_address = own.substr(own.find("://") + 3);
    return diagnosed(client, attempt, request);
}

}  // namespace proxy
