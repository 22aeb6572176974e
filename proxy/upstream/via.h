// Proxies that lead to each other (RFC 9110 §7.6.3). One rule: a message to a parent proxy
// (CONNECT, requests in absolute form) has this process's pseudonym at the end of Via, and a
// message that comes in with it is refused. Servers see no whytls: a message to a server itself
// goes without the members of Via that a whytls added; members of other proxies pass unchanged. A
// parent that is no whytls passes ours on as it does any.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "inspect/http/message.h"

namespace proxy {

// Returns "whytls-" and 64 random bits.
std::string make_pseudonym();

// The proxies that a message has passed, from all lines of its Via; "" without one.
std::string passed_proxies(const inspect::http::Fields& fields);

// The value of Via for a parent: the pseudonym after `passed`, with the version of HTTP in which the
// message was received, "1.1" or "2.0".
std::string via_of(std::string_view passed, std::string_view received, std::string_view pseudonym);

// Removes what any whytls added to Via.
void hide_whytls(inspect::http::Fields& fields);

// The same rule where there is no parent: two reverse listeners that lead to each other. Such a
// circle goes through a server on this machine or a private network. A request to such a server has
// the pseudonym in CDN-Loop (RFC 8586), which servers do not act on as they do on Via. It is added
// only while so many requests are on their way to such servers that they may be one request going
// round.
constexpr std::size_t most_unmarked = 64;
void mark(inspect::http::Fields& fields, std::string_view pseudonym);
std::string loop_marks(const inspect::http::Fields& fields);  // all lines of CDN-Loop; "" without one
void hide_marks(inspect::http::Fields& fields);               // removes those of any whytls

}  // namespace proxy
