#include "proxy/upstream/fetch.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "inspect/http/http1/parser.h"
#include "proxy/io/channel.h"
#include "proxy/io/clock.h"
#include "proxy/io/connector.h"
#include "proxy/io/resolver.h"
#include "proxy/stream/http1_client.h"
#include "proxy/stream/receive.h"
#include "proxy/upstream/parent_proxy.h"

namespace proxy {

namespace http = inspect::http;

namespace {

constexpr int most_redirects = 3;
constexpr std::size_t longest_url = 2'048;  // the limit of certs/wants.h

std::optional<http::Target> parse_url(std::string_view url) {
    if (url.size() > longest_url) return std::nullopt;
    auto target = http::parse_target("GET", url);
    if (!target || target->form != http::TargetForm::absolute || target->scheme != "http") return std::nullopt;
    return target;
}

// Where a Location field leads from `base` (RFC 9110 §10.2.2): an absolute URL or a path; the
// fragment is not sent to the server.
std::optional<http::Target> follow(const http::Target& base, std::string_view location) {
    location = location.substr(0, location.find('#'));
    if (location.starts_with("//")) return parse_url(fmt::format("http:{}", location));
    if (location.starts_with('/')) return parse_url(fmt::format("http://{}{}", http::authority(base), location));
    return parse_url(location);
}

// 303 asks for a GET of something else, which does not answer the request.
bool is_redirect(int status, bool posted) {
    return status == 301 || status == 302 || status == 307 || status == 308 || (status == 303 && !posted);
}

class Fetch {
public:
    Fetch(UpstreamContext& context, const FetchRequest& request)
        : context_(context), request_(request), deadline_(io::clock_ms() + request.seconds * 1000) {}

    io::Task<std::expected<certs::ByteVector, FetchError>> run() {
        auto target = parse_url(request_.url);
        for (int hop = 0; hop <= most_redirects; ++hop) {
            if (!target) co_return std::unexpected(FetchError::bad_url);
            location_.clear();
            auto body = co_await ask(*target);
            if (!body || location_.empty()) co_return body;
            target = follow(*target, location_);
        }
        co_return std::unexpected(FetchError::redirects);
    }

private:
    double left() const { return std::max(0.001, (deadline_ - io::clock_ms()) / 1000); }
    bool late() const { return io::clock_ms() >= deadline_; }

    // One request and its response. When that redirects, location_ has the target.
    io::Task<std::expected<certs::ByteVector, FetchError>> ask(const http::Target& target) {
        auto addresses = co_await find(target);
        if (!addresses) co_return std::unexpected(addresses.error());
        auto connected = co_await io::connect(context_.loop, std::move(*addresses), left());
        if (!connected.socket) co_return std::unexpected(late() ? FetchError::timed_out : FetchError::unreachable);
        io::Channel channel(std::move(*connected.socket));
        channel.socket().set_deadline(left());
        http::Parser responses = http::Parser::responses({.head = most_head, .trailers = most_head});
        Http1Client server(channel, responses);
        co_await server.request(request_head(target), false);
        if (!request_.body.empty()) (void)co_await server.write(request_.body);
        auto body = co_await receive(server, responses);
        if (!body && channel.socket().timed_out()) body = std::unexpected(FetchError::timed_out);
        channel.close();
        co_return body;
    }

    // The addresses that may be connected to. The connection uses them as they were judged: the
    // name is not resolved again.
    io::Task<std::expected<std::vector<io::Address>, FetchError>> find(const http::Target& target) {
        // A server that only the parent proxy may lead to is not connected to, not even for this.
        if (parent_for(context_.services.settings, target.host, target.port))
            co_return std::unexpected(FetchError::forbidden);
        std::vector<io::Address> addresses;
        if (const ResolveRule* rule = context_.services.settings.find_resolve(target.host, target.port)) {
            addresses = rule->addresses;
        } else {
            auto resolved = co_await io::resolve(context_.loop, target.host, target.port, left());
            if (!resolved) co_return std::unexpected(late() ? FetchError::timed_out : FetchError::not_found);
            addresses = std::move(resolved->addresses);
        }
        std::erase_if(addresses, [&](const io::Address& address) { return !may_reach(address); });
        if (addresses.empty()) co_return std::unexpected(FetchError::forbidden);
        co_return addresses;
    }

    bool may_reach(const io::Address& address) const {
        const io::Reach reach = address.reach();
        if (reach == io::Reach::none || context_.services.is_own_listener(address)) return false;
        return reach == io::Reach::global || reach == request_.upstream;
    }

    http::RequestHead request_head(const http::Target& target) const {
        http::RequestHead head;
        head.method = request_.body.empty() ? "GET" : "POST";
        head.target = target.path_and_query;
        head.fields.add("Host", http::authority(target));
        head.fields.add("User-Agent", "whytls/" WHYTLS_VERSION);
        head.fields.add("Accept", request_.accept);
        if (!request_.body.empty()) {
            head.fields.add("Content-Type", "application/ocsp-request");
            head.fields.add("Content-Length", std::to_string(request_.body.size()));
        }
        head.fields.add("Connection", "close");
        return head;
    }

    io::Task<std::expected<certs::ByteVector, FetchError>> receive(Http1Client& server, const http::Parser& responses) {
        if (const auto head = co_await receive_head(server); !head) co_return std::unexpected(error_of(head.error()));
        if (!accept(responses) || !location_.empty()) co_return refusal(responses);
        certs::ByteVector document;
        if (const auto whole = co_await receive_content(server, request_.largest, document); !whole)
            co_return std::unexpected(error_of(whole.error()));
        co_return document;
    }

    static FetchError error_of(NotReceived why) {
        switch (why) {
            case NotReceived::closed: return FetchError::closed;
            case NotReceived::timed_out: return FetchError::timed_out;
            case NotReceived::not_http:
            case NotReceived::interim: return FetchError::not_http;
            case NotReceived::too_large: return FetchError::too_large;
        }
        std::unreachable();
    }

    // Whether the response's body is wanted. A redirect's is not, but its target is kept.
    bool accept(const http::Parser& responses) {
        const http::ResponseHead& head = responses.response();
        const auto location = head.fields.find("Location");
        if (is_redirect(head.status, !request_.body.empty()) && location) location_ = *location;
        return head.status == 200 && responses.content_length().value_or(0) <= request_.largest;
    }

    std::expected<certs::ByteVector, FetchError> refusal(const http::Parser& responses) const {
        if (!location_.empty()) return {};
        return std::unexpected(responses.response().status == 200 ? FetchError::too_large : FetchError::status);
    }

    UpstreamContext& context_;
    const FetchRequest& request_;
    double deadline_;  // in the time of clock_ms()
    std::string location_;
};

}  // namespace

bool is_behind_parent(const Settings& settings, std::string_view url) {
    const auto target = parse_url(url);
    return target && parent_for(settings, target->host, target->port) != nullptr;
}

io::Task<std::expected<certs::ByteVector, FetchError>> fetch(UpstreamContext& context, FetchRequest request) {
    Fetch story(context, request);
    co_return co_await story.run();
}

}  // namespace proxy
