#include "inspect/report/log.h"

#include <fmt/format.h>

#include "inspect/diagnosis/mends.h"
#include "inspect/diagnosis/wording.h"
#include "inspect/report/json_report.h"
#include "inspect/report/print/escape.h"
#include "inspect/report/print/redaction.h"

namespace inspect::report {

namespace {

using diagnosis::name;
using Object = nlohmann::ordered_json;

Object event(std::string_view name, certs::Time time, std::string_view id) {
    Object object = {{"event", name}, {"time", rfc3339(time)}};
    if (!id.empty()) object["id"] = printable(id, 128);
    return object;
}

// Lists only the kinds of frames that came.
Object traffic(const http::WebSocketTraffic& sent) {
    Object object = {{"frames", sent.frames()}, {"messages", sent.messages}, {"bytes", sent.bytes}};
    const std::pair<const char*, std::uint64_t> kinds[] = {
        {"text", sent.text}, {"binary", sent.binary}, {"continuation", sent.continuation},
        {"ping", sent.ping}, {"pong", sent.pong},     {"close", sent.close}};
    for (const auto& [kind, frames] : kinds)
        if (frames > 0) object["kinds"][kind] = frames;
    if (sent.malformed) object["malformed"] = true;
    return object;
}

// Without a close frame there is no code: RFC 6455 §7.1.5 has 1005 and 1006 for that, which are
// never on the wire.
Object close(const http::WebSocketSummary& websocket, bool idle) {
    if (!websocket.closed_by && idle) return {{"by", "whytls"}, {"connection", "idle_timeout"}};
    if (!websocket.closed_by) return {{"by", "none"}, {"connection", websocket.broken ? "broken" : "ended"}};
    Object object = {{"by", *websocket.closed_by == http::WebSocketPeer::client ? "client" : "server"}};
    if (websocket.close.code) object["code"] = *websocket.close.code;
    if (!websocket.close.reason.empty()) object["reason"] = printable(websocket.close.reason, 512);
    return object;
}

std::string shown_url(const Flow& flow, const Secrets& secrets, std::size_t limit) {
    return printable(secrets.shown ? flow.url : redacted(flow.url, secrets.names), limit);
}

}  // namespace

std::string upstream_handshake_line(std::string_view id, const diagnosis::Diagnosis& diagnosis) {
    Object object = event("upstream_handshake", diagnosis.time, id);
    const Object report = json_report(diagnosis);
    for (const auto& [key, value] : report.items())
        if (!object.contains(key)) object[key] = value;
    if (!diagnosis.library_text.empty()) object["library"] = printable(diagnosis.library_text, 512);
    return dump(object);
}

std::string client_handshake_line(std::string_view id, std::string_view client, const diagnosis::Diagnosis& diagnosis) {
    Object object = event("client_handshake", diagnosis.time, id);
    object["verdict"] = name(diagnosis.outcome);
    if (diagnosis.code != diagnosis::Code::none) object["code"] = name(diagnosis.code);
    object["client"] = printable(client, 128);
    if (!diagnosis.host.empty()) object["host"] = printable(diagnosis.host, 1024);
    object["sni"] = printable(diagnosis.sni, 1024);
    if (!diagnosis.title.empty()) object["title"] = printable(diagnosis::headline(diagnosis.title), 512);
    if (!diagnosis.problems.empty() && !diagnosis.problems.front().fixes.empty()) {
        const auto& fix = diagnosis.problems.front().fixes.front();
        object["fix"] = printable(fix.text, 1024);
        if (!fix.command.empty()) object["command"] = printable(fix.command, 1024);
    }
    if (!diagnosis.library_text.empty()) object["library"] = printable(diagnosis.library_text, 512);
    return dump(object);
}

std::string request_line(const Flow& flow, const Secrets& secrets) {
    Object object = event("request", flow.time, flow.id);
    object["client"] = printable(flow.client, 128);
    object["method"] = printable(flow.method, 64);
    object["url"] = shown_url(flow, secrets, 8192);
    if (!flow.protocol.empty()) object["protocol"] = flow.protocol;
    if (!flow.server_protocol.empty()) object["server_protocol"] = flow.server_protocol;
    object["status"] = flow.status;
    if (flow.code != diagnosis::Code::none) object["code"] = name(flow.code);
    if (!flow.parent.empty()) object["parent"] = printable(flow.parent, 300);
    if (flow.let_through != diagnosis::Code::none) object["let_through"] = name(flow.let_through);
    if (!flow.remark.empty()) object["remark"] = printable(flow.remark, 1024);
    if (flow.stopped) object["ended_by"] = "stop";
    if (flow.idle_seconds) object["ended_by"] = "idle_timeout", object["idle_seconds"] = rounded(*flow.idle_seconds);
    if (flow.repeated) object["repeated"] = true;
    if (flow.no_close_notify) object["ended_without"] = "close_notify";
    for (const http::Mend each : flow.mended) object["mended"].push_back(diagnosis::words(each));
    object["request_bytes"] = flow.request_bytes;
    object["response_bytes"] = flow.response_bytes;
    object["timing_ms"] = {{"first_byte", rounded(flow.first_byte_ms)}, {"total", rounded(flow.total_ms)}};
    if (const auto& websocket = flow.websocket)
        object["websocket"] = {{"sent", traffic(websocket->client)},
                               {"received", traffic(websocket->server)},
                               {"close", close(*websocket, flow.idle_seconds.has_value())}};
    return dump(object);
}

std::string idle_sentence(const Flow& flow, const Secrets& secrets) {
    return fmt::format(
        "{} {}: ended by whytls after {} without a byte from either side; --idle-timeout {:.15g} is the limit",
        printable(flow.method, 16), shown_url(flow, secrets, 200), diagnosis::seconds_text(*flow.idle_seconds),
        *flow.idle_seconds);
}

std::string request_sentence(const Flow& flow, const Secrets& secrets) {
    std::string text = fmt::format("{} {} {}", printable(flow.method, 16), shown_url(flow, secrets, 400),
                                   flow.status == 0 ? "ended without a response" : std::to_string(flow.status));
    if (flow.code != diagnosis::Code::none) text.append(" ").append(name(flow.code));
    if (flow.request_bytes > 0) text += fmt::format(", {} bytes sent", flow.request_bytes);
    text += fmt::format(", {} bytes in {:.0f} ms", flow.response_bytes, flow.total_ms);
    if (flow.let_through != diagnosis::Code::none)
        text.append(", let through by --insecure: ").append(name(flow.let_through));
    return text;
}

std::string mended_sentence(std::string_view server, const http::Mends& mended) {
    std::string what;
    for (const http::Mend each : mended) what.append(what.empty() ? "" : "; ").append(diagnosis::words(each));
    return fmt::format("{}: a response was mended on its way to the client: {}", printable(server, 300), what);
}

std::string no_close_notify_sentence(std::string_view server) {
    return fmt::format(
        "{} ended a response by ending the connection without TLS's close_notify, so that it may be cut short; passed on as it came",
        printable(server, 300));
}

std::string proxy_line(certs::Time time, std::string_view what, std::string_view detail) {
    Object object = event("proxy", time, "");
    object["what"] = printable(what, 128);
    if (!detail.empty()) object["detail"] = printable(detail, 4096);
    return dump(object);
}

}  // namespace inspect::report
