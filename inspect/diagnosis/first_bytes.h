// What answered when TLS was expected: a protocol recognised by the first bytes that it sends. A
// data table.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace inspect::diagnosis {

struct Answerer {
    std::string_view protocol;  // "HTTP", "SSH"; "" when not recognised
    std::string_view starttls;  // what `openssl s_client -starttls` calls it; "" when it has none
};

// The port helps where two protocols greet alike (SMTP and FTP).
Answerer recognise_first_bytes(std::string_view bytes, std::uint16_t port);

// The first line, or hexadecimal when it is not text; at most 80 characters.
std::string show_first_bytes(std::string_view bytes);

}  // namespace inspect::diagnosis
