#include "proxy/settings/trust.h"

#include <fmt/format.h>

#include "proxy/settings/settings.h"

namespace proxy {

namespace {

[[noreturn]] void refuse(const certs::TrustError& error) {
    const std::string line = error.line > 0 ? fmt::format(", line {}", error.line) : "";
    throw UsageError(fmt::format("trust file {}{}: {}", error.file, line, error.reason));
}

}  // namespace

certs::TrustStore load_trust(const std::vector<std::filesystem::path>& instead,
                             const std::vector<std::filesystem::path>& added) {
    certs::TrustStore store;
    if (instead.empty()) {
        auto system = certs::TrustStore::system();
        if (!system) refuse(system.error());
        store = std::move(*system);
    }
    const auto add = [&](const std::vector<std::filesystem::path>& files) {
        for (const auto& file : files) {
            if (const auto loaded = store.add_file(file); !loaded) refuse(loaded.error());
        }
    };
    add(instead);
    store.begin_own();
    add(added);
    return store;
}

}  // namespace proxy
