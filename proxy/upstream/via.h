// Proxies that lead to each other (RFC 9110 §7.6.3). One rule: what goes to a parent proxy (CONNECT, requests in absolute form) has this process's
// pseudonym at the end of Via, and what comes in with it is refused. Servers see no whytls: what goes to one itself is without those
// members of Via that a whytls added; those of other proxies pass as they came. A parent that is no whytls passes ours on as it does any.
#pragma once

#include <cstddef>
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

// Takes out of Via what any whytls added.
void hide_whytls(inspect::http::Fields& fields);

// The same rule where no parent is: two reverse listeners that lead to each other. A server on this machine or a private network, behind
// which such a circle goes, is sent the pseudonym in CDN-Loop (RFC 8586), which servers do not act on as they do on Via; and only
// while so many requests are on their way to such servers that it may be one request going round.
constexpr std::size_t most_unmarked = 64;
void mark(inspect::http::Fields& fields, std::string_view pseudonym);
std::string loop_marks(const inspect::http::Fields& fields);  // all lines of CDN-Loop; "" without one
void hide_marks(inspect::http::Fields& fields);               // those of any whytls

}  // namespace proxy
