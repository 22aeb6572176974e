// What a command's environment needs so that its programs go through one proxy and trust one CA:
// the table of what each of them reads. Pure; knows no process and no file.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace proxy {

using Environment = std::map<std::string, std::string, std::less<>>;

// The files that the settings name, all in one directory.
namespace exec_file {
inline constexpr const char* bundle = "bundle.pem";       // every anchor, and the local CA
inline constexpr const char* authority = "ca.pem";        // the local CA
inline constexpr const char* java = "truststore.jks";     // as the bundle
inline constexpr const char* wget = "wgetrc";             // the user's own, and ours after it
inline constexpr const char* php = "php/whytls.ini";      // read after the system's
inline constexpr const char* node = "preload.cjs";        // for a Node that reads no proxy variable
inline constexpr const char* java_password = "changeit";  // Java's own habit; it protects nothing
}  // namespace exec_file

struct ExecPlace {
    std::uint16_t port = 0;  // the proxy's, on 127.0.0.1
    std::string directory;   // absolute; without blanks and quotes, since some variables hold several words

    std::string url() const;                        // "http://127.0.0.1:40001"
    std::string file(std::string_view name) const;  // of exec_file
};

struct EnvironmentSetting {
    std::string name;
    std::optional<std::string> value;  // nullopt: the variable is taken away
};

// The variables that are to be set, in the table's order, given those that are there. What the user
// has put into a variable of several words (NODE_OPTIONS, JAVA_TOOL_OPTIONS, GIT_CONFIG_COUNT …)
// stays, and ours follows.
std::vector<EnvironmentSetting> exec_settings(const ExecPlace& place, const Environment& outer);

// `outer` with the settings.
Environment with_settings(Environment outer, std::span<const EnvironmentSetting> settings);

}  // namespace proxy
