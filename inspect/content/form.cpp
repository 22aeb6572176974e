#include "inspect/content/form.h"

#include <algorithm>

#include "inspect/content/charset.h"
#include "inspect/http/percent.h"

namespace inspect::content {

namespace {

std::string decoded(std::string_view text) { return as_utf8(http::percent_decoded(text)); }

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
