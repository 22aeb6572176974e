#include "inspect/http/reference.h"

#include <algorithm>
#include <vector>

#include "inspect/http/message.h"

namespace inspect::http {

namespace {

bool is_alpha(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// RFC 3986 §3.1, without the colon; "" for none.
std::string scheme_of(std::string_view text) {
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos || colon == 0 || !is_alpha(text.front())) return "";
    std::string scheme;
    for (const char c : text.substr(0, colon)) {
        if (!is_alpha(c) && !(c >= '0' && c <= '9') && c != '+' && c != '-' && c != '.') return "";
        scheme += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    return scheme;
}

std::size_t end_of_path(std::string_view rest) { return std::min(rest.find_first_of("?#"), rest.size()); }

// Browsers drop these before they read on (WHATWG URL §4.4).
std::string without_controls(std::string_view text) {
    std::string result(text);
    std::erase_if(result, [](unsigned char c) { return c < 0x20 || c == 0x7f; });
    const std::size_t begin = std::min(result.find_first_not_of(' '), result.size());
    return result.substr(begin, result.find_last_not_of(' ') + 1 - begin);
}

bool is_dot(std::string_view text) { return text == "." || same_name(text, "%2e"); }

bool is_parent(std::string_view segment) {
    for (std::size_t cut = 1; cut < segment.size(); ++cut)
        if (is_dot(segment.substr(0, cut)) && is_dot(segment.substr(cut))) return true;
    return false;
}

std::vector<std::string_view> segments_of(std::string_view path) {
    std::vector<std::string_view> segments;
    for (std::size_t begin = 0;;) {
        const std::size_t slash = path.find('/', begin);
        segments.push_back(path.substr(begin, slash == std::string_view::npos ? slash : slash - begin));
        if (slash == std::string_view::npos) return segments;
        begin = slash + 1;
    }
}

}  // namespace

Reference parse_reference(std::string_view text, std::string_view base_scheme) {
    std::string all = without_controls(text);
    Reference reference{.scheme = scheme_of(all), .authority = "", .rest = ""};
    const bool web = reference.scheme == "http" || reference.scheme == "https";
    if (!web && !reference.scheme.empty()) {
        reference.rest = text.substr(std::min(text.find(':') + 1, text.size()));
        return reference;
    }
    if (web) all.erase(0, reference.scheme.size() + 1);
    std::replace(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(end_of_path(all)), '\\', '/');
    if (all.starts_with("//") || (web && reference.scheme != base_scheme)) {
        all.erase(0, all.find_first_not_of('/'));  // however many
        const std::size_t end = std::min(all.find_first_of("/?#"), all.size());
        reference.authority = all.substr(0, end);
        reference.rest = all.substr(end);
    } else {
        reference.scheme.clear();
        reference.rest = std::move(all);
    }
    return reference;
}

bool has_parent_segment(std::string_view rest) {
    return std::ranges::any_of(segments_of(rest.substr(0, end_of_path(rest))), is_parent);
}

std::string without_dot_segments(std::string_view rest) {
    const std::size_t end = end_of_path(rest);
    if (end == 0) return std::string(rest);
    const std::vector<std::string_view> segments = segments_of(rest.substr(1, end - 1));
    std::vector<std::string_view> kept;
    for (const std::string_view segment : segments) {
        if (is_parent(segment)) {
            if (!kept.empty()) kept.pop_back();
        } else if (!is_dot(segment)) {
            kept.push_back(segment);
        }
    }
    // A path that ends with a dot segment names a folder.
    if (is_parent(segments.back()) || is_dot(segments.back())) kept.emplace_back();
    std::string path;
    for (const std::string_view segment : kept) path.append("/").append(segment);
    return (path.empty() ? "/" : path) + std::string(rest.substr(end));
}

std::string merged(std::string_view base, std::string_view rest) {
    const std::string_view path = base.substr(0, base.find('?'));
    return std::string(path.substr(0, path.rfind('/') + 1)) + std::string(rest);
}

}  // namespace inspect::http
