// Heads → header lists of HTTP/2. Part of translate.h.
#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include "certs/bytes.h"
#include "inspect/http/http2/translate.h"

namespace inspect::http2 {

namespace {

using http::Fields;

std::string lowered(std::string_view text) {
    std::string result(text);
    for (char& c : result)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return result;
}

// RFC 9113 §8.2.2 and RFC 7540 §3.2.1; Host becomes :authority.
bool is_left_out(std::string_view name) {
    static constexpr std::array<std::string_view, 7> names{
        "Connection", "Keep-Alive", "Proxy-Connection", "Transfer-Encoding", "Upgrade", "HTTP2-Settings", "Host"};
    return http::is_among(name, names);
}

// What Connection names, in lower case and sorted: a head may name thousands of fields, and have
// as many. Content-Length is not left out: a Connection that names it is an attack on the next hop.
std::vector<std::string> named_by_connection(const Fields& fields) {
    std::vector<std::string> named;
    for (const http::FieldLine field : fields) {
        if (!http::same_name(field.name, "Connection")) continue;
        for (std::string_view rest = field.value; !rest.empty();) {
            std::string member = lowered(http::take_member(rest));
            if (!member.empty() && member != "content-length" && member != "te") named.push_back(std::move(member));
        }
    }
    std::ranges::sort(named);
    return named;
}

// Whether content is without transfer codings once chunked is taken off.
bool is_uncoded(const Fields& fields) {
    for (const http::FieldLine field : fields) {
        if (!http::same_name(field.name, "Transfer-Encoding")) continue;
        if (!http::same_name(field.value, "chunked")) return false;
    }
    return true;
}

bool write_fields(const Fields& fields, bool without_length, HeaderList& list) {
    if (!is_uncoded(fields)) return false;
    without_length = without_length || fields.has("Transfer-Encoding");
    const std::vector<std::string> named = named_by_connection(fields);
    bool has_te = false;
    for (const http::FieldLine field : fields) {
        if (!http::is_token(field.name) || !http::is_value_text(field.value)) return false;
        if (is_left_out(field.name) || (without_length && http::same_name(field.name, "Content-Length"))) continue;
        if (!named.empty() && std::ranges::binary_search(named, lowered(field.name))) continue;
        if (!http::same_name(field.name, "TE")) {
            list.add_lowered(field.name, field.value);
        } else if (!has_te && fields.has_token("TE", "trailers")) {
            list.add("te", "trailers");
            has_te = true;
        }
    }
    return true;
}

struct Parts {
    std::string scheme, authority, path;
};

// Of a request that is no plain CONNECT. nullopt when it has no form in HTTP/2.
std::optional<Parts> parts_of(const http::RequestHead& head, std::string_view method, std::string_view scheme) {
    const auto target = http::parse_target(method, head.target);
    if (!target) return std::nullopt;
    if (target->form == http::TargetForm::absolute)
        return Parts{target->scheme, http::authority(*target), target->path_and_query};
    Parts parts{std::string(scheme), "", head.target};
    const auto host = head.fields.find("Host");
    // RFC 9113 §8.3.1: none is made up for a request of HTTP/1.0; an empty one must not be sent.
    if (!host || host->empty()) return parts;
    if (!http::parse_authority(parts.scheme, *host)) return std::nullopt;
    parts.authority = *host;
    return parts;
}

}  // namespace

bool write_request(const http::RequestHead& head, std::string_view scheme, std::string_view protocol,
                   HeaderList& list) {
    if (!http::is_token(head.method) || head.fields.count("Host") > 1) return false;
    if (!protocol.empty() && !http::is_token(protocol)) return false;
    if (head.method == "CONNECT" && protocol.empty()) {
        if (!http::parse_target("CONNECT", head.target)) return false;
        list.add(":method", "CONNECT");
        list.add(":authority", head.target);
        // RFC 9110 §9.3.6: it has no content.
        return !head.fields.has("Content-Length") && !head.fields.has("Transfer-Encoding") &&
               write_fields(head.fields, false, list);
    }
    const auto parts = parts_of(head, protocol.empty() ? std::string_view(head.method) : "GET", scheme);
    if (!parts || parts->scheme.empty()) return false;
    list.add(":method", protocol.empty() ? std::string_view(head.method) : "CONNECT");
    if (!protocol.empty()) list.add(":protocol", protocol);
    list.add(":scheme", parts->scheme);
    if (!parts->authority.empty()) list.add(":authority", parts->authority);
    list.add(":path", parts->path);
    return write_fields(head.fields, false, list);
}

bool write_response(const http::ResponseHead& head, HeaderList& list) {
    if (head.status < 100 || head.status > 999 || head.status == 101) return false;
    list.add(":status", std::to_string(head.status));
    // RFC 9110 §8.6: an interim response and 204 have none.
    return write_fields(head.fields, head.status < 200 || head.status == 204, list);
}

bool write_trailers(const http::Fields& fields, HeaderList& list) { return write_fields(fields, true, list); }

}  // namespace inspect::http2
