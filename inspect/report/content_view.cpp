#include "inspect/report/content_view.h"

#include <algorithm>
#include <utility>

#include "certs/pem.h"
#include "inspect/content/charset.h"
#include "inspect/content/coding.h"
#include "inspect/content/form.h"
#include "inspect/content/grpc.h"
#include "inspect/content/kind.h"
#include "inspect/content/media_type.h"
#include "inspect/content/multipart.h"
#include "inspect/content/protobuf.h"
#include "inspect/http/message.h"
#include "inspect/report/json_report.h"

namespace inspect::report {

namespace {

using Object = nlohmann::ordered_json;
using content::End;
using content::Form;

constexpr std::size_t most_fields = 10'000;  // of a form, and events of a stream

std::string_view name(End end) {
    switch (end) {
        case End::complete: return "complete";
        case End::cut: return "cut";
        case End::bounded: return "bounded";
        case End::malformed: return "malformed";
        case End::unknown: return "unknown";
    }
    return "unknown";
}

std::string_view name(content::Protobuf::End end) {
    switch (end) {
        case content::Protobuf::End::complete: return "complete";
        case content::Protobuf::End::cut: return "cut";
        case content::Protobuf::End::bounded: return "bounded";
        case content::Protobuf::End::malformed: return "malformed";
    }
    return "malformed";
}

// Of a whole answer together, so that a thousand parts are not a thousand times the bound.
struct Budget {
    std::size_t text = most_shown_text, hex = most_shown_hex;
};

void add_hex(Object& object, certs::Bytes bytes, Budget& budget) {
    const std::size_t shown = std::min(bytes.size(), budget.hex);
    object["hex"] = certs::hex(bytes.first(shown));
    if (shown < bytes.size()) object["cut"] = true;
    budget.hex -= shown;
}

// Text that is made here, in ASCII.
void add_made_text(Object& object, std::string text, Budget& budget) {
    if (text.size() > budget.text) {
        text.resize(budget.text);
        object["cut"] = true;
    }
    budget.text -= text.size();
    object["text"] = std::move(text);
}

// `cut`: the content goes on after these bytes.
void add_text(Object& object, std::string_view bytes, std::string_view charset, bool cut, Budget& budget) {
    if (bytes.size() > budget.text) {
        bytes = bytes.substr(0, budget.text);
        object["cut"] = cut = true;
    }
    budget.text -= bytes.size();
    if (charset.empty()) charset = content::guessed_charset(bytes, cut);
    content::CharsetText text = content::to_utf8(bytes, charset, cut);
    object["charset"] = content::to_utf8(charset.substr(0, 64), "windows-1252").text;
    if (text.replaced) object["replaced"] = true;
    object["text"] = std::move(text.text);
}

void add_fields(Object& object, std::string_view text) {
    const content::FormFields read = content::form_fields(text, most_fields);
    object["fields"] = Object::array();
    for (const auto& [field, value] : read.fields) object["fields"].push_back({field, value});
    if (read.more) object["cut"] = true;
}

// The next line, without its end: CR LF, LF or CR.
std::string_view take_line(std::string_view& text) {
    const std::string_view line = text.substr(0, text.find_first_of("\r\n"));
    text.remove_prefix(line.size());
    text.remove_prefix(text.starts_with("\r\n") ? 2 : std::min<std::size_t>(text.size(), 1));
    return line;
}

// https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation; as
// there, an event that no blank line ends is none.
void add_events(Object& object, std::string_view text) {
    Object events = Object::array();
    std::string event, data, id;
    bool any = false;
    while (!text.empty()) {
        const std::string_view line = take_line(text);
        if (line.empty() && any) {
            if (data.ends_with('\n')) data.pop_back();
            if (events.size() == most_fields) {
                object["cut"] = true;
                break;
            }
            events.push_back({{"event", std::exchange(event, "")},
                              {"data", std::exchange(data, "")},
                              {"id", std::exchange(id, "")}});
            any = false;
        }
        if (line.empty() || line[0] == ':') continue;
        const std::size_t colon = std::min(line.find(':'), line.size());
        std::string_view value = line.substr(std::min(colon + 1, line.size()));
        if (value.starts_with(' ')) value.remove_prefix(1);
        const std::string_view field = line.substr(0, colon);
        any = true;
        if (field == "event")
            event = value;
        else if (field == "data")
            data.append(value).append("\n");
        else if (field == "id")
            id = value;
    }
    object["events"] = std::move(events);
}

// What is said to be text, names no charset and is not UTF-8 is taken for windows-1252, as browsers
// do, unless it has controls that no text has.
content::Kind shown_kind(std::string_view content_type, certs::Bytes body, bool ends) {
    content::Kind kind = content::kind_of(content_type, body, ends);
    if (kind.form != Form::binary || !kind.charset.empty()) return kind;
    const bool said_text = kind.doubted || content::parse_media_type(content_type).name == "text/plain";
    const auto control = [](std::uint8_t byte) {
        return (byte < 0x20 && !std::string_view("\t\n\f\r\x1b").contains(static_cast<char>(byte))) || byte == 0x7f;
    };
    if (!said_text || std::ranges::any_of(body, control)) return kind;
    return content::kind_of(std::string(content_type) + "; charset=windows-1252", body, ends);
}

void add_parts(Object& object, certs::Bytes body, std::string_view boundary, Budget& budget) {
    const content::Multipart split = content::split_multipart(body, boundary);
    if (split.end != End::complete) object["end"] = name(split.end);
    Object parts = Object::array();
    for (const content::Part& each : split.parts) {
        Object part = {{"headers", Object::array()}, {"size", each.content.size()}};
        for (const auto& [field, value] : each.head)
            part["headers"].push_back({content::as_utf8(field), content::as_utf8(value)});
        const auto type = each.head.find("Content-Type");
        const content::Kind kind = shown_kind(type ? *type : std::string(), each.content, !each.cut);
        part["form"] = content::name(kind.form);
        if (kind.doubted) part["doubted"] = true;
        const bool bytes = kind.form == Form::binary || kind.form == Form::grpc || kind.form == Form::protobuf ||
                           kind.form == Form::multipart || (content::is_image(kind.form) && kind.form != Form::svg);
        if (bytes)
            add_hex(part, each.content, budget);
        else if (kind.form != Form::empty)
            add_text(part, certs::as_text(each.content), kind.charset, each.cut, budget);
        parts.push_back(std::move(part));
    }
    object["parts"] = std::move(parts);
}

void add_protobuf(Object& object, certs::Bytes body, Budget& budget) {
    const content::Protobuf read = content::read_protobuf(body);
    if (read.end != content::Protobuf::End::complete) object["end"] = name(read.end);
    add_made_text(object, content::protobuf_text(read.fields), budget);
    if (read.end == content::Protobuf::End::malformed) add_hex(object, body, budget);
}

void add_frames(Object& object, certs::Bytes body, std::string_view encoding, Budget& budget) {
    const content::GrpcFrames read = content::grpc_frames(body, encoding, budget.text);
    if (read.end != End::complete) object["end"] = name(read.end);
    Object frames = Object::array();
    for (const content::GrpcFrame& each : read.frames) {
        Object frame = {{"compressed", each.compressed}, {"trailers", each.trailers}, {"length", each.length}};
        if (each.message.end != End::complete)
            frame["coding"] = {{"names", content::as_utf8(each.message.coding)}, {"end", name(each.message.end)}};
        const certs::Bytes message = certs::as_bytes(each.message.text);
        if (each.message.end == End::unknown)
            add_hex(frame, message, budget);
        else if (each.trailers)
            add_text(frame, each.message.text, "", each.cut, budget);
        else
            add_protobuf(frame, message, budget);
        frames.push_back(std::move(frame));
    }
    object["frames"] = std::move(frames);
    if (read.end == End::malformed) add_hex(object, body.subspan(read.offset), budget);
}

}  // namespace

std::string view_json(std::string_view content_type, std::string_view content_encoding, std::string_view grpc_encoding,
                      certs::Bytes kept, bool whole) {
    content::Decoded decoded = content::decode(content_encoding, kept, most_shown_text);
    const std::string_view names = certs::trimmed(content_encoding);
    const bool coded = !names.empty() && !http::same_name(names, "identity");
    Object coding = {
        {"names", content::as_utf8(names.substr(0, 256))}, {"end", name(decoded.end)}, {"size", decoded.text.size()}};
    // Some say that what they send is coded, and it is not.
    const bool as_it_is = decoded.end == End::malformed && decoded.text.empty();
    if (as_it_is) decoded = content::decode("", kept, most_shown_text);
    const certs::Bytes body = certs::as_bytes(decoded.text);
    const bool ends = whole && decoded.end == End::complete;
    // Of bytes in a coding that is unknown Content-Type says nothing.
    const content::Kind kind = shown_kind(decoded.end == End::unknown ? "" : content_type, body, ends);

    Object view = {{"form", content::name(kind.form)}, {"size", kept.size()}, {"whole", whole}};
    if (kind.doubted) view["doubted"] = true;
    if (coded) view["coding"] = std::move(coding);
    if (decoded.end == End::bounded) view["cut"] = true;
    Budget budget;
    const auto text = [&] { add_text(view, decoded.text, kind.charset, !ends, budget); };
    switch (kind.form) {
        case Form::empty: break;
        case Form::binary: add_hex(view, body, budget); break;
        case Form::multipart: add_parts(view, body, kind.boundary, budget); break;
        case Form::grpc: add_frames(view, body, grpc_encoding, budget); break;
        case Form::protobuf: add_protobuf(view, body, budget); break;
        case Form::form:
            text();
            add_fields(view, view["text"].get_ref<const std::string&>());
            break;
        case Form::sse:
            text();
            add_events(view, view["text"].get_ref<const std::string&>());
            break;
        case Form::svg: text(); [[fallthrough]];
        case Form::png:
        case Form::jpeg:
        case Form::gif:
        case Form::webp: view["base64"] = certs::encode_base64(body); break;
        default: text();
    }
    return dump(view);
}

}  // namespace inspect::report
