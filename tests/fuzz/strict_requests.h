// What a strict server reads from the bytes of one connection (RFC 9112), written without any code
// of ours or of llhttp: the judge of what the proxy passes on. It aborts on what it cannot read,
// because then the proxy passed on what two servers may read in two ways.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace strict {

struct Request {
    std::string method, target, host;
    std::uint64_t body = 0;  // bytes on the wire, chunk framing and trailers included
    bool complete = false;   // else the connection ended inside it
};

class Reader {
public:
    explicit Reader(std::string_view bytes) : rest_(bytes) {}

    // The next request; nullopt when the connection ended before its head did.
    std::optional<Request> next() {
        Request request;
        std::string_view line;
        if (!take_line(line)) return std::nullopt;
        read_request_line(line, request);
        const bool old = line.ends_with("HTTP/1.0");
        std::optional<std::uint64_t> length;
        bool chunked = false, host = false;
        for (;;) {
            if (!take_line(line)) return std::nullopt;
            if (line.empty()) break;
            const auto [name, value] = field(line);
            if (name == "host") {
                demand(!std::exchange(host, true));
                request.host = value;
            } else if (name == "content-length") {
                demand(!length && is_all(value, "0123456789") && value.size() < 19);
                length = std::stoull(std::string(value));
            } else if (name == "transfer-encoding") {
                demand(!std::exchange(chunked, true) && lower(value) == "chunked");
            }
        }
        // RFC 9112 §3.2: an HTTP/1.0 request may come without a Host.
        demand((host || old) && !(length && chunked));
        const std::size_t before = rest_.size();
        request.complete = chunked ? skip_chunks() : skip(length.value_or(0));
        request.body = request.complete ? before - rest_.size() : before;
        return request;
    }

private:
    static void demand(bool condition) {
        if (!condition) std::abort();
    }
    static bool is_all(std::string_view text, std::string_view allowed) {
        return !text.empty() && text.find_first_not_of(allowed) == std::string_view::npos;
    }
    static bool is_token(std::string_view text) {
        return is_all(text, "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");
    }
    static std::string lower(std::string_view text) {
        std::string made(text);
        for (char& c : made)
            if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
        return made;
    }
    static bool is_text(std::string_view text) {
        return std::ranges::all_of(
            text, [](char c) { return c == '\t' || (static_cast<unsigned char>(c) >= ' ' && c != '\x7f'); });
    }

    // A line without its CRLF; neither byte may occur anywhere else.
    bool take_line(std::string_view& line) {
        const std::size_t end = rest_.find("\r\n");
        if (end == std::string_view::npos) return false;
        line = rest_.substr(0, end);
        demand(is_text(line));
        rest_.remove_prefix(end + 2);
        return true;
    }

    static void read_request_line(std::string_view line, Request& request) {
        const std::size_t first = line.find(' '), second = line.find(' ', first + 1);
        demand(first != std::string_view::npos && second != std::string_view::npos);
        request.method = line.substr(0, first);
        request.target = line.substr(first + 1, second - first - 1);
        const std::string_view version = line.substr(second + 1);
        demand(is_token(request.method) && !request.target.empty() && (version == "HTTP/1.1" || version == "HTTP/1.0"));
        demand(std::ranges::all_of(request.target, [](unsigned char c) { return c > ' ' && c != 0x7f; }));
    }

    static std::pair<std::string, std::string_view> field(std::string_view line) {
        const std::size_t colon = line.find(':');
        demand(colon != std::string_view::npos && is_token(line.substr(0, colon)));
        std::string_view value = line.substr(colon + 1);
        while (value.starts_with(' ') || value.starts_with('\t')) value.remove_prefix(1);
        while (value.ends_with(' ') || value.ends_with('\t')) value.remove_suffix(1);
        return {lower(line.substr(0, colon)), value};
    }

    bool skip(std::uint64_t size) {
        const bool whole = rest_.size() >= size;
        rest_.remove_prefix(whole ? size : rest_.size());
        return whole;
    }

    bool skip_chunks() {
        std::string_view line;
        for (;;) {
            if (!take_line(line)) return false;
            const std::string_view digits = line.substr(0, line.find(';'));
            demand(is_all(digits, "0123456789abcdefABCDEF") && digits.size() <= 16);
            const std::uint64_t size = std::stoull(std::string(digits), nullptr, 16);
            if (size == 0) break;
            if (!skip(size)) return false;
            if (rest_.size() < 2) return false;
            demand(rest_.starts_with("\r\n"));
            rest_.remove_prefix(2);
        }
        while (take_line(line)) {
            if (line.empty()) return true;
            const std::string name = field(line).first;
            demand(name != "content-length" && name != "transfer-encoding" && name != "host");
        }
        return false;
    }

    std::string_view rest_;
};

}  // namespace strict
