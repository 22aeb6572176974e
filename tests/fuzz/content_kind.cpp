// Any Content-Type with any body: what it is has a name; an image has an image's bytes; parts of a
// multipart lie inside the body, one after the other.
#include "inspect/content/kind.h"

#include <algorithm>
#include <cstdlib>

#include "inspect/content/multipart.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace inspect::content;
    const certs::Bytes input(data, size);
    const auto line = std::ranges::find(input, std::uint8_t{'\n'});
    const std::string_view type = certs::as_text(input.first(static_cast<std::size_t>(line - input.begin())));
    const certs::Bytes body = line == input.end() ? certs::Bytes() : input.subspan(type.size() + 1);
    const Kind kind = kind_of(type, body, size % 2 == 0);
    if (name(kind.form).empty() || (kind.form == Form::empty) != body.empty()) std::abort();
    if (kind.form == Form::png && body[0] != 0x89) std::abort();
    if ((kind.form == Form::multipart) == kind.boundary.empty()) std::abort();
    const Multipart split = split_multipart(body, kind.boundary.empty() ? "x" : kind.boundary);
    if (split.parts.size() > most_parts) std::abort();
    const std::uint8_t* at = body.data();
    for (const Part& part : split.parts) {
        if (part.content.empty()) continue;
        if (part.content.data() < at || part.content.data() + part.content.size() > body.data() + body.size())
            std::abort();
        at = part.content.data() + part.content.size();
    }
    return 0;
}
