#include "inspect/report/log.h"

#include <algorithm>

#include "inspect/diagnosis/wording.h"
#include "inspect/http/message.h"
#include "inspect/report/escape.h"
#include "inspect/report/json_report.h"

namespace inspect::report {

namespace {

using diagnosis::name;
using Object = nlohmann::ordered_json;

constexpr std::string_view mask = "***";

Object event(std::string_view name, certs::Time time, std::string_view id) {
    Object object = {{"event", name}, {"time", rfc3339(time)}};
    if (!id.empty()) object["id"] = printable(id, 128);
    return object;
}

// user:password@ before the host.
std::string without_user(std::string_view url) {
    const auto scheme = url.find("://");
    if (scheme == std::string_view::npos) return std::string(url);
    const auto begin = scheme + 3;
    const auto end = url.find_first_of("/?#", begin);
    const auto at = url.substr(0, end).rfind('@');
    if (at == std::string_view::npos || at < begin) return std::string(url);
    return std::string(url.substr(0, begin)) + std::string(mask) + std::string(url.substr(at));
}

bool is_secret(std::string_view name, const std::vector<std::string>& redact) {
    return std::ranges::any_of(redact, [&](const std::string& secret) { return http::same_name(name, secret); });
}

std::string masked(std::string_view raw, const std::vector<std::string>& redact) {
    std::string url = without_user(raw);
    const auto query = url.find('?');
    if (query == std::string::npos || redact.empty()) return url;
    std::string result = url.substr(0, query + 1);
    for (std::size_t at = query + 1; at <= url.size();) {
        const auto end = std::min(url.find('&', at), url.size());
        const std::string_view pair = std::string_view(url).substr(at, end - at);
        const auto equals = pair.find('=');
        const bool secret = equals != std::string_view::npos && is_secret(pair.substr(0, equals), redact);
        result += secret ? std::string(pair.substr(0, equals + 1)) + std::string(mask) : std::string(pair);
        if (end < url.size()) result += '&';
        at = end + 1;
    }
    return result;
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
    if (!diagnosis.code.empty()) object["code"] = diagnosis.code;
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

std::string request_line(const RequestLine& line, const std::vector<std::string>& redact) {
    Object object = event("request", line.time, line.id);
    object["client"] = printable(line.client, 128);
    object["method"] = printable(line.method, 64);
    object["url"] = printable(masked(line.url, redact), 8192);
    object["status"] = line.status;
    if (!line.code.empty()) object["code"] = printable(line.code, 64);
    if (!line.let_through.empty()) object["let_through"] = printable(line.let_through, 64);
    object["request_bytes"] = line.request_bytes;
    object["response_bytes"] = line.response_bytes;
    object["timing_ms"] = {{"first_byte", rounded(line.first_byte_ms)}, {"total", rounded(line.total_ms)}};
    return dump(object);
}

std::string proxy_line(certs::Time time, std::string_view what, std::string_view detail) {
    Object object = event("proxy", time, "");
    object["what"] = printable(what, 128);
    if (!detail.empty()) object["detail"] = printable(detail, 4096);
    return dump(object);
}

}  // namespace inspect::report
