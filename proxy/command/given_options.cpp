#include "proxy/command/given_options.h"

#include <CLI/CLI.hpp>
#include <array>

namespace proxy {

namespace {

constexpr auto repeated = std::to_array<const char*>({
    "--config",       "--no-config",           "--listen",     "--transparent",    "--reverse",    "--listen-tls",
    "--allow-remote", "--allow-anonymous",     "--proxy-auth", "--ca-dir",         "--trust",      "--add-trust",
    "--profile",      "--untrusted",           "--crl",        "--ocsp",           "--servername", "--alpn",
    "--starttls",     "--connect-to",          "--resolve",    "--upstream-proxy", "--no-proxy",   "--client-cert",
    "--client-key",   "--client-key-password", "--tls-min",    "--tls-max",        "--revocation",
});

}  // namespace

std::string without_secret(std::string_view option, const std::string& value) {
    if (option == "--proxy-auth") return "USER:PASSWORD";
    if (option == "--client-key-password" && !value.starts_with("env:") && !value.starts_with("file:"))
        return "PASSWORD";
    if (option == "--otlp-header") return value.substr(0, value.find(':')) + ": VALUE";
    const auto host = value.rfind('@');
    if (option != "--upstream-proxy" || host == std::string::npos) return value;
    const auto scheme = value.find("://");
    return (scheme == std::string::npos ? "" : value.substr(0, scheme + 3)) + "USER:PASSWORD" + value.substr(host);
}

std::vector<inspect::diagnosis::GivenOption> given_options(const CLI::App& command) {
    std::vector<inspect::diagnosis::GivenOption> given;
    for (const char* name : repeated) {
        const CLI::Option* option = command.get_option_no_throw(name);
        if (option == nullptr) continue;
        const bool is_switch = option->get_expected_max() == 0;
        for (const std::string& value : option->results())
            given.push_back({name, is_switch ? "" : without_secret(name, value)});
    }
    return given;
}

}  // namespace proxy
