#include "inspect/content/kind.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>
#include <utility>

#include "inspect/content/media_type.h"
#include "inspect/content/utf8.h"

namespace inspect::content {

namespace {

using namespace std::string_view_literals;

bool equal_letters(std::string_view text, std::string_view in_lower_case) {
    return std::ranges::equal(text, in_lower_case,
                              [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + 32 : a) == b; });
}
bool begins(std::string_view text, std::string_view in_lower_case) {
    return equal_letters(text.substr(0, in_lower_case.size()), in_lower_case);
}

// What begins with these bytes is that image, whatever it is called.
std::optional<Form> image(std::string_view bytes) {
    if (bytes.starts_with("\x89PNG\r\n\x1a\n")) return Form::png;
    if (bytes.starts_with("\xff\xd8\xff")) return Form::jpeg;
    if (bytes.starts_with("GIF87a") || bytes.starts_with("GIF89a")) return Form::gif;
    if (bytes.starts_with("RIFF") && bytes.substr(std::min<std::size_t>(8, bytes.size())).starts_with("WEBP"))
        return Form::webp;
    return std::nullopt;
}

struct Mark {
    std::string_view bytes, charset;
};
constexpr std::array<Mark, 3> marks = {{{"\xef\xbb\xbf", "utf-8"}, {"\xff\xfe", "utf-16le"}, {"\xfe\xff", "utf-16be"}}};

std::string_view without_mark(std::string_view text) {
    return text.substr(text.starts_with(marks[0].bytes) ? marks[0].bytes.size() : 0);
}

// After blanks, declarations and comments: what the first element of XML is.
std::string_view root(std::string_view text) {
    for (;;) {
        text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
        const std::string_view end = text.starts_with("<!--")                                       ? "-->"
                                     : text.starts_with("<?")                                       ? "?>"
                                     : begins(text, "<!doctype") && !begins(text, "<!doctype html") ? ">"
                                                                                                    : "";
        const std::size_t at = end.empty() ? std::string_view::npos : text.find(end);
        if (at == std::string_view::npos) return text;
        text.remove_prefix(at + end.size());
    }
}

// What readable text looks like.
Form looks_like(std::string_view text) {
    const std::string_view start = text.substr(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
    const std::string_view element = root(start);
    const auto is = [&](std::string_view tag) {
        return begins(element, tag) && (element.size() == tag.size() || " \t\r\n>/"sv.contains(element[tag.size()]));
    };
    if (begins(element, "<!doctype html") || is("<html") || is("<head") || is("<body")) return Form::html;
    if (is("<svg")) return Form::svg;
    if (start.starts_with("<?xml") ||
        (start.starts_with('<') && element.size() > 1 &&
         (is_utf8(element.substr(1, 1)) && std::isalpha(static_cast<unsigned char>(element[1])) != 0)))
        return Form::xml;
    if (start.starts_with('{') || start.starts_with('[')) {
        // After it only what JSON has there, so that "[info] started" is text.
        const std::size_t next = start.find_first_not_of(" \t\r\n", 1);
        if (next == std::string_view::npos) return Form::json;
        const std::string_view after = start[0] == '{' ? "\"}"sv : "\"{[]-0123456789tfn"sv;
        if (after.contains(start[next])) return Form::json;
    }
    return Form::text;
}

Form sniffed(std::string_view bytes, bool cut) {
    if (const auto found = image(bytes)) return *found;
    if (std::ranges::any_of(
            marks, [&](const Mark& mark) { return mark.bytes != marks[0].bytes && bytes.starts_with(mark.bytes); }))
        return Form::text;
    const std::string_view text = without_mark(bytes);
    return is_readable(text, cut) ? looks_like(text) : Form::binary;
}

struct Type {
    std::string_view name;
    Form form;
};
constexpr std::array<Type, 34> types = {{
    {"application/json", Form::json},
    {"text/json", Form::json},
    {"application/x-json", Form::json},
    {"application/x-ndjson", Form::json_lines},
    {"application/ndjson", Form::json_lines},
    {"application/jsonl", Form::json_lines},
    {"application/x-jsonlines", Form::json_lines},
    {"application/json-seq", Form::json_lines},
    {"application/xml", Form::xml},
    {"text/xml", Form::xml},
    {"text/html", Form::html},
    {"application/xhtml+xml", Form::html},
    {"application/x-www-form-urlencoded", Form::form},
    {"image/png", Form::png},
    {"image/jpeg", Form::jpeg},
    {"image/jpg", Form::jpeg},
    {"image/gif", Form::gif},
    {"image/webp", Form::webp},
    {"image/svg+xml", Form::svg},
    {"text/event-stream", Form::sse},
    {"application/protobuf", Form::protobuf},
    {"application/x-protobuf", Form::protobuf},
    {"application/vnd.google.protobuf", Form::protobuf},
    {"application/javascript", Form::text},
    {"application/x-javascript", Form::text},
    {"application/ecmascript", Form::text},
    {"application/graphql", Form::text},
    {"application/yaml", Form::text},
    {"application/x-yaml", Form::text},
    {"application/toml", Form::text},
    {"application/sql", Form::text},
    {"application/x-sh", Form::text},
    {"application/x-pem-file", Form::text},
    {"application/pem-certificate-chain", Form::text},
}};

// nullopt where the type does not say what the bytes are.
std::optional<Form> declared(std::string_view type) {
    const auto known = std::ranges::find(types, type, &Type::name);
    if (known != types.end()) return known->form;
    // "application/grpc+proto", "application/grpc-web-text"; the latter is base64.
    if (type.starts_with("application/grpc-web-text")) return Form::text;
    if (type == "application/grpc" || type.starts_with("application/grpc+") || type.starts_with("application/grpc-web"))
        return Form::grpc;
    if (type.starts_with("multipart/")) return Form::multipart;
    if (type.ends_with("+json")) return Form::json;
    if (type.ends_with("+xml")) return Form::xml;
    if (type.ends_with("+protobuf") || type.ends_with("+proto")) return Form::protobuf;
    // Servers give this to what they know nothing about.
    if (type.starts_with("text/") && type != "text/plain") return Form::text;
    return std::nullopt;
}

bool is_markup(Form form) { return form == Form::html || form == Form::xml || form == Form::svg; }

// Whether bytes that look like one cannot be the other.
bool contradicts(Form seen, Form said) {
    if (is_image(said) && said != Form::svg) return seen != said;
    if (is_image(seen) && seen != Form::svg)
        return said != Form::grpc && said != Form::protobuf && said != Form::multipart;
    switch (said) {
        case Form::json:
        case Form::json_lines:
        case Form::form: return seen == Form::binary || is_markup(seen);
        case Form::xml:
        case Form::svg:
        case Form::html: return seen == Form::binary || (seen == Form::json && said != Form::html);
        default: return false;
    }
}

}  // namespace

std::string_view name(Form form) {
    switch (form) {
        case Form::empty: return "empty";
        case Form::json: return "json";
        case Form::json_lines: return "json_lines";
        case Form::xml: return "xml";
        case Form::html: return "html";
        case Form::form: return "form";
        case Form::multipart: return "multipart";
        case Form::png: return "png";
        case Form::jpeg: return "jpeg";
        case Form::gif: return "gif";
        case Form::webp: return "webp";
        case Form::svg: return "svg";
        case Form::text: return "text";
        case Form::grpc: return "grpc";
        case Form::protobuf: return "protobuf";
        case Form::sse: return "sse";
        case Form::binary: return "binary";
    }
    return "binary";
}

bool is_image(Form form) {
    return form == Form::png || form == Form::jpeg || form == Form::gif || form == Form::webp || form == Form::svg;
}

Kind kind_of(std::string_view content_type, certs::Bytes first, bool whole) {
    const MediaType type = parse_media_type(content_type);
    const bool cut = !whole || first.size() > kind_looks_at;
    const std::string_view bytes = certs::as_text(first.first(std::min(first.size(), kind_looks_at)));
    Kind kind;
    for (const char c : type.parameter("charset")) kind.charset += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    for (const Mark& mark : marks)
        if (kind.charset.empty() && bytes.starts_with(mark.bytes)) kind.charset = mark.charset;
    if (bytes.empty()) {
        kind.form = Form::empty;
        return kind;
    }
    // Text in another charset than UTF-8 has bytes that only its charset explains.
    const bool other_charset = !kind.charset.empty() && kind.charset != "utf-8" && kind.charset != "us-ascii";
    Form seen = sniffed(bytes, cut);
    if (other_charset && seen == Form::binary) seen = Form::text;
    const std::optional<Form> said = declared(type.name);
    kind.doubted = said && contradicts(seen, *said);
    kind.form = said && !kind.doubted ? *said : seen;
    // What is said to be plain text and can be read is shown as it is.
    if (type.name == "text/plain" && seen != Form::binary && !is_image(seen) && seen != Form::json)
        kind.form = Form::text;
    if (kind.form == Form::multipart) {
        kind.boundary = type.parameter("boundary");
        if (kind.boundary.empty()) kind.form = seen;
    }
    return kind;
}

}  // namespace inspect::content
