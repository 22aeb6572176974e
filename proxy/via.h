// Proxies that lead to each other (RFC 9110 §7.6.3). One rule: what goes to a parent proxy (CONNECT, requests in absolute form) has this process's
// pseudonym at the end of Via, and what comes in with it is refused. Servers see no whytls: what goes to one itself is without those
// members of Via that a whytls added; those of other proxies pass as they came. A parent that is no whytls passes ours on as it does any.
#pragma once

#include <string>
#include <string_view>

#include "inspect/http/message.h"

namespace proxy {

// "whytls-" and 64 random bits.
std::string make_pseudonym();

// The proxies that a message has passed, from all lines of its Via; "" without one.
std::string passed_proxies(const inspect::http::Fields& fields);

// What a parent is sent as Via, behind `passed`.
std::string via_of(std::string_view passed, std::string_view pseudonym);

// Takes out what any whytls added.
void hide_whytls(inspect::http::Fields& fields);

}  // namespace proxy
