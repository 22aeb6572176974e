// The key log: the secrets by which Wireshark decrypts what was captured of a connection, as lines
// of the NSS key log format (RFC 9850). Knows no file.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "certs/bytes.h"

namespace tls {

// Gets each line, without its end. Called inside Session::handshake(); it must not wait.
using KeyLog = std::function<void(std::string line)>;

// Whether the library tells its secrets (wolfSSL built with HAVE_SECRET_CALLBACK). Without it a
// session has nothing for its KeyLog.
bool can_log_keys();

// RFC 9850 §2: "CLIENT_RANDOM 52…0e 8a…f1", the random of the ClientHello and the secret in
// hexadecimal.
std::string key_log_line(std::string_view label, certs::Bytes client_random, certs::Bytes secret);

}  // namespace tls
