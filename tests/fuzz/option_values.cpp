// The values of options, one line each: what --resolve, --upstream-proxy, --at and the others of a
// connection take, what --connect-to and the like are cut from, and what --expect lists. Each is
// read, or refused with one sentence that names its option.
#include <CLI/CLI.hpp>
#include <cstdlib>

#include "inspect/diagnosis/expectation.h"
#include "proxy/command/connection_options.h"
#include "proxy/command/option_values.h"
#include "proxy/settings/settings.h"
#include "proxy/upstream/parent_proxy.h"

namespace {

void settle(const std::string& option, const std::string& value) {
    CLI::App app;
    proxy::ConnectionOptions options;
    options.add_to(app);
    proxy::Settings settings;
    try {
        app.parse(std::vector<std::string>{value, option});  // CLI11 takes them from the back
        options.settle(settings);
    } catch (const proxy::UsageError& error) {
        if (!std::string_view(error.what()).contains(option)) std::abort();
    } catch (const CLI::ParseError&) {}
    if (settings.parent) (void)proxy::authority(*settings.parent);
}

void expect(const std::string& list) {
    const auto expectations = inspect::diagnosis::parse_expectations(list);
    if (!expectations) return;
    for (const auto& each : *expectations) {
        const auto again = inspect::diagnosis::parse_expectations(to_string(each));
        if (!again || again->size() != 1 || again->front() != each) std::abort();
    }
}

void cut(std::string_view text) {
    while (!text.empty()) {
        const std::size_t before = text.size();
        (void)proxy::bare_host(proxy::take_host(text));
        if (text.size() >= before) std::abort();
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static constexpr const char* options[] = {"--resolve",           "--upstream-proxy", "--at",
                                              "--tls-min",           "--revocation",     "--connect-timeout",
                                              "--handshake-timeout", "--profile",        "--aia"};
    constexpr std::size_t count = std::size(options);
    if (size == 0 || size > 4096) return -1;
    const std::string value(reinterpret_cast<const char*>(data) + 1, size - 1);
    const std::size_t which = data[0] % (count + 2);
    if (which < count)
        settle(options[which], value);
    else if (which == count)
        expect(value);
    else
        cut(value);
    return 0;
}
