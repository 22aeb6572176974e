#include "inspect/http/http1/fault.h"

#include <algorithm>
#include <utility>

namespace inspect::http {

namespace {

constexpr std::size_t longest_name = 64;

// The token before a line's colon; "" when there is none.
std::string_view name_of(std::string_view line) {
    const std::size_t colon = line.find(':');
    if (colon > longest_name || !is_token(line.substr(0, colon))) return "";  // npos is larger than longest_name
    return line.substr(0, colon);
}

void count(std::vector<Fault::Size>& sizes, std::string_view name, std::size_t bytes) {
    auto known = std::ranges::find_if(sizes, [&](const Fault::Size& each) { return same_name(each.name, name); });
    if (known == sizes.end()) known = sizes.insert(known, {std::string(name), 0, 0});
    ++known->fields;
    known->bytes += bytes;
}

}  // namespace

Fault fault_in_line(std::string_view text, std::string_view line, std::size_t folds) {
    const auto begin = static_cast<std::size_t>(line.data() - text.data());
    const std::string_view before = text.substr(0, begin);
    Fault fault;
    fault.line = static_cast<std::size_t>(std::ranges::count(before, '\n')) + folds + 1;
    fault.text = line.substr(0, Fault::most_text);
    fault.colon_beyond = line.contains(':') && !fault.text.contains(':');
    if (before.empty()) return fault;
    const std::string_view lines = before.substr(0, before.size() - 1);  // without its last LF
    const std::size_t last = lines.rfind('\n');
    if (last != std::string_view::npos) fault.previous = name_of(lines.substr(last + 1));
    return fault;
}

std::vector<Field> lengths_in(std::string_view text) {
    constexpr std::size_t most = 16;
    Fields found;
    while (!text.empty() && found.size() < most) {
        const std::string_view line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(line.size() + 1, text.size()));
        const std::string_view name = name_of(line), value = line.substr(std::min(name.size() + 1, line.size()));
        if (same_name(name, "Content-Length") || same_name(name, "Transfer-Encoding"))
            found.add(name, value.substr(0, value.find('\r')).substr(0, Fault::most_text));
    }
    return {found.begin(), found.end()};
}

std::vector<Fault::Size> largest_fields(std::string_view text) {
    constexpr std::size_t most = 3, most_names = 100;
    std::vector<Fault::Size> sizes;
    for (bool first = true; !text.empty(); first = false) {
        const std::string_view line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(line.size() + 1, text.size()));
        const std::string_view name = name_of(line);
        if (first || (!name.empty() && sizes.size() < most_names)) count(sizes, first ? "" : name, line.size());
    }
    std::ranges::stable_sort(sizes, std::ranges::greater(), &Fault::Size::bytes);
    if (sizes.size() > most) sizes.resize(most);
    return sizes;
}

}  // namespace inspect::http
