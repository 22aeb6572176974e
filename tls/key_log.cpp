#include "tls/key_log.h"

#include <wolfssl/options.h>

#include <fmt/format.h>

namespace tls {

bool can_log_keys() {
#ifdef HAVE_SECRET_CALLBACK
    return true;
#else
    return false;
#endif
}

std::string key_log_line(std::string_view label, certs::Bytes client_random, certs::Bytes secret) {
    return fmt::format("{} {} {}", label, certs::hex(client_random), certs::hex(secret));
}

}  // namespace tls
