#include "proxy/client/client_report.h"

#include <algorithm>

#include "inspect/diagnosis/explain/client_failure.h"
#include "inspect/report/log.h"
#include "proxy/client/record.h"
#include "proxy/io/clock.h"
#include "proxy/settings/ca_directory.h"

namespace proxy {

namespace diagnosis = inspect::diagnosis;

namespace {

// Whether a client that has sent nothing and now closes did so soon enough after the handshake to
// have refused our certificate (as mockttp measures it). A client that closes later had opened a
// connection in reserve.
bool left_in_silence(const Client& client) {
    constexpr double least = 100;  // milliseconds
    return !client.context.stopping() && !client.tls.key.empty() && client.channel.buffered().empty() &&
           io::clock_ms() - client.tls.handshake_end_ms <= std::max(10 * client.tls.handshake_ms, least);
}

diagnosis::ClientAttempt client_attempt(Client& client, const tls::HandshakeFailure& failure) {
    diagnosis::ClientAttempt attempt;
    attempt.client = client.address;
    attempt.host = client.tunnel ? client.tunnel->name : client.address_here().ip();
    attempt.port = client.tunnel ? client.tunnel->port : client.address_here().port();
    attempt.at_listener = !client.tunnel;
    attempt.sni = client.tls.sni;
    attempt.time = io::now();
    attempt.failure = failure;
    attempt.failure.first_bytes = client.shown(failure.first_bytes);
    attempt.trusts_elsewhere =
        !client.tls.key.empty() && client.services().clients.trusts_elsewhere(client.tls.key, attempt.host);
    attempt.hello = client.tls.hello;
    attempt.user_agent = client.user_agent;
    attempt.ca_file = client.services().upstream.ca_file;
    attempt.given = client.settings().given;
    attempt.runs_command = client.settings().runs_command;
    attempt.install = client.services().upstream.ca_is_temporary ? "" : install_command(client.settings().ca_dir);
    return attempt;
}

// A browser that does not trust the CA is told so by the live page itself, which asks it to try.
void report(Client& client, const diagnosis::Diagnosis& found) {
    if (client.was_stopped() || client.listen.live) return;
    if (client.tunnel) client.context.hosts.failed_handshake(client.tunnel->host, client.tunnel->port, found.code);
    client.services().report_client(client.flow_id(), client.address, found);
    keep_client_failure(client, found);
}

void log(Client& client, const diagnosis::Diagnosis& found) {
    if (client.services().log.enabled())
        client.services().log.line(inspect::report::client_handshake_line(client.flow_id(), client.address, found));
}

}  // namespace

diagnosis::Diagnosis report_client_failure(Client& client, const tls::HandshakeFailure& failure) {
    diagnosis::Diagnosis found = diagnosis::explain_client(client_attempt(client, failure));
    report(client, found);
    return found;
}

void report_left_client(Client& client) {
    const auto& failure = client.channel.session().failure();
    if (failure && failure->alert_received) {
        report_client_failure(client, *failure);
        return;
    }
    if (client.tls.key.empty() || client.context.stopping()) return;
    diagnosis::ClientAttempt attempt = client_attempt(client, {});  // closed or reset (Node): without a reason
    const bool soon = left_in_silence(client);
    if (soon) attempt.times_left = client.services().clients.left_unused(client.tls.key, attempt.host);
    attempt.left_in_silence = soon && attempt.times_left > 0;
    attempt.said_goodbye = client.channel.peer_ended();
    if (attempt.left_in_silence && likely_refused(attempt))
        report(client, explain_client(attempt));
    else
        log(client, closed_unused(attempt));
}

void report_unclear_client(Client& client) {
    const bool timed_out = client.channel.socket().timed_out();
    if (!timed_out && client.channel.buffered().empty()) return;
    tls::HandshakeFailure failure;
    failure.kind = timed_out ? tls::FailureKind::timeout : tls::FailureKind::closed;
    report_client_failure(client, failure);
}

void report_client_trust(Client& client) {
    client.services().clients.trusted(std::exchange(client.tls.key, {}), client.tunnel->name);
    diagnosis::Diagnosis trusted;
    trusted.time = io::now();
    trusted.host = client.tunnel->name;
    trusted.sni = client.tls.sni;
    log(client, trusted);
}

}  // namespace proxy
