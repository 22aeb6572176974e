#include "inspect/otlp/attributes.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "inspect/report/print/redaction.h"

namespace inspect::otlp {

namespace {

using diagnosis::Code;

void add_text(Attributes& to, std::string_view key, std::string_view value) {
    if (!value.empty()) to.push_back({key, std::string(value)});
}

void add_number(Attributes& to, std::string_view key, std::uint64_t value) {
    to.push_back({key, static_cast<std::int64_t>(value)});
}

// "127.0.0.1:51000", "[::1]:443".
void add_endpoint(Attributes& to, std::string_view address, std::string_view port, std::string_view endpoint) {
    const std::size_t colon = endpoint.rfind(':');
    if (colon == std::string_view::npos) return;
    std::string_view ip = endpoint.substr(0, colon), digits = endpoint.substr(colon + 1);
    if (ip.starts_with('[') && ip.ends_with(']')) ip = ip.substr(1, ip.size() - 2);
    add_text(to, address, ip);
    std::uint16_t number = 0;
    if (std::from_chars(digits.data(), digits.data() + digits.size(), number).ec == std::errc())
        add_number(to, port, number);
}

void add_server(Attributes& to, std::string_view host, std::uint16_t port) {
    if (host.empty()) return;
    add_text(to, "server.address", host);
    add_number(to, "server.port", port);
}

// "TLSv1.3" is "1.3" of "tls".
void add_tls(Attributes& to, std::string_view version, std::string_view cipher, std::string_view alpn) {
    if (version.starts_with("TLSv")) {
        add_text(to, "tls.protocol.name", "tls");
        add_text(to, "tls.protocol.version", version.substr(4));
    }
    add_text(to, "tls.cipher", cipher);
    add_text(to, "tls.next_protocol", alpn);
}

// The parts of a URL or a path, with its secrets masked already. The authority of a CONNECT has
// none.
void add_url(Attributes& to, std::string_view url) {
    const std::size_t scheme = url.find("://");
    std::size_t path = 0;
    if (!url.starts_with('/')) {
        if (scheme == std::string_view::npos) return;
        add_text(to, "url.full", url);
        add_text(to, "url.scheme", url.substr(0, scheme));
        path = std::min(url.find_first_of("/?", scheme + 3), url.size());
    }
    const std::size_t query = std::min(url.find('?', path), url.size());
    add_text(to, "url.path", query == path ? "/" : url.substr(path, query - path));
    if (query < url.size()) add_text(to, "url.query", url.substr(query + 1));
}

void add_certificate(Attributes& to, const certs::Description& leaf) {
    std::string sha256 = leaf.sha256;
    for (char& each : sha256)
        if (each >= 'a' && each <= 'f') each = static_cast<char>(each - 'a' + 'A');
    add_text(to, "tls.server.subject", leaf.subject);
    add_text(to, "tls.server.issuer", leaf.issuer);
    add_text(to, "tls.server.not_before", certs::rfc3339(leaf.not_before));
    add_text(to, "tls.server.not_after", certs::rfc3339(leaf.not_after));
    add_text(to, "tls.server.hash.sha256", sha256);
}

}  // namespace

std::string_view known_method(std::string_view method) {
    constexpr std::array<std::string_view, 9> known = {"GET",     "HEAD",    "POST",  "PUT",  "DELETE",
                                                       "CONNECT", "OPTIONS", "TRACE", "PATCH"};
    const auto* const found = std::ranges::find(known, method);
    return found == known.end() ? "_OTHER" : *found;
}

std::string error_type(const Flow& flow) {
    if (flow.code != Code::none) return std::string(name(flow.code));
    return flow.status >= 500 ? std::to_string(flow.status) : "";
}

Attributes request_attributes(const Record& record, const report::Secrets& secrets) {
    const Flow& flow = record.flow;
    Attributes list;
    const std::string_view method = known_method(flow.method);
    add_text(list, "http.request.method", method);
    if (method != flow.method) add_text(list, "http.request.method_original", flow.method);
    add_url(list, secrets.shown ? flow.url : report::redacted(flow.url, secrets.names));
    add_server(list, flow.host, flow.port);
    add_endpoint(list, "client.address", "client.port", flow.client);
    if (!flow.protocol.empty()) {
        add_text(list, "network.protocol.name", "http");
        add_text(list, "network.protocol.version",
                 flow.protocol.starts_with("http/") ? flow.protocol.substr(5)
                 : flow.protocol == "h2"            ? "2"
                                                    : "");
    }
    if (flow.status > 0) add_number(list, "http.response.status_code", static_cast<std::uint64_t>(flow.status));
    add_number(list, "http.request.body.size", flow.request_bytes);
    add_number(list, "http.response.body.size", flow.response_bytes);
    const auto agent = record.request ? record.request->fields.find("User-Agent") : std::nullopt;
    if (agent) add_text(list, "user_agent.original", *agent);
    if (record.client) {
        list.push_back({"tls.established", !record.client->version.empty()});
        add_tls(list, record.client->version, record.client->cipher, record.client->alpn);
    }
    add_text(list, "error.type", error_type(flow));
    if (flow.let_through != Code::none) add_text(list, "whytls.let_through", name(flow.let_through));
    add_text(list, "whytls.flow.id", flow.id);
    return list;
}

Attributes handshake_attributes(const diagnosis::Diagnosis& found) {
    Attributes list;
    add_server(list, found.host, found.port);
    add_endpoint(list, "network.peer.address", "network.peer.port", found.address);
    const bool failed = found.outcome == diagnosis::Outcome::failed && !found.let_through;
    list.push_back({"tls.established", !failed});
    if (found.handshake) {
        add_tls(list, found.handshake->version, found.handshake->cipher, found.handshake->alpn);
        add_text(list, "tls.curve", found.handshake->group);
        list.push_back({"tls.resumed", found.handshake->resumed});
    }
    if (!found.chain.empty() && !found.chain.front().unreadable) add_certificate(list, found.chain.front().description);
    if (failed) add_text(list, "error.type", name(found.code));
    if (found.let_through) add_text(list, "whytls.let_through", name(found.code));
    return list;
}

Attributes client_attributes(const Record& record) {
    Attributes list;
    add_server(list, record.flow.host, record.flow.port);
    add_endpoint(list, "client.address", "client.port", record.flow.client);
    list.push_back({"tls.established", false});
    if (record.client) add_tls(list, record.client->version, record.client->cipher, record.client->alpn);
    add_text(list, "error.type", name(record.flow.code));
    add_text(list, "whytls.flow.id", record.flow.id);
    return list;
}

}  // namespace inspect::otlp
