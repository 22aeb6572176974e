// Name resolution inside an enclosure: only the resolver is asked, which is ours there. Others
// (nss-resolve, nscd, mDNS) have sockets that are files: they would answer from outside, with
// addresses for which the enclosure knows no name.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace proxy {

inline constexpr std::string_view name_service_file = "/etc/nsswitch.conf";

// Sockets of those who answer without being asked by that file's order.
inline constexpr std::array<std::string_view, 2> name_service_sockets{"/var/run/nscd/socket",
                                                                      "/run/systemd/resolve/io.systemd.Resolve"};

// The text of nsswitch.conf(5) with "files dns" for hosts; nullopt where it says no more than that.
std::optional<std::string> names_by_resolver(std::string_view text);

}  // namespace proxy
