#include "inspect/http/http1/start_line.h"

#include <algorithm>

#include "certs/bytes.h"

namespace inspect::http {

namespace {

constexpr std::string_view protocol = "HTTP/";

// RFC 9112 §2.3: "HTTP/" DIGIT "." DIGIT.
std::expected<Version, MessageError> parse_version(std::string_view text) {
    if (text.size() != 8 || !text.starts_with(protocol) || !certs::is_digit(text[5]) || text[6] != '.' ||
        !certs::is_digit(text[7]))
        return std::unexpected(MessageError::bad_start_line);
    const Version version{text[5] - '0', text[7] - '0'};
    if (version.major != 1 || version.minor > 1) return std::unexpected(MessageError::unsupported_version);
    return version;
}

}  // namespace

bool may_begin(std::string_view first_bytes, bool request) {
    if (request) return first_bytes.empty() || is_token(first_bytes.substr(0, 1));
    const std::size_t compared = std::min(first_bytes.size(), protocol.size());
    return first_bytes.substr(0, compared) == protocol.substr(0, compared);
}

bool is_begun(std::string_view first_bytes, bool request) {
    return request ? !first_bytes.empty() : first_bytes.size() >= protocol.size();
}

std::expected<void, MessageError> parse_request_line(std::string_view line, RequestHead& head) {
    if (!line.contains(protocol)) return std::unexpected(MessageError::not_http);
    const std::size_t first = line.find(' '), last = line.rfind(' ');
    if (first == std::string_view::npos || first == last) return std::unexpected(MessageError::bad_start_line);
    const std::string_view method = line.substr(0, first), target = line.substr(first + 1, last - first - 1);
    const auto version = parse_version(line.substr(last + 1));
    if (!version) return std::unexpected(version.error());
    if (!is_token(method) || target.empty() || !is_target_text(target))
        return std::unexpected(MessageError::bad_start_line);
    head.method = method;
    head.target = target;
    head.version = *version;
    return {};
}

std::expected<void, MessageError> parse_status_line(std::string_view line, ResponseHead& head) {
    const auto version = parse_version(line.substr(0, 8));
    if (!version) return std::unexpected(version.error());
    line.remove_prefix(8);
    const bool well_formed = line.size() >= 4 && line[0] == ' ' && line[1] >= '1' && line[1] <= '9' &&
                             certs::is_digit(line[2]) && certs::is_digit(line[3]) &&
                             (line.size() == 4 || line[4] == ' ');
    if (!well_formed) return std::unexpected(MessageError::bad_start_line);
    head.version = *version;
    head.status = (line[1] - '0') * 100 + (line[2] - '0') * 10 + (line[3] - '0');
    head.reason = line.substr(std::min<std::size_t>(line.size(), 5));
    return {};
}

}  // namespace inspect::http
