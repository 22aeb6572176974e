#include "inspect/diagnosis/explain/http_fault.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "inspect/diagnosis/first_bytes.h"
#include "inspect/diagnosis/shown_line.h"
#include "inspect/diagnosis/wording.h"
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

std::string size_text(std::size_t bytes) {
    constexpr std::size_t kib = 1024, mib = kib * kib;
    if (bytes % mib == 0 && bytes > 0) return fmt::format("{} MiB", bytes / mib);
    if (bytes % kib == 0 && bytes > 0) return fmt::format("{} KiB", bytes / kib);
    return counted(bytes, "byte");
}

// "Content-Length is +3, which is no length"; "" for one that can be read, and for several.
std::string bad_length(const http::Fault& fault) {
    if (fault.lengths.size() != 1 || !http::same_name(fault.lengths.front().name, "Content-Length")) return "";
    const std::string& value = fault.lengths.front().value;
    if (value.empty()) return "Content-Length is empty";
    if (http::parse_length(value)) return "";
    const bool digits = value.find_first_not_of("0123456789") == std::string::npos;
    return fmt::format("Content-Length is {}, which is {}", shorten(value, 30),
                       digits ? "larger than any body can be" : "no length");
}

// "Content-Length is 5 and 7"; "" unless there are several.
std::string several_lengths(const http::Fault& fault) {
    std::string values;
    std::size_t count = 0;
    for (const http::Field& field : fault.lengths) {
        if (!http::same_name(field.name, "Content-Length") || ++count > 3) continue;
        values += (values.empty() ? "" : " and ") + shorten(field.value, 20);
    }
    return count > 1 ? fmt::format("Content-Length is {}{}", values, count > 3 ? " and more" : "") : "";
}

// Shows the first byte that is not chunk framing, and no more: what follows it may be the body's.
std::string broken_chunk(std::uint8_t byte) {
    const std::string sign = byte > 0x20 && byte < 0x7F ? fmt::format(" (\"{}\")", static_cast<char>(byte)) : "";
    return fmt::format(
        "a chunk of the body is malformed: the byte 0x{:02x}{} stands where a size in hexadecimal, CRLF, that many bytes and CRLF should go "
        "on",
        byte, sign);
}

// The words of an error, with what is known about the place.
std::string exact_words(http::MessageError error, const http::Fault& fault) {
    if (error == http::MessageError::head_too_large && fault.limit > 0) return too_large(fault);
    if (std::string length = bad_length(fault); !length.empty()) return length;
    if (error == http::MessageError::bad_chunk && fault.byte) return broken_chunk(*fault.byte);
    const std::string lengths = several_lengths(fault), place = lengths.empty() ? describe(fault) : lengths;
    return place.empty() ? std::string(words(error)) : fmt::format("{}: {}", words(error), place);
}

// Four times as much, up to what the option allows (proxy/command/limit_options).
std::string raise_limit(std::size_t limit) {
    constexpr std::size_t kib = 1024, most = 16 * kib * kib;
    const std::size_t raised = std::min(limit * 4, most);
    return fmt::format("whytls proxy --max-header {}K", (raised + kib - 1) / kib);
}

}  // namespace

// A stray print before the head, most often only an empty line.
bool begins_with_empty_line(std::string_view bytes) {
    const std::size_t begin = bytes.find_first_not_of("\r\n");
    return begin != 0 && begin != std::string_view::npos && bytes.substr(begin).starts_with("HTTP/");
}

void add_first_bytes(Problem& problem, std::string_view bytes) {
    if (bytes.empty()) return;
    const std::string_view body = begins_body(bytes);
    std::string shown = show_first_bytes(bytes);
    if (begins_with_empty_line(bytes))
        shown = std::string(bytes.substr(0, bytes.find_first_of("\r\n", bytes.find_first_not_of("\r\n"))));
    problem.evidence.push_back({"first bytes received",
                                body.empty() ? replaced(without_secrets(shown), "  ", "\\x20\\x20")
                                             : fmt::format("(not shown: they look like {})", body),
                                "",
                                {}});
}

std::string too_large(const http::Fault& fault) {
    return fmt::format("{} is larger than {}", fault.in_trailers ? "the trailer section" : "the head",
                       size_text(fault.limit));
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
        largest.values.push_back(
            each.fields > 1 ? fmt::format("{}: {} in {} fields", name, counted(each.bytes, "byte"), each.fields)
                            : fmt::format("{}: {}", name, counted(each.bytes, "byte")));
    }
    largest.note = "as far as it was read";
    if (!largest.values.empty()) problem.evidence.push_back(std::move(largest));
    if (fault.line > 1) problem.evidence.push_back({fmt::format("line {}", fault.line), shown_line(fault), "", {}});
    for (const http::Field& field : fault.lengths) {
        const auto same = std::ranges::find_if(
            problem.evidence, [&](const EvidenceRow& row) { return http::same_name(row.label, field.name); });
        if (same == problem.evidence.end()) {
            problem.evidence.push_back(
                {field.name, field.value.empty() ? "(empty)" : shorten(field.value, 60), "", {}});
            continue;
        }
        if (same->values.empty()) same->values = {std::exchange(same->value, {})};
        same->values.push_back(shorten(field.value, 60));
    }
}

// A tunnel that no one reads passes everything on; plain HTTP has no tunnel.
void offer_passthrough(const Context& context, Problem& problem) {
    const Attempt& attempt = context.attempt;
    if (!attempt.tls || attempt.host.empty() || attempt.check) return;
    problem.fixes.push_back(
        {Actor::client,
         "To go round whytls for this host: with --passthrough its tunnels pass as they are, for clients that have "
         "whytls as their proxy; then nothing in them is explained.",
         "whytls proxy --passthrough " + shell_word(attempt.host)});
}

Fix raise_max_header(const Context& context, const http::Fault& fault) {
    return {Actor::client, "Raise the limit of whytls with --max-header.",
            context.attempt.check ? "" : raise_limit(fault.limit)};
}

}  // namespace inspect::diagnosis
