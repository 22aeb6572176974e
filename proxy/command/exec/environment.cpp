#include "proxy/command/exec/environment.h"

#include <fmt/format.h>
#include <strings.h>

#include <array>
#include <charconv>
#include <string_view>
#include <utility>

namespace proxy {

namespace {

enum class How : std::uint8_t {
    replace,
    add_word,  // after a blank
    add_path,  // after a colon, even if there is nothing before it
};

// In `value` stand {proxy}, {port}, {bundle} and {directory} for what an ExecPlace says.
struct Row {
    const char* name;
    const char* value;
    How how = How::replace;
};

// What is named twice is read in one case by some programs and in the other by others.
constexpr auto table = std::to_array<Row>({
    // Where the proxy is. curl and wget read only the lower case of the first one, for a web server
    // gives its CGI programs the upper case (httpoxy).
    {"http_proxy", "{proxy}"},
    {"HTTP_PROXY", "{proxy}"},
    {"https_proxy", "{proxy}"},
    {"HTTPS_PROXY", "{proxy}"},
    {"all_proxy", "{proxy}"},  // curl for other schemes; proxy-from-env, httpx
    {"ALL_PROXY", "{proxy}"},
    {"no_proxy", ""},
    {"NO_PROXY", ""},
    {"grpc_proxy", "{proxy}"},  // gRPC's core reads it before https_proxy
    {"no_grpc_proxy", ""},
    // Whom to trust.
    {"SSL_CERT_FILE", "{bundle}"},  // OpenSSL: Ruby, Python, Perl, .NET …; Go; rustls
    {"CURL_CA_BUNDLE", "{bundle}"},
    {"REQUESTS_CA_BUNDLE", "{bundle}"},  // Python's requests: httpie, az, poetry …
    {"AWS_CA_BUNDLE", "{bundle}"},
    {"HTTPLIB2_CA_CERTS", "{bundle}"},
    {"WEBSOCKET_CLIENT_CA_BUNDLE", "{bundle}"},
    {"CLOUDSDK_CORE_CUSTOM_CA_CERTS_FILE", "{bundle}"},
    {"GRPC_DEFAULT_SSL_ROOTS_FILE_PATH", "{bundle}"},
    {"NIX_SSL_CERT_FILE", "{bundle}"},
    {"HEX_CACERTS_PATH", "{bundle}"},
    {"JULIA_SSL_CA_ROOTS_PATH", "{bundle}"},
    {"COMPOSER_CAFILE", "{bundle}"},
    {"BUNDLE_SSL_CA_CERT", "{bundle}"},
    {"PERL_LWP_SSL_CA_FILE", "{bundle}"},
    {"PERL_LWP_ENV_PROXY", "1"},
    // Programs whose own settings come before the variables above: pip.conf, Cargo's config.toml, .npmrc.
    {"PIP_CERT", "{bundle}"},
    {"PIP_PROXY", "{proxy}"},
    {"CARGO_HTTP_CAINFO", "{bundle}"},
    {"CARGO_HTTP_PROXY", "{proxy}"},
    {"npm_config_proxy", "{proxy}"},
    {"npm_config_https_proxy", "{proxy}"},
    {"npm_config_noproxy", ""},
    {"npm_config_cafile", "{bundle}"},
    {"GIT_SSL_CAINFO", "{bundle}"},
    // Node from 24.5 (22.21) needs NODE_OPTIONS only for agents that a program makes itself.
    {"NODE_EXTRA_CA_CERTS", "{bundle}"},
    {"NODE_USE_ENV_PROXY", "1"},
    {"NODE_OPTIONS", "--require={directory}/preload.cjs", How::add_word},
    {"DENO_CERT", "{bundle}"},
    // Java asks no proxy for loopback addresses unless that list is empty.
    {"JAVA_TOOL_OPTIONS",
     "-Dhttp.proxyHost=127.0.0.1 -Dhttp.proxyPort={port} -Dhttps.proxyHost=127.0.0.1 -Dhttps.proxyPort={port} "
     "-Dhttp.nonProxyHosts= -Djavax.net.ssl.trustStore={directory}/truststore.jks -Djavax.net.ssl.trustStoreType=jks "
     "-Djavax.net.ssl.trustStorePassword=changeit",
     How::add_word},
    {"PHP_INI_SCAN_DIR", "{directory}/php", How::add_path},  // nothing before the colon is PHP's own directory
    {"WGETRC", "{directory}/wgetrc"},
});

// git's own configuration comes before the variables; these come before it (git-config(1), GIT_CONFIG_COUNT).
constexpr auto git_table = std::to_array<std::pair<const char*, const char*>>({
    {"http.proxy", "{proxy}"},
    {"http.sslCAInfo", "{bundle}"},
});

std::string filled_in(std::string_view text, const ExecPlace& place) {
    const std::array<std::pair<std::string_view, std::string>, 4> words{{{"{proxy}", place.url()},
                                                                         {"{port}", fmt::format("{}", place.port)},
                                                                         {"{bundle}", place.file(exec_file::bundle)},
                                                                         {"{directory}", place.directory}}};
    std::string result(text);
    for (const auto& [word, value] : words)
        for (std::size_t at = 0; (at = result.find(word, at)) != std::string::npos; at += value.size())
            result.replace(at, word.size(), value);
    return result;
}

std::string_view value_of(const Environment& environment, std::string_view name) {
    const auto found = environment.find(name);
    return found == environment.end() ? std::string_view() : std::string_view(found->second);
}

std::string joined(std::string_view before, How how, const std::string& ours) {
    if (how == How::add_path) return fmt::format("{}:{}", before, ours);
    return how == How::replace || before.empty() ? ours : fmt::format("{} {}", before, ours);
}

// npm takes its variables in any case, and the one that it meets last.
void take_away_other_spellings(const Environment& outer, std::vector<EnvironmentSetting>& settings) {
    for (const auto& [name, value] : outer)
        for (const Row& row : table)
            if (std::string_view(row.name).starts_with("npm_config_") && name != row.name &&
                ::strcasecmp(name.c_str(), row.name) == 0)
                settings.push_back({name, std::nullopt});
}

// The user's own of them keep their numbers, and ours follow.
void set_git(const ExecPlace& place, const Environment& outer, std::vector<EnvironmentSetting>& settings) {
    const std::string_view text = value_of(outer, "GIT_CONFIG_COUNT");
    unsigned count = 0;
    if (std::from_chars(text.data(), text.data() + text.size(), count).ec != std::errc() || count > 10'000) count = 0;
    for (const auto& [key, value] : git_table) {
        settings.push_back({fmt::format("GIT_CONFIG_KEY_{}", count), key});
        settings.push_back({fmt::format("GIT_CONFIG_VALUE_{}", count), filled_in(value, place)});
        ++count;
    }
    settings.push_back({"GIT_CONFIG_COUNT", fmt::format("{}", count)});
}

}  // namespace

std::string ExecPlace::url() const { return fmt::format("http://127.0.0.1:{}", port); }

std::string ExecPlace::file(std::string_view name) const { return fmt::format("{}/{}", directory, name); }

std::vector<EnvironmentSetting> exec_settings(const ExecPlace& place, const Environment& outer) {
    std::vector<EnvironmentSetting> settings;
    for (const Row& row : table)
        settings.push_back({row.name, joined(value_of(outer, row.name), row.how, filled_in(row.value, place))});
    set_git(place, outer, settings);
    take_away_other_spellings(outer, settings);
    return settings;
}

Environment with_settings(Environment outer, std::span<const EnvironmentSetting> settings) {
    for (const EnvironmentSetting& each : settings) {
        if (each.value)
            outer.insert_or_assign(each.name, *each.value);
        else
            outer.erase(each.name);
    }
    return outer;
}

}  // namespace proxy
