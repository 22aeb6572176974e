#include "proxy/command/exec/browser.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "certs/crypto.h"
#include "certs/pem.h"

namespace proxy {

namespace {

std::string_view program_name(std::string_view command) { return command.substr(command.rfind('/') + 1); }

bool is_chromium(std::string_view program) {
    constexpr auto names = std::to_array<std::string_view>(
        {"chromium", "chrome", "google-chrome", "brave", "microsoft-edge", "vivaldi", "opera"});
    return std::ranges::any_of(names, [&](std::string_view name) {
        return program == name || (program.starts_with(name) && program.substr(name.size()).starts_with('-'));
    });
}

bool gives(const std::vector<std::string>& arguments, std::string_view option) {
    return std::ranges::any_of(arguments, [&](const std::string& each) { return each.starts_with(option); });
}

// Chromium has no option for an anchor. It lets pass chains that hold a certificate with one of
// these keys, and only in a profile that was named. All leaves of one CA here have one key.
BrowserPlan for_chromium(const std::vector<std::string>& arguments, const ExecPlace& place,
                         const certs::Authority& authority) {
    std::vector<std::string> ours{
        fmt::format("--proxy-server={}", place.url()),
        "--proxy-bypass-list=<-loopback>",  // with the minus, loopback addresses go through it too
        fmt::format("--ignore-certificate-errors-spki-list={}",
                    certs::encode_base64(certs::sha256(authority.leaf_public_key_info())))};
    if (!gives(arguments, "--user-data-dir=")) {
        ours.push_back(fmt::format("--user-data-dir={}", place.file("profile")));
        ours.emplace_back("--no-first-run");
    }
    BrowserPlan plan{arguments, {}, {}};
    plan.arguments.insert(plan.arguments.begin() + 1, ours.begin(), ours.end());
    return plan;
}

}  // namespace

BrowserPlan browser_plan(const std::vector<std::string>& arguments, const ExecPlace& place,
                         const certs::Authority& authority) {
    const std::string_view program = program_name(arguments.front());
    if (is_chromium(program)) return for_chromium(arguments, place, authority);
    return {arguments, {}, {}};
}

}  // namespace proxy
