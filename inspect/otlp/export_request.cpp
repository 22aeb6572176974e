#include "inspect/otlp/export_request.h"

#include <algorithm>
#include <utility>

#include "inspect/content/charset.h"
#include "inspect/content/protobuf_writer.h"
#include "inspect/content/utf8.h"

namespace inspect::otlp {

namespace {

using content::ProtobufWriter;

constexpr std::size_t longest_value = 8'192;
// The version of the semantic conventions whose names are used.
constexpr std::string_view schema = "https://opentelemetry.io/schemas/1.36.0";

std::string text_of(std::string_view value) {
    value = value.substr(0, longest_value);
    return content::is_utf8(value) ? std::string(value) : content::as_utf8(value);
}

std::string_view view(auto& id) { return certs::as_text(id); }

ProtobufWriter any_value(const std::string& text) { return std::move(ProtobufWriter().bytes(1, text_of(text))); }
ProtobufWriter any_value(bool value) { return std::move(ProtobufWriter().varint(2, value ? 1 : 0)); }
ProtobufWriter any_value(std::int64_t value) {
    return std::move(ProtobufWriter().varint(3, static_cast<std::uint64_t>(value)));
}
ProtobufWriter any_value(const std::vector<std::string>& values) {
    ProtobufWriter list;
    for (const std::string& each : values) list.message(1, any_value(each));
    return std::move(ProtobufWriter().message(5, list));
}

void add(ProtobufWriter& to, std::uint32_t tag, const Attributes& attributes) {
    for (const Attribute& each : attributes) {
        ProtobufWriter pair;
        pair.bytes(1, each.key);
        pair.message(2, std::visit([](const auto& value) { return any_value(value); }, each.value));
        to.message(tag, pair);
    }
}

// Reads the fields of one message that are wanted; what is malformed ends it.
class Reader {
public:
    explicit Reader(certs::Bytes bytes) : bytes_(bytes) {}

    std::uint64_t tag = 0, number = 0;  // number: of a varint
    certs::Bytes bytes;                 // of a field that has bytes

    bool next() {
        std::uint64_t key = 0;
        number = 0, bytes = {};
        if (at_ == bytes_.size() || !varint(key)) return false;
        tag = key >> 3;
        switch (key & 7) {
            case 0: return varint(number);
            case 1: return skip(8);
            case 2: return varint(number) && take(std::exchange(number, 0));
            case 5: return skip(4);
            default: return false;
        }
    }

private:
    bool varint(std::uint64_t& value) {
        value = 0;
        for (unsigned shift = 0; shift < 64 && at_ < bytes_.size(); shift += 7) {
            const std::uint8_t byte = bytes_[at_++];
            value |= std::uint64_t{byte & 0x7fU} << shift;
            if (byte < 0x80) return true;
        }
        return false;
    }
    bool skip(std::uint64_t size) {
        if (size > bytes_.size() - at_) return false;
        at_ += size;
        return true;
    }
    bool take(std::uint64_t size) {
        const std::size_t begin = at_;
        if (!skip(size)) return false;
        bytes = bytes_.subspan(begin, size);
        return true;
    }

    certs::Bytes bytes_;
    std::size_t at_ = 0;
};

}  // namespace

std::string encoded(const Span& span) {
    constexpr std::uint32_t knows_remote = 0x100, is_remote = 0x200;  // SpanFlags
    const std::uint32_t flags = span.flags | knows_remote | (span.remote_parent ? is_remote : 0);
    ProtobufWriter writer;
    writer.bytes(1, view(span.context.trace)).bytes(2, view(span.context.span));
    if (!span.trace_state.empty()) writer.bytes(3, text_of(span.trace_state));
    if (span.parent) writer.bytes(4, view(*span.parent));
    writer.bytes(5, text_of(span.name)).varint(6, static_cast<std::uint64_t>(span.kind));
    writer.fixed64(7, static_cast<std::uint64_t>(span.start)).fixed64(8, static_cast<std::uint64_t>(span.end));
    add(writer, 9, span.attributes);
    for (const SpanContext& each : span.links)
        writer.message(13,
                       ProtobufWriter().bytes(1, view(each.trace)).bytes(2, view(each.span)).fixed32(6, knows_remote));
    if (span.failed) writer.message(15, ProtobufWriter().bytes(2, text_of(span.message)).varint(3, 2));
    return writer.fixed32(16, flags).take();
}

std::string encoded(const LogRecord& record) {
    ProtobufWriter writer;
    const auto time = static_cast<std::uint64_t>(record.time);
    writer.fixed64(1, time).varint(2, static_cast<std::uint64_t>(record.severity));
    writer.bytes(3, record.severity == Severity::error ? "ERROR" : "WARN");
    writer.message(5, any_value(record.body));
    add(writer, 6, record.attributes);
    writer.fixed32(8, record.flags).bytes(9, view(record.context.trace)).bytes(10, view(record.context.span));
    return writer.fixed64(11, time).bytes(12, record.event).take();
}

std::string export_request(const Attributes& resource, std::string_view version,
                           const std::vector<std::string>& items) {
    const auto size_of = ProtobufWriter::size_of;
    ProtobufWriter whose, scope;
    add(whose, 1, resource);
    scope.bytes(1, "whytls").bytes(2, version);
    std::size_t in_scope = size_of(1, scope.text().size()) + size_of(3, schema.size());
    for (const std::string& each : items) in_scope += size_of(2, each.size());
    const std::size_t of_resource = size_of(1, whose.text().size()) + size_of(2, in_scope) + size_of(3, schema.size());

    ProtobufWriter request;
    request.reserve(size_of(1, of_resource));
    request.begin(1, of_resource).message(1, whose).begin(2, in_scope).message(1, scope);
    for (const std::string& each : items) request.bytes(2, each);
    return request.bytes(3, schema).bytes(3, schema).take();
}

ExportResponse read_export_response(certs::Bytes body) {
    ExportResponse response;
    for (Reader outer(body); outer.next();) {
        if (outer.tag != 1) continue;
        for (Reader partial(outer.bytes); partial.next();) {
            if (partial.tag == 1) response.rejected = partial.number;
            if (partial.tag == 2) response.message = text_of(certs::as_text(partial.bytes));
        }
    }
    // int64: a collector that takes away more than nothing rejects nothing.
    if (static_cast<std::int64_t>(response.rejected) < 0) response.rejected = 0;
    return response;
}

std::string read_status(certs::Bytes body) {
    std::string message;
    for (Reader status(body); status.next();)
        if (status.tag == 2) message = text_of(certs::as_text(status.bytes));
    return message;
}

}  // namespace inspect::otlp
