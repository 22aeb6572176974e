// What is reported about a connection: log lines, sentences on stderr, the tally of its host. Part
// of connection.h.
#include <fmt/format.h>

#include <algorithm>

#include "inspect/diagnosis/explain/client_failure.h"
#include "inspect/diagnosis/summary.h"
#include "inspect/diagnosis/wording.h"
#include "inspect/report/log.h"
#include "inspect/report/print/escape.h"
#include "inspect/report/print/lines.h"
#include "inspect/report/print/redaction.h"
#include "proxy/client/connection.h"
#include "proxy/io/clock.h"
#include "proxy/settings/ca_directory.h"

namespace proxy {

namespace http = inspect::http;
namespace diagnosis = inspect::diagnosis;

std::string Connection::client_ip() const { return client_address_.substr(0, client_address_.rfind(':')); }

std::string Connection::flow_id() const { return fmt::format("{}-{}", id_, exchanges_ + 1); }

// Whether whytls itself ended both connections, to stop at once: how they ended then says nothing
// about client and server.
bool Connection::was_stopped() { return context_.stopping() && client_.socket().closed(); }

void Connection::report_upstream() {
    if (upstream_->reported || (!upstream_->destination.tls && !upstream_->failed())) return;
    if (was_stopped()) return;
    upstream_->reported = true;
    const bool good = !upstream_->failed() && !upstream_->attempt.let_through;
    if (!good || services_.log.enabled()) {
        const diagnosis::Diagnosis found = diagnosis::explain(upstream_->attempt);
        const Destination& destination = upstream_->destination;
        if (upstream_->attempt.let_through)
            context_.hosts.let_through(destination.host, destination.port, found.code);
        else if (upstream_->failed() && is_of_handshake(found))
            context_.hosts.failed_handshake(destination.host, destination.port, found.code);
        else if (upstream_->failed())
            context_.hosts.failed_connection(destination.host, destination.port, found.code);
        services_.report_upstream(flow_id(), found);
    }
    if (good) upstream_->attempt.verdict.reset();  // reported; kept, it would be a fifth of an idle connection's memory
}

// Whether a client that has sent nothing and now closes did so soon enough after the handshake to
// have refused our certificate (as mockttp measures it). A client that closes later had opened a
// connection in reserve.
bool Connection::left_in_silence() const {
    constexpr double least = 100;  // milliseconds
    return !context_.stopping() && !client_key_.empty() && client_.buffered().empty() &&
           io::clock_ms() - handshake_end_ <= std::max(10 * handshake_ms_, least);
}

// TLS 1.3 and some clients refuse our certificate only after our side of the handshake is done.
void Connection::report_left_client() {
    const auto& failure = client_.session().failure();
    if (failure && failure->alert_received) {
        report_client_failure(*failure);
        return;
    }
    if (client_key_.empty() || context_.stopping()) return;
    diagnosis::ClientAttempt attempt = client_attempt({});  // closed or reset (Node): without a reason
    const bool soon = left_in_silence();
    if (soon) attempt.times_left = services_.clients.left_unused(client_key_, attempt.host);
    attempt.left_in_silence = soon && attempt.times_left > 0;
    attempt.said_goodbye = client_.peer_ended();
    if (attempt.left_in_silence && likely_refused(attempt))
        report_client(explain_client(attempt));
    else if (services_.log.enabled())
        services_.log.line(inspect::report::client_handshake_line(flow_id(), client_address_, closed_unused(attempt)));
}

// The client left, or time was up, in the middle of its ClientHello. Nothing is reported of a
// client that never began one.
void Connection::report_unclear_client() {
    const bool timed_out = client_.socket().timed_out();
    if (!timed_out && client_.buffered().empty()) return;
    tls::HandshakeFailure failure;
    failure.kind = timed_out ? tls::FailureKind::timeout : tls::FailureKind::closed;
    report_client_failure(failure);
}

diagnosis::ClientAttempt Connection::client_attempt(const tls::HandshakeFailure& failure) {
    diagnosis::ClientAttempt attempt;
    attempt.client = client_address_;
    attempt.host = tunnel_ ? tunnel_->name : address_here().ip();
    attempt.port = tunnel_ ? tunnel_->port : address_here().port();
    attempt.at_listener = !tunnel_;
    attempt.sni = sni_;
    attempt.time = io::now();
    attempt.failure = failure;
    attempt.failure.first_bytes = shown(failure.first_bytes);
    attempt.trusts_elsewhere = !client_key_.empty() && services_.clients.trusts_elsewhere(client_key_, attempt.host);
    attempt.hello = hello_;
    attempt.user_agent = user_agent_;
    attempt.ca_file = services_.upstream.ca_file;
    attempt.given = settings_.given;
    attempt.install = install_command(settings_.ca_dir);
    return attempt;
}

void Connection::report_client(const diagnosis::Diagnosis& found) {
    if (was_stopped()) return;
    if (tunnel_) context_.hosts.failed_handshake(tunnel_->host, tunnel_->port, found.code);
    services_.report_client(flow_id(), client_address_, found);
}

diagnosis::Diagnosis Connection::report_client_failure(const tls::HandshakeFailure& failure) {
    diagnosis::Diagnosis found = diagnosis::explain_client(client_attempt(failure));
    report_client(found);
    return found;
}

// The client's first request is the proof: it may refuse the certificate after its handshake.
void Connection::report_client_trust() {
    services_.clients.trusted(std::exchange(client_key_, {}), tunnel_->name);
    if (!services_.log.enabled()) return;
    diagnosis::Diagnosis trusted;
    trusted.time = io::now();
    trusted.host = tunnel_->name;
    trusted.sni = sni_;
    services_.log.line(inspect::report::client_handshake_line(flow_id(), client_address_, trusted));
}

// What has no answer on the wire is reported only to the user and the log.
void Connection::say_of_client(diagnosis::Diagnosis found, const http::RequestHead& request, inspect::Flow flow) {
    if (flow.status == 0) flow.status = found.status;
    flow.code = found.code;
    notify(std::move(found));
    record(request, std::move(flow));
}

// What a diagnosis may show of a request.
std::string Connection::shown(std::string_view text) const {
    constexpr std::size_t read = 8192, limit = 512;
    return inspect::report::redacted(text.substr(0, read), settings_.secrets.names).substr(0, limit);
}

// The URL as the client asked for it, with scheme and authority where these are known.
std::string Connection::url_of(const http::RequestHead& request) const {
    const bool origin_form = request.target.starts_with('/') || request.target == "*";
    if (!origin_form || !upstream_ || !(tunnel_ || forwarded_)) return request.target;
    const Destination& destination = upstream_->destination;
    const http::Target target{http::TargetForm::absolute, destination.tls ? "https" : "http", destination.name, destination.port, ""};
    return fmt::format("{}://{}{}", target.scheme, http::authority(target), request.target);
}

// Completes the flow of an exchange that is over, and passes it to everything that records flows.
void Connection::record(const http::RequestHead& request, inspect::Flow flow) {
    flow.method = request.method;
    if (upstream_ && (tunnel_ || forwarded_)) {
        flow.host = upstream_->destination.host;
        flow.port = upstream_->destination.port;
        flow.reached = !upstream_->failed();
        flow.parent = upstream_->attempt.parent;
        if (flow.reached) flow.remark = diagnosis::certificate_remark(upstream_->attempt, flow.status, flow.page);
    }
    context_.hosts.exchange(flow);
    const auto server = [&flow] { return diagnosis::endpoint(flow.host, flow.port); };
    if (!flow.remark.empty()) notices_.tell("certificate " + flow.host, inspect::report::for_terminal(flow.remark, 1024), Repeats::day);
    if (flow.no_close_notify) notices_.tell("close_notify " + server(), inspect::report::no_close_notify_sentence(server()), Repeats::day);
    if (!services_.log.enabled() && !flow.idle_seconds && !settings_.verbose) return;
    flow.id = flow_id();
    flow.client = client_address_;
    flow.url = url_of(request);
    flow.time = io::now();
    flow.total_ms = io::clock_ms() - request_began_;
    flow.stopped = was_stopped();
    if (!flow.host.empty() && upstream_->attempt.let_through) flow.let_through = diagnosis::explain(upstream_->attempt).code;
    if (flow.idle_seconds)
        notices_.tell(fmt::format("idle {} {}", client_ip(), flow.host), inspect::report::idle_sentence(flow, settings_.secrets));
    if (settings_.verbose) notices_.say(inspect::report::request_sentence(flow, settings_.secrets));
    if (settings_.verbose && !flow.mended.empty()) notices_.say(inspect::report::mended_sentence(server(), flow.mended));
    if (services_.log.enabled()) services_.log.line(inspect::report::request_line(flow, settings_.secrets));
}

}  // namespace proxy
