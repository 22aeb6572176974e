#include "proxy/upstream/parent_proxy.h"

#include <algorithm>
#include <charconv>

#include "certs/bytes.h"
#include "certs/pem.h"
#include "inspect/http/http1/parser.h"
#include "proxy/stream/http1_client.h"
#include "proxy/stream/receive.h"
#include "proxy/upstream/via.h"

namespace proxy {

namespace {

namespace http = inspect::http;
using inspect::diagnosis::ParentRefusal;

constexpr std::size_t most_text = 512;  // of the text of an answer to CONNECT that is shown

UsageError wrong_url() {
    return UsageError(
        "--upstream-proxy takes http://HOST:PORT or https://HOST:PORT, where needed with USER:PASSWORD and an @ before HOST");
}

std::string percent_decoded(std::string_view text) {
    std::string decoded;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] != '%') {
            decoded += text[at];
            continue;
        }
        unsigned byte = 0;
        const std::string_view digits = text.substr(at + 1, 2);
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), byte, 16);
        if (digits.size() != 2 || error != std::errc{} || end != digits.data() + 2) throw wrong_url();
        decoded += static_cast<char>(byte);
        at += 2;
    }
    return decoded;
}

// RFC 7617 §2.
std::string basic(std::string_view user_info) {
    const auto colon = std::min(user_info.find(':'), user_info.size());
    const std::string user = percent_decoded(user_info.substr(0, colon));
    if (user.contains(':')) throw wrong_url();
    const std::string pair = user + ":" + percent_decoded(user_info.substr(std::min(colon + 1, user_info.size())));
    return "Basic " + certs::encode_base64(certs::as_bytes(pair));
}

http::RequestHead connect_request(const ParentProxy& parent, const std::string& target, std::string_view via) {
    http::RequestHead head;
    head.method = "CONNECT";
    head.target = target;
    head.fields.add("Host", target);
    if (!parent.authorization.empty()) head.fields.add("Proxy-Authorization", parent.authorization);
    head.fields.add("User-Agent", "whytls/" WHYTLS_VERSION);
    head.fields.add("Via", via);
    return head;
}

ParentRefusal without_answer(const Http1Client& stream, NotReceived why) {
    ParentRefusal refusal;
    refusal.kind = why == NotReceived::timed_out ? ParentRefusal::Kind::timed_out
                   : why == NotReceived::closed  ? ParentRefusal::Kind::closed
                                                 : ParentRefusal::Kind::not_http;
    refusal.first_text = stream.first_bytes().substr(0, most_text);
    return refusal;
}

}  // namespace

ParentProxy parse_parent(std::string_view url, std::string_view no_proxy) {
    ParentProxy parent;
    parent.tls = url.starts_with("https://");
    const auto scheme = url.find("://");  // curl and others accept a proxy without one too
    if (!parent.tls && scheme != std::string_view::npos && !url.starts_with("http://")) throw wrong_url();
    if (scheme != std::string_view::npos) url.remove_prefix(scheme + 3);
    if (url.ends_with('/')) url.remove_suffix(1);
    if (const auto at = url.rfind('@'); at != std::string_view::npos) {
        parent.authorization = basic(url.substr(0, at));
        url.remove_prefix(at + 1);
    }
    const bool has_port = url.rfind(':') != std::string_view::npos && !url.ends_with(']');
    const auto read = http::parse_target("CONNECT", std::string(url) + (has_port ? "" : parent.tls ? ":443" : ":80"));
    if (!read || read->port == 0) throw wrong_url();
    parent.host = read->host;
    parent.port = read->port;
    parent.direct = NoProxy(no_proxy);
    return parent;
}

const ParentProxy* parent_for(const Settings& settings, std::string_view host, std::uint16_t port) {
    return settings.parent && !settings.parent->direct.matches(host, port) ? &*settings.parent : nullptr;
}

std::string authority(const ParentProxy& parent) {
    const bool v6 = parent.host.contains(':');
    return (v6 ? "[" + parent.host + "]" : parent.host) + ":" + std::to_string(parent.port);
}

io::Task<std::optional<ParentRefusal>> open_tunnel(io::Channel& channel, const ParentProxy& parent, std::string target,
                                                   std::string via, double seconds) {
    channel.socket().set_deadline(seconds);
    http::Parser responses = http::Parser::responses({.head = most_head, .trailers = most_head});
    Http1Client stream(channel, responses);
    co_await stream.request(connect_request(parent, target, via), false);
    std::optional<ParentRefusal> refusal;
    if (const auto head = co_await receive_head(stream); !head) {
        refusal = without_answer(stream, head.error());
    } else if (stream.response().status / 100 != 2) {
        refusal = refusal_of(stream.response(), parent);
        certs::ByteVector text;  // it may contain the reason, whole or not
        (void)co_await receive_content(stream, most_text, text);
        refusal->first_text = certs::as_text(text).substr(0, most_text);
    }
    channel.socket().clear_deadline();
    co_return refusal;
}

ParentRefusal refusal_of(const http::ResponseHead& head, const ParentProxy& parent) {
    ParentRefusal refusal;
    refusal.status = head.status;
    refusal.reason = head.reason.substr(0, most_text);
    for (const http::FieldLine field : head.fields) {
        if (!http::same_name(field.name, "Proxy-Authenticate")) continue;
        if (!refusal.asks_for.empty()) refusal.asks_for += ", ";
        refusal.asks_for += field.value.substr(0, most_text);
        if (refusal.asks_for.size() >= most_text) break;
    }
    refusal.credentials = !parent.authorization.empty();
    return refusal;
}

http::RequestHead for_parent(http::RequestHead request, const ParentProxy& parent, const std::string& host,
                             std::uint16_t port, std::string_view via) {
    const http::Target server{http::TargetForm::absolute, "http", host, port, ""};
    // RFC 9112 §3.2.4: "OPTIONS *" is sent to a proxy with an empty path.
    request.target = "http://" + http::authority(server) + (request.target == "*" ? "" : request.target);
    if (!parent.authorization.empty()) request.fields.set("Proxy-Authorization", parent.authorization);
    request.fields.add("Via", via);
    return request;
}

}  // namespace proxy
