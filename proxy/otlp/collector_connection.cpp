#include "proxy/otlp/collector_connection.h"

#include <fmt/format.h>

#include <array>

#include "inspect/diagnosis/diagnosis.h"
#include "inspect/report/print/escape.h"
#include "inspect/report/render.h"
#include "proxy/otlp/backoff.h"
#include "proxy/stream/receive.h"
#include "proxy/upstream/parent_proxy.h"
#include "proxy/upstream/via.h"

namespace proxy {

namespace diagnosis = inspect::diagnosis;
namespace http = inspect::http;

namespace {

constexpr std::size_t longest_response = 65'536;  // bytes of a response that are read
constexpr std::string_view media_type = "application/x-protobuf";

Destination destination_of(const Collector& collector) {
    const http::Target& url = collector.url;
    Destination destination{
        .host = url.host, .port = url.port, .tls = url.scheme == "https", .name = url.host, .sni = "", .alpn = {}};
    destination.plain_requests = !destination.tls;
    destination.strict = true;
    if (!destination.tls) return destination;
    if (!io::Address::parse(url.host, 0)) destination.sni = url.host;
    destination.alpn = {"http/1.1"};
    return destination;
}

// OTLP's list of what is to be tried again; everything else is not.
bool is_for_later(int status) { return status == 429 || (status >= 502 && status <= 504); }

}  // namespace

CollectorConnection::CollectorConnection(UpstreamContext& context, const Collector& collector, std::string_view path)
    : context_(context), collector_(collector), target_(collector.url.path_and_query + std::string(path)) {}

bool CollectorConnection::may_carry() const {
    return upstream_ && !upstream_->failed() && context_.services.keyring.is(upstream_->keyring) &&
           upstream_->channel && !upstream_->channel->socket().closed() && upstream_->reuse.allows(io::clock_ms());
}

io::Task<bool> CollectorConnection::open() {
    upstream_.emplace(destination_of(collector_));
    do co_await dial(context_, *upstream_);
    while (co_await secure(context_, *upstream_));
    co_return !upstream_->failed();
}

io::Task<Posted> CollectorConnection::post(const std::string& body) {
    if (may_carry() && upstream_->channel->is_quiet())
        if (auto posted = co_await ask(body)) co_return *std::move(posted);
    if (!co_await open()) co_return failed();
    auto posted = co_await ask(body);
    co_return posted ? *std::move(posted) : failed();
}

http::RequestHead CollectorConnection::head(std::size_t size) const {
    http::RequestHead head;
    head.method = "POST";
    head.target = target_;
    head.fields.add("Host", http::authority(collector_.url));
    head.fields.add("User-Agent", "whytls/" WHYTLS_VERSION);
    head.fields.add("Content-Type", media_type);
    head.fields.add("Content-Encoding", "gzip");
    head.fields.add("Content-Length", std::to_string(size));
    for (const auto& [name, value] : collector_.headers) head.fields.add(name, value);
    if (!upstream_->forwarder) return head;
    const Destination& where = upstream_->destination;
    return for_parent(std::move(head), *upstream_->forwarder, where.host, where.port,
                      via_of("", "1.1", context_.services.pseudonym));
}

// nullopt when the connection ended before anything of an answer came: perhaps it was closed while
// idle.
io::Task<std::optional<Posted>> CollectorConnection::ask(const std::string& body) {
    io::Channel& channel = *upstream_->channel;
    Http1Client server(channel, upstream_->responses, {.used = upstream_->used});
    server.set_deadline(response_time);
    const bool first = !std::exchange(upstream_->used, true);
    upstream_->attempt.request_sent = true;
    upstream_->attempt.path = target_;
    co_await server.request(head(body.size()), true);
    (void)co_await server.write(certs::as_bytes(body));
    certs::ByteVector content;
    auto received = co_await receive_head(server);
    if (received) received = co_await receive_content(server, longest_response, content);
    const bool cut = !received && received.error() == NotReceived::too_large;
    if (!received && !cut) {
        upstream_->attempt.timeout_seconds = response_time;
        upstream_->attempt.failure = server.failure();
        const bool was_idle = !first && !server.has_answered() && received.error() == NotReceived::closed;
        const bool by_us = server.closed();
        channel.close();
        if (was_idle && !by_us) co_return std::nullopt;
        co_return failed();
    }
    Posted posted = answered(server, content);
    upstream_->reuse.answered(server.announced(), io::clock_ms());
    if (cut || !server.may_follow()) channel.close();
    channel.socket().clear_deadline();
    co_return posted;
}

Posted CollectorConnection::answered(Http1Client& server, certs::Bytes content) const {
    const http::ResponseHead& response = server.response();
    const auto type = response.fields.find("Content-Type");
    const bool speaks = type && http::same_name(std::string_view(*type).substr(0, media_type.size()), media_type);
    if (response.status < 300)
        return {.kind = Posted::Kind::taken,
                .said = speaks ? inspect::otlp::read_export_response(content) : inspect::otlp::ExportResponse()};
    Posted posted{.kind = is_for_later(response.status) ? Posted::Kind::again : Posted::Kind::refused,
                  .status = response.status};
    if (const auto after = response.fields.find("Retry-After")) posted.retry_after = retry_after(*after, io::now());
    posted.why = fmt::format("it answers {} to POST {}", response.status, inspect::report::for_terminal(target_, 200));
    const std::string message = speaks ? inspect::otlp::read_status(content) : "";
    if (!message.empty()) posted.why += fmt::format(" ({})", inspect::report::for_terminal(message, 300));
    return posted;
}

Posted CollectorConnection::failed() const {
    return {.kind = Posted::Kind::again, .why = inspect::report::sentence(diagnosis::explain(upstream_->attempt))};
}

io::Task<> CollectorConnection::end() {
    if (upstream_ && upstream_->open()) {
        co_await upstream_->channel->end();
        upstream_->channel->close();
    }
    upstream_.reset();
}

}  // namespace proxy
