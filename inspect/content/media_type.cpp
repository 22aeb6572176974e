#include "inspect/content/media_type.h"

#include <algorithm>

#include "certs/bytes.h"
#include "inspect/http/message.h"

namespace inspect::content {

namespace {

std::string lower(std::string_view text) {
    std::string result(text);
    std::ranges::transform(result, result.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    return result;
}

// Takes a quoted string off the front, without its quotes and escapes (RFC 9110 §5.6.4).
std::string take_quoted(std::string_view& rest) {
    std::string value;
    rest.remove_prefix(1);
    while (!rest.empty() && rest[0] != '"') {
        // Paths of Windows come unescaped, in names of files: what is not an escape stays.
        if (rest.size() > 1 && rest[0] == '\\' && (rest[1] == '"' || rest[1] == '\\')) rest.remove_prefix(1);
        value += rest[0];
        rest.remove_prefix(1);
    }
    rest.remove_prefix(std::min<std::size_t>(rest.size(), 1));
    return value;
}

}  // namespace

std::string_view MediaType::parameter(std::string_view wanted) const {
    const auto found = std::ranges::find(parameters, wanted, &std::pair<std::string, std::string>::first);
    return found == parameters.end() ? std::string_view() : std::string_view(found->second);
}

MediaType parse_media_type(std::string_view value) {
    constexpr std::size_t most_parameters = 20;
    MediaType type;
    const std::size_t end = std::min(value.find(';'), value.size());
    type.name = lower(certs::trimmed(value.substr(0, end)));
    for (std::string_view rest = value.substr(end); !rest.empty() && type.parameters.size() < most_parameters;) {
        rest.remove_prefix(1);  // the semicolon
        const std::size_t stop = std::min(rest.find_first_of("=;"), rest.size());
        const std::string name = lower(certs::trimmed(rest.substr(0, stop)));
        rest.remove_prefix(stop);
        if (!rest.starts_with('=')) continue;
        rest.remove_prefix(1);
        rest.remove_prefix(std::min(rest.find_first_not_of(" \t"), rest.size()));
        std::string text;
        if (rest.starts_with('"')) text = take_quoted(rest);
        const std::size_t next = std::min(rest.find(';'), rest.size());
        if (text.empty()) text = certs::trimmed(rest.substr(0, next));
        rest.remove_prefix(next);
        if (http::is_token(name)) type.parameters.emplace_back(name, std::move(text));
    }
    return type;
}

}  // namespace inspect::content
