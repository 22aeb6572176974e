#include "inspect/otlp/trace_context.h"

#include <algorithm>
#include <span>

#include "certs/bytes.h"

namespace inspect::otlp {

namespace {

// Lower case only (§3.2.2). False when it is not that.
bool read_hex(std::string_view text, std::span<std::uint8_t> bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    for (std::size_t at = 0; at < bytes.size(); ++at) {
        const std::size_t high = digits.find(text[2 * at]), low = digits.find(text[2 * at + 1]);
        if (high == std::string_view::npos || low == std::string_view::npos) return false;
        bytes[at] = static_cast<std::uint8_t>(high << 4 | low);
    }
    return true;
}

template <std::size_t size>
bool is_zero(const std::array<std::uint8_t, size>& id) {
    return std::ranges::all_of(id, [](std::uint8_t byte) { return byte == 0; });
}

}  // namespace

// "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
std::optional<TraceParent> parse_trace_parent(std::string_view value) {
    constexpr std::size_t size = 55, trace_at = 3, span_at = 36, flags_at = 53;
    if (value.size() < size || value[trace_at - 1] != '-' || value[span_at - 1] != '-' || value[flags_at - 1] != '-')
        return std::nullopt;
    std::array<std::uint8_t, 1> version{}, flags{};
    TraceParent parent;
    if (!read_hex(value.substr(0, 2), version) || !read_hex(value.substr(trace_at, 32), parent.context.trace) ||
        !read_hex(value.substr(span_at, 16), parent.context.span) || !read_hex(value.substr(flags_at, 2), flags))
        return std::nullopt;
    const bool longer = value.size() > size;
    if (version[0] == 0xff || (longer && (version[0] == 0 || value[size] != '-'))) return std::nullopt;
    if (is_zero(parent.context.trace) || is_zero(parent.context.span)) return std::nullopt;
    parent.flags = flags[0];
    return parent;
}

std::optional<TraceParent> trace_parent_of(const http::Fields& fields) {
    constexpr std::size_t longest_state = 512;  // §3.3.1.5: what is at least to be passed on
    if (fields.count("traceparent") != 1) return std::nullopt;
    auto parent = parse_trace_parent(certs::trimmed(*fields.find("traceparent")));
    if (!parent) return std::nullopt;
    for (const auto& [name, line] : fields) {
        if (!http::same_name(name, "tracestate")) continue;
        parent->state.append(parent->state.empty() ? "" : ",").append(line);
    }
    if (parent->state.size() > longest_state) parent->state.clear();
    return parent;
}

}  // namespace inspect::otlp
