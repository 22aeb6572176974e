// The options of `whytls check`, as CLI11 reads them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "proxy/command/check/check_command.h"
#include "proxy/command/connection_options.h"
#include "proxy/command/key_log_options.h"

namespace proxy {

class CheckOptions {
public:
    // Must outlive the parsing.
    void add_to(CLI::App& app);
    // Throws UsageError.
    CheckCommand settle() const;

private:
    // The servers named on the command line and in lists, at `port` unless they name another.
    void read_targets(CheckCommand& command, std::uint16_t port) const;

    ConnectionOptions connection_;
    KeyLogOptions key_log_;
    std::vector<std::string> targets_, files_, connect_to_;
    std::string server_name_, starttls_, scan_page_;
    std::optional<std::string> expect_, alpn_;
    std::int64_t parallel_ = 16;
    bool json_ = false, full_ = false, all_addresses_ = false, scan_ = false;
};

}  // namespace proxy
