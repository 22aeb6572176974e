#include "tests/inspect/http2_frames.h"

#include <algorithm>

#include <fmt/format.h>

namespace http2_frames {

using namespace inspect::http2;

namespace {

// RFC 7541 §5.1, with a prefix of seven bits.
std::string length(std::size_t value) {
    if (value < 127) return {static_cast<char>(value)};
    std::string text = "\x7f";
    for (value -= 127; value >= 128; value /= 128) text += static_cast<char>(value % 128 + 128);
    return text + static_cast<char>(value);
}

std::uint32_t number_at(std::string_view bytes, std::size_t at, int octets) {
    std::uint32_t value = 0;
    for (int i = 0; i < octets; ++i)
        value = value << 8 | static_cast<std::uint8_t>(bytes[at + static_cast<std::size_t>(i)]);
    return value;
}

std::string fields_text(const inspect::http::Fields& fields) {
    std::string text;
    for (const auto& [name, value] : fields) text += fmt::format(" {}={}", name, value);
    return text;
}

struct Writer {
    std::string operator()(const RequestReceived& e) const {
        return fmt::format("request {} {} {} {}{}{}{}", e.stream, e.request.head.method, e.request.scheme,
                           e.request.head.target, e.request.protocol.empty() ? "" : " as " + e.request.protocol,
                           fields_text(e.request.head.fields), e.ends ? "; ends" : "");
    }
    std::string operator()(const ResponseReceived& e) const {
        return fmt::format("response {} {}{}{}", e.stream, e.head.status, fields_text(e.head.fields),
                           e.ends ? "; ends" : "");
    }
    std::string operator()(const TooLarge& e) const { return fmt::format("too large {}", e.stream); }
    std::string operator()(const Data& e) const { return fmt::format("data {} {}", e.stream, certs::as_text(e.bytes)); }
    std::string operator()(const Trailers& e) const {
        return fmt::format("trailers {}{}", e.stream, fields_text(e.fields));
    }
    std::string operator()(const End& e) const { return fmt::format("end {}", e.stream); }
    std::string operator()(const Reset& e) const {
        return fmt::format("reset {} {} by {}", e.stream, code_text(e.code), e.by == Reset::By::us ? "us" : "peer");
    }
    std::string operator()(const Writable& e) const { return fmt::format("writable {}", e.stream); }
    std::string operator()(const PeerSettings& e) const {
        return fmt::format("settings {} {}", e.max_concurrent_streams, e.connect_protocol);
    }
    std::string operator()(const Pong& e) const { return fmt::format("pong {:x}", e.opaque); }
    std::string operator()(const Goaway& e) const {
        return fmt::format("goaway {} {} {}", e.last_stream, code_text(e.code), e.debug);
    }
    std::string operator()(const Failed& e) const { return fmt::format("failed {}", code_text(e.code)); }
};

std::string frame_text(std::uint8_t type, std::uint8_t flags, std::uint32_t stream, std::string_view payload) {
    static constexpr std::string_view names[] = {"DATA",          "HEADERS",      "PRIORITY", "RST_STREAM",
                                                 "SETTINGS",      "PUSH_PROMISE", "PING",     "GOAWAY",
                                                 "WINDOW_UPDATE", "CONTINUATION"};
    std::string text = type < std::size(names) ? std::string(names[type]) : fmt::format("type {}", type);
    const auto code = [&](std::size_t at) { return code_text(static_cast<ErrorCode>(number_at(payload, at, 4))); };
    switch (type) {
        case data_frame: text += fmt::format(" {} {}", stream, payload.size()); break;
        case headers_frame: text += fmt::format(" {}", stream); break;
        case rst_stream_frame: return text + fmt::format(" {} {}", stream, code(0));
        case goaway_frame: return text + fmt::format(" {} {}", number_at(payload, 0, 4), code(4));
        case window_update_frame: return text + fmt::format(" {} {}", stream, number_at(payload, 0, 4));
        default: return text + ((flags & ack) != 0 ? " ack" : "");
    }
    return text + ((flags & end_stream) != 0 ? " end" : "");
}

}  // namespace

std::string number(std::uint64_t value, int octets) {
    std::string text;
    for (int i = octets - 1; i >= 0; --i) text += static_cast<char>(value >> (8 * i));
    return text;
}

std::string frame(std::uint8_t type, int flags, std::uint32_t stream, std::string_view payload) {
    return number(payload.size(), 3) + number(type, 1) + number(static_cast<std::uint64_t>(flags), 1) +
           number(stream, 4) + std::string(payload);
}

std::string literal(std::string_view name, std::string_view value) {
    return std::string(1, '\0') + length(name.size()) + std::string(name) + length(value.size()) + std::string(value);
}

std::string block(const Lines& lines) {
    std::string text;
    for (const auto& [name, value] : lines) text += literal(name, value);
    return text;
}

std::string headers(std::uint32_t stream, const Lines& lines, int flags) {
    return frame(headers_frame, flags, stream, block(lines));
}
std::string data(std::uint32_t stream, std::string_view content, int flags) {
    return frame(data_frame, flags, stream, content);
}
std::string settings(const std::vector<std::pair<int, std::uint32_t>>& entries) {
    std::string payload;
    for (const auto& [id, value] : entries) payload += number(static_cast<std::uint64_t>(id), 2) + number(value, 4);
    return frame(settings_frame, 0, 0, payload);
}
std::string settings_ack() { return frame(settings_frame, ack, 0, ""); }
std::string window_update(std::uint32_t stream, std::uint32_t increment) {
    return frame(window_update_frame, 0, stream, number(increment, 4));
}
std::string rst_stream(std::uint32_t stream, std::uint32_t code) {
    return frame(rst_stream_frame, 0, stream, number(code, 4));
}
std::string ping(std::string_view opaque, int flags) { return frame(ping_frame, flags, 0, opaque); }
std::string goaway(std::uint32_t last, std::uint32_t code, std::string_view debug) {
    return frame(goaway_frame, 0, 0, number(last, 4) + number(code, 4) + std::string(debug));
}

namespace {

Lines request(std::string_view method, const Lines& more) {
    Lines lines{{":method", std::string(method)}, {":scheme", "https"}, {":authority", "a"}, {":path", "/"}};
    lines.insert(lines.end(), more.begin(), more.end());
    return lines;
}

}  // namespace

Lines get(const Lines& more) { return request("GET", more); }
Lines post(const Lines& more) { return request("POST", more); }

std::string text_of(const Event& event) { return std::visit(Writer{}, event); }

std::string code_text(ErrorCode code) {
    const std::string_view known = name(code);
    return known.empty() ? fmt::format("{:#x}", static_cast<std::uint32_t>(code)) : std::string(known);
}

std::vector<std::string> play(Session& session, std::string_view input, std::size_t piece, std::string& output) {
    std::vector<std::string> lines;
    StreamId last_data = 0;
    const auto add = [&](const Event& event) {
        const Data* const content = std::get_if<Data>(&event);
        if (content != nullptr && content->stream == last_data)
            lines.back() += certs::as_text(content->bytes);
        else
            lines.push_back(text_of(event));
        last_data = content == nullptr ? 0 : content->stream;
        if (content != nullptr) session.consumed(content->stream, content->bytes.size());
    };
    const auto drain = [&] {
        do {
            while (const auto event = session.next()) add(*event);
            output += certs::as_text(session.output());
            session.sent(session.output().size());
        } while (!session.output().empty());
        while (const auto event = session.next()) add(*event);
    };
    drain();
    if (piece == 0) piece = std::max<std::size_t>(input.size(), 1);
    for (std::size_t at = 0; at < input.size(); at += piece) {
        // A copy of its own, so that a view kept too long is found by the sanitizer.
        const std::string fed(input.substr(at, piece));
        session.feed(certs::as_bytes(fed));
        drain();
    }
    return lines;
}

std::vector<std::string> frames_in(std::string_view output) {
    std::vector<std::string> lines;
    if (output.starts_with(magic)) output.remove_prefix(magic.size());
    while (output.size() >= 9) {
        const std::size_t size = number_at(output, 0, 3);
        if (output.size() < 9 + size) break;
        lines.push_back(frame_text(static_cast<std::uint8_t>(output[3]), static_cast<std::uint8_t>(output[4]),
                                   number_at(output, 5, 4), output.substr(9, size)));
        output.remove_prefix(9 + size);
    }
    if (!output.empty()) lines.push_back(fmt::format("{} octets of a frame", output.size()));
    return lines;
}

}  // namespace http2_frames
