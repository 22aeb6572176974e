#include "proxy/command/key_log_options.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdlib>

#include "proxy/settings/key_file.h"
#include "proxy/settings/settings.h"
#include "tls/key_log.h"

namespace proxy {

void KeyLogOptions::add_to(CLI::App& app) {
    app.add_option("--keylog", file_,
                   "append the secrets by which Wireshark decrypts a capture of both sides ($SSLKEYLOGFILE)")
        ->type_name("FILE")
        ->take_last();
}

void KeyLogOptions::settle(Settings& settings) const {
    const char* variable = file_ ? nullptr : std::getenv("SSLKEYLOGFILE");
    settings.key_log = {file_ ? *file_ : variable != nullptr ? variable : "", file_ ? "--keylog" : "SSLKEYLOGFILE"};
    const auto& [path, option] = settings.key_log;
    if (path.empty()) return;
    if (path == "-") throw UsageError(fmt::format("{} takes a file, not -: stdout is no place for keys", option));
    if (!tls::can_log_keys())
        throw UsageError(
            fmt::format("{} {}: the wolfSSL of this build tells no keys (HAVE_SECRET_CALLBACK); build "
                        "without -DWHYTLS_WOLFSSL=system",
                        option, path));
    settings.warnings.push_back(
        fmt::format("warning: {}: whoever reads {} can decrypt captures of whytls's TLS connections, with every "
                    "password and cookie in them; delete it when it has served",
                    option, path));
    if (auto readable = key_file_warning(path, "key log")) settings.warnings.push_back(*std::move(readable));
}

}  // namespace proxy
