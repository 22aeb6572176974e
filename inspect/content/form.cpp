#include "inspect/content/form.h"

#include <algorithm>

#include "certs/bytes.h"
#include "inspect/content/charset.h"

namespace inspect::content {

namespace {

int value_of_digit(char digit) {
    if (certs::is_digit(digit)) return digit - '0';
    if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
    if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
    return -1;
}

std::string decoded(std::string_view text) {
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
    return as_utf8(bytes);
}

}  // namespace

FormFields form_fields(std::string_view text, std::size_t most) {
    FormFields read;
    while (!text.empty()) {
        const std::string_view field = text.substr(0, text.find('&'));
        text.remove_prefix(std::min(field.size() + 1, text.size()));
        if (field.empty()) continue;
        if (read.fields.size() == most) {
            read.more = true;
            break;
        }
        const std::size_t equals = std::min(field.find('='), field.size());
        read.fields.emplace_back(decoded(field.substr(0, equals)),
                                 decoded(field.substr(std::min(equals + 1, field.size()))));
    }
    return read;
}

}  // namespace inspect::content
