// How HTTP/2 ended a request or its connection (RFC 9113 §5.4): who did, with which code, and what
// that code asks for.
#include <fmt/format.h>

#include "inspect/diagnosis/catalog.h"
#include "inspect/diagnosis/explain/certificate/certificate_case.h"
#include "inspect/diagnosis/explain/http_fault.h"
#include "inspect/diagnosis/response_seen.h"
#include "inspect/diagnosis/wording.h"
#include "inspect/http/http2/error_code.h"

namespace inspect::diagnosis {

namespace {

using http2::ErrorCode;

// What a server means by the code, and what helps.
Fix mend_of(const Context& context, ErrorCode code) {
    const std::string again = context.curl_again(context.attempt.tls);
    switch (code) {
        case ErrorCode::http_1_1_required:
            return {Actor::client,
                    "The server wants this request over HTTP/1.1 (RFC 9113 §7); let the client use that.",
                    again + " --http1.1"};
        case ErrorCode::enhance_your_calm:
            return {Actor::client, "The server finds that too much was asked of it: send fewer requests at a time.",
                    ""};
        case ErrorCode::refused_stream:
            return {Actor::client, "The server did not process the request: it may be sent again, later.", ""};
        case ErrorCode::protocol_error:
        case ErrorCode::compression_error:
        case ErrorCode::frame_size_error:
        case ErrorCode::flow_control_error:
            return {
                Actor::server,
                "Its log should say which frame or field it objects to. Compare with HTTP/1.1, where the same request may pass.",
                again + " --http1.1"};
        default: return {Actor::server, "Look into the server's log at this time.", again};
    }
}

std::string_view told_by(Http2Ending::By by) {
    switch (by) {
        case Http2Ending::By::reset: return "RST_STREAM";
        case Http2Ending::By::goaway: return "GOAWAY";
        case Http2Ending::By::breach: return "whytls";
        case Http2Ending::By::no_room: return "SETTINGS_MAX_CONCURRENT_STREAMS";
    }
    return "";
}

EvidenceRow code_row(const Http2Ending& ending) {
    return row("HTTP/2 error",
               fmt::format("{} (0x{:x}), by {}", http2_code(ending.code), ending.code, told_by(ending.by)),
               "RFC 9113 §7");
}

std::string title_of(const std::string& target, const Http2Ending& ending) {
    const std::string code = http2_code(ending.code);
    switch (ending.by) {
        case Http2Ending::By::reset: return fmt::format("{} reset the request: {} (HTTP/2)", target, code);
        case Http2Ending::By::goaway: return fmt::format("{} ended the connection: {} (HTTP/2)", target, code);
        case Http2Ending::By::no_room: return fmt::format("{} takes no request at a time (HTTP/2)", target);
        case Http2Ending::By::breach: break;
    }
    return fmt::format("{} broke a rule of HTTP/2: {}", target, ending.text.empty() ? code : shorten(ending.text, 60));
}

std::string detail_of(const Context& context, const HttpFailure& failure) {
    const Http2Ending::By by = failure.http2->by;
    if (by == Http2Ending::By::no_room)
        return "Its settings allow no stream on the connection, so the request was not sent (RFC 9113 §5.1.2).";
    return fmt::format("{}the request was sent over HTTP/2, and {} {}.", context.attempt.tls ? "TLS was fine; " : "",
                       by == Http2Ending::By::breach ? "what the server sent cannot be read as that"
                                                     : "the server ended it by that code",
                       failure.body ? "in the middle of its response" : "before its response");
}

}  // namespace

Problem explain_http2(const Context& context, const HttpFailure& failure) {
    const Http2Ending& ending = *failure.http2;
    const std::string target = shorten(context.target(), 60);
    Problem problem = problem_of(Code::upstream_http_error);
    problem.title = title_of(target, ending);
    const bool breach = ending.by == Http2Ending::By::breach;
    problem.detail = detail_of(context, failure);
    if (breach) {
        problem.fixes = {
            {Actor::server,
             "Compare with HTTP/1.1, where the same request may pass; an HTTP/2 library or a proxy before the server is "
             "mostly at fault.",
             context.curl_again(context.attempt.tls) + " --http1.1"}};
        offer_passthrough(context, problem);
    } else {
        problem.fixes = {mend_of(context, ErrorCode{ending.code})};
    }
    problem.evidence.push_back(code_row(ending));
    if (!ending.text.empty())
        problem.evidence.push_back(row(breach ? "what was broken" : "the server's words (GOAWAY)",
                                       shorten(ending.text, 300), "RFC 9113 §6.8"));
    return problem;
}

namespace {

// The offer was whytls's choice, so another client may reach the server.
void tell_our_offer(const Context& context, bool closed, Problem& problem) {
    problem.detail = fmt::format(
        "TLS was fine. For a client of HTTP/1.1, whytls offers a server http/1.1 first; this one agreed to no protocol, and {} "
        "Most likely it takes HTTP/2 only, and then the failure is a limit of whytls and no fault of the server's. {}",
        closed ? "closed the connection without a word." : "answered with its SETTINGS of HTTP/2.",
        closed
            ? "The request was not sent again: it cannot be known whether the server acted on it."
            : "The request was not sent again, for its content was not kept: it came in chunks, or was more than 1 MiB.");
    problem.our_limit = true;
    problem.fixes = {
        {Actor::client,
         "Send the request over HTTP/2. Through whytls it goes so by itself for the next 10 minutes, for it remembers "
         "what this server speaks: send it again, if it may be repeated. A GET first avoids this failure.",
         context.curl_again(true) + " --http2"}};
}

// The client's own offer was passed on, so it meets the same without whytls.
void tell_clients_offer(const Context& context, bool closed, const std::string& offer, Problem& problem) {
    problem.detail = fmt::format(
        "TLS was fine. The client offered {}, and so did whytls; the server agreed to no protocol, and {} "
        "Most likely it takes HTTP/2 only, which this client did not offer. Whether the server acted on the request cannot be "
        "known.",
        offer, closed ? "closed the connection without a word." : "answered with its SETTINGS of HTTP/2.");
    problem.fixes = {
        {Actor::client, "Let it offer h2 in its TLS handshake (ALPN), if it speaks HTTP/2.",
         context.curl_again(true) + " --http2"},
        {Actor::client,
         "For a client without HTTP/2, let whytls translate: ask for the URL by the gateway path, or use --reverse.",
         ""}};
    if (context.attempt.check) problem.fixes.pop_back();
}

}  // namespace

Problem explain_http2_only(const Context& context, const HttpFailure& failure) {
    const Attempt& attempt = context.attempt;
    const bool closed = failure.kind == HttpFailure::Kind::closed && failure.first_bytes.empty();
    Problem problem = problem_of(closed ? Code::upstream_closed : Code::upstream_http_error);
    problem.title = fmt::format("{} speaks HTTP/2 (tried); to this request over HTTP/1.1 it {}",
                                shorten(context.target(), 45), closed ? "gave no answer" : "answered in HTTP/2");
    problem.proof = Proof::likely;
    const std::string offer =
        attempt.alpn.empty() ? "no protocol (ALPN)" : fmt::format("{}", fmt::join(attempt.alpn, ", "));
    if (attempt.outside_tunnel)
        tell_our_offer(context, closed, problem);
    else
        tell_clients_offer(context, closed, offer, problem);
    problem.fixes.push_back(
        {Actor::server,
         "Let it refuse protocols that it does not speak by the alert no_application_protocol (RFC 7301 §3.2): then clients "
         "know before they send a request.",
         ""});
    problem.evidence = {row("protocols offered (ALPN)", offer, "RFC 7301 §3.2"), row("agreed on", "none")};
    return problem;
}

Problem explain_http2_answer(const Context& context) {
    const Attempt& attempt = context.attempt;
    Problem problem = problem_of(Code::upstream_http_error);
    problem.title = fmt::format("{} answered in HTTP/2 to a request in HTTP/1.1", shorten(context.target(), 60));
    if (!attempt.tls) {
        problem.detail =
            "Without TLS, whytls speaks HTTP/1.1 to servers; this one begins with SETTINGS, as servers do that speak HTTP/2 by prior "
            "knowledge only (RFC 9113 §3.3), gRPC's among them. That is a limit of whytls: the server may be right.";
        problem.our_limit = true;
        problem.fixes = {
            {Actor::client, "Ask it without whytls, by a client that speaks HTTP/2 without TLS.",
             context.curl_again(false) + " --http2-prior-knowledge"},
            {Actor::server, "Serve it over TLS with h2 (ALPN): that way HTTP/2 passes through whytls.", ""}};
        return problem;
    }
    const std::string agreed =
        attempt.handshake && !attempt.handshake->alpn.empty() ? attempt.handshake->alpn : "no protocol";
    problem.detail =
        fmt::format("TLS was fine; the server agreed to {} (ALPN), and then sent HTTP/2's SETTINGS.", agreed);
    problem.fixes = {
        {Actor::server,
         "Agree to h2 where the client offers it, and speak HTTP/1.1 where it does not, or refuse by the alert "
         "no_application_protocol (RFC 7301 §3.2).",
         context.curl_again(true)},
        {Actor::client, "Let it offer h2 in its TLS handshake (ALPN).", context.curl_again(true) + " --http2"}};
    problem.evidence = {row("agreed on (ALPN)", agreed, "RFC 7301 §3.2")};
    return problem;
}

Problem explain_http2_request(const RequestRejected& failure) {
    const Http2Ending& breach = *failure.http2;
    Problem problem = problem_of(Code::request_rejected);
    problem.title = fmt::format("the client broke a rule of HTTP/2: {}",
                                breach.text.empty() ? http2_code(breach.code) : shorten(breach.text, 60));
    problem.detail =
        "A request that is malformed gets no response in HTTP/2: its stream or its connection ends with a code (RFC 9113 §8.1.1, §5.4).";
    problem.evidence = {code_row(breach)};
    problem.fixes = {
        {Actor::client, "Compare with HTTP/1.1, if the client can use it; its HTTP/2 library is mostly at fault.", ""}};
    return problem;
}

}  // namespace inspect::diagnosis
