#include "proxy/http/respond.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>

#include "inspect/gateway/near_gateway.h"
#include "inspect/report/grpc.h"
#include "inspect/report/page/page.h"
#include "inspect/report/print/escape.h"
#include "inspect/report/render.h"
#include "proxy/io/clock.h"

namespace proxy {

namespace http = inspect::http;
namespace report = inspect::report;

namespace {

Answer answer(int status, std::string_view media_type, std::string body) {
    Answer made;
    made.head.status = status;
    made.head.reason = http::reason_phrase(status);
    if (!media_type.empty()) made.head.fields.add("Content-Type", media_type);
    made.body = std::move(body);
    return made;
}

// A field of the request that is sent back must consist of only the characters that origins,
// methods and field names are made of.
bool echoable(std::string_view value) {
    return !value.empty() && value.size() <= 1024 && std::ranges::all_of(value, [](unsigned char c) {
        return c > 0x20 && c < 0x7f && c != '"' && c != '<' && c != '>' && c != '\\';
    });
}

// Lets the page read this answer, by the CORS protocol (Fetch §3.2.3). The user's cookies are only
// for pages that the user named; with "null" a browser cannot tell whose page it is.
void let_read(Answer& made, const http::RequestHead& request, bool allowed) {
    const auto origin = request.fields.count("Origin") == 1 ? request.fields.find("Origin") : std::nullopt;
    if (!origin || !echoable(*origin)) return;
    made.head.fields.add("Access-Control-Allow-Origin", *origin);
    if (allowed && *origin != "null") made.head.fields.add("Access-Control-Allow-Credentials", "true");
    made.head.fields.add("Access-Control-Expose-Headers", "Proxy-Status, grpc-status, grpc-message");
    made.head.fields.add("Vary", "Origin");
}

// Whether everyone can reach what answered, if anything did. Which server a parent proxy connected
// to is not known.
bool is_public(const inspect::diagnosis::Attempt& attempt) {
    return attempt.parent.empty() && std::ranges::all_of(attempt.addresses, [](const auto& tried) {
               const auto address =
                   io::Address::parse(std::string_view(tried.address).substr(0, tried.address.rfind(':')), 0);
               return address && address->reach() == io::Reach::global;
           });
}

std::string header_list(std::string_view text) {
    std::string list;
    for (const char c : text) {
        if (c != ' ' && c != '\t') list += c;
    }
    return list;
}

Answer grpc_answer(report::GrpcAnswer said) {
    Answer made = answer(200, said.content_type, std::move(said.body));
    if (!said.status.empty()) made.head.fields.add("grpc-status", said.status);
    if (!said.message.empty()) made.head.fields.add("grpc-message", said.message);
    if (!said.report.empty()) made.head.fields.add("whytls-report-bin", said.report);
    return made;
}

Answer page_answer(const inspect::diagnosis::Diagnosis& diagnosis, const http::RequestHead& request,
                   report::Detail detail) {
    const auto accept = request.fields.find("Accept");
    const report::Format format = report::negotiate(accept ? *accept : "");
    std::string body;
    switch (format) {
        case report::Format::html: body = report::html(diagnosis, detail); break;
        case report::Format::problem_json: body = report::json(diagnosis, detail) + "\n"; break;
        case report::Format::text: body = report::text(diagnosis, detail); break;
    }
    Answer made = answer(diagnosis.status, report::media_type(format), std::move(body));
    if (format == report::Format::html)
        made.head.fields.add("Content-Security-Policy", report::content_security_policy());
    return made;
}

std::string imf_fixdate(certs::Time time) {
    return fmt::format("{:%a, %d %b %Y %H:%M:%S} GMT", fmt::gmtime(static_cast<std::time_t>(time.seconds)));
}

}  // namespace

Reader reader_of(const Settings& settings, const inspect::diagnosis::Attempt& attempt,
                 const http::RequestHead& request) {
    Reader reader;
    reader.foreign = http::is_foreign_page(request, settings.allow_origin);
    reader.allowed = !http::named_page(request, settings.allow_origin).empty();
    const bool own = !is_public(attempt) || attempt.client_certificate;
    reader.detail =
        settings.detail == report::Detail::full && reader.foreign && own ? report::Detail::brief : settings.detail;
    return reader;
}

inspect::diagnosis::Attempt without_own_facts(inspect::diagnosis::Attempt attempt) {
    attempt.given.clear();
    attempt.ca_file.clear();
    attempt.trust_source.clear();
    attempt.proxy_address.clear();
    return attempt;
}

Answer diagnostic_answer(const inspect::diagnosis::Diagnosis& diagnosis, const http::RequestHead& request,
                         const Reader& reader) {
    const auto type = request.fields.find("Content-Type");
    const bool preflight = http::is_preflight(request);
    const auto grpc = preflight ? std::nullopt : report::grpc_form(type ? *type : "");
    Answer made = grpc ? grpc_answer(report::grpc(diagnosis, *grpc, reader.detail))
                       : page_answer(diagnosis, request, reader.detail);
    // Any page can read the first line (statusText) of what it may read.
    const bool fixed = reader.foreign && reader.detail == report::Detail::full;
    if (!grpc) made.head.reason = report::reason(diagnosis, fixed ? report::Detail::brief : reader.detail);
    made.head.fields.add("Proxy-Status", report::proxy_status(diagnosis));
    // RFC 9110 §15.5.8.
    if (diagnosis.status == 407) made.head.fields.add("Proxy-Authenticate", "Basic realm=\"whytls\"");
    made.head.fields.add("Cache-Control", "no-store");
    made.head.fields.add("X-Content-Type-Options", "nosniff");
    if (!preflight) let_read(made, request, reader.allowed);
    return made;
}

Answer permission(const http::RequestHead& request) {
    Answer made = answer(204, "", "");
    if (const auto method = request.fields.find("Access-Control-Request-Method"); method && echoable(*method)) {
        made.head.fields.add("Access-Control-Allow-Methods", *method);
    }
    if (const auto asked = request.fields.find("Access-Control-Request-Headers")) {
        if (const std::string names = header_list(*asked); echoable(names))
            made.head.fields.add("Access-Control-Allow-Headers", names);
    }
    made.head.fields.add("Access-Control-Max-Age", "0");
    made.head.fields.add("Cache-Control", "no-store");
    let_read(made, request, true);
    return made;
}

namespace {

// Keeps another site's page from using it as a script, a picture or a frame.
Answer kept_to_itself(Answer made) {
    made.head.fields.add("X-Content-Type-Options", "nosniff");
    made.head.fields.add("Cross-Origin-Resource-Policy", "same-origin");
    return made;
}

Answer own_text(int status, std::string text) {
    return answer(status, report::media_type(report::Format::text), std::move(text));
}

// Who is led here needs the CA and nothing else.
Answer redirected_page(const inspect::page::State& state) {
    return own_text(
        200,
        fmt::format("whytls {}: connections from here are led through it (--transparent). A client needs no setting "
                    "for that, but\nits trust in this CA, {}:\n\n"
                    "    curl -o whytls-ca.pem http://why.tls/ca.pem\n"
                    "    curl --cacert whytls-ca.pem https://api.example.com/\n\n"
                    "The same as DER: http://why.tls/ca.der\n",
                    state.version, state.ca.subject));
}

// HTML for browsers. A policy in the page itself cannot forbid frames (CSP §6.4.2).
template <typename Told>
Answer own_document(int status, const Told& told, const http::RequestHead& request) {
    const auto accept = request.fields.find("Accept");
    const bool html = report::negotiate(accept ? *accept : "") == report::Format::html;
    Answer made = html ? answer(status, report::media_type(report::Format::html), inspect::page::html(told))
                       : own_text(status, inspect::page::text(told));
    if (html)
        made.head.fields.add("Content-Security-Policy", report::content_security_policy() + "; frame-ancestors 'none'");
    made.head.fields.add("Cache-Control", "no-store");
    return made;
}

Answer own_resource(const certs::Certificate& ca, const inspect::page::State& state, const http::RequestHead& request,
                    std::string_view path) {
    if (request.method != "GET" && request.method != "HEAD") {
        Answer made = own_text(405, "whytls: this page takes GET and HEAD only\n");
        made.head.fields.add("Allow", "GET, HEAD");
        return made;
    }
    path = path.substr(0, path.find('?'));
    if (path == "/ca.pem") return answer(200, "application/x-pem-file", certs::to_pem(ca.der()));
    if (path == "/ca.der") {
        Answer made = answer(200, "application/x-x509-ca-cert", std::string(certs::as_text(ca.der())));
        // Android chooses by the name's end what may be installed.
        made.head.fields.add("Content-Disposition", "inline; filename=\"whytls-ca.crt\"");
        return made;
    }
    if (state.transparent && path == "/") return redirected_page(state);
    if (path == "/proxy.pac" && !state.transparent)
        return answer(200, "application/x-ns-proxy-autoconfig", inspect::page::proxy_auto_config(state.proxy));
    if (path == "/") return own_document(200, state, request);
    const auto meant = state.transparent ? std::nullopt : http::near_gateway(request.target);
    const std::string guess =
        meant ? fmt::format("\nDid you mean this?\n  http://{}{}\n", state.proxy, report::printable(*meant, 4096)) : "";
    return own_text(
        404,
        "whytls: nothing here. This is the proxy itself: its page is /, its CA certificate /ca.pem and /ca.der, a browser's "
        "proxy settings /proxy.pac; a server is reached under /https://HOST/\n" +
            guess);
}

}  // namespace

Answer healthy() {
    Answer made = answer(200, "application/json", R"({"status":"ok"})");
    made.head.fields.add("Cache-Control", "no-store");
    made.head.fields.add("X-Content-Type-Options", "nosniff");
    made.head.fields.add("Cross-Origin-Resource-Policy", "cross-origin");
    return made;
}

Answer own_page(const certs::Certificate& ca, const inspect::page::State& state, const http::RequestHead& request,
                std::string_view path) {
    const bool reads = request.method == "GET" || request.method == "HEAD";
    if (reads && path.substr(0, path.find('?')) == "/healthz") return healthy();
    return kept_to_itself(own_resource(ca, state, request, path));
}

Answer misdirected(const http::RequestHead& request, const inspect::page::Misdirected& asked) {
    return kept_to_itself(own_document(421, asked, request));
}

Answer too_many_guesses() {
    Answer made = own_text(
        429,
        "whytls: too many wrong passwords came from your address (--proxy-auth), so that this one was not looked at. Try again "
        "in some seconds, once whatever keeps trying is stopped.\n");
    made.head.fields.add("Retry-After", "10");
    made.head.fields.add("Proxy-Status",
                         "whytls; error=http_request_denied; details=\"proxy_authentication_required\"");
    made.head.fields.add("Cache-Control", "no-store");
    return made;
}

Answer too_many_tunnels(std::string_view ip, std::size_t most) {
    Answer made = own_text(
        503, fmt::format("whytls: {} has more than {} connections open (--max-connections-per-client)\n", ip, most));
    made.head.fields.add("Retry-After", "1");
    made.head.fields.add("Cache-Control", "no-store");
    made.head.fields.add("Proxy-Status", "whytls; error=proxy_internal_response");
    return made;
}

Answer redirect(std::string_view path) {
    Answer made = answer(307, "", "");
    made.head.fields.add("Location", path);
    made.head.fields.add("Cache-Control", "no-store");
    return made;
}

io::Task<bool> send(ServerStream& client, Answer answer, std::string_view method, ResponseEnd end, double seconds) {
    answer.head.version = {1, 1};
    answer.head.fields.add("Date", imf_fixdate(io::now()));
    if (answer.head.status != 204) answer.head.fields.add("Content-Length", fmt::format("{}", answer.body.size()));
    client.set_deadline(seconds);
    client.respond(std::move(answer.head), end);
    const certs::Bytes body = method == "HEAD" ? certs::Bytes() : certs::as_bytes(answer.body);
    bool sent = false;
    if (client.delimits())
        sent = co_await client.finish(body, {});
    else
        sent = co_await client.write(body) && co_await client.flush();
    client.set_deadline(0);
    co_return sent;
}

}  // namespace proxy
