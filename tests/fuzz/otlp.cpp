// What comes from elsewhere to who sends OTLP: a client's traceparent and tracestate, and a
// collector's response. Whatever they are: a trace that is followed has ids, and what a collector says
// is bounded UTF-8.
#include <algorithm>
#include <cstdlib>

#include "inspect/content/utf8.h"
#include "inspect/otlp/export_request.h"
#include "inspect/otlp/trace_context.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace inspect;
    const certs::Bytes body(data, size);
    const std::string_view text = certs::as_text(body);
    const auto zero = [](std::uint8_t byte) { return byte == 0; };
    if (const auto parent = otlp::parse_trace_parent(text))
        if (std::ranges::all_of(parent->context.trace, zero) || std::ranges::all_of(parent->context.span, zero))
            std::abort();
    http::Fields fields;
    fields.add("traceparent", text);
    fields.add("tracestate", text);
    if (const auto parent = otlp::trace_parent_of(fields); parent && parent->state.size() > 512) std::abort();

    const otlp::ExportResponse response = otlp::read_export_response(body);
    constexpr std::size_t most = 30'000;  // 8,192 bytes, as UTF-8
    for (const std::string& each : {response.message, otlp::read_status(body)})
        if (each.size() > most || !content::is_utf8(each)) std::abort();
    if (response.rejected > INT64_MAX) std::abort();
    return 0;
}
