// Header lists of HTTP/2 → heads. Part of translate.h.
#include <algorithm>
#include <array>
#include <optional>

#include "certs/bytes.h"
#include "inspect/http/http2/translate.h"

namespace inspect::http2 {

namespace {

using http::Fields;
using Line = HeaderList::Line;

// RFC 9113 §8.2.1 refuses less (NUL, CR, LF); RFC 9110 §5.5 allows no other control byte but the
// tab, and readers of HTTP/1 refuse those.
bool is_value(std::string_view value) {
    return certs::trimmed(value).size() == value.size() && http::is_value_text(value);
}

bool is_name(std::string_view name) {
    return http::is_token(name) && std::ranges::none_of(name, [](char c) { return c >= 'A' && c <= 'Z'; });
}

// RFC 9113 §8.2.2. TE is one too, but for "trailers".
bool is_connection_specific(const Line& line) {
    static constexpr std::array<std::string_view, 6> names{"connection",        "keep-alive", "proxy-connection",
                                                           "transfer-encoding", "upgrade",    "http2-settings"};
    if (line.name == "te") return !http::same_name(line.value, "trailers");
    return std::ranges::find(names, line.name) != names.end();
}

bool is_number(std::string_view text) {
    static constexpr std::string_view most = "9223372036854775807";  // other readers hold a length in signed 64 bits
    if (text.empty() || !std::ranges::all_of(text, certs::is_digit)) return false;
    const std::string_view digits = text.substr(std::min(text.find_first_not_of('0'), text.size()));
    return digits.size() < most.size() || (digits.size() == most.size() && digits <= most);
}

// The pseudo-header fields of a message, each once (RFC 9113 §8.3).
struct Pseudo {
    std::optional<std::string_view> method, scheme, authority, path, protocol, status;

    std::optional<std::string_view>* find(std::string_view name, bool response) {
        if (response) return name == ":status" ? &status : nullptr;
        if (name == ":method") return &method;
        if (name == ":scheme") return &scheme;
        if (name == ":authority") return &authority;
        if (name == ":path") return &path;
        return name == ":protocol" ? &protocol : nullptr;
    }
};

// What is common to all three: returns where the fields begin, and checks each of them.
std::expected<std::size_t, Malformed> check_lines(const HeaderList& list, Pseudo& pseudo, bool response) {
    std::size_t first = 0;
    for (; first < list.size() && list[first].name.starts_with(':'); ++first) {
        const Line line = list[first];
        std::optional<std::string_view>* part = pseudo.find(line.name, response);
        if (part == nullptr) return std::unexpected(Malformed::unknown_pseudo);
        if (*part) return std::unexpected(Malformed::doubled_pseudo);
        if (!is_value(line.value)) return std::unexpected(Malformed::value);
        *part = line.value;
    }
    bool has_length = false;
    for (std::size_t at = first; at < list.size(); ++at) {
        const Line line = list[at];
        if (line.name.starts_with(':')) return std::unexpected(Malformed::pseudo_after_field);
        if (!is_name(line.name)) return std::unexpected(Malformed::name);
        if (!is_value(line.value)) return std::unexpected(Malformed::value);
        if (is_connection_specific(line)) return std::unexpected(Malformed::connection_specific);
        if (line.name != "content-length") continue;
        if (has_length || !is_number(line.value)) return std::unexpected(Malformed::content_length);
        has_length = true;
    }
    return first;
}

// RFC 9113 §8.2.3: the crumbs from `at` on, as one value.
std::string joined_cookies(const HeaderList& list, std::size_t at) {
    std::string joined(list[at].value);
    for (++at; at < list.size(); ++at) {
        const Line line = list[at];
        if (line.name != "cookie" || line.value.empty()) continue;
        if (!joined.empty()) joined += "; ";
        joined += line.value;
    }
    return joined;
}

void add_fields(const HeaderList& list, std::size_t first, Fields& fields) {
    bool had_cookie = false;
    for (std::size_t at = first; at < list.size(); ++at) {
        const Line line = list[at];
        if (line.name == "host") continue;
        if (line.name != "cookie") {
            fields.add(line.name, line.value);
        } else if (!had_cookie) {
            had_cookie = true;
            fields.add(line.name, joined_cookies(list, at));
        }
    }
}

// The request's one host: :authority, or Host in its place; both only when they name the same.
std::expected<std::string, Malformed> authority_of(const HeaderList& list, std::size_t first, const Pseudo& pseudo) {
    std::optional<std::string_view> host;
    for (std::size_t at = first; at < list.size(); ++at) {
        if (list[at].name != "host") continue;
        if (host) return std::unexpected(Malformed::host);
        host = list[at].value;
    }
    const std::string_view scheme = pseudo.scheme.value_or("https");
    if (!pseudo.authority && !host) return std::unexpected(Malformed::missing_pseudo);
    const auto target = http::parse_authority(scheme, pseudo.authority ? *pseudo.authority : *host);
    if (!target) return std::unexpected(pseudo.authority ? Malformed::authority : Malformed::host);
    if (!pseudo.authority || !host) return std::string(pseudo.authority ? *pseudo.authority : *host);
    const auto other = http::parse_authority(scheme, *host);
    if (!other || other->host != target->host || other->port != target->port) return std::unexpected(Malformed::host);
    return std::string(*pseudo.authority);
}

// RFC 3986 §3.1.
bool is_scheme(std::string_view scheme) {
    return !scheme.empty() && http::is_token(scheme) &&
           scheme.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-.") ==
               std::string_view::npos &&
           !certs::is_digit(scheme.front()) && scheme.front() != '+' && scheme.front() != '-' && scheme.front() != '.';
}

// RFC 9113 §8.5 and RFC 8441 §4, else §8.3.1: which pseudo-header fields a request has.
bool has_its_pseudo(const Pseudo& pseudo, bool plain_connect) {
    if (plain_connect) return pseudo.authority && !pseudo.scheme && !pseudo.path;
    return pseudo.scheme && pseudo.path && (!pseudo.protocol || pseudo.authority);
}

std::optional<Malformed> wrong_in(const Pseudo& pseudo, bool plain_connect) {
    if (plain_connect)
        return http::parse_target("CONNECT", *pseudo.authority) ? std::nullopt : std::optional(Malformed::authority);
    if (!is_scheme(*pseudo.scheme)) return Malformed::scheme;
    const std::string_view path = *pseudo.path;
    const bool asterisk = path == "*" && *pseudo.method == "OPTIONS";
    if (!asterisk && (!path.starts_with('/') || !http::is_target_text(path))) return Malformed::path;
    return std::nullopt;
}

std::string lowered(std::string_view text) {
    std::string result(text);
    for (char& c : result)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return result;
}

}  // namespace

std::expected<Request, Malformed> read_request(const HeaderList& list) {
    Pseudo pseudo;
    const auto first = check_lines(list, pseudo, false);
    if (!first) return std::unexpected(first.error());
    if (!pseudo.method) return std::unexpected(Malformed::missing_pseudo);
    if (!http::is_token(*pseudo.method)) return std::unexpected(Malformed::method);
    const bool connect = *pseudo.method == "CONNECT", plain = connect && !pseudo.protocol;
    if (pseudo.protocol && (!connect || !http::is_token(*pseudo.protocol))) return std::unexpected(Malformed::protocol);
    if (!has_its_pseudo(pseudo, plain)) return std::unexpected(Malformed::missing_pseudo);
    if (const auto wrong = wrong_in(pseudo, plain)) return std::unexpected(*wrong);
    const auto authority = authority_of(list, *first, pseudo);
    if (!authority) return std::unexpected(authority.error());

    Request request;
    request.head.method = *pseudo.method;
    request.head.target = plain ? *authority : *pseudo.path;
    request.head.version = {2, 0};
    if (pseudo.scheme) request.scheme = lowered(*pseudo.scheme);
    if (pseudo.protocol) request.protocol = *pseudo.protocol;
    request.head.fields.add("host", *authority);
    add_fields(list, *first, request.head.fields);
    // RFC 9110 §9.3.6: a CONNECT has no content; one reader would take a tunnel's bytes for it.
    if (connect && request.head.fields.has("content-length")) return std::unexpected(Malformed::content_length);
    return request;
}

std::expected<http::ResponseHead, Malformed> read_response(const HeaderList& list) {
    Pseudo pseudo;
    const auto first = check_lines(list, pseudo, true);
    if (!first) return std::unexpected(first.error());
    if (!pseudo.status) return std::unexpected(Malformed::missing_pseudo);
    const std::string_view status = *pseudo.status;
    if (status.size() != 3 || !std::ranges::all_of(status, certs::is_digit) || status.front() == '0' || status == "101")
        return std::unexpected(Malformed::status);
    http::ResponseHead head;
    head.status = (status[0] - '0') * 100 + (status[1] - '0') * 10 + (status[2] - '0');
    head.version = {2, 0};
    for (std::size_t at = *first; at < list.size(); ++at) head.fields.add(list[at].name, list[at].value);
    return head;
}

std::expected<http::Fields, Malformed> read_trailers(const HeaderList& list) {
    if (!list.empty() && list[0].name.starts_with(':')) return std::unexpected(Malformed::unknown_pseudo);
    Pseudo none;
    if (const auto first = check_lines(list, none, true); !first) return std::unexpected(first.error());
    Fields fields;
    for (std::size_t at = 0; at < list.size(); ++at) {
        // RFC 9110 §6.5.1: they would say something else about a message that has begun.
        if (list[at].name == "content-length") return std::unexpected(Malformed::content_length);
        if (list[at].name == "host") return std::unexpected(Malformed::host);
        fields.add(list[at].name, list[at].value);
    }
    return fields;
}

std::string_view name(Malformed why) {
    switch (why) {
        case Malformed::name: return "name";
        case Malformed::value: return "value";
        case Malformed::pseudo_after_field: return "pseudo_after_field";
        case Malformed::unknown_pseudo: return "unknown_pseudo";
        case Malformed::doubled_pseudo: return "doubled_pseudo";
        case Malformed::missing_pseudo: return "missing_pseudo";
        case Malformed::method: return "method";
        case Malformed::scheme: return "scheme";
        case Malformed::path: return "path";
        case Malformed::authority: return "authority";
        case Malformed::host: return "host";
        case Malformed::protocol: return "protocol";
        case Malformed::status: return "status";
        case Malformed::connection_specific: return "connection_specific";
        case Malformed::content_length: return "content_length";
    }
    return "";
}

}  // namespace inspect::http2
