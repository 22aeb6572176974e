#include "proxy/client/http2_requests.h"

#include <fmt/format.h>

#include "proxy/client/admission.h"
#include "proxy/client/client_report.h"
#include "proxy/client/record.h"
#include "proxy/client/request/refusals.h"
#include "proxy/client/request/request_story.h"
#include "proxy/client/stream_tunnel.h"
#include "proxy/http/route.h"
#include "proxy/io/clock.h"
#include "proxy/stream/http2_server.h"

namespace proxy {

namespace diagnosis = inspect::diagnosis;
namespace http = inspect::http;
namespace http2 = inspect::http2;

namespace {

// At a proxy, a request for another's server has that server's name as :authority (RFC 9113 §8.3.1):
// what HTTP/1.1 writes in absolute form (RFC 9112 §3.2.2).
void name_server(Client& client, http2::Request& request) {
    const auto host = request.head.fields.find("Host");
    std::string& target = request.head.target;
    if (client.tunnel || client.listen.reverse || !host || !(target.starts_with('/') || target == "*")) return;
    const std::string url = fmt::format("{}://{}", request.scheme, *host);
    const auto named = http::parse_authority(request.scheme, *host);
    const bool here = named && (is_own_host(named->host) || named->port == client.address_here().port());
    if (!here || !is_asked_by_own_name(client, request.head)) target = target == "*" ? url : url + target;
}

http2::Options options_of(const Settings& settings) {
    return {.head = settings.limits.head, .trailers = settings.limits.trailers, .connect_protocol = true};
}

}  // namespace

Http2Requests::Http2Requests(Client& client, std::optional<diagnosis::Diagnosis> refusal)
    : client_(client),
      refusal_(std::move(refusal)),
      connection_(client.channel, http2::Session::server(options_of(client.settings()))),
      idle_(client.context.upstream.loop) {}

io::Task<> Http2Requests::run() {
    client_.several = true;
    client_.idle = false;
    connection_.accept = [this](http2::Event&& event) { accept(std::move(event)); };
    wait_for_request();
    co_await connection_.run();
    idle_.stop();
    for (io::Child& story : stories_) co_await story.join();
    if (bug_) std::rethrow_exception(bug_);
    if (const auto& failed = connection_.failed()) report_breach(failed->code, failed->reason);
    if (client_.channel.is_tls() && client_.exchanges == 0 && !client_.context.stopping()) report_left_client(client_);
    if (stopped_idle_) co_return client_.channel.close();
    if (!client_.channel.socket().closed()) co_await client_.channel.linger(linger_time);
}

void Http2Requests::stop() {
    stopping_ = true;
    stopped_idle_ = connection_.streams() == 0;
    connection_.end();
}

// A client that reads nothing does not read the GOAWAY either.
void Http2Requests::wait_for_request() {
    if (client_.settings().idle_timeout <= 0) return;
    idle_.start(client_.settings().idle_timeout, [this] {
        connection_.end();
        client_.channel.socket().set_deadline(linger_time);
    });
}

void Http2Requests::accept(http2::Event&& event) {
    if (auto* received = std::get_if<http2::RequestReceived>(&event))
        return begin(refusal_ ? refuse(std::move(*received)) : serve(std::move(*received)));
    if (auto* large = std::get_if<http2::TooLarge>(&event); large && !large->in_trailers) return begin(refuse(*large));
    const auto* reset = std::get_if<http2::Reset>(&event);
    if (reset && reset->by == http2::Reset::By::us)
        report_breach(reset->code, reset->malformed ? std::string(http2::name(*reset->malformed)) : "");
}

void Http2Requests::begin(io::Task<> story) {
    std::erase_if(stories_, [](const io::Child& each) { return each.is_done(); });
    idle_.stop();
    stories_.emplace_back(guard(std::move(story)));
}

io::Task<> Http2Requests::guard(io::Task<> story) {
    try {
        co_await std::move(story);
    } catch (...) {
        bug_ = std::current_exception();
        client_.channel.close();
    }
    if (connection_.streams() > 0) co_return;
    if (stopping_)
        connection_.end();
    else
        wait_for_request();
}

io::Task<> Http2Requests::refuse(http2::TooLarge head) {
    Http2Server stream(connection_, head);
    client_.began_ms = io::clock_ms();
    Admission admission(client_);
    co_await RequestStory(client_, admission, stream, ++number_).reject();
}

io::Task<> Http2Requests::refuse(http2::RequestReceived received) {
    Http2Server stream(connection_, std::move(received));
    const http::RequestHead& request = stream.request();
    stop();
    (void)co_await send(stream, diagnostic_answer(*refusal_, request, Reader{.detail = client_.settings().detail}),
                        request.method, {.last = true}, client_.settings().idle_timeout);
}

// RFC 9113 §8.1.1, §5.4: such a request, or connection, gets no answer.
void Http2Requests::report_breach(http2::ErrorCode code, std::string what) {
    diagnosis::RequestRejected rejected;
    rejected.http2 = {diagnosis::Http2Ending::By::breach, std::to_underlying(code), std::move(what)};
    diagnosis::Attempt attempt = refused(client_, std::move(rejected));
    attempt.host = client_.tunnel ? client_.tunnel->host : "";
    report_unanswered(client_, diagnosis::explain(attempt));
}

io::Task<> Http2Requests::serve(http2::RequestReceived received) {
    const std::uint64_t number = ++number_;
    name_server(client_, received.request);
    Http2Server stream(connection_, std::move(received));
    client_.began_ms = io::clock_ms() - std::exchange(client_.tunnel_ms, 0);
    if (!client_.tls.key.empty()) report_client_trust(client_);
    Admission admission(client_);
    RequestStory story(client_, admission, stream, number);
    if (client_.settings().proxy_auth && !client_.tunnel && client_.listen.is_proxy()) {
        const auto verdict = co_await admission.check(stream.request());
        if (verdict == Admission::Verdict::gone) co_return;
        if (verdict == Admission::Verdict::too_many)
            co_return (void) co_await send(stream, too_many_guesses(), stream.request().method, {},
                                           client_.settings().idle_timeout);
    }
    if (stream.request().method == "CONNECT" && !client_.tunnel && client_.listen.is_proxy())
        co_await serve_stream_tunnel(client_, admission, stream, story);
    else
        (void)co_await story.run();
}

}  // namespace proxy
