#include "inspect/http/message.h"

#include <algorithm>
#include <array>
#include <limits>
#include <span>
#include <stdexcept>

#include "certs/bytes.h"

namespace inspect::http {

namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
// An order of names in which those that are the same (same_name) are equal.
bool precedes(std::string_view a, std::string_view b) {
    return std::ranges::lexicographical_compare(a, b, {}, lower, lower);
}

bool ends_line(char c) { return (c == '\r') | (c == '\n') | (c == '\0'); }

// A loop without a way out, in the condition either, is done many bytes at a time.
bool is_clean(std::string_view text) {
    bool clean = true;
    for (const char c : text) clean &= !ends_line(c);
    return clean;
}

void append_clean(std::string& wire, std::string_view part) {
    const std::size_t begin = wire.size();
    wire += part;
    if (!is_clean(part)) std::ranges::replace_if(std::span(wire).subspan(begin), ends_line, ' ');
}

void append_fields(std::string& wire, const Fields& fields) {
    const auto append = is_clean(std::get<0>(fields.stored()))
                            ? [](std::string& to, std::string_view part) { to += part; }
                            : [](std::string& to, std::string_view part) { append_clean(to, part); };
    for (const FieldLine field : fields) {
        append(wire, field.name);
        wire += ": ";
        append(wire, field.value);
        wire += "\r\n";
    }
    wire += "\r\n";
}

void append_version(std::string& wire, const Version& version) {
    wire += "HTTP/";
    wire += std::to_string(version.major);
    wire += '.';
    wire += std::to_string(version.minor);
}

std::size_t wire_size(const Fields& fields) {
    std::size_t size = 64;
    for (const FieldLine field : fields) size += field.name.size() + field.value.size() + 4;
    return size;
}

}  // namespace

bool is_token(std::string_view text) {
    static constexpr auto table = [] {
        std::array<bool, 256> allowed{};
        for (const char c :
             std::string_view("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"))
            allowed[static_cast<unsigned char>(c)] = true;
        return allowed;
    }();
    return !text.empty() && std::ranges::all_of(text, [](char c) { return table[static_cast<unsigned char>(c)]; });
}

bool is_value_text(std::string_view text) {
    bool all = true;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        all &= ((byte >= 0x20) & (byte != 0x7f)) | (byte == '\t');
    }
    return all;
}

bool same_name(std::string_view a, std::string_view b) {
    return std::ranges::equal(a, b, [](char x, char y) { return x == y || lower(x) == lower(y); });
}

bool is_among(std::string_view name, std::span<const std::string_view> names) {
    return std::ranges::any_of(names, [&](std::string_view other) {
        return other.size() == name.size() && lower(other.front()) == lower(name.front()) && same_name(other, name);
    });
}

std::string_view take_member(std::string_view& list) {
    const std::size_t comma = list.find(',');
    const std::string_view member = certs::trimmed(list.substr(0, comma));
    list.remove_prefix(comma == std::string_view::npos ? list.size() : comma + 1);
    return member;
}

Fields::Line Fields::append(std::string_view name, std::string_view value) {
    constexpr std::size_t least = 256;
    const std::size_t begin = text_.size(), end = begin + name.size() + value.size();
    if (end > std::numeric_limits<std::uint32_t>::max()) throw std::length_error("the fields of a message");
    if (end > text_.capacity()) {  // name and value may be views of the text
        std::string wider;
        wider.reserve(std::max({least, end, 2 * text_.capacity()}));
        wider.append(text_).append(name).append(value);
        text_ = std::move(wider);
    } else {
        text_.append(name).append(value);
    }
    return {static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(name.size()),
            static_cast<std::uint32_t>(value.size())};
}

void Fields::add(std::string_view name, std::string_view value) {
    constexpr std::size_t usual = 16;
    if (lines_.empty()) lines_.reserve(usual);
    lines_.push_back(append(name, certs::trimmed(value)));
}

void Fields::set(std::string_view name, std::string_view value) {
    const auto first = std::ranges::find_if(lines_, [&](const Line& line) { return is(line, name); });
    if (first == lines_.end()) return add(name, value);
    const auto [from, to] =
        std::ranges::remove_if(std::next(first), lines_.end(), [&](const Line& line) { return is(line, name); });
    lines_.erase(from, to);
    *first = append(at(*first).name, certs::trimmed(value));
}

void Fields::rewrite(std::string_view name, const std::function<std::string(std::string_view)>& change) {
    for (Line& line : lines_) {
        if (is(line, name)) line = append(at(line).name, change(at(line).value));
    }
}

std::size_t Fields::remove(std::string_view name) {
    return std::erase_if(lines_, [&](const Line& line) { return is(line, name); });
}

void Fields::clear() {
    text_.clear();
    lines_.clear();
}

std::optional<std::string_view> Fields::find(std::string_view name) const {
    const auto found = std::ranges::find_if(lines_, [&](const Line& line) { return is(line, name); });
    return found == lines_.end() ? std::nullopt : std::optional(at(*found).value);
}

std::size_t Fields::count(std::string_view name) const {
    return static_cast<std::size_t>(std::ranges::count_if(lines_, [&](const Line& line) { return is(line, name); }));
}

bool Fields::has_token(std::string_view name, std::string_view token) const {
    for (const Line& line : lines_) {
        if (!is(line, name)) continue;
        for (std::string_view rest = at(line).value; !rest.empty();)
            if (same_name(take_member(rest), token)) return true;
    }
    return false;
}

bool Fields::operator==(const Fields& other) const { return std::ranges::equal(*this, other); }

void Fields::remove_hop_by_hop() {
    static constexpr std::array<std::string_view, 3> kept{"Transfer-Encoding", "Content-Length", "Host"};
    static constexpr std::array<std::string_view, 7> dropped{
        "Connection", "Keep-Alive", "Proxy-Connection", "TE", "Upgrade", "Proxy-Authorization", "Proxy-Authenticate"};
    std::vector<std::string_view> named;
    for (const FieldLine field : *this) {
        if (!same_name(field.name, "Connection")) continue;
        for (std::string_view rest = field.value; !rest.empty();) named.push_back(take_member(rest));
    }
    // A head may name thousands of fields, and have as many.
    std::ranges::sort(named, precedes);
    std::erase_if(lines_, [&](const Line& line) {
        const std::string_view name = at(line).name;
        return is_among(name, dropped) ||
               (!named.empty() && std::ranges::binary_search(named, name, precedes) && !is_among(name, kept));
    });
}

std::string to_wire(const RequestHead& head) {
    std::string wire;
    wire.reserve(wire_size(head.fields) + head.method.size() + head.target.size());
    append_clean(wire, head.method);
    wire += ' ';
    append_clean(wire, head.target);
    wire += ' ';
    append_version(wire, head.version);
    wire += "\r\n";
    append_fields(wire, head.fields);
    return wire;
}

std::string to_wire(const ResponseHead& head) {
    std::string wire;
    wire.reserve(wire_size(head.fields) + head.reason.size());
    append_version(wire, head.version);
    wire += ' ';
    for (const int place : {100, 10, 1}) wire += static_cast<char>('0' + head.status / place % 10);
    wire += ' ';
    append_clean(wire, head.reason);
    wire += "\r\n";
    append_fields(wire, head.fields);
    return wire;
}

std::string to_wire(const Fields& fields) {
    std::string wire;
    append_fields(wire, fields);
    return wire;
}

std::string_view reason_phrase(int status) {
    switch (status) {
        case 200: return "OK";
        case 204: return "No Content";
        case 307: return "Temporary Redirect";
        case 400: return "Bad Request";
        case 401: return "Unauthorized";
        case 403: return "Forbidden";
        case 404: return "Not Found";
        case 405: return "Method Not Allowed";
        case 407: return "Proxy Authentication Required";
        case 408: return "Request Timeout";
        case 409: return "Conflict";
        case 413: return "Content Too Large";
        case 421: return "Misdirected Request";
        case 429: return "Too Many Requests";
        case 431: return "Request Header Fields Too Large";
        case 502: return "Bad Gateway";
        case 503: return "Service Unavailable";
        case 504: return "Gateway Timeout";
        default: return "";
    }
}

}  // namespace inspect::http
