// The client's own request, which whytls did not pass on: it cannot be read, is meant otherwise, or
// is not let in.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "inspect/diagnosis/catalog.h"
#include "inspect/diagnosis/explain/http_fault.h"
#include "inspect/diagnosis/first_bytes.h"
#include "inspect/diagnosis/shown_line.h"
#include "inspect/diagnosis/wording.h"
#include "inspect/gateway/mapping.h"

namespace inspect::diagnosis {

namespace {

std::string ask_proxy_itself(const Context& context) {
    const std::string& own = context.attempt.proxy_address;
    return fmt::format("curl -x http://{} http://why.tls/", own.empty() ? "127.0.0.1:8080" : own);
}

// The protocol of a client that takes this port for another kind of proxy: a TLS handshake record
// (RFC 8446 §5.1), or the version byte of SOCKS (RFC 1928 §3) before its first count or command.
std::string_view other_protocol(std::string_view bytes) {
    if (bytes.starts_with("\x16\x03")) return "TLS";
    if (bytes.starts_with('\x05')) return "SOCKS5";
    if (bytes.starts_with('\x04')) return "SOCKS4";
    return "";
}

Problem explain_user_information(const Context& context, const RequestRejected& failure) {
    const std::string asked = replaced(failure.first_bytes, "***@", "");
    const std::string proxy = "http://" + context.attempt.proxy_address;
    Problem problem = problem_of(Code::request_rejected);
    problem.title = "the URL holds a user name or a password, which is not taken there";
    problem.detail =
        "URLs are shown and logged on their way, so that credentials do not belong into them (RFC 9110 §4.2.4). A server is given them in an "
        "Authorization field, which passes through as it is.";
    problem.evidence = {{"asked for", shorten(failure.first_bytes, 200), "", {}}};
    problem.fixes = {
        {Actor::client,
         "Take them out of the URL and let the client send them as an Authorization field, as curl does with -u.",
         "curl -u USER:PASS " +
             (asked.starts_with('/') ? shell_word(proxy + asked) : "-x " + proxy + " " + shell_word(asked))}};
    return problem;
}

// "ftp" of "ftp://mirror.test/x", when that is the request's target and its scheme is not of the
// web; "" otherwise.
std::string_view other_scheme(const RequestRejected& failure) {
    const std::string_view target = failure.first_bytes, scheme = target.substr(0, target.find("://"));
    const bool named = failure.error == http::MessageError::bad_start_line && !scheme.empty() &&
                       scheme.size() < target.size() &&
                       std::ranges::all_of(scheme, [](char c) { return c >= 'a' && c <= 'z'; });
    return named && scheme != "http" && scheme != "https" ? scheme : "";
}

Problem explain_other_scheme(const RequestRejected& failure, std::string_view scheme) {
    Problem problem = problem_of(Code::request_rejected);
    problem.title = fmt::format("the client asked for {}, and whytls passes on only http and https",
                                shorten(failure.first_bytes, 45));
    problem.detail = fmt::format("A proxy would have to speak {} itself to fetch that URL.", shorten(scheme, 20));
    problem.evidence = {{"asked for", shorten(failure.first_bytes, 200), "", {}}};
    problem.fixes = {
        {Actor::client,
         fmt::format(
             "Let the client reach {} without this proxy: in the environment set http_proxy and https_proxy, not all_proxy.",
             shorten(scheme, 20)),
         ""}};
    return problem;
}

// "/https:///x": a request that HTTP allows, but no server follows the scheme.
Problem explain_gateway_path(const Context& context, const RequestRejected& failure) {
    const std::string_view path = failure.first_bytes;
    std::string_view server = path.substr(path.find(':') + 1);
    for (int slashes = 0; slashes < 2 && server.starts_with('/'); ++slashes) server.remove_prefix(1);
    server = server.substr(0, server.find_first_of("/?#"));
    Problem problem = problem_of(Code::request_rejected);
    problem.title = fmt::format("the path {} names no server that could be asked", shorten(path, 60));
    problem.detail =
        "A path that begins with /https:// or /http:// leads to the server named next, as HOST or HOST:PORT.";
    problem.evidence = {{"asked for", shorten(path, 200), "", {}},
                        {"in the server's place", server.empty() ? "nothing" : shorten(server, 100), "", {}},
                        {"expected there", "HOST or HOST:PORT, a port from 1 to 65535", "", {}}};
    problem.fixes = {{Actor::client, "Write the server's name after the scheme.",
                      "curl " + shell_word("http://" + context.attempt.proxy_address + "/https://api.example.com/")}};
    return problem;
}

Fix ask_listener(const Context& context) {
    return {Actor::client, "Use http:// in the client's URL: this listener takes HTTP requests.",
            "curl " + shell_word("http://" + context.attempt.proxy_address + "/")};
}

// Mostly only stderr shows it: a client that waits for TLS, for example, cannot read the answer.
Problem explain_protocol_at_reverse(const Context& context, const RequestRejected& failure, std::string_view spoken) {
    const std::string& listener = context.attempt.proxy_address;
    const bool tls = spoken == "TLS";
    Problem problem = problem_of(Code::request_rejected);
    problem.title = fmt::format("the client speaks {} to {}, which takes plain HTTP{}", spoken, listener,
                                tls ? fmt::format("; did you mean http://{}/?", listener) : "");
    problem.detail =
        "This reverse listener, which is no proxy, was started without --listen-tls: what it takes is http.";
    problem.evidence = {{"expected", "an HTTP request", "", {}}};
    add_first_bytes(problem, failure.first_bytes);
    problem.fixes = {ask_listener(context)};
    if (tls)
        problem.fixes.push_back({Actor::client, "To have whytls speak TLS there, start it with --listen-tls.", ""});
    return problem;
}

Problem explain_large_request(const Context& context, const RequestRejected& failure, Problem problem) {
    problem.detail =
        "The request may be right: the limit is whytls's own, and it can be raised. Servers have limits too, many of 8 KiB.";
    add_fault(problem, failure.error, failure.fault);
    problem.fixes = {raise_max_header(context, failure.fault)};
    const auto& largest = failure.fault.largest;
    if (!largest.empty() && http::same_name(largest.front().name, "Cookie"))
        problem.fixes.push_back(
            {Actor::client, "If the cookies have only piled up, delete those of this host in the client.", ""});
    offer_passthrough(context, problem);
    return problem;
}

Problem explain_protocol_at_proxy(const Context& context, const RequestRejected& failure, std::string_view spoken) {
    Problem problem = problem_of(Code::request_rejected);
    problem.title = fmt::format("the client speaks {} to the proxy's HTTP port", spoken);
    problem.detail =
        "Its first bytes are no HTTP request: the proxy's own address is written with another scheme, or in the field for "
        "another kind of proxy.";
    problem.evidence = {{"expected", "an HTTP request, such as CONNECT", "", {}}};
    add_first_bytes(problem, failure.first_bytes);
    problem.fixes = {
        {Actor::client,
         "Begin the proxy URL with http://, for https:// targets too: it says how to speak to the proxy, not to the server.",
         ask_proxy_itself(context)}};
    return problem;
}

Problem explain_stalled(const RequestRejected& failure) {
    Problem problem = problem_of(Code::request_rejected);
    problem.title = fmt::format("the client stopped in the middle of its request: no byte of the body came for {}",
                                seconds_text(failure.stalled));
    problem.detail = "The server has not answered what it got so far, and the connection to it was closed.";
    problem.evidence = {{"what is wrong", "the body stopped coming", "RFC 9110 §15.5.9", {}}};
    problem.fixes = {
        {Actor::client, "Send the whole body that Content-Length or the chunks announce.", ""},
        {Actor::client, "If the client needs longer pauses, raise the limit.", "whytls proxy --idle-timeout 900"}};
    return problem;
}

}  // namespace

Problem explain_request(const Context& context, const RequestRejected& failure) {
    if (failure.user_information) return explain_user_information(context, failure);
    if (const std::string_view scheme = other_scheme(failure); !scheme.empty())
        return explain_other_scheme(failure, scheme);
    if (failure.error == http::MessageError::bad_start_line && http::names_gateway(failure.first_bytes))
        return explain_gateway_path(context, failure);
    if (failure.http2) return explain_http2_request(failure);
    const std::string_view spoken = other_protocol(failure.first_bytes);
    if (failure.at_reverse && !spoken.empty()) return explain_protocol_at_reverse(context, failure, spoken);
    if (!spoken.empty() && context.attempt.host.empty()) return explain_protocol_at_proxy(context, failure, spoken);
    if (failure.stalled > 0) return explain_stalled(failure);
    Problem problem = problem_of(Code::request_rejected);
    const bool to_whom = !context.attempt.host.empty();
    const bool large = failure.error == http::MessageError::head_too_large && failure.fault.limit > 0;
    problem.title =
        fmt::format("the request{} was not passed on{}: {}", to_whom ? " to " + shorten(context.attempt.host, 50) : "",
                    context.attempt.request_sent ? " to its end" : "",
                    large ? too_large(failure.fault) + " (--max-header)" : short_words(failure.error, failure.fault));
    if (large) return explain_large_request(context, failure, std::move(problem));
    problem.detail =
        failure.error == http::MessageError::ambiguous_length
            ? "Two readers could disagree on where such a request ends, which is how requests are smuggled; so it must be "
              "refused (RFC 9112 §6.3)."
            : "The client sent something that HTTP/1.1 does not allow, so it was refused here.";
    add_fault(problem, failure.error, failure.fault);
    add_first_bytes(problem, failure.first_bytes);
    if (failure.error == http::MessageError::bad_host)
        problem.fixes = {
            {Actor::client, "Send one Host field with the host and port of the URL, in requests to a proxy too.", ""}};
    else if (failure.error != http::MessageError::not_http)
        problem.fixes = {
            {Actor::client,
             "Correct the request; a client library that writes its own Content-Length or Transfer-Encoding is the usual cause.",
             ""}};
    else if (failure.at_reverse)
        problem.fixes = {ask_listener(context)};
    else
        problem.fixes = {
            {Actor::client,
             "Set the proxy as an HTTP proxy in the client: not as SOCKS, and with http:// in its own address.",
             ask_proxy_itself(context)}};
    return problem;
}

Problem explain_not_a_proxy(const NotAProxy& failure) {
    const std::string listener = shorten(failure.listener, 40), serves = shorten(failure.serves, 45);
    Problem problem = problem_of(Code::request_rejected);
    problem.title = fmt::format("{} is a reverse for {}, not a proxy", listener, serves);
    problem.detail =
        "Every request to a reverse listener goes to its one server; it opens no tunnels and leads to no other server. The client has "
        "this listener set as its proxy.";
    problem.evidence = {{"asked for", shorten(failure.asked, 200), "", {}},
                        {"this listener serves", failure.serves, "--reverse", {}}};
    EvidenceRow proxies{"proxies listening here", failure.proxies.empty() ? "none" : "", "", failure.proxies};
    problem.evidence.push_back(std::move(proxies));
    if (!failure.proxies.empty()) {
        const std::string& proxy = failure.proxies.front();
        problem.fixes.push_back({Actor::client,
                                 fmt::format("Set the client's proxy to http://{}, which is one.", proxy),
                                 fmt::format("curl -x http://{} http://why.tls/", proxy)});
    } else {
        problem.fixes.push_back({Actor::client, "Start a proxy for such clients: a --listen without a --reverse.",
                                 "whytls proxy --listen 127.0.0.1:8080"});
    }
    problem.fixes.push_back(
        {Actor::client,
         fmt::format(
             "To reach {} through this listener, take the proxy out of the client's settings, and use the listener's address in "
             "the URL instead.",
             serves),
         "curl --noproxy '*' " + shell_word(failure.listener + "/")});
    return problem;
}

namespace {

// A client's call with the proxy's credentials, in the way that it came in. What it asks for is an
// example: the target may contain secrets.
std::string with_credentials(const Attempt& attempt, NotAuthorized::Way way) {
    const std::string& proxy = attempt.proxy_address;
    switch (way) {
        case NotAuthorized::Way::proxy:
            return fmt::format("curl -x http://{} --proxy-user USER:PASS http://example.com/", proxy);
        case NotAuthorized::Way::socks:
            return fmt::format("curl -x socks5h://{} --proxy-user USER:PASS http://example.com/", proxy);
        case NotAuthorized::Way::gateway: break;
    }
    return fmt::format(
        "curl -H \"Proxy-Authorization: Basic $(printf %s 'USER:PASS' | base64)\" http://{}/https://example.com/",
        proxy);
}

}  // namespace

Problem explain_not_authorized(const Context& context, const NotAuthorized& failure) {
    Problem problem = problem_of(Code::proxy_authentication_required);
    problem.title = failure.tried ? "the user name or the password that the client gave this proxy is wrong"
                                  : "this proxy asks for a user name and a password, and the client gave none";
    const bool gateway = failure.way == NotAuthorized::Way::gateway;
    problem.detail =
        std::string("It was started with --proxy-auth. ") +
        (gateway
             ? "On the gateway path the credentials go into a header field of their own, for Authorization is the server's."
             : "The credentials belong into the proxy's own URL, or into the client's proxy settings.");
    if (failure.java && !failure.tried)
        problem.detail +=
            " Java sends no Basic credentials for tunnels, whatever its Authenticator knows, while jdk.http.auth.tunneling.disabledSchemes "
            "holds Basic, as it does since JDK 8u111.";
    problem.evidence = {{"Proxy-Authorization",
                         failure.tried ? "another one" : "none",
                         "expected: Basic, the one of --proxy-auth",
                         {}}};
    problem.fixes = {{Actor::client, "Give the client the credentials that the proxy was started with.",
                      with_credentials(context.attempt, failure.way)}};
    if (failure.java && !failure.tried)
        problem.fixes.insert(
            problem.fixes.begin(),
            {Actor::client,
             "Let Java send them: start it with an empty jdk.http.auth.tunneling.disabledSchemes, or set that in "
             "conf/net.properties of the JDK.",
             "java -Djdk.http.auth.tunneling.disabledSchemes= …"});
    return problem;
}

Problem explain_cross_site(const Context& context, const CrossSiteRefused& failure) {
    using Sign = http::CrossSite::Sign;
    const std::string value = shorten(failure.seen.value, 50);
    const std::string target = shorten(url_of(context.attempt.host, context.attempt.port, context.attempt.tls), 60);
    Problem problem = problem_of(Code::cross_site_request);
    problem.evidence = {{"asked for", shorten(failure.asked, 200), "", {}}};
    switch (failure.seen.sign) {
        case Sign::host:
            problem.title =
                fmt::format("the gateway path was asked for under the name {}, which is not this listener's", value);
            problem.detail =
                "A page whose own name leads to this machine could read whatever the gateway path reaches (DNS rebinding), so only "
                "addresses, localhost and the hosts of --allow-origin are taken for the listener's name.";
            problem.evidence.push_back(
                {"Host of the request", value, fmt::format("expected {} or localhost", failure.listener), {}});
            problem.fixes = {
                {Actor::client, "Name the listener by its address.",
                 "curl " + shell_word(fmt::format("http://{}/{}", failure.listener, target))},
                {Actor::client, "If the name is this machine's own and no one else can say where it leads, allow it.",
                 "whytls proxy --allow-origin " + shell_word(shorten(failure.origin, 100))}};
            return problem;
        case Sign::origin:
            problem.title =
                fmt::format("{} asked for {} through the gateway path",
                            value == "null" ? "a page that hides its origin" : "a page of " + value, target);
            problem.evidence.push_back(
                {"Origin of the page", value, fmt::format("expected http://{}", failure.listener), {}});
            break;
        case Sign::fetch_site:
            problem.title = fmt::format("a page of another site asked for {} through the gateway path", target);
            problem.evidence.push_back({"Sec-Fetch-Site", value, "expected same-origin or none", {}});
            break;
        case Sign::user_agent:
            problem.title =
                fmt::format("a browser asked for {} through the gateway path, and nothing says for which page", target);
            problem.detail =
                "Over plain HTTP to another machine browsers leave out what tells whether you typed the address or some page asks behind "
                "your back.";
            problem.evidence.push_back({"User-Agent", value, "", {}});
            problem.fixes = {
                {Actor::client, "Use the browser on the machine of whytls, with localhost or 127.0.0.1 in the address.",
                 ""},
                {Actor::client, "Or set the proxy in the browser's settings, and open the server's own address.", ""},
                {Actor::client, "If you trust every page that this browser opens, let all of them ask.",
                 "whytls proxy --allow-origin '*'"}};
            return problem;
    }
    problem.detail =
        "Any page can aim a browser at this listener, and through the gateway path at every server that this machine reaches. So only the "
        "listener's own pages may, and those of the origins that --allow-origin names.";
    const bool named = failure.seen.sign == Sign::origin && failure.seen.value != "null";
    problem.fixes = {
        {Actor::client,
         named ? "If that page is yours, allow its origin."
               : "If that page is yours, allow its origin: what its address begins with up to the path, for example "
                 "http://localhost:3000. The request does not tell which it is.",
         "whytls proxy --allow-origin " + (named ? shell_word(failure.seen.value) : "ORIGIN")},
        {Actor::client, "To open the address yourself, type it into the address bar.", ""}};
    return problem;
}

}  // namespace inspect::diagnosis
