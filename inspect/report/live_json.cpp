#include "inspect/report/live_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "certs/pem.h"
#include "inspect/diagnosis/wording.h"
#include "inspect/report/flow_json.h"
#include "inspect/report/json_report.h"
#include "inspect/report/page/qr_code.h"
#include "inspect/report/print/escape.h"

namespace inspect::report {

namespace {

using Object = nlohmann::ordered_json;

constexpr std::int64_t day = 86'400;

std::expected<Object, std::string> object_of(std::string_view text) {
    Object object = Object::parse(text, nullptr, false);
    if (!object.is_object()) return std::unexpected("not a JSON object");
    return object;
}

// The text of a member; nullopt when there is none of that name.
std::expected<std::optional<std::string>, std::string> text_of(const Object& object, const char* key) {
    const auto found = object.find(key);
    if (found == object.end() || found->is_null()) return std::nullopt;
    if (!found->is_string()) return std::unexpected(std::string(key) + ": not a string");
    return found->get<std::string>();
}

bool is_one_of(std::string_view key, std::initializer_list<std::string_view> keys) {
    return std::ranges::find(keys, key) != keys.end();
}

bool is_value(std::string_view text) { return text.find_first_of(std::string_view("\r\n\0", 3)) == text.npos; }

std::expected<std::vector<std::pair<std::string, std::string>>, std::string> headers_of(const Object& list) {
    if (!list.is_array()) return std::unexpected("headers: not an array");
    std::vector<std::pair<std::string, std::string>> headers;
    for (std::size_t at = 0; at < list.size(); ++at) {
        const std::string where = "headers[" + std::to_string(at) + "]";
        const Object& pair = list[at];
        if (!pair.is_array() || pair.size() != 2 || !pair[0].is_string() || !pair[1].is_string())
            return std::unexpected(where + ": not a pair of strings");
        auto name = pair[0].get<std::string>(), value = pair[1].get<std::string>();
        if (!http::is_token(name)) return std::unexpected(where + ": \"" + printable(name, 64) + "\" is no field name");
        if (!is_value(value)) return std::unexpected(where + ": a value is one line");
        headers.emplace_back(std::move(name), std::move(value));
    }
    return headers;
}

struct Host {
    const diagnosis::Diagnosis* latest = nullptr;
    certs::Time last_seen;
    std::uint64_t flow = 0;  // its number
    std::uint64_t flows = 0, failures = 0;
};

void describe_leaf(Object& row, const diagnosis::Diagnosis& found, certs::Time now) {
    if (found.chain.empty() || found.chain.front().unreadable) return;
    const certs::Description& leaf = found.chain.front().description;
    row["not_after"] = rfc3339(leaf.not_after);
    row["not_before"] = rfc3339(leaf.not_before);
    const std::int64_t left = leaf.not_after.seconds - now.seconds;
    row["days"] = left >= 0 ? left / day : -((-left + day - 1) / day);
    row["subject"] = printable(diagnosis::short_name(leaf.subject), 256);
    row["issuer"] = printable(diagnosis::short_name(leaf.issuer), 256);
}

Object host_row(const Host& host, certs::Time now) {
    const diagnosis::Diagnosis& found = *host.latest;
    Object row = {{"host", printable(found.host, 1024)},
                  {"port", found.port},
                  {"tls", found.tls},
                  {"verdict", name(found.outcome)}};
    if (found.code != diagnosis::Code::none) row["code"] = name(found.code);
    if (!found.title.empty()) row["title"] = printable(diagnosis::headline(found.title), 512);
    describe_leaf(row, found, now);
    if (found.handshake) {
        row["version"] = printable(found.handshake->version, 64);
        row["cipher"] = printable(found.handshake->cipher, 128);
        if (!found.handshake->alpn.empty()) row["alpn"] = printable(found.handshake->alpn, 64);
    }
    if (!found.provider.empty()) row["provider"] = printable(found.provider, 128);
    row["last_seen"] = rfc3339(host.last_seen);
    row["flow"] = host.flow;
    row["flows"] = host.flows;
    row["failures"] = host.failures;
    return row;
}

// The CA as DER: every phone takes it, by the media type.
Object place_for_a_phone(const page::Reachable& place) {
    const std::string url = fmt::format("http://{}/ca.der", place.address);
    Object object = {{"address", place.address}, {"interface", printable(place.interface)}, {"ca", url}};
    if (const auto code = page::qr_code(url)) object["qr_code"] = {{"size", code->size}, {"path", code->path}};
    return object;
}

}  // namespace

std::string error_json(std::string_view error, std::optional<std::size_t> position) {
    Object object = {{"error", printable(error, 1024)}};
    if (position) object["position"] = *position;
    return dump(object);
}

namespace {

// What the page asks for to learn whether its browser trusts the CA: its own address over TLS.
std::string over_tls(std::string_view origin) {
    return fmt::format("https://{}/healthz", origin.substr(origin.find("://") + 3));
}

}  // namespace

std::string state_json(const LiveState& state) {
    const page::State& proxy = state.proxy;
    Object object = {{"version", proxy.version},
                     {"proxy", printable(proxy.proxy)},
                     {"local", proxy.local},
                     {"listeners", Object::array()}};
    for (const std::string& each : proxy.listeners) object["listeners"].push_back(printable(each));
    object["reachable"] = Object::array();
    for (const page::Reachable& each : proxy.reachable) object["reachable"].push_back(place_for_a_phone(each));
    if (proxy.local) object["ca_file"] = printable(proxy.ca_file, 4096);
    if (proxy.local) object["install"] = printable(proxy.install, 4096);
    object["ca"] = {{"subject", printable(proxy.ca.subject)},
                    {"sha1", proxy.ca_sha1},
                    {"sha256", proxy.ca.sha256},
                    {"not_after", rfc3339(proxy.ca.not_after)}};
    object["trust_test"] = printable(over_tls(state.origin));
    object["trust_source"] = printable(proxy.trust_source);
    object["asks_password"] = proxy.asks_password;
    object["recording"] = state.recording.empty() ? Object() : Object(printable(state.recording, 4096));
    object["secrets_shown"] = state.secrets_shown;
    object["body_limit"] = state.content_limit;
    object["flows"] = state.flows;
    object["connections"] = proxy.connections;
    object["requests"] = proxy.requests;
    object["failed_handshakes"] = proxy.failed_handshakes;
    return dump(object);
}

std::string hosts_json(std::span<const PackedRecord> newest_first, certs::Time now) {
    std::map<std::pair<std::string_view, std::uint16_t>, Host> hosts;
    for (const PackedRecord& each : newest_first) {
        const Record record = each.without_contents();
        if (!record.server || record.imported) continue;
        const diagnosis::Diagnosis& found = record.server->diagnosis;  // which `each` holds too
        Host& host = hosts[{found.host, found.port}];
        if (!host.latest) host = {.latest = &found, .last_seen = record.flow.time, .flow = record.number};
        ++host.flows;
        if (record.flow.code != diagnosis::Code::none || found.outcome == diagnosis::Outcome::failed) ++host.failures;
    }
    std::vector<Object> rows;
    for (const auto& [endpoint, host] : hosts) rows.push_back(host_row(host, now));
    // Those without a certificate come last.
    std::ranges::stable_sort(rows, {}, [](const Object& row) { return row.value("days", INT64_MAX); });
    return dump({{"hosts", rows}});
}

std::expected<ReplayOrder, std::string> parse_replay(std::string_view text) {
    ReplayOrder order;
    if (text.empty()) return order;
    const auto object = object_of(text);
    if (!object) return std::unexpected(object.error());
    for (const auto& [key, value] : object->items())
        if (!is_one_of(key, {"method", "url", "headers", "body", "body_base64"}))
            return std::unexpected("\"" + printable(key, 64) + "\" is none of method, url, headers, body, body_base64");
    for (const auto& [key, member] :
         {std::pair("method", &order.method), {"url", &order.url}, {"body", &order.content}}) {
        auto value = text_of(*object, key);
        if (!value) return std::unexpected(value.error());
        *member = *std::move(value);
    }
    if (order.method && !http::is_token(*order.method))
        return std::unexpected("method: \"" + printable(*order.method, 64) + "\" is no method");
    if (order.url) {
        const auto target = http::parse_target("GET", *order.url);
        if (!target || target->form != http::TargetForm::absolute ||
            (target->scheme != "http" && target->scheme != "https"))
            return std::unexpected("url: \"" + printable(*order.url, 256) + "\" is no URL of http or https");
    }
    const auto base64 = text_of(*object, "body_base64");
    if (!base64) return std::unexpected(base64.error());
    if (*base64) {
        certs::ByteVector bytes;
        if (!certs::decode_base64(**base64, bytes)) return std::unexpected("body_base64: not base64");
        order.content = certs::as_text(bytes);
    }
    if (const auto headers = object->find("headers"); headers != object->end() && !headers->is_null()) {
        auto list = headers_of(*headers);
        if (!list) return std::unexpected(list.error());
        order.headers = *std::move(list);
    }
    return order;
}

std::expected<std::pair<std::string, std::uint16_t>, std::string> parse_endpoint(std::string_view text) {
    const auto object = object_of(text);
    if (!object) return std::unexpected(object.error());
    const auto host = text_of(*object, "host");
    if (!host) return std::unexpected(host.error());
    if (!*host || (*host)->empty()) return std::unexpected("host: missing");
    const auto port = object->find("port");
    if (port == object->end() || !port->is_number_integer() || port->get<std::int64_t>() < 1 ||
        port->get<std::int64_t>() > 65'535)
        return std::unexpected("port: not a number from 1 to 65535");
    return std::pair(**host, port->get<std::uint16_t>());
}

}  // namespace inspect::report
