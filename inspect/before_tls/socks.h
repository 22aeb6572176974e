// What a client of SOCKS version 5 sends before its connection is open (RFC 1928, RFC 1929), as
// values; CONNECT only. Sans-IO.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <vector>

#include "certs/bytes.h"
#include "inspect/http/message.h"

namespace inspect::http::socks {

enum class Incomplete {
    more,       // the bytes may yet become one: call again with more
    malformed,  // they cannot
};

// RFC 1928 §3.
enum class Method : std::uint8_t { none = 0, password = 2, refused = 0xff };

struct Greeting {
    std::size_t used = 0;                 // bytes of the input
    bool none = false, password = false;  // which methods the client supports
};
std::expected<Greeting, Incomplete> parse_greeting(certs::Bytes input);
std::string method_choice(Method method);

// RFC 1929 §2.
struct Credentials {
    std::size_t used = 0;
    std::string user, password;
};
std::expected<Credentials, Incomplete> parse_credentials(certs::Bytes input);
std::string credentials_answer(bool accepted);

// RFC 1928 §6.
enum class Reply : std::uint8_t {
    succeeded = 0,
    failure = 1,
    network_unreachable = 3,
    host_unreachable = 4,
    connection_refused = 5,
    command_not_supported = 7,
    address_not_supported = 8,
};

// RFC 1928 §4. `refused` is the answer to a request that is well-formed, but asks for something
// other than a connection to a host.
struct Request {
    std::size_t used = 0;
    Reply refused = Reply::succeeded;
    Target target;  // in authority form
};
std::expected<Request, Incomplete> parse_request(certs::Bytes input);
// The address that the proxy is bound to is not disclosed (0.0.0.0:0), as in OpenSSH.
std::string reply(Reply code);

// Whether a client's first byte begins SOCKS 5.
inline bool begins_socks(certs::Bytes input) { return !input.empty() && input.front() == 5; }

}  // namespace inspect::http::socks
