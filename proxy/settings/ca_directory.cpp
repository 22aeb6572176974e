#include "proxy/settings/ca_directory.h"

#include <fmt/format.h>

#include <cstdlib>
#include <optional>

#include "inspect/diagnosis/wording.h"
#include "proxy/settings/settings.h"

namespace proxy {

namespace {

std::optional<std::filesystem::path> default_ca_dir() {
    const auto from = [](const char* name) {
        const char* value = std::getenv(name);
        return std::string(value ? value : "");
    };
    if (const std::string data = from("XDG_DATA_HOME"); data.starts_with('/'))
        return std::filesystem::path(data) / "whytls";
    if (const std::string home = from("HOME"); !home.empty())
        return std::filesystem::path(home) / ".local/share/whytls";
    return std::nullopt;
}

}  // namespace

std::filesystem::path ca_directory(const std::string& given) {
    const auto directory = given.empty() ? default_ca_dir() : std::filesystem::path(given);
    if (!directory) throw UsageError("--ca-dir is needed: neither XDG_DATA_HOME nor HOME is set");
    return std::filesystem::absolute(*directory).lexically_normal();
}

std::string install_command(const std::filesystem::path& ca_dir) {
    const auto usual = default_ca_dir();
    if (usual && usual->lexically_normal() == ca_dir) return "whytls ca install";
    return "whytls ca install --ca-dir " + inspect::diagnosis::shell_word(ca_dir.string());
}

}  // namespace proxy
