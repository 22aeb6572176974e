// Filters that anyone types or puts into a URL. Whatever they are: a mistake has its place in the
// text, a filter and what it negates never both match, and a filter in parentheses is the same.
#include "inspect/flow/filter.h"

#include <algorithm>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using inspect::Filter;
    const std::string text(reinterpret_cast<const char*>(data), size);
    const inspect::Subject subjects[] = {
        {},
        {.url = text, .host = "a.test", .method = "GET", .status = 200, .size = 7, .milliseconds = 1.5},
        {.host = text,
         .status = 0,
         .code = "expired",
         .client = text,
         .client_protocol = "h2",
         .mime = text,
         .failed = true}};
    const auto filter = Filter::parse(text);
    if (!filter) {
        const auto control = [](char c) { return (c >= 0 && c < 0x20) || c == 0x7f; };
        const bool bad = filter.error().position > size || filter.error().message.empty() ||
                         std::ranges::any_of(filter.error().message, control);
        if (bad) std::abort();
        return 0;
    }
    if (text.find_first_not_of(" \t\r\n") == std::string::npos) return 0;
    const auto same = Filter::parse("(" + text + ")"), other = Filter::parse("-(" + text + ")");
    for (const inspect::Subject& subject : subjects) {
        const bool matches = filter->matches(subject);
        if (same && same->matches(subject) != matches) std::abort();
        if (other && other->matches(subject) == matches) std::abort();
    }
    return 0;
}
