#include "proxy/client/record.h"

#include <fmt/format.h>

#include <utility>

#include "inspect/diagnosis/summary.h"
#include "inspect/diagnosis/wording.h"
#include "inspect/report/log.h"
#include "inspect/report/print/escape.h"
#include "inspect/report/print/lines.h"
#include "proxy/io/clock.h"

namespace proxy {

namespace http = inspect::http;
namespace diagnosis = inspect::diagnosis;

namespace {

void note_server(inspect::Flow& flow, const Upstream& server) {
    flow.host = server.destination.host;
    flow.port = server.destination.port;
    flow.reached = !server.failed();
    flow.parent = server.attempt.parent;
    if (flow.reached) flow.remark = diagnosis::certificate_remark(server.attempt, flow.status, flow.page);
}

// What stderr says once in a while, whatever is logged.
void notify_of(Client& client, const inspect::Flow& flow) {
    Notices& notices = client.notices();
    const std::string server = diagnosis::endpoint(flow.host, flow.port);
    if (!flow.remark.empty())
        notices.tell("certificate " + flow.host, inspect::report::for_terminal(flow.remark, 1024), Repeats::day);
    if (flow.no_close_notify)
        notices.tell("close_notify " + server, inspect::report::no_close_notify_sentence(server), Repeats::day);
}

}  // namespace

std::string url_of(const http::RequestHead& request, const Upstream* server) {
    const bool origin_form = request.target.starts_with('/') || request.target == "*";
    if (!origin_form || server == nullptr) return request.target;
    const Destination& destination = server->destination;
    const http::Target target{http::TargetForm::absolute, destination.tls ? "https" : "http", destination.name,
                              destination.port, ""};
    return fmt::format("{}://{}{}", target.scheme, http::authority(target), request.target);
}

std::string_view protocol_of(const Client& client, const http::RequestHead& request) {
    return client.several ? "h2" : http::alpn_name(request.version);
}

void report_upstream(Client& client, Upstream& upstream, const std::string& id) {
    const bool booked = client.services().book.open(), plain = !upstream.destination.tls && !upstream.failed();
    if (upstream.reported || (plain && !booked) || client.was_stopped()) return;
    upstream.reported = true;
    const bool good = !upstream.failed() && !upstream.attempt.let_through;
    if (!good || booked || client.services().log.enabled()) {
        const diagnosis::Diagnosis found = diagnosis::explain(upstream.attempt);
        if (booked) keep_server(client, upstream, found, id);
        if (plain) return;
        const auto& [host, port] = std::tie(upstream.destination.host, upstream.destination.port);
        if (upstream.attempt.let_through)
            client.context.hosts.let_through(host, port, found.code);
        else if (upstream.failed() && is_of_handshake(found))
            client.context.hosts.failed_handshake(host, port, found.code);
        else if (upstream.failed())
            client.context.hosts.failed_connection(host, port, found.code);
        client.services().report_upstream(id, found);
    }
    if (good) upstream.attempt.verdict.reset();  // reported; kept, it would be a fifth of an idle connection's memory
}

void record(Client& client, const http::RequestHead& request, inspect::Flow flow, const Upstream* server,
            double began_ms, Tap* tap, std::uint64_t number) {
    const Settings& settings = client.settings();
    LogWriter& log = client.services().log;
    flow.method = request.method;
    if (server) note_server(flow, *server);
    client.context.hosts.exchange(flow);
    if (!flow.remark.empty() || flow.no_close_notify) notify_of(client, flow);
    const bool booked = client.services().book.open() && !client.listen.live;
    if (!log.enabled() && !flow.idle_seconds && !settings.verbose && !booked) return;
    flow.id = client.flow_id(number);
    flow.client = client.address;
    const bool shown = tap && !tap->record().flow.url.empty();
    flow.url = shown ? std::move(tap->record().flow.url) : url_of(request, server);
    flow.time = io::now();
    flow.total_ms = io::clock_ms() - began_ms;
    flow.stopped = client.was_stopped();
    if (server && server->attempt.let_through) flow.let_through = diagnosis::explain(server->attempt).code;
    if (flow.idle_seconds)
        client.notices().tell(fmt::format("idle {} {}", client.ip(), flow.host),
                              inspect::report::idle_sentence(flow, settings.secrets));
    if (settings.verbose) client.notices().say(inspect::report::request_sentence(flow, settings.secrets));
    if (settings.verbose && !flow.mended.empty())
        client.notices().say(inspect::report::mended_sentence(diagnosis::endpoint(flow.host, flow.port), flow.mended));
    if (log.enabled()) log.line(inspect::report::request_line(flow, settings.secrets));
    if (booked) keep_flow(client, request, std::move(flow), server, began_ms, tap);
}

void report_unanswered(Client& client, diagnosis::Diagnosis found) {
    inspect::Flow flow;
    flow.status = found.status;
    flow.code = found.code;
    auto tap = new_tap(client, {}, client.began_ms);
    if (tap) tap->record().own = std::make_shared<const diagnosis::Diagnosis>(found);
    client.notify(std::move(found));
    record(client, {}, std::move(flow), server_of_tunnel(client), client.began_ms, tap.get());
}

}  // namespace proxy
