// The server's connection ended before its response did: before its first byte, inside its head, or
// inside its body.
#include <fmt/format.h>

#include "inspect/diagnosis/catalog.h"
#include "inspect/diagnosis/explain/parts.h"
#include "inspect/diagnosis/wording.h"

namespace inspect::diagnosis {

namespace {

// "7 of 1000 bytes", "7 bytes"
std::string amount(const BodySeen& body) {
    return body.announced ? fmt::format("{} of {}", body.bytes, counted(*body.announced, "byte"))
                          : counted(body.bytes, "byte");
}

bool is_unanswered(const Attempt& attempt) {
    const auto* response = std::get_if<HttpFailure>(&attempt.failure);
    if (response)
        return response->kind != HttpFailure::Kind::not_http && !response->served_before && !response->body &&
               response->first_bytes.empty();
    return std::holds_alternative<tls::HandshakeFailure>(attempt.failure);
}

}  // namespace

void tell_of_resumption(const Context& context, Problem& problem) {
    const Attempt& attempt = context.attempt;
    if (!attempt.handshake || !attempt.handshake->resumed || !is_unanswered(attempt)) return;
    problem.detail +=
        " The connection had resumed the TLS session of an earlier one, as browsers do. Whether the server does this only then was "
        "not tried: the request was not sent twice.";
    problem.fixes.insert(
        problem.fixes.begin(),
        {Actor::client,
         "If the request may be repeated, send it again through a proxy that resumes no session: if that "
         "succeeds each time and this does not, tell the server's operator.",
         "whytls proxy --resumption off"});
}

void add_body_seen(const HttpFailure& failure, Problem& problem) {
    if (!failure.body) return;
    problem.evidence.push_back(
        {"body received", amount(*failure.body), failure.body->announced ? "Content-Length" : "", {}});
    if (failure.body->passed_on)
        problem.detail +=
            " What came until then had been passed on, so the client's connection was reset: it must not take that for the whole.";
}

Problem explain_closed(const Context& context, const HttpFailure& failure) {
    const Attempt& attempt = context.attempt;
    const std::string target = shorten(context.target(), 60);
    const std::string secured = attempt.tls ? "TLS was fine; " : "";
    Problem problem = problem_of(Code::upstream_closed);
    problem.title = failure.body
                        ? fmt::format("{} closed the connection in the middle of a response, after {} of its body",
                                      target, amount(*failure.body))
                        : fmt::format("{} closed the connection before its response was complete", target);
    problem.detail =
        secured +
        "the request was sent, and the connection ended before the whole answer came. Whether the server acted on it cannot be "
        "known.";
    problem.fixes = {
        {Actor::server,
         "Look into the server's log at this time: a crash, a worker's time-out or a load balancer's idle limit do this.",
         ""},
        {Actor::client,
         attempt.check ? "Ask for the same with another client to compare."
                       : "Try again without the proxy to compare, if the request may be repeated.",
         context.curl_again(attempt.tls)}};
    if (failure.while_idle) {
        problem.detail =
            secured +
            "the request was sent over a connection that had served another one, and the server closed that without a byte of "
            "an answer, perhaps because it was idle too long. Whether the server acted on the request cannot be known. It was "
            "not sent again over a fresh connection: its body had grown beyond the 1 MiB that is kept for that.";
        problem.fixes = {
            {Actor::client, "Send the request again; the next one goes over a fresh connection.", ""},
            {Actor::server,
             "Keep idle connections open for longer than clients reuse them, or answer with Connection: close before closing.",
             ""}};
    } else if (failure.perhaps_http2 && attempt.experiments.empty()) {
        problem.detail +=
            " It had been offered http/1.1 and agreed to no protocol (ALPN): a server that takes HTTP/2 only may do so.";
        problem.fixes.back() = {Actor::client, "Compare with HTTP/2, if the request may be repeated.",
                                context.curl_again(true) + " --http2"};
    } else if (!attempt.tls && failure.first_bytes.empty() && !failure.served_before) {
        problem.detail += " Not a byte came, which is also how a port that speaks TLS answers plain HTTP.";
        problem.fixes.insert(
            problem.fixes.begin(),
            {Actor::client, "If this port speaks TLS, did you mean https:// in the URL?", context.curl_again(true)});
    }
    return problem;
}

}  // namespace inspect::diagnosis
