// A client that speaks HTTP/2 without having agreed on it: nothing is wrong with the client; whytls
// speaks HTTP/1.1 only.
#include <fmt/format.h>

#include "inspect/diagnosis/catalog.h"
#include "inspect/diagnosis/explain/certificate/certificate_case.h"
#include "inspect/diagnosis/explain/parts.h"
#include "inspect/diagnosis/wording.h"

namespace inspect::diagnosis {

std::optional<Problem> explain_http2_preface(const Context& context, const RequestRejected& failure) {
    constexpr std::string_view preface = "PRI * HTTP/2.0";  // RFC 9113 §3.4
    if (failure.error != http::MessageError::unsupported_version || !failure.first_bytes.starts_with(preface))
        return std::nullopt;
    const std::string& host = context.attempt.host;
    Problem problem = problem_of(Code::request_rejected);
    problem.title = fmt::format("the client speaks HTTP/2{}, and whytls only HTTP/1.1: a limit of whytls",
                                host.empty() ? "" : " with " + shorten(host, 40));
    problem.detail =
        "It began with HTTP/2's preface without waiting for an agreement (prior knowledge), as gRPC does. Nothing is wrong with that where the "
        "server speaks HTTP/2.";
    problem.our_limit = true;
    problem.evidence = {row("first bytes received", std::string(preface), "RFC 9113 §3.4"),
                        row("whytls speaks", "HTTP/1.1 and HTTP/1.0")};
    // A request with a host came in a tunnel, which can be left to the client.
    if (!host.empty())
        problem.fixes.push_back(pass_through(
            context,
            "Have the proxy let this host through untouched (--passthrough): its clients then speak HTTP/2 with "
            "it themselves, and nothing of it is explained."));
    problem.fixes.push_back(
        {Actor::client, "Let the client use HTTP/1.1, if it can; curl does with --http1.1. gRPC cannot.", ""});
    if (host.empty())
        problem.fixes.push_back(
            {Actor::client,
             "Or let it open a tunnel (CONNECT) with this proxy, and start the proxy with --passthrough for the host.",
             "whytls proxy --passthrough HOST"});
    return problem;
}

}  // namespace inspect::diagnosis
