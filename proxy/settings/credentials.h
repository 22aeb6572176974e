// Who may use this proxy: --proxy-auth USER:PASS. The comparison's time does not reveal how much of
// it was right.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "inspect/http/message.h"

namespace proxy {

struct Credentials {
    std::string user, password;
};

// RFC 7617: "user:password", the user without a colon; nullopt for anything else.
std::optional<Credentials> parse_credentials(std::string_view text);

bool matches(const Credentials& expected, std::string_view user, std::string_view password);

// Whether the request's Proxy-Authorization (RFC 9110 §11.7.2) contains them in the Basic scheme.
bool is_authorized(const Credentials& expected, const inspect::http::RequestHead& request);

}  // namespace proxy
