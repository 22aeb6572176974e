#include "tls/key_exchange.h"

#include <bit>
#include <string>

#include "tls/reader.h"
#include "tls/suites.h"

namespace tls {

bool is_dhe(std::uint16_t suite) {
    const std::string name = suite_name(suite);
    return name.find("_DHE_") != std::string::npos || name.find("_DH_anon_") != std::string::npos;
}

std::optional<std::size_t> prime_bits(certs::Bytes key_exchange) {
    Reader reader(key_exchange);
    certs::Bytes prime = reader.vector(2);
    if (!reader.good()) return std::nullopt;
    while (!prime.empty() && prime.front() == 0) prime = prime.subspan(1);
    if (prime.empty()) return 0;
    return prime.size() * 8 - static_cast<std::size_t>(std::countl_zero(prime.front()));
}

}  // namespace tls
