// What went wrong after the handshake: the server's response, or the client's own request.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "inspect/diagnosis/catalog.h"
#include "inspect/diagnosis/explain/parts.h"
#include "inspect/diagnosis/first_bytes.h"
#include "inspect/diagnosis/shown_line.h"
#include "inspect/diagnosis/wording.h"
#include "inspect/gateway/mapping.h"
#include "inspect/http/http1/framing.h"

namespace inspect::diagnosis {

namespace {

std::string_view words(http::MessageError error) {
    switch (error) {
        case http::MessageError::not_http: return "the bytes are no HTTP message";
        case http::MessageError::head_too_large: return "the head is too large";
        case http::MessageError::bad_start_line: return "the first line is malformed";
        case http::MessageError::bad_field: return "a header field is malformed";
        case http::MessageError::bad_host: return "it does not name its host in exactly one Host field";
        case http::MessageError::ambiguous_length: return "the body's length is ambiguous";
        case http::MessageError::bad_chunk: return "a chunk of the body is malformed";
        case http::MessageError::unsupported_version: return "the HTTP version is not supported";
        case http::MessageError::truncated: return "the message was cut off";
    }
    return "";
}

std::string_view rule(http::MessageError error) {
    switch (error) {
        case http::MessageError::not_http:
        case http::MessageError::bad_start_line: return "RFC 9112 §3 and §4";
        case http::MessageError::unsupported_version: return "RFC 9112 §2.3";
        case http::MessageError::head_too_large:
        case http::MessageError::bad_field: return "RFC 9112 §5";
        case http::MessageError::bad_host: return "RFC 9112 §3.2";
        case http::MessageError::ambiguous_length: return "RFC 9112 §6.3";
        case http::MessageError::bad_chunk: return "RFC 9112 §7.1";
        case http::MessageError::truncated: return "RFC 9112 §8";
    }
    return "";
}

std::string ask_proxy_itself(const Context& context) {
    const std::string& own = context.attempt.proxy_address;
    return fmt::format("curl -x http://{} http://why.tls/", own.empty() ? "127.0.0.1:8080" : own);
}

// What a client speaks that takes this port for another kind of proxy: a TLS handshake record (RFC 8446 §5.1), or the
// version byte of SOCKS (RFC 1928 §3) before its first count or command.
std::string_view other_protocol(std::string_view bytes) {
    if (bytes.starts_with("\x16\x03")) return "TLS";
    if (bytes.starts_with('\x05')) return "SOCKS5";
    if (bytes.starts_with('\x04')) return "SOCKS4";
    return "";
}

// A print before the head, most often of an empty line only.
bool begins_with_empty_line(std::string_view bytes) {
    const std::size_t begin = bytes.find_first_not_of("\r\n");
    return begin != 0 && begin != std::string_view::npos && bytes.substr(begin).starts_with("HTTP/");
}

void add_first_bytes(Problem& problem, std::string_view bytes) {
    if (bytes.empty()) return;
    const std::string_view body = begins_body(bytes);
    std::string shown = show_first_bytes(bytes);
    if (begins_with_empty_line(bytes)) shown = std::string(bytes.substr(0, bytes.find_first_of("\r\n", bytes.find_first_not_of("\r\n"))));
    problem.evidence.push_back(
        {"first bytes received",
         body.empty() ? replaced(without_secrets(shown), "  ", "\\x20\\x20") : fmt::format("(not shown: they look like {})", body),
         "",
         {}});
}

std::string size_text(std::size_t bytes) {
    constexpr std::size_t kib = 1024, mib = kib * kib;
    if (bytes % mib == 0 && bytes > 0) return fmt::format("{} MiB", bytes / mib);
    if (bytes % kib == 0 && bytes > 0) return fmt::format("{} KiB", bytes / kib);
    return counted(bytes, "byte");
}

std::string too_large(const http::Fault& fault) {
    return fmt::format("{} is larger than {}", fault.in_trailers ? "the trailer section" : "the head", size_text(fault.limit));
}

// "Content-Length is +3, which is no length"; "" for one that can be read, and for several.
std::string bad_length(const http::Fault& fault) {
    if (fault.lengths.size() != 1 || !http::same_name(fault.lengths.front().name, "Content-Length")) return "";
    const std::string& value = fault.lengths.front().value;
    if (value.empty()) return "Content-Length is empty";
    if (http::parse_length(value)) return "";
    const bool digits = value.find_first_not_of("0123456789") == std::string::npos;
    return fmt::format("Content-Length is {}, which is {}", shorten(value, 30), digits ? "larger than any body can be" : "no length");
}

// "Content-Length is 5 and 7"; "" unless it stands more than once.
std::string several_lengths(const http::Fault& fault) {
    std::string values;
    std::size_t count = 0;
    for (const http::Field& field : fault.lengths) {
        if (!http::same_name(field.name, "Content-Length") || ++count > 3) continue;
        values += (values.empty() ? "" : " and ") + shorten(field.value, 20);
    }
    return count > 1 ? fmt::format("Content-Length is {}{}", values, count > 3 ? " and more" : "") : "";
}

// Shows the first byte that is no chunk framing, and no more: what follows it may be the body's.
std::string broken_chunk(std::uint8_t byte) {
    const std::string sign = byte > 0x20 && byte < 0x7F ? fmt::format(" (\"{}\")", static_cast<char>(byte)) : "";
    return fmt::format(
        "a chunk of the body is malformed: the byte 0x{:02x}{} stands where a size in hexadecimal, CRLF, that many bytes and CRLF should "
        "go "
        "on",
        byte, sign);
}

// The words of an error with what is known of the place.
std::string exact_words(http::MessageError error, const http::Fault& fault) {
    if (error == http::MessageError::head_too_large && fault.limit > 0) return too_large(fault);
    if (std::string length = bad_length(fault); !length.empty()) return length;
    if (error == http::MessageError::bad_chunk && fault.byte) return broken_chunk(*fault.byte);
    const std::string lengths = several_lengths(fault), place = lengths.empty() ? describe(fault) : lengths;
    return place.empty() ? std::string(words(error)) : fmt::format("{}: {}", words(error), place);
}

// The same for a title.
std::string short_words(http::MessageError error, const http::Fault& fault) {
    if (std::string length = bad_length(fault); !length.empty()) return length;
    const std::string lengths = several_lengths(fault);
    return std::string(words(error)) + (lengths.empty() ? "" : " (" + lengths + ")");
}

void add_fault(Problem& problem, http::MessageError error, const http::Fault& fault) {
    problem.evidence.push_back({"what is wrong", exact_words(error, fault), std::string(rule(error)), {}});
    if (fault.limit > 0) problem.evidence.push_back({"limit", size_text(fault.limit), "--max-header", {}});
    EvidenceRow largest{"largest in it", "", "", {}};
    for (const http::Fault::Size& each : fault.largest) {
        const std::string name = each.name.empty() ? "its first line" : shorten(each.name, 40);
        largest.values.push_back(each.fields > 1 ? fmt::format("{}: {} in {} fields", name, counted(each.bytes, "byte"), each.fields)
                                                 : fmt::format("{}: {}", name, counted(each.bytes, "byte")));
    }
    largest.note = "as far as it was read";
    if (!largest.values.empty()) problem.evidence.push_back(std::move(largest));
    if (fault.line > 1) problem.evidence.push_back({fmt::format("line {}", fault.line), shown_line(fault), "", {}});
    for (const http::Field& field : fault.lengths) {
        const auto same =
            std::ranges::find_if(problem.evidence, [&](const EvidenceRow& row) { return http::same_name(row.label, field.name); });
        if (same == problem.evidence.end()) {
            problem.evidence.push_back({field.name, field.value.empty() ? "(empty)" : shorten(field.value, 60), "", {}});
            continue;
        }
        if (same->values.empty()) same->values = {std::exchange(same->value, {})};
        same->values.push_back(shorten(field.value, 60));
    }
}

// A tunnel that nobody reads passes everything on; plain HTTP has none.
void offer_passthrough(const Context& context, Problem& problem) {
    const Attempt& attempt = context.attempt;
    if (!attempt.tls || attempt.host.empty() || attempt.check) return;
    problem.fixes.push_back({Actor::client,
                             "To go round whytls for this host: with --passthrough its tunnels pass as they are, for clients that have "
                             "whytls as their proxy; then nothing in them is explained.",
                             "whytls proxy --passthrough " + shell_word(attempt.host)});
}

// Four times as much, as far as the option goes (proxy/command/limit_options).
std::string raise_limit(std::size_t limit) {
    constexpr std::size_t kib = 1024, most = 16 * kib * kib;
    const std::size_t raised = std::min(limit * 4, most);
    return fmt::format("whytls proxy --max-header {}K", (raised + kib - 1) / kib);
}

Fix raise_max_header(const Context& context, const http::Fault& fault) {
    return {Actor::client, "Raise the limit of whytls with --max-header.", context.attempt.check ? "" : raise_limit(fault.limit)};
}

Problem explain_large_response(const Context& context, const HttpFailure& failure) {
    const std::string target = shorten(context.target(), 50);
    Problem problem = problem_of("upstream_http_error");
    problem.title = fmt::format("the response of {} is too large for whytls: {} (--max-header)", target, too_large(failure.fault));
    problem.detail =
        std::string(context.attempt.tls ? "TLS was fine, and" : "") + (context.attempt.tls ? " the" : "The") +
        " response may be right: the limit is whytls's own, and it can be raised. Other programs have limits too (Node's is 16 "
        "KiB), so smaller heads reach more clients.";
    problem.fixes = {raise_max_header(context, failure.fault)};
    offer_passthrough(context, problem);
    problem.fixes.push_back({Actor::server, "Send less in the header fields, if it is more than was meant: Set-Cookie most of all.",
                             context.curl_again(context.attempt.tls)});
    return problem;
}

Problem explain_unasked_switch(const Context& context, const UnaskedSwitch& seen) {
    const std::string target = shorten(context.target(), 60);
    Problem problem = problem_of("upstream_http_error");
    const std::string protocol = seen.chosen.empty() ? "another protocol" : shorten(seen.chosen, 40);
    problem.title = seen.request_complete ? fmt::format("{} switched to {}, which the request did not ask for", target, protocol)
                                          : fmt::format("{} switched to {} before it had the whole request", target, protocol);
    problem.detail = std::string(context.attempt.tls ? "TLS was fine; " : "") +
                     "a server may answer with 101 (Switching Protocols) only to a whole request that offers that protocol in its Upgrade "
                     "field. What follows would be read as HTTP by one side and as something else by the other.";
    problem.evidence = {{"offered by the request", seen.offered.empty() ? "nothing" : shorten(seen.offered, 100), "RFC 9110 §7.8", {}},
                        {"chosen by the server", seen.chosen.empty() ? "not named" : shorten(seen.chosen, 100), "", {}}};
    problem.fixes = {{Actor::server,
                      "Answer with 101 only where the request offers that protocol, and name it in Upgrade; else serve the request in "
                      "HTTP/1.1. A reverse proxy must not add an Upgrade of its own to what it forwards.",
                      context.curl_again(context.attempt.tls)}};
    offer_passthrough(context, problem);
    return problem;
}

// Where such a response is mostly made.
std::string_view mend_of(std::optional<http::MessageError> error) {
    switch (error.value_or(http::MessageError::not_http)) {
        case http::MessageError::bad_chunk:
            return "Check what frames the body: let the server's HTTP library write the chunks. A script that announces chunked and writes "
                   "the bare body, or a size that is not the data's, are common.";
        case http::MessageError::ambiguous_length:
            return "Send one length of the body: one Content-Length that is a number, or chunks. A second field is mostly added by a "
                   "script, "
                   "or by a proxy before the server.";
        case http::MessageError::unsupported_version: return "Answer in HTTP/1.1 where that was asked for.";
        default:
            return "Check what the server writes before and between its header lines; a print in a CGI script or a line break in a field's "
                   "value are common.";
    }
}

}  // namespace

Problem explain_http(const Context& context, const HttpFailure& failure) {
    const Attempt& attempt = context.attempt;
    const std::string target = shorten(context.target(), 60);
    const std::string secured = attempt.tls ? "TLS was fine; " : "";
    Problem problem;
    switch (failure.kind) {
        case HttpFailure::Kind::not_http: {
            if (failure.unasked_switch) {
                problem = explain_unasked_switch(context, *failure.unasked_switch);
                break;
            }
            if (failure.error == http::MessageError::head_too_large && failure.fault.limit > 0) {
                problem = explain_large_response(context, failure);
                break;
            }
            problem = problem_of("upstream_http_error");
            const bool empty_line = begins_with_empty_line(failure.first_bytes);
            const bool begins_well = empty_line || failure.first_bytes.starts_with("HTTP/");
            const Answerer answerer = recognise_first_bytes(failure.first_bytes, attempt.port);
            const bool other = !answerer.protocol.empty() && answerer.protocol != "HTTP";
            problem.title = other           ? fmt::format("{} answered with {}, not with an HTTP response", target, answerer.protocol)
                            : empty_line    ? fmt::format("the response of {} is not valid HTTP: an empty line stands before it", target)
                            : failure.error ? fmt::format("the response of {} is not valid HTTP: {}", target,
                                                          short_words(*failure.error, failure.fault))
                                            : fmt::format("the response of {} is not valid HTTP", target);
            problem.detail = secured + "what came back after the request cannot be read as an HTTP/1.1 response.";
            if (begins_well) problem.detail += " Some clients overlook this; whytls passes on only what every reader understands alike.";
            problem.fixes = {{Actor::server, std::string(mend_of(failure.error)), context.curl_again(context.attempt.tls)}};
            if (!begins_well) problem.fixes.push_back({Actor::client, "Check that this port serves HTTP.", ""});
            if (other)
                problem.fixes = {
                    {Actor::client,
                     fmt::format("This port does not serve HTTP: it speaks {}. Use the port of the web server.", answerer.protocol), ""}};
            else
                offer_passthrough(context, problem);
            break;
        }
        case HttpFailure::Kind::closed: problem = explain_closed(context, failure); break;
        case HttpFailure::Kind::timed_out:
            problem = problem_of("upstream_timeout");
            problem.title = attempt.timeout_seconds > 0 ? fmt::format("{} took the request but sent no response within {}", target,
                                                                      seconds_text(attempt.timeout_seconds))
                                                        : fmt::format("{} took the request but sent no response in time", target);
            problem.detail = secured + "the request was sent, and no first byte of an answer came.";
            problem.fixes = {{Actor::server, "Find out what the request waits for: a slow query, a lock, another service.", ""},
                             {Actor::client, "If the answer is known to take long, raise the limit (0 waits for ever).",
                              "whytls proxy --response-timeout 900"}};
            break;
    }
    problem.evidence.insert(problem.evidence.begin(), {"asked for", context.target(), "", {}});
    if (!attempt.method.empty()) problem.evidence.push_back({"method", shorten(attempt.method, 40), "", {}});
    add_body_seen(failure, problem);
    if (failure.error) add_fault(problem, *failure.error, failure.fault);
    add_first_bytes(problem, failure.first_bytes);
    return problem;
}

namespace {

Problem explain_user_information(const Context& context, const RequestRejected& failure) {
    const std::string asked = replaced(failure.first_bytes, "***@", "");
    const std::string proxy = "http://" + context.attempt.proxy_address;
    Problem problem = problem_of("request_rejected");
    problem.title = "the URL holds a user name or a password, which is not taken there";
    problem.detail =
        "URLs are shown and logged on their way, so that credentials do not belong into them (RFC 9110 §4.2.4). A server is given them in "
        "an "
        "Authorization field, which passes through as it is.";
    problem.evidence = {{"asked for", shorten(failure.first_bytes, 200), "", {}}};
    problem.fixes = {
        {Actor::client, "Take them out of the URL and let the client send them as an Authorization field, as curl does with -u.",
         "curl -u USER:PASS " + (asked.starts_with('/') ? shell_word(proxy + asked) : "-x " + proxy + " " + shell_word(asked))}};
    return problem;
}

// "ftp" of "ftp://mirror.test/x", where that is the request's target and no scheme of the web; "" otherwise.
std::string_view other_scheme(const RequestRejected& failure) {
    const std::string_view target = failure.first_bytes, scheme = target.substr(0, target.find("://"));
    const bool named = failure.error == http::MessageError::bad_start_line && !scheme.empty() && scheme.size() < target.size() &&
                       std::ranges::all_of(scheme, [](char c) { return c >= 'a' && c <= 'z'; });
    return named && scheme != "http" && scheme != "https" ? scheme : "";
}

Problem explain_other_scheme(const RequestRejected& failure, std::string_view scheme) {
    Problem problem = problem_of("request_rejected");
    problem.title = fmt::format("the client asked for {}, and whytls passes on only http and https", shorten(failure.first_bytes, 45));
    problem.detail = fmt::format("A proxy would have to speak {} itself to fetch that URL.", shorten(scheme, 20));
    problem.evidence = {{"asked for", shorten(failure.first_bytes, 200), "", {}}};
    problem.fixes = {
        {Actor::client,
         fmt::format("Let the client reach {} without this proxy: in the environment set http_proxy and https_proxy, not all_proxy.",
                     shorten(scheme, 20)),
         ""}};
    return problem;
}

// "/https:///x": a request that HTTP allows, but after the scheme stands no server.
Problem explain_gateway_path(const Context& context, const RequestRejected& failure) {
    const std::string_view path = failure.first_bytes;
    std::string_view server = path.substr(path.find(':') + 1);
    for (int slashes = 0; slashes < 2 && server.starts_with('/'); ++slashes) server.remove_prefix(1);
    server = server.substr(0, server.find_first_of("/?#"));
    Problem problem = problem_of("request_rejected");
    problem.title = fmt::format("the path {} names no server that could be asked", shorten(path, 60));
    problem.detail = "A path that begins with /https:// or /http:// leads to the server named next, as HOST or HOST:PORT.";
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

// Mostly stderr alone tells it: a client that waits for TLS, say, cannot read the answer.
Problem explain_protocol_at_reverse(const Context& context, const RequestRejected& failure, std::string_view spoken) {
    const std::string& listener = context.attempt.proxy_address;
    const bool tls = spoken == "TLS";
    Problem problem = problem_of("request_rejected");
    problem.title = fmt::format("the client speaks {} to {}, which takes plain HTTP{}", spoken, listener,
                                tls ? fmt::format("; did you mean http://{}/?", listener) : "");
    problem.detail = "This reverse listener, which is no proxy, was started without --listen-tls: what it takes is http.";
    problem.evidence = {{"expected", "an HTTP request", "", {}}};
    add_first_bytes(problem, failure.first_bytes);
    problem.fixes = {ask_listener(context)};
    if (tls) problem.fixes.push_back({Actor::client, "To have whytls speak TLS there, start it with --listen-tls.", ""});
    return problem;
}

Problem explain_large_request(const Context& context, const RequestRejected& failure, Problem problem) {
    problem.detail = "The request may be right: the limit is whytls's own, and it can be raised. Servers have limits too, many of 8 KiB.";
    add_fault(problem, failure.error, failure.fault);
    problem.fixes = {raise_max_header(context, failure.fault)};
    const auto& largest = failure.fault.largest;
    if (!largest.empty() && http::same_name(largest.front().name, "Cookie"))
        problem.fixes.push_back({Actor::client, "If the cookies have only piled up, delete those of this host in the client.", ""});
    offer_passthrough(context, problem);
    return problem;
}

}  // namespace

Problem explain_request(const Context& context, const RequestRejected& failure) {
    if (failure.user_information) return explain_user_information(context, failure);
    if (const std::string_view scheme = other_scheme(failure); !scheme.empty()) return explain_other_scheme(failure, scheme);
    if (failure.error == http::MessageError::bad_start_line && http::names_gateway(failure.first_bytes))
        return explain_gateway_path(context, failure);
    if (auto http2 = explain_http2_preface(context, failure)) return *std::move(http2);
    Problem problem = problem_of("request_rejected");
    const std::string_view spoken = other_protocol(failure.first_bytes);
    if (failure.at_reverse && !spoken.empty()) return explain_protocol_at_reverse(context, failure, spoken);
    if (!spoken.empty() && context.attempt.host.empty()) {
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
    if (failure.stalled > 0) {
        problem.title =
            fmt::format("the client stopped in the middle of its request: no byte of the body came for {}", seconds_text(failure.stalled));
        problem.detail = "The server has not answered what it got so far, and the connection to it was closed.";
        problem.evidence = {{"what is wrong", "the body stopped coming", "RFC 9110 §15.5.9", {}}};
        problem.fixes = {{Actor::client, "Send the whole body that Content-Length or the chunks announce.", ""},
                         {Actor::client, "If the client needs longer pauses, raise the limit.", "whytls proxy --idle-timeout 900"}};
        return problem;
    }
    const bool to_whom = !context.attempt.host.empty();
    const bool large = failure.error == http::MessageError::head_too_large && failure.fault.limit > 0;
    problem.title = fmt::format("the request{} was not passed on: {}", to_whom ? " to " + shorten(context.attempt.host, 50) : "",
                                large ? too_large(failure.fault) + " (--max-header)" : short_words(failure.error, failure.fault));
    if (large) return explain_large_request(context, failure, std::move(problem));
    problem.detail = failure.error == http::MessageError::ambiguous_length
                         ? "Two readers could disagree on where such a request ends, which is how requests are smuggled; so it must be "
                           "refused (RFC 9112 §6.3)."
                         : "The client sent something that HTTP/1.1 does not allow, so it was refused here.";
    add_fault(problem, failure.error, failure.fault);
    add_first_bytes(problem, failure.first_bytes);
    if (failure.error == http::MessageError::bad_host)
        problem.fixes = {{Actor::client, "Send one Host field with the host and port of the URL, in requests to a proxy too.", ""}};
    else if (failure.error != http::MessageError::not_http)
        problem.fixes = {
            {Actor::client,
             "Correct the request; a client library that writes its own Content-Length or Transfer-Encoding is the usual cause.", ""}};
    else if (failure.at_reverse)
        problem.fixes = {ask_listener(context)};
    else
        problem.fixes = {{Actor::client, "Set the proxy as an HTTP proxy in the client: not as SOCKS, and with http:// in its own address.",
                          ask_proxy_itself(context)}};
    return problem;
}

Problem explain_not_a_proxy(const NotAProxy& failure) {
    const std::string listener = shorten(failure.listener, 40), serves = shorten(failure.serves, 45);
    Problem problem = problem_of("request_rejected");
    problem.title = fmt::format("{} is a reverse for {}, not a proxy", listener, serves);
    problem.detail =
        "Every request to a reverse listener goes to its one server; it opens no tunnels and leads to no other server. The client has "
        "this listener set as its proxy.";
    problem.evidence = {{"asked for", shorten(failure.asked, 200), "", {}}, {"this listener serves", failure.serves, "--reverse", {}}};
    EvidenceRow proxies{"proxies listening here", failure.proxies.empty() ? "none" : "", "", failure.proxies};
    problem.evidence.push_back(std::move(proxies));
    if (!failure.proxies.empty()) {
        const std::string& proxy = failure.proxies.front();
        problem.fixes.push_back({Actor::client, fmt::format("Set the client's proxy to http://{}, which is one.", proxy),
                                 fmt::format("curl -x http://{} http://why.tls/", proxy)});
    } else {
        problem.fixes.push_back(
            {Actor::client, "Start a proxy for such clients: a --listen without a --reverse.", "whytls proxy --listen 127.0.0.1:8080"});
    }
    problem.fixes.push_back(
        {Actor::client,
         fmt::format("To reach {} through this listener, take the proxy out of the client's settings, and use the listener's address in "
                     "the URL instead.",
                     serves),
         "curl --noproxy '*' " + shell_word(failure.listener + "/")});
    return problem;
}

namespace {

// A client's call with the proxy's credentials, by its way in. What it asks for is an example: the target may hold secrets.
std::string with_credentials(const Attempt& attempt, NotAuthorized::Way way) {
    const std::string& proxy = attempt.proxy_address;
    switch (way) {
        case NotAuthorized::Way::proxy: return fmt::format("curl -x http://{} --proxy-user USER:PASS http://example.com/", proxy);
        case NotAuthorized::Way::socks: return fmt::format("curl -x socks5h://{} --proxy-user USER:PASS http://example.com/", proxy);
        case NotAuthorized::Way::gateway: break;
    }
    return fmt::format("curl -H \"Proxy-Authorization: Basic $(printf %s 'USER:PASS' | base64)\" http://{}/https://example.com/", proxy);
}

}  // namespace

Problem explain_not_authorized(const Context& context, const NotAuthorized& failure) {
    Problem problem = problem_of("proxy_authentication_required");
    problem.title = failure.tried ? "the user name or the password that the client gave this proxy is wrong"
                                  : "this proxy asks for a user name and a password, and the client gave none";
    const bool gateway = failure.way == NotAuthorized::Way::gateway;
    problem.detail =
        std::string("It was started with --proxy-auth. ") +
        (gateway ? "On the gateway path the credentials go into a header field of their own, for Authorization is the server's."
                 : "The credentials belong into the proxy's own URL, or into the client's proxy settings.");
    if (failure.java && !failure.tried)
        problem.detail +=
            " Java sends no Basic credentials for tunnels, whatever its Authenticator knows, while jdk.http.auth.tunneling.disabledSchemes "
            "holds Basic, as it does since JDK 8u111.";
    problem.evidence = {{"Proxy-Authorization", failure.tried ? "another one" : "none", "expected: Basic, the one of --proxy-auth", {}}};
    problem.fixes = {{Actor::client, "Give the client the credentials that the proxy was started with.",
                      with_credentials(context.attempt, failure.way)}};
    if (failure.java && !failure.tried)
        problem.fixes.insert(problem.fixes.begin(),
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
    Problem problem = problem_of("cross_site_request");
    problem.evidence = {{"asked for", shorten(failure.asked, 200), "", {}}};
    switch (failure.seen.sign) {
        case Sign::host:
            problem.title = fmt::format("the gateway path was asked for under the name {}, which is not this listener's", value);
            problem.detail =
                "A page whose own name leads to this machine could read whatever the gateway path reaches (DNS rebinding), so only "
                "addresses, localhost and the hosts of --allow-origin are taken for the listener's name.";
            problem.evidence.push_back({"Host of the request", value, fmt::format("expected {} or localhost", failure.listener), {}});
            problem.fixes = {{Actor::client, "Name the listener by its address.",
                              "curl " + shell_word(fmt::format("http://{}/{}", failure.listener, target))},
                             {Actor::client, "If the name is this machine's own and no one else can say where it leads, allow it.",
                              "whytls proxy --allow-origin " + shell_word(shorten(failure.origin, 100))}};
            return problem;
        case Sign::origin:
            problem.title = fmt::format("{} asked for {} through the gateway path",
                                        value == "null" ? "a page that hides its origin" : "a page of " + value, target);
            problem.evidence.push_back({"Origin of the page", value, fmt::format("expected http://{}", failure.listener), {}});
            break;
        case Sign::fetch_site:
            problem.title = fmt::format("a page of another site asked for {} through the gateway path", target);
            problem.evidence.push_back({"Sec-Fetch-Site", value, "expected same-origin or none", {}});
            break;
        case Sign::user_agent:
            problem.title = fmt::format("a browser asked for {} through the gateway path, and nothing says for which page", target);
            problem.detail =
                "Over plain HTTP to another machine browsers leave out what tells whether you typed the address or some page asks behind "
                "your back.";
            problem.evidence.push_back({"User-Agent", value, "", {}});
            problem.fixes = {{Actor::client, "Use the browser on the machine of whytls, with localhost or 127.0.0.1 in the address.", ""},
                             {Actor::client, "Or set the proxy in the browser's settings, and open the server's own address.", ""},
                             {Actor::client, "If you trust every page that this browser opens, let all of them ask.",
                              "whytls proxy --allow-origin '*'"}};
            return problem;
    }
    problem.detail =
        "Any page can aim a browser at this listener, and through the gateway path at every server that this machine reaches. So only the "
        "listener's own pages may, and those of the origins that --allow-origin names.";
    const bool named = failure.seen.sign == Sign::origin && failure.seen.value != "null";
    problem.fixes = {{Actor::client,
                      named ? "If that page is yours, allow its origin."
                            : "If that page is yours, allow its origin: what its address begins with up to the path, for example "
                              "http://localhost:3000. The request does not tell which it is.",
                      "whytls proxy --allow-origin " + (named ? shell_word(failure.seen.value) : "ORIGIN")},
                     {Actor::client, "To open the address yourself, type it into the address bar.", ""}};
    return problem;
}

}  // namespace inspect::diagnosis
