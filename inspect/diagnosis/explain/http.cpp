// What went wrong with the server's response after the handshake.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "inspect/diagnosis/catalog.h"
#include "inspect/diagnosis/experiments.h"
#include "inspect/diagnosis/explain/http_fault.h"
#include "inspect/diagnosis/first_bytes.h"
#include "inspect/diagnosis/response_seen.h"
#include "inspect/diagnosis/wording.h"
#include "inspect/http/http2/frame_cutter.h"

namespace inspect::diagnosis {

namespace {

std::string secured(const Attempt& attempt) { return attempt.tls ? "TLS was fine; " : ""; }

Problem explain_large_response(const Context& context, const HttpFailure& failure) {
    const std::string target = shorten(context.target(), 50);
    Problem problem = problem_of(Code::upstream_http_error);
    problem.title =
        fmt::format("the response of {} is too large for whytls: {} (--max-header)", target, too_large(failure.fault));
    problem.detail =
        std::string(context.attempt.tls ? "TLS was fine, and" : "") + (context.attempt.tls ? " the" : "The") +
        " response may be right: the limit is whytls's own, and it can be raised. Other programs have limits too (Node's is 16 "
        "KiB), so smaller heads reach more clients.";
    problem.fixes = {raise_max_header(context, failure.fault)};
    offer_passthrough(context, problem);
    problem.fixes.push_back({Actor::server,
                             "Send less in the header fields, if it is more than was meant: Set-Cookie most of all.",
                             context.curl_again(context.attempt.tls)});
    return problem;
}

Problem explain_unasked_switch(const Context& context, const UnaskedSwitch& seen) {
    const std::string target = shorten(context.target(), 60);
    Problem problem = problem_of(Code::upstream_http_error);
    const std::string protocol = seen.chosen.empty() ? "another protocol" : shorten(seen.chosen, 40);
    problem.title = seen.request_complete
                        ? fmt::format("{} switched to {}, which the request did not ask for", target, protocol)
                        : fmt::format("{} switched to {} before it had the whole request", target, protocol);
    problem.detail =
        std::string(context.attempt.tls ? "TLS was fine; " : "") +
        "a server may answer with 101 (Switching Protocols) only to a whole request that offers that protocol in its Upgrade "
        "field. What follows would be read as HTTP by one side and as something else by the other.";
    problem.evidence = {
        {"offered by the request", seen.offered.empty() ? "nothing" : shorten(seen.offered, 100), "RFC 9110 §7.8", {}},
        {"chosen by the server", seen.chosen.empty() ? "not named" : shorten(seen.chosen, 100), "", {}}};
    problem.fixes = {
        {Actor::server,
         "Answer with 101 only where the request offers that protocol, and name it in Upgrade; else serve the request in "
         "HTTP/1.1. A reverse proxy must not add an Upgrade of its own to what it forwards.",
         context.curl_again(context.attempt.tls)}};
    offer_passthrough(context, problem);
    return problem;
}

Problem explain_wrong_accept(const Context& context, const WrongAccept& seen) {
    Problem problem = problem_of(Code::upstream_http_error);
    problem.title =
        fmt::format("{} switched to WebSockets without the right Sec-WebSocket-Accept", shorten(context.target(), 55));
    problem.detail =
        std::string(context.attempt.tls ? "TLS was fine; " : "") +
        "a server shows by that field that it has read the request's Sec-WebSocket-Key, and so that it speaks WebSockets. The client "
        "asked over HTTP/2, which has no key (RFC 8441), so whytls made one, and checks the answer as clients of HTTP/1.1 do.";
    problem.evidence = {{"expected", seen.expected, "RFC 6455 §4.2.2", {}},
                        {"received", seen.received.empty() ? "none" : shorten(seen.received, 100), "", {}}};
    problem.fixes = {
        {Actor::server,
         "Compute the field from the key of this request. A cache or a proxy that answers with an earlier response does this, "
         "too.",
         context.curl_again(context.attempt.tls)}};
    return problem;
}

// Where such a response mostly comes from.
std::string_view mend_of(std::optional<http::MessageError> error) {
    switch (error.value_or(http::MessageError::not_http)) {
        case http::MessageError::bad_chunk:
            return "Check what frames the body: let the server's HTTP library write the chunks. A script that announces chunked and writes "
                   "the bare body, or a size that is not the data's, are common.";
        case http::MessageError::ambiguous_length:
            return "Send one length of the body: one Content-Length that is a number, or chunks. A second field is mostly added by a script, "
                   "or by a proxy before the server.";
        case http::MessageError::unsupported_version: return "Answer in HTTP/1.1 where that was asked for.";
        default:
            return "Check what the server writes before and between its header lines; a print in a CGI script or a line break in a field's "
                   "value are common.";
    }
}

// What came back after the request is not HTTP/1.1.
Problem explain_not_http(const Context& context, const HttpFailure& failure) {
    if (failure.unasked_switch) return explain_unasked_switch(context, *failure.unasked_switch);
    if (failure.wrong_accept) return explain_wrong_accept(context, *failure.wrong_accept);
    if (failure.error == http::MessageError::head_too_large && failure.fault.limit > 0)
        return explain_large_response(context, failure);
    const Attempt& attempt = context.attempt;
    const std::string target = shorten(context.target(), 60);
    Problem problem = problem_of(Code::upstream_http_error);
    const bool empty_line = begins_with_empty_line(failure.first_bytes);
    const bool begins_well = empty_line || failure.first_bytes.starts_with("HTTP/");
    const Answerer answerer = recognise_first_bytes(failure.first_bytes, attempt.port);
    const bool other = !answerer.protocol.empty() && answerer.protocol != "HTTP";
    problem.title = other ? fmt::format("{} answered with {}, not with an HTTP response", target, answerer.protocol)
                    : empty_line
                        ? fmt::format("the response of {} is not valid HTTP: an empty line stands before it", target)
                    : failure.error ? fmt::format("the response of {} is not valid HTTP: {}", target,
                                                  short_words(*failure.error, failure.fault))
                                    : fmt::format("the response of {} is not valid HTTP", target);
    problem.detail = secured(attempt) + "what came back after the request cannot be read as an HTTP/1.1 response.";
    if (begins_well)
        problem.detail += " Some clients overlook this; whytls passes on only what every reader understands alike.";
    problem.fixes = {{Actor::server, std::string(mend_of(failure.error)), context.curl_again(context.attempt.tls)}};
    if (!begins_well) problem.fixes.push_back({Actor::client, "Check that this port serves HTTP.", ""});
    if (other)
        problem.fixes = {{Actor::client,
                          fmt::format("This port does not serve HTTP: it speaks {}. Use the port of the web server.",
                                      answerer.protocol),
                          ""}};
    else
        offer_passthrough(context, problem);
    return problem;
}

Problem explain_silence(const Context& context) {
    const Attempt& attempt = context.attempt;
    const std::string target = shorten(context.target(), 60);
    Problem problem = problem_of(Code::upstream_timeout);
    problem.title = attempt.timeout_seconds > 0
                        ? fmt::format("{} took the request but sent no response within {}", target,
                                      seconds_text(attempt.timeout_seconds))
                        : fmt::format("{} took the request but sent no response in time", target);
    problem.detail = secured(attempt) + "the request was sent, and no first byte of an answer came.";
    problem.fixes = {{Actor::server, "Find out what the request waits for: a slow query, a lock, another service.", ""},
                     {Actor::client, "If the answer is known to take long, raise the limit (0 waits for ever).",
                      "whytls proxy --response-timeout 900"}};
    return problem;
}

Problem explain_kind(const Context& context, const HttpFailure& failure) {
    using Kind = HttpFailure::Kind;
    if (failure.kind == Kind::timed_out) return explain_silence(context);
    if (failure.http2) return explain_http2(context, failure);
    if (failure.perhaps_http2 && speaks_http2(context.attempt)) return explain_http2_only(context, failure);
    if (http2::begins_settings(failure.first_bytes)) return explain_http2_answer(context);
    return failure.kind == Kind::closed ? explain_closed(context, failure) : explain_not_http(context, failure);
}

}  // namespace

Problem explain_http(const Context& context, const HttpFailure& failure) {
    const Attempt& attempt = context.attempt;
    Problem problem = explain_kind(context, failure);
    problem.evidence.insert(problem.evidence.begin(), {"asked for", context.target(), "", {}});
    if (!attempt.method.empty()) problem.evidence.push_back({"method", shorten(attempt.method, 40), "", {}});
    add_body_seen(failure, problem);
    if (failure.error) add_fault(problem, *failure.error, failure.fault);
    add_first_bytes(problem, failure.first_bytes);
    problem.evidence.push_back({"its HTTP/1.1 (tried)", http1_instead(attempt), "", {}});
    problem.evidence.push_back({"its HTTP/2 (tried)", http2_instead(attempt), "", {}});
    return problem;
}

}  // namespace inspect::diagnosis
