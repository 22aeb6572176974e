// A NO_PROXY list beside a host and its port: "*" always exempts it, an empty list never does.
#include "proxy/settings/no_proxy.h"

#include <algorithm>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) return 0;
    const auto port = static_cast<std::uint16_t>(data[0] << 8 | data[1]);
    const std::string_view text(reinterpret_cast<const char*>(data) + 2, size - 2);
    const std::string_view list = text.substr(0, text.find('\n'));
    const std::string_view host = text.substr(std::min(list.size() + 1, text.size()));
    (void)proxy::NoProxy(list).matches(host, port);
    if (!proxy::NoProxy("*").matches(host, port) || proxy::NoProxy("").matches(host, port)) std::abort();
    return 0;
}
