#include <algorithm>
#include <array>
#include "inspect/report/flow_json.h"

#include "inspect/content/media_type.h"
#include "inspect/content/utf8.h"
#include "inspect/diagnosis/wording.h"
#include "inspect/report/content_view.h"
#include "inspect/report/json_report.h"
#include "inspect/report/print/escape.h"
#include "inspect/report/print/redaction.h"

namespace inspect::report {

namespace {

using Object = nlohmann::ordered_json;
using diagnosis::Code;

constexpr std::size_t longest_url = 65'536;
constexpr std::size_t longest_value = 65'536;

// JSON has no bytes: what is not UTF-8 is read as ISO-8859-1, as RFC 9110 §5.5 has it for fields.
std::string text_of(std::string_view bytes) {
    if (content::is_utf8(bytes)) return std::string(bytes);
    std::string text;
    for (const char each : bytes) {
        const auto byte = static_cast<unsigned char>(each);
        if (byte < 0x80) {
            text += each;
        } else {
            text += static_cast<char>(0xc0 | byte >> 6);
            text += static_cast<char>(0x80 | (byte & 0x3f));
        }
    }
    return text;
}

std::string shown_url(std::string_view url, const Secrets& secrets) {
    return text_of(secrets.shown ? std::string(url) : redacted(url, secrets.names)).substr(0, longest_url);
}

bool is_named(std::string_view name, std::initializer_list<std::string_view> names) {
    return http::is_among(name, names);
}

// "a=1; b=2" with the values masked; in Set-Cookie, the attributes after the first stay.
std::string masked_cookies(std::string_view value, bool several) {
    std::string text;
    while (!value.empty()) {
        const std::size_t end = std::min(value.find(';'), value.size());
        const std::string_view pair = value.substr(0, end);
        const std::size_t equals = pair.find('=');
        const bool secret = several || text.empty();
        if (secret && equals != std::string_view::npos)
            text.append(pair.substr(0, equals + 1)).append("***");
        else
            text += secret && !pair.empty() ? "***" : std::string(pair);
        if (end < value.size()) text += ';';
        value.remove_prefix(std::min(end + 1, value.size()));
    }
    return text;
}

Object headers_of(const http::Fields& fields, const Secrets& secrets) {
    Object list = Object::array();
    for (const auto& [name, value] : fields) {
        const std::string shown = secrets.shown ? std::string(value) : masked_field(name, value, secrets.names);
        list.push_back({text_of(name), text_of(shown).substr(0, longest_value)});
    }
    return list;
}

std::string version_text(const http::Version& version) {
    return version.major >= 2 ? "HTTP/2"
                              : "HTTP/" + std::to_string(version.major) + "." + std::to_string(version.minor);
}

Object content_of(const KeptContent& kept) {
    return {{"size", std::max<std::uint64_t>(kept.size, kept.bytes.size())},
            {"kept", kept.bytes.size()},
            {"whole", kept.whole}};
}

Object request_of(const Record& record, const Secrets& secrets) {
    const http::RequestHead& head = *record.request;
    Object object = {{"method", text_of(head.method)},
                     {"target", shown_url(head.target, secrets)},
                     {"version", record.flow.protocol == "h2" ? "HTTP/2" : version_text(head.version)},
                     {"headers", headers_of(head.fields, secrets)},
                     {"content", content_of(record.request_content)}};
    if (record.request_trailers.size() > 0) object["trailers"] = headers_of(record.request_trailers, secrets);
    return object;
}

Object response_of(const Record& record, const Secrets& secrets) {
    const http::ResponseHead& head = *record.response;
    Object object = {{"status", head.status},
                     {"reason", text_of(head.reason)},
                     {"version", record.flow.server_protocol == "h2" ? "HTTP/2" : version_text(head.version)},
                     {"headers", headers_of(head.fields, secrets)},
                     {"content", content_of(record.response_content)}};
    if (record.response_trailers.size() > 0) object["trailers"] = headers_of(record.response_trailers, secrets);
    return object;
}

// A payload that is text is shown as such, all others in hexadecimal.
Object message_of(const KeptMessage& message) {
    Object object = {{"from", message.from_client ? "client" : "server"},
                     {"kind", message.kind},
                     {"at_ms", rounded(message.at_ms)},
                     {"size", message.size}};
    const bool cut = message.payload.size() < message.size;
    if (message.compressed) object["compressed"] = true;
    if (cut) object["cut"] = true;
    if (!message.compressed && content::is_utf8(message.payload, cut)) {
        object["text"] = content::is_utf8(message.payload) ? message.payload : text_of(message.payload);
        return object;
    }
    constexpr std::string_view digits = "0123456789abcdef";
    std::string hex;
    for (const char each : message.payload) {
        hex += digits[static_cast<unsigned char>(each) >> 4];
        hex += digits[static_cast<unsigned char>(each) & 0xf];
    }
    object["hex"] = std::move(hex);
    return object;
}

Object server_of(const ServerLeg& server, double began_ms) {
    Object object = json_report(server.diagnosis);
    object["connection"] = server.connection;
    object["opened_ms"] = rounded(server.opened_ms - began_ms);
    object["certificates"] = Object::array();
    for (const KeptCertificate& each : server.certificates)
        object["certificates"].push_back({{"sha256", each.sha256}, {"served", each.served}, {"pem", each.pem}});
    return object;
}

Object client_of(const ClientLeg& client) {
    Object object = Object::object();
    const std::pair<const char*, const std::string&> members[] = {
        {"version", client.version}, {"cipher", client.cipher}, {"alpn", client.alpn}, {"sni", client.sni}};
    for (const auto& [key, value] : members)
        if (!value.empty()) object[key] = printable(value, 1024);
    object["handshake_ms"] = rounded(client.handshake_ms);
    return object;
}

Object timing_of(const Record& record) {
    Object object = Object::object();
    if (record.server) {
        const diagnosis::Timings& server = record.server->diagnosis.timings;
        if (server.dns) object["dns"] = rounded(*server.dns);
        if (server.connect) object["connect"] = rounded(*server.connect);
        if (server.handshake) object["handshake"] = rounded(*server.handshake);
    }
    if (record.client) object["client_handshake"] = rounded(record.client->handshake_ms);
    if (record.flow.first_byte_ms > 0) object["first_byte"] = rounded(record.flow.first_byte_ms);
    object["total"] = rounded(record.flow.total_ms);
    return object;
}

// RFC 3339, with milliseconds.
std::string time_of(const Record& record) {
    std::string text = certs::rfc3339({record.unix_ms / 1000});
    const std::string milliseconds = std::to_string(1000 + record.unix_ms % 1000);
    return text.insert(text.size() - 1, "." + milliseconds.substr(1));
}

// nullptr where there is none, or where the value is no object.
const Object* member(const Object& object, const char* key) {
    const auto found = object.is_object() ? object.find(key) : object.end();
    return object.is_object() && found != object.end() ? &*found : nullptr;
}

std::string mime_of(const Record& record) {
    const auto type = record.response ? record.response->fields.find("Content-Type") : std::nullopt;
    return type ? printable(content::parse_media_type(*type).name, 256) : "";
}

Code code_of(const Record& record) {
    if (record.flow.code != Code::none) return record.flow.code;
    if (record.flow.let_through != Code::none) return record.flow.let_through;
    const auto* found = record.kind == Record::Kind::request ? record.own.get() : record.diagnosis();
    return found ? found->code : Code::none;
}

bool is_failed(const Record& record) {
    if (record.kind == Record::Kind::request) return record.flow.code != Code::none;
    const auto* found = record.diagnosis();
    return found != nullptr && found->outcome == diagnosis::Outcome::failed && !found->let_through;
}

bool is_warned(const Record& record) { return !is_failed(record) && lock_of(record) == Lock::warned; }

std::string title_of(const Record& record, Code code) {
    const auto* found = record.diagnosis();
    return code != Code::none && found != nullptr && found->code == code
               ? printable(diagnosis::headline(found->title), 512)
               : "";
}

}  // namespace

std::string masked_field(std::string_view name, std::string_view value, const std::vector<std::string>& names) {
    if (is_named(name, {"Cookie"})) return masked_cookies(value, true);
    if (is_named(name, {"Set-Cookie", "Set-Cookie2"})) return masked_cookies(value, false);
    if (is_named(name, {"X-Api-Key", "Api-Key", "ApiKey", "X-Auth-Token", "X-Access-Token", "Access-Token",
                        "X-Amz-Security-Token", "X-Goog-Api-Key", "X-Vault-Token", "Private-Token", "X-Csrf-Token",
                        "X-Xsrf-Token", "X-Whytls-Token", "Authentication-Info", "Proxy-Authentication-Info"}))
        return "***";
    const bool bearer = is_named(name, {"Sec-WebSocket-Protocol"}) && lower_case(value).contains("bearer");
    if (bearer) return "***";
    if (is_named(name, {"Authorization", "Proxy-Authorization"})) {
        const std::size_t blank = value.find(' ');
        return blank == std::string_view::npos ? "***" : std::string(value.substr(0, blank)) + " ***";
    }
    // Referer, Location, Link and their like contain URLs.
    const bool has_url = value.contains("://") || value.contains('?');
    return has_url ? redacted(value, names) : std::string(value);
}

nlohmann::ordered_json flow_row(const Record& record, const Secrets& secrets) {
    const Flow& flow = record.flow;
    Object row = {{"id", record.number},         {"kind", name(record.kind)},
                  {"complete", record.complete}, {"flow", printable(flow.id, 128)},
                  {"time", time_of(record)},     {"client", printable(flow.client, 128)}};
    const auto add = [&](const char* key, std::string_view value) {
        if (!value.empty()) row[key] = text_of(value);
    };
    add("program", record.program);
    add("method", flow.method);
    if (!flow.url.empty()) row["url"] = shown_url(flow.url, secrets);
    add("host", flow.host);
    if (flow.port != 0) row["port"] = flow.port;
    if (record.kind == Record::Kind::request) row["status"] = flow.status;
    const Code code = code_of(record);
    if (code != Code::none) row["code"] = diagnosis::name(code);
    add("title", title_of(record, code));
    row["lock"] = name(lock_of(record));
    row["failed"] = is_failed(record);
    row["warned"] = is_warned(record);
    add("protocol", flow.protocol);
    add("server_protocol", flow.server_protocol);
    add("mime", mime_of(record));
    if (record.server) add("connection", record.server->connection);
    if (record.kind == Record::Kind::request) {
        row["request_bytes"] = flow.request_bytes;
        row["response_bytes"] = flow.response_bytes;
        if (flow.first_byte_ms > 0) row["first_byte_ms"] = rounded(flow.first_byte_ms);
    }
    row["total_ms"] = rounded(flow.total_ms);
    if (record.replayed) row["replayed"] = true;
    if (record.imported) row["imported"] = true;
    return row;
}

nlohmann::ordered_json flow_document(const Record& record, const Secrets& secrets) {
    Object object = flow_row(record, secrets);
    if (record.request) object["request"] = request_of(record, secrets);
    if (record.response) object["response"] = response_of(record, secrets);
    if (!record.messages.empty()) {
        object["messages"] = Object::array();
        for (const KeptMessage& each : record.messages) object["messages"].push_back(message_of(each));
    }
    if (record.messages_left_out > 0) object["messages_left_out"] = record.messages_left_out;
    if (record.client) object["client_tls"] = client_of(*record.client);
    if (record.server) object["server"] = server_of(*record.server, record.began_ms);
    if (record.own) object["diagnosis"] = json_report(*record.own);
    if (!record.flow.remark.empty()) object["remark"] = printable(record.flow.remark, 1024);
    if (!record.flow.parent.empty()) object["parent"] = printable(record.flow.parent, 300);
    if (record.flow.repeated) object["repeated"] = true;
    if (record.flow.no_close_notify) object["ended_without"] = "close_notify";
    object["timing"] = timing_of(record);
    return object;
}

std::string row_json(const Record& record, const Secrets& secrets) { return dump(flow_row(record, secrets)); }
std::string document_json(const Record& record, const Secrets& secrets) { return dump(flow_document(record, secrets)); }

Subject subject_of(const nlohmann::ordered_json& row) {
    const auto text = [&](const char* key) -> std::string_view {
        const auto found = row.find(key);
        return found != row.end() && found->is_string() ? std::string_view(found->get_ref<const std::string&>()) : "";
    };
    // A row from a file may have any number; one that its member cannot have is none.
    const auto number = [&]<class T>(const char* key, T most) -> std::optional<T> {
        const auto found = row.find(key);
        if (found == row.end() || !found->is_number()) return std::nullopt;
        const auto value = found->get<double>();
        return value >= 0 && value <= static_cast<double>(most) ? std::optional(static_cast<T>(value)) : std::nullopt;
    };
    const auto is = [&](const char* key) {
        const auto found = row.find(key);
        return found != row.end() && found->is_boolean() && found->get<bool>();
    };
    return {.url = text("url"),
            .host = text("host"),
            .method = text("method"),
            .status = number("status", 999),
            .code = text("code"),
            .title = text("title"),
            .client = text("client"),
            .program = text("program"),
            .client_protocol = text("protocol"),
            .server_protocol = text("server_protocol"),
            .mime = text("mime"),
            .size = number("response_bytes", std::uint64_t{1} << 53),
            .milliseconds = number("total_ms", 1e15),
            .failed = is("failed"),
            .warned = is("warned")};
}

std::string document_view(const std::string& document, bool of_request, std::string_view kept) {
    const Object flow = Object::parse(document, nullptr, false);
    const Object* message = member(flow, of_request ? "request" : "response");
    std::string type, coding, grpc;
    bool whole = true;
    const Object* headers = message ? member(*message, "headers") : nullptr;
    if (headers && headers->is_array())
        for (const Object& header : *headers) {
            if (!header.is_array() || header.size() != 2 || !header[0].is_string() || !header[1].is_string()) continue;
            for (const auto& [name, value] :
                 {std::pair("content-type", &type), {"content-encoding", &coding}, {"grpc-encoding", &grpc}})
                if (value->empty() && http::same_name(header[0].get_ref<const std::string&>(), name))
                    *value = header[1].get<std::string>();
        }
    const Object* content = message ? member(*message, "content") : nullptr;
    if (const Object* all = content ? member(*content, "whole") : nullptr; all && all->is_boolean())
        whole = all->get<bool>();
    return view_json(type, coding, grpc, certs::as_bytes(kept), whole);
}

bool is_row(std::string_view row) { return row.starts_with('{') && Object::accept(row); }

Subject subject_of(const Record& record) {
    const Flow& flow = record.flow;
    const bool request = record.kind == Record::Kind::request;
    const auto mime = record.response ? record.response->fields.find("Content-Type") : std::nullopt;
    const Code code = code_of(record);
    return {.url = flow.url,
            .host = flow.host,
            .method = flow.method,
            .status = request ? std::optional(flow.status) : std::nullopt,
            .code = code == Code::none ? std::string_view() : diagnosis::name(code),
            .client = flow.client,
            .program = record.program,
            .client_protocol = flow.protocol,
            .server_protocol = flow.server_protocol,
            .mime = mime ? std::string_view(*mime) : std::string_view(),
            .size = request ? std::optional(flow.response_bytes) : std::nullopt,
            .milliseconds = flow.total_ms,
            .failed = is_failed(record),
            .warned = is_warned(record)};
}

bool row_matches(std::string_view row, const Filter& filter) {
    const Object object = Object::parse(row, nullptr, false);
    return object.is_object() && filter.matches(subject_of(object));
}

}  // namespace inspect::report
