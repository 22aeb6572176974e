#include "inspect/http/http1/framing.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

namespace inspect::http {

namespace {

struct Declared {
    bool chunked = false;
    bool coded = false;  // by codings that do not mark the body's end
    std::optional<std::uint64_t> length;
};

bool is_known_coding(std::string_view name) {
    static constexpr std::array<std::string_view, 5> known{"gzip", "x-gzip", "deflate", "compress", "x-compress"};
    return is_among(name, known);
}

// Registered codings without parameters (RFC 9112 §7); only the last may be chunked. A list over
// several lines would be legal, but a reader that looks at only one line sees another body. nullopt
// for anything else.
std::optional<Declared> codings(std::string_view value) {
    while (true) {
        const std::size_t comma = value.find(',');
        std::string_view coding = value.substr(0, comma);
        while (coding.starts_with(' ') || coding.starts_with('\t')) coding.remove_prefix(1);
        while (coding.ends_with(' ') || coding.ends_with('\t')) coding.remove_suffix(1);
        const bool last = comma == std::string_view::npos;
        if (last && same_name(coding, "chunked")) return Declared{.chunked = true};
        if (!is_known_coding(coding)) return std::nullopt;
        if (last) return Declared{.coded = true};
        value.remove_prefix(comma + 1);
    }
}

std::expected<Declared, MessageError> declared(const Fields& fields, Version version) {
    const std::size_t lengths = fields.count("Content-Length"), coding_lines = fields.count("Transfer-Encoding");
    Declared result;
    if (lengths + coding_lines > 1) return std::unexpected(MessageError::ambiguous_length);
    if (coding_lines == 1) {
        // RFC 9112 §6.1: a transfer coding in an HTTP/1.0 message is faulty framing.
        const auto found = version.minor == 0 ? std::nullopt : codings(*fields.find("Transfer-Encoding"));
        if (!found) return std::unexpected(MessageError::ambiguous_length);
        result = *found;
    }
    if (lengths == 1) {
        result.length = parse_length(*fields.find("Content-Length"));
        if (!result.length) return std::unexpected(MessageError::ambiguous_length);
    }
    return result;
}

// RFC 9112 §9.3.
bool keeps_alive(const Fields& fields, Version version) {
    if (fields.has_token("Connection", "close")) return false;
    return version.minor >= 1 || fields.has_token("Connection", "keep-alive");
}

// RFC 9112 §3.2.
bool has_proper_host(const RequestHead& head) {
    const std::size_t hosts = head.fields.count("Host");
    if (hosts == 0) return head.version.minor == 0;
    const std::string_view host = *head.fields.find("Host");
    return hosts == 1 && host.find_first_of(" \t/\\?#@,\"<>") == std::string::npos;
}

Framing with_body(const Declared& declared, bool keeps_alive) {
    if (declared.chunked) return {.body = Framing::Body::chunked, .keeps_alive = keeps_alive};
    if (declared.length.value_or(0) > 0)
        return {.body = Framing::Body::length, .length = *declared.length, .keeps_alive = keeps_alive};
    return {.keeps_alive = keeps_alive};
}

}  // namespace

std::optional<std::uint64_t> parse_length(std::string_view text) {
    // from_chars would take a sign.
    if (text.empty() || !std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; })) return std::nullopt;
    std::uint64_t length = 0;
    const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), length);
    // Most other readers hold the length in signed 64 bits.
    if (error != std::errc{} || length > INT64_MAX) return std::nullopt;
    return length;
}

std::expected<Framing, MessageError> framing_of(const RequestHead& head) {
    if (!has_proper_host(head)) return std::unexpected(MessageError::bad_host);
    const auto found = declared(head.fields, head.version);
    if (!found) return std::unexpected(found.error());
    // RFC 9112 §6.3: a request's length must be known; a response may end with its connection.
    if (found->coded) return std::unexpected(MessageError::ambiguous_length);
    const Framing framing = with_body(*found, keeps_alive(head.fields, head.version));
    // RFC 9110 §9.3.6: a CONNECT has no content. Bytes after it belong to the tunnel for one
    // reader, and are a body for another.
    if (head.method == "CONNECT" && framing.body != Framing::Body::none)
        return std::unexpected(MessageError::ambiguous_length);
    return framing;
}

std::expected<Framing, MessageError> framing_of(const ResponseHead& head, std::string_view method) {
    const auto found = declared(head.fields, head.version);
    if (!found) return std::unexpected(found.error());
    const bool alive = keeps_alive(head.fields, head.version);
    const bool informational = head.status < 200;
    const bool tunnel = method == "CONNECT" && head.status < 300 && !informational;
    if (method == "HEAD" || informational || head.status == 204 || head.status == 304 || tunnel)
        return Framing{.keeps_alive = alive};
    if (!found->chunked && !found->length) return Framing{.body = Framing::Body::until_close, .keeps_alive = false};
    return with_body(*found, alive);
}

}  // namespace inspect::http
