#include "proxy/settings/credentials.h"

#include "certs/pem.h"

namespace proxy {

namespace {

bool same_secret(std::string_view expected, std::string_view given) {
    unsigned difference = expected.size() == given.size() ? 0 : 1;
    for (std::size_t i = 0; i < given.size(); ++i)
        difference |= static_cast<unsigned char>(given[i]) ^
                      static_cast<unsigned char>(expected.empty() ? 0 : expected[i % expected.size()]);
    return difference == 0;
}

}  // namespace

std::optional<Credentials> parse_credentials(std::string_view text) {
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos || colon == 0) return std::nullopt;
    return Credentials{std::string(text.substr(0, colon)), std::string(text.substr(colon + 1))};
}

bool matches(const Credentials& expected, std::string_view user, std::string_view password) {
    const bool same_user = same_secret(expected.user, user), same_password = same_secret(expected.password, password);
    return same_user && same_password;
}

bool is_authorized(const Credentials& expected, const inspect::http::RequestHead& request) {
    constexpr std::string_view scheme = "Basic ";
    const auto field = request.fields.find("Proxy-Authorization");
    if (!field || field->size() <= scheme.size() ||
        !inspect::http::same_name(std::string_view(*field).substr(0, scheme.size()), scheme))
        return false;
    certs::ByteVector decoded;
    if (!certs::decode_base64(std::string_view(*field).substr(scheme.size()), decoded)) return false;
    const auto given = parse_credentials(certs::as_text(decoded));
    return given && matches(expected, given->user, given->password);
}

}  // namespace proxy
