#include "proxy/respond.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>

#include "inspect/http/near_gateway.h"
#include "inspect/page/why_tls.h"
#include "inspect/report/escape.h"
#include "inspect/report/grpc.h"
#include "inspect/report/page.h"
#include "inspect/report/render.h"
#include "proxy/ca_options.h"

namespace proxy {

namespace http = inspect::http;
namespace report = inspect::report;

namespace {

std::string_view reason_phrase(int status) {
    switch (status) {
        case 200: return "OK";
        case 204: return "No Content";
        case 307: return "Temporary Redirect";
        case 400: return "Bad Request";
        case 403: return "Forbidden";
        case 404: return "Not Found";
        case 405: return "Method Not Allowed";
        case 407: return "Proxy Authentication Required";
        case 408: return "Request Timeout";
        case 431: return "Request Header Fields Too Large";
        case 502: return "Bad Gateway";
        case 504: return "Gateway Timeout";
        default: return "";
    }
}

Answer answer(int status, std::string_view media_type, std::string body) {
    Answer made;
    made.head.status = status;
    made.head.reason = reason_phrase(status);
    if (!media_type.empty()) made.head.fields.add("Content-Type", media_type);
    made.body = std::move(body);
    return made;
}

// A field of the request that is given back must consist of these alone: what origins, methods and field names are made of.
bool echoable(std::string_view value) {
    return !value.empty() && value.size() <= 1024 && std::ranges::all_of(value, [](unsigned char c) {
        return c > 0x20 && c < 0x7f && c != '"' && c != '<' && c != '>' && c != '\\';
    });
}

void allow_origin(Answer& made, const http::RequestHead& request) {
    const std::string* origin = request.fields.find("Origin");
    if (!origin || !echoable(*origin)) return;
    made.head.fields.add("Access-Control-Allow-Origin", *origin);
    made.head.fields.add("Access-Control-Allow-Credentials", "true");
    made.head.fields.add("Access-Control-Expose-Headers", "Proxy-Status, grpc-status, grpc-message");
    made.head.fields.add("Vary", "Origin");
}

// Served by this machine, or named by --allow-origin. RFC 6454 §6.2; "null" hides whose it is.
bool is_trusted_page(const Settings& settings, std::string_view origin) {
    const auto allows = [&](const std::string& each) { return each == "*" || http::same_name(each, origin); };
    if (std::ranges::any_of(settings.allow_origin, allows)) return true;
    const auto target = http::parse_target("GET", std::string(origin) + "/");
    if (!target) return false;
    const std::string& host = target->host;
    const auto address = io::Address::parse(host, 0);
    return host == "localhost" || host.ends_with(".localhost") || (address && address->is_loopback());
}

// Whether everybody reaches what answered, if anything did. Which server a parent proxy connected to is not known.
bool is_public(const inspect::diagnosis::Attempt& attempt) {
    return attempt.parent.empty() && std::ranges::all_of(attempt.addresses, [](const auto& tried) {
               const auto address = io::Address::parse(std::string_view(tried.address).substr(0, tried.address.rfind(':')), 0);
               return address && address->reach() == io::Reach::global;
           });
}

bool is_preflight(const http::RequestHead& request) {
    return request.method == "OPTIONS" && request.fields.has("Origin") && request.fields.has("Access-Control-Request-Method");
}

std::string header_list(std::string_view text) {
    std::string list;
    for (const char c : text) {
        if (c != ' ' && c != '\t') list += c;
    }
    return list;
}

Answer preflight_answer(const http::RequestHead& request) {
    Answer made = answer(204, "", "");
    if (const std::string* method = request.fields.find("Access-Control-Request-Method"); method && echoable(*method)) {
        made.head.fields.add("Access-Control-Allow-Methods", *method);
    }
    if (const std::string* asked = request.fields.find("Access-Control-Request-Headers")) {
        if (const std::string names = header_list(*asked); echoable(names)) made.head.fields.add("Access-Control-Allow-Headers", names);
    }
    return made;
}

Answer grpc_answer(report::GrpcAnswer said) {
    Answer made = answer(200, said.content_type, std::move(said.body));
    if (!said.status.empty()) made.head.fields.add("grpc-status", said.status);
    if (!said.message.empty()) made.head.fields.add("grpc-message", said.message);
    return made;
}

Answer page_answer(const inspect::diagnosis::Diagnosis& diagnosis, const http::RequestHead& request, report::Detail detail) {
    const std::string* accept = request.fields.find("Accept");
    const report::Format format = report::negotiate(accept ? *accept : "");
    std::string body;
    switch (format) {
        case report::Format::html: body = report::html(diagnosis, detail); break;
        case report::Format::problem_json: body = report::json(diagnosis, detail) + "\n"; break;
        case report::Format::text: body = report::text(diagnosis, detail); break;
    }
    Answer made = answer(diagnosis.status, report::media_type(format), std::move(body));
    if (format == report::Format::html) made.head.fields.add("Content-Security-Policy", report::content_security_policy());
    return made;
}

std::string imf_fixdate(certs::Time time) {
    return fmt::format("{:%a, %d %b %Y %H:%M:%S} GMT", fmt::gmtime(static_cast<std::time_t>(time.seconds)));
}

}  // namespace

Answer diagnostic_answer(const inspect::diagnosis::Diagnosis& diagnosis, const http::RequestHead& request, report::Detail detail) {
    const std::string* type = request.fields.find("Content-Type");
    const auto grpc = report::grpc_form(type ? *type : "");
    Answer made = is_preflight(request) ? preflight_answer(request)
                  : grpc                ? grpc_answer(report::grpc(diagnosis, *grpc, detail))
                                        : page_answer(diagnosis, request, detail);
    made.head.fields.add("Proxy-Status", report::proxy_status(diagnosis));
    if (diagnosis.status == 407) made.head.fields.add("Proxy-Authenticate", "Basic realm=\"whytls\"");  // RFC 9110 §15.5.8
    made.head.fields.add("Cache-Control", "no-store");
    made.head.fields.add("X-Content-Type-Options", "nosniff");
    allow_origin(made, request);
    return made;
}

std::optional<Answer> answer_preflight(const http::RequestHead& request) {
    if (!is_preflight(request)) return std::nullopt;
    Answer made = preflight_answer(request);
    allow_origin(made, request);
    return made;
}

bool is_foreign_page(const Settings& settings, const http::RequestHead& request) {
    const std::string* origin = request.fields.find("Origin");
    return origin && !is_trusted_page(settings, *origin);
}

report::Detail detail_for(const Settings& settings, const inspect::diagnosis::Attempt& attempt, const http::RequestHead& request) {
    const bool full = settings.detail == report::Detail::full;
    return full && is_foreign_page(settings, request) && !is_public(attempt) ? report::Detail::brief : settings.detail;
}

Answer own_page(const Services& services, const http::RequestHead& request, std::string_view path, const Visitor& visitor) {
    if (request.method != "GET" && request.method != "HEAD") {
        Answer made = answer(405, "text/plain; charset=utf-8", "whytls: this page takes GET and HEAD only\n");
        made.head.fields.add("Allow", "GET, HEAD");
        return made;
    }
    path = path.substr(0, path.find('?'));
    const certs::Certificate& ca = services.authority->certificate();
    if (path == "/ca.pem") return answer(200, "application/x-pem-file", certs::to_pem(ca.der()));
    if (path == "/ca.der") return answer(200, "application/x-x509-ca-cert", std::string(certs::as_text(ca.der())));
    if (path == "/proxy.pac") return answer(200, "application/x-ns-proxy-autoconfig", inspect::page::proxy_auto_config(visitor.proxy));
    if (path != "/") {
        const auto meant = http::near_gateway(request.target);
        const std::string guess =
            meant ? fmt::format("\nDid you mean this?\n  http://{}{}\n", visitor.proxy, report::printable(*meant, 4096)) : "";
        return answer(404, "text/plain; charset=utf-8",
                      "whytls: nothing here. This is the proxy itself: its page is /, its CA certificate /ca.pem and /ca.der, a browser's "
                      "proxy settings /proxy.pac; a server is reached under /https://HOST/\n" +
                          guess);
    }
    inspect::page::State state;
    state.version = WHYTLS_VERSION;
    state.proxy = visitor.proxy;
    state.local = visitor.local;
    state.asks_password = services.settings.proxy_auth.has_value();
    for (const io::Address& listener : services.listeners) {
        if (const std::string text = listener.to_string(); std::ranges::find(state.listeners, text) == state.listeners.end()) {
            state.listeners.push_back(text);
        }
    }
    state.ca_file = (services.authority->directory() / "ca.pem").string();
    state.install = install_command(services.settings.ca_dir);
    state.ca = certs::describe(ca);
    state.trust_source = services.trust.source();
    state.anchors = services.trust.size();
    state.connections = services.counters.connections;
    state.requests = services.counters.requests;
    state.failed_handshakes = services.counters.failed_handshakes;

    const std::string* accept = request.fields.find("Accept");
    const bool html = report::negotiate(accept ? *accept : "") == report::Format::html;
    Answer made = html ? answer(200, report::media_type(report::Format::html), inspect::page::html(state))
                       : answer(200, report::media_type(report::Format::text), inspect::page::text(state));
    made.head.fields.add("Cache-Control", "no-store");
    return made;
}

Answer redirect(std::string_view path) {
    Answer made = answer(307, "", "");
    made.head.fields.add("Location", path);
    made.head.fields.add("Cache-Control", "no-store");
    return made;
}

std::string to_wire(Answer made, const http::RequestHead& request, bool keep_alive) {
    made.head.version = {1, 1};
    made.head.fields.add("Date", imf_fixdate(now()));
    if (made.head.status != 204) made.head.fields.add("Content-Length", fmt::format("{}", made.body.size()));
    if (!keep_alive)
        made.head.fields.add("Connection", "close");
    else if (request.version == http::Version{1, 0})
        made.head.fields.add("Connection", "keep-alive");
    std::string wire = http::to_wire(made.head);
    if (request.method != "HEAD") wire += made.body;
    return wire;
}

}  // namespace proxy
