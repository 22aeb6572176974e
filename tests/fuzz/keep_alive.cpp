// Keep-Alive: what is read from any lines is the least of what they say, in whatever order they
// come.
#include "inspect/http/keep_alive.h"

#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace inspect::http;
    std::vector<std::string_view> lines;
    for (std::string_view rest(reinterpret_cast<const char*>(data), size); !rest.empty();) {
        const std::size_t end = rest.find('\n');
        lines.push_back(rest.substr(0, end));
        rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    }
    Fields fields, reversed;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        fields.add("Keep-Alive", lines[i]);
        reversed.add("keep-alive", lines[lines.size() - 1 - i]);
    }
    if (keep_alive_of(fields) != keep_alive_of(reversed)) std::abort();
    return 0;
}
