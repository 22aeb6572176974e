#include "inspect/http/percent.h"

#include "certs/bytes.h"

namespace inspect::http {

namespace {

int value_of_digit(char digit) {
    if (certs::is_digit(digit)) return digit - '0';
    if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
    if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
    return -1;
}

}  // namespace

std::string percent_decoded(std::string_view text) {
    std::string bytes;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const int high = text[at] == '%' && at + 2 < text.size() ? value_of_digit(text[at + 1]) : -1;
        const int low = high >= 0 ? value_of_digit(text[at + 2]) : -1;
        if (low >= 0) {
            bytes += static_cast<char>(high << 4 | low);
            at += 2;
        } else {
            bytes += text[at] == '+' ? ' ' : text[at];
        }
    }
    return bytes;
}

}  // namespace inspect::http
