#include "inspect/report/har.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "certs/bytes.h"
#include "certs/pem.h"
#include "certs/time.h"
#include "inspect/content/charset.h"
#include "inspect/content/coding.h"
#include "inspect/content/form.h"
#include "inspect/content/media_type.h"
#include "inspect/content/utf8.h"
#include "inspect/http/date.h"
#include "inspect/http/message.h"
#include "inspect/report/json_report.h"

namespace inspect::report {

namespace {

using Object = nlohmann::ordered_json;

constexpr std::size_t most_parameters = 10'000;

// The member, or nothing of that kind.
const Object& member(const Object& object, const char* key) {
    static const Object nothing;
    const auto found = object.find(key);
    return found == object.end() ? nothing : *found;
}

std::string text(const Object& object, const char* key) {
    const Object& value = member(object, key);
    return value.is_string() ? value.get<std::string>() : "";
}

double number(const Object& object, const char* key, double otherwise) {
    const Object& value = member(object, key);
    return value.is_number() ? value.get<double>() : otherwise;
}

std::int64_t whole_number(const Object& object, const char* key) {
    const Object& value = member(object, key);
    return value.is_number_integer() ? value.get<std::int64_t>() : 0;
}

using Pairs = std::vector<std::pair<std::string, std::string>>;

Pairs fields_of(const Object& message) {
    Pairs fields;
    for (const Object& pair : member(message, "headers"))
        if (pair.is_array() && pair.size() == 2 && pair[0].is_string() && pair[1].is_string())
            fields.emplace_back(pair[0].get<std::string>(), pair[1].get<std::string>());
    return fields;
}

// Of each line of that name.
std::vector<std::string> values_of(const Object& message, std::string_view name) {
    std::vector<std::string> values;
    for (auto& [each, value] : fields_of(message))
        if (http::same_name(each, name)) values.push_back(std::move(value));
    return values;
}

std::string field(const Object& message, std::string_view name) {
    const std::vector<std::string> values = values_of(message, name);
    return values.empty() ? "" : values.front();
}

Object named(std::string_view name, std::string_view value) { return {{"name", name}, {"value", value}}; }

Object headers_of(const Object& message) {
    Object list = Object::array();
    for (const auto& [name, value] : fields_of(message)) list.push_back(named(name, value));
    return list;
}

std::string_view take_pair(std::string_view& cookies) {
    const std::string_view pair = cookies.substr(0, cookies.find(';'));
    cookies.remove_prefix(std::min(pair.size() + 1, cookies.size()));
    return certs::trimmed(pair);
}

Object cookie(std::string_view pair) {
    const std::size_t equals = std::min(pair.find('='), pair.size());
    return named(certs::trimmed(pair.substr(0, equals)),
                 certs::trimmed(pair.substr(std::min(equals + 1, pair.size()))));
}

Object cookies_sent(const Object& request) {
    Object list = Object::array();
    for (const std::string& line : values_of(request, "Cookie"))
        for (std::string_view rest = line; !rest.empty();)
            if (const std::string_view pair = take_pair(rest); !pair.empty()) list.push_back(cookie(pair));
    return list;
}

// RFC 6265 §4.1.1.
Object cookie_set(std::string_view line) {
    Object result = cookie(take_pair(line));
    while (!line.empty()) {
        const std::string_view attribute = take_pair(line);
        const std::size_t equals = std::min(attribute.find('='), attribute.size());
        const std::string_view name = attribute.substr(0, equals);
        const std::string_view value = attribute.substr(std::min(equals + 1, attribute.size()));
        if (http::same_name(name, "Path")) result["path"] = value;
        if (http::same_name(name, "Domain")) result["domain"] = value;
        if (http::same_name(name, "HttpOnly")) result["httpOnly"] = true;
        if (http::same_name(name, "Secure")) result["secure"] = true;
        if (http::same_name(name, "SameSite")) result["sameSite"] = value;
        if (http::same_name(name, "Expires"))
            if (const auto time = http::parse_date(value)) result["expires"] = certs::rfc3339(*time);
    }
    return result;
}

Object cookies_received(const Object& response) {
    Object list = Object::array();
    for (const std::string& line : values_of(response, "Set-Cookie")) list.push_back(cookie_set(line));
    return list;
}

struct Content {
    std::string bytes;
    bool decoded = false;  // a content coding was undone
    std::string comment;   // what of it is missing; "" for nothing
};

// As browsers have it: what cannot be decoded stays as it came.
Content content_of(const Object& message, std::string_view kept) {
    Content result;
    std::string codings;
    for (const std::string& line : values_of(message, "Content-Encoding"))
        codings += (codings.empty() ? "" : ", ") + line;
    const bool whole = member(member(message, "content"), "whole") != false;
    content::Decoded decoded = content::decode(codings, certs::as_bytes(kept), most_har_content);
    const bool coded = !codings.empty() && !http::same_name(codings, "identity");
    const bool undone =
        decoded.end != content::End::unknown && (decoded.end != content::End::malformed || !decoded.text.empty());
    result.bytes = undone ? std::move(decoded.text) : std::string(kept.substr(0, most_har_content));
    result.decoded = coded && undone;
    if (!undone) result.comment = "in its content coding, which could not be undone: " + codings;
    if (!whole || result.bytes.size() == most_har_content)
        result.comment = "only the beginning was kept" + (undone ? "" : ", " + result.comment);
    else if (undone && decoded.end != content::End::complete)
        result.comment = "its content coding ends too early or is faulty: this is as far as it could be undone";
    return result;
}

// Puts `text`, as UTF-8 or in base64, which `encoding` then says.
void add_bytes(Object& object, const std::string& bytes, const char* encoding) {
    if (content::is_utf8(bytes)) {
        object["text"] = bytes;
        return;
    }
    object["text"] = certs::encode_base64(certs::as_bytes(bytes));
    object[encoding] = "base64";
}

std::string_view query_of(std::string_view url) {
    url = url.substr(0, url.find('#'));
    const std::size_t mark = url.find('?');
    return mark == std::string_view::npos ? "" : url.substr(mark + 1);
}

Object parameters_of(std::string_view encoded) {
    Object list = Object::array();
    for (const auto& [name, value] : content::form_fields(encoded, most_parameters).fields)
        list.push_back(named(name, value));
    return list;
}

// A URL where the flow has none: that of the server of a failed handshake.
std::string url_of(const Object& document) {
    if (std::string url = text(document, "url"); !url.empty()) return url;
    const std::string host = text(document, "host");
    if (host.empty()) return "https://unknown.invalid/";
    const std::string authority = host.contains(':') ? "[" + host + "]" : host;
    return "https://" + authority + ":" + std::to_string(whole_number(document, "port")) + "/";
}

std::string version_of(const Object& message) {
    const std::string version = text(message, "version");
    return version.empty() ? "unknown" : version;
}

Object request_of(const Object& document, std::string_view kept) {
    const Object& message = member(document, "request");
    const std::string url = url_of(document), method = text(document, "method");
    Object request = {{"method", method.empty() ? "CONNECT" : method},
                      {"url", url},
                      {"httpVersion", version_of(message)},
                      {"cookies", cookies_sent(message)},
                      {"headers", headers_of(message)},
                      {"queryString", parameters_of(query_of(url))}};
    const std::int64_t size = whole_number(document, "request_bytes");
    if (!kept.empty() || size > 0) {
        const Content content = content_of(message, kept);
        const std::string type = field(message, "Content-Type");
        Object post = {{"mimeType", type}};
        if (content::parse_media_type(type).name == "application/x-www-form-urlencoded")
            post["params"] = parameters_of(content.bytes);
        add_bytes(post, content.bytes, "_encoding");
        if (!content.comment.empty()) post["comment"] = content.comment;
        request["postData"] = std::move(post);
    }
    request["headersSize"] = -1;
    request["bodySize"] = size;
    return request;
}

// Without a response HAR has the status 0, as browsers write it.
Object response_of(const Object& document, std::string_view kept) {
    const Object& message = member(document, "response");
    const bool came = message.is_object();
    const std::int64_t size = came ? whole_number(document, "response_bytes") : 0;
    const Content content = content_of(message, kept);
    const std::string type = field(message, "Content-Type");
    // Of what was kept in part, uncoded, the wire says how long it was.
    const bool part = !content.comment.empty() && !content.decoded;
    const std::int64_t shown = static_cast<std::int64_t>(content.bytes.size());
    Object body = {{"size", part ? std::max(size, shown) : shown}};
    if (content.decoded && content.comment.empty()) body["compression"] = shown - size;
    body["mimeType"] = type.empty() ? "x-unknown" : type;
    if (!content.bytes.empty()) add_bytes(body, content.bytes, "encoding");
    if (!content.comment.empty()) body["comment"] = content.comment;
    Object response = {{"status", came ? whole_number(message, "status") : 0},
                       {"statusText", text(message, "reason")},
                       {"httpVersion", version_of(message)},
                       {"cookies", cookies_received(message)},
                       {"headers", headers_of(message)},
                       {"content", std::move(body)},
                       {"redirectURL", field(message, "Location")},
                       {"headersSize", -1},
                       {"bodySize", came ? size : -1}};
    // Chrome's name for why there is none.
    if (const std::string title = text(document, "title"); !came && !title.empty()) response["_error"] = title;
    return response;
}

// Phases follow one another and fill `total`: each takes of it what is left.
class Phases {
public:
    explicit Phases(double total) : total_(total), left_(total) {}
    double take(double milliseconds) {
        const double taken = std::clamp(milliseconds, 0.0, left_);
        left_ -= taken;
        return rounded(taken);
    }
    double taken() const { return total_ - left_; }
    double rest() { return rounded(std::exchange(left_, 0)); }

private:
    double total_, left_;
};

struct Timings {
    double total = 0;
    Object members;
};

// A connection that was opened before this flow began cost it nothing.
Timings timings_of(const Object& document) {
    const Object& timing = member(document, "timing");
    const Object& server = member(document, "server");
    const double dns = number(timing, "dns", -1), connect = number(timing, "connect", -1);
    const double ssl = number(timing, "handshake", -1), opened = number(server, "opened_ms", -1);
    const bool request = text(document, "kind") == "request";
    const bool opens = server.is_object() && (!request || opened >= 0);
    double total = std::max(0.0, number(timing, "total", 0));
    // A handshake on its own lasted as long as its phases.
    if (!request) total = std::max(total, std::max(0.0, dns) + std::max(0.0, connect) + std::max(0.0, ssl));
    Phases phases(total);
    const auto taken = [&](double phase) { return opens && phase >= 0 ? phases.take(phase) : -1; };
    Timings result;
    result.total = rounded(total);
    result.members["blocked"] = taken(request ? opened : -1);
    result.members["dns"] = taken(dns);
    // HAR's `connect` includes `ssl`.
    const double tcp = taken(connect), tls = taken(ssl);
    result.members["connect"] = tcp < 0 && tls < 0 ? -1 : rounded(std::max(0.0, tcp) + std::max(0.0, tls));
    result.members["ssl"] = tls;
    result.members["send"] = 0;
    const double first_byte = number(timing, "first_byte", -1);
    result.members["wait"] = first_byte < 0 ? phases.rest() : phases.take(first_byte - phases.taken());
    result.members["receive"] = phases.rest();
    return result;
}

// "203.0.113.7:443" and "[2001:db8::1]:443": HAR wants the address alone.
std::string_view without_port(std::string_view address) {
    if (address.starts_with('[')) return address.substr(1, std::min(address.find(']'), address.size()) - 1);
    return address.substr(0, address.rfind(':'));
}

constexpr std::array<std::pair<std::string_view, int>, 5> opcodes = {
    {{"text", 1}, {"binary", 2}, {"close", 8}, {"ping", 9}, {"pong", 10}}};

std::string from_hex(std::string_view hex) {
    std::string bytes;
    for (; hex.size() >= 2; hex.remove_prefix(2)) {
        unsigned byte = 0;
        const std::string_view digits = hex.substr(0, 2);
        std::from_chars(digits.data(), digits.data() + digits.size(), byte, 16);
        bytes += static_cast<char>(byte);
    }
    return bytes;
}

// As Chrome writes them: text as it is, all else in base64.
Object messages_of(const Object& document, double began) {
    Object list = Object::array();
    for (const Object& each : member(document, "messages")) {
        const std::string kind = text(each, "kind");
        const auto* const opcode =
            std::ranges::find(opcodes, std::string_view(kind), &std::pair<std::string_view, int>::first);
        const bool as_text = kind == "text" && each.contains("text");
        std::string data = each.contains("hex") ? from_hex(text(each, "hex")) : text(each, "text");
        Object message = {{"type", text(each, "from") == "client" ? "send" : "receive"},
                          {"time", began + number(each, "at_ms", 0) / 1000},
                          {"opcode", opcode == opcodes.end()     ? 2
                                     : as_text || kind != "text" ? opcode->second
                                                                 : 2},
                          {"data", as_text ? std::move(data) : certs::encode_base64(certs::as_bytes(data))}};
        if (each.contains("compressed")) message["_compressed"] = true;
        if (each.contains("cut")) message["_size"] = whole_number(each, "size");
        list.push_back(std::move(message));
    }
    return list;
}

Object own_members(const Object& document) {
    Object own = Object::object();
    for (const char* key :
         {"kind", "flow", "client", "program", "code", "title", "lock", "failed", "warned", "protocol",
          "server_protocol", "remark", "parent", "repeated", "replayed", "messages_left_out"})
        if (const Object& value = member(document, key); !value.is_null()) own[key] = value;
    // What whytls answered in the server's place.
    if (!document.contains("response") && whole_number(document, "status") != 0) own["status"] = document["status"];
    for (const char* message : {"request", "response"})
        if (const Object& whole = member(member(member(document, message), "content"), "whole"); whole == false)
            own[std::string(message) + "_whole"] = false;
    if (member(document, "failed") != true && member(document, "warned") != true) return own;
    const Object& report = document.contains("diagnosis") ? document["diagnosis"] : member(document, "server");
    if (report.is_object()) own["report"] = report;
    return own;
}

}  // namespace

std::string har_begin(std::string_view version) {
    const Object creator = {{"name", "whytls"}, {"version", content::as_utf8(version)}};
    return R"({"log":{"version":"1.2","creator":)" + dump(creator) + R"(,"pages":[],"entries":[)" + "\n";
}

std::string har_end() { return "\n]}}\n"; }

double har_seconds(std::string_view time) {
    const auto parsed = certs::parse_rfc3339(time);
    if (!parsed) return 0;
    double fraction = 0;
    const std::size_t point = time.find('.');
    if (point != std::string_view::npos) {
        const std::size_t end = std::min(time.find_first_not_of("0123456789", point + 1), time.size());
        std::from_chars(time.data() + point, time.data() + end, fraction);
    }
    return static_cast<double>(parsed->seconds) + fraction;
}

std::string har_entry(const std::string& document, std::string_view request_content,
                      std::string_view response_content) {
    const Object flow = Object::parse(document, nullptr, false);
    if (!flow.is_object()) return "";
    const std::string time = text(flow, "time");
    Timings timings = timings_of(flow);
    Object entry = {{"startedDateTime", time},
                    {"time", timings.total},
                    {"request", request_of(flow, request_content)},
                    {"response", response_of(flow, response_content)},
                    {"cache", Object::object()},
                    {"timings", std::move(timings.members)}};
    const Object& server = member(flow, "server");
    if (const std::string address = text(server, "address"); !address.empty())
        entry["serverIPAddress"] = without_port(address);
    if (const std::string connection = text(server, "connection"); !connection.empty())
        entry["connection"] = connection;
    if (flow.contains("messages")) {
        entry["_resourceType"] = "websocket";
        entry["_webSocketMessages"] = messages_of(flow, har_seconds(time));
    }
    entry["_whytls"] = own_members(flow);
    return dump(entry);
}

}  // namespace inspect::report
