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

// Firefox reads its proxy and its anchors from its profile: the anchors from a database of NSS.
BrowserPlan for_firefox(const std::vector<std::string>& arguments, const ExecPlace& place) {
    const bool own_profile = std::ranges::any_of(arguments, [](const std::string& each) {
        return each == "-P" || each == "-profile" || each == "--profile" || each == "--ProfileManager";
    });
    if (own_profile) return {arguments, {}, {}};
    std::string settings = "user_pref(\"network.proxy.type\", 1);\n";
    for (const char* scheme : {"http", "ssl"})
        settings += fmt::format(
            "user_pref(\"network.proxy.{0}\", \"127.0.0.1\");\nuser_pref(\"network.proxy.{0}_port\", {1});\n", scheme,
            place.port);
    settings +=
        "user_pref(\"network.proxy.no_proxies_on\", \"\");\n"
        "user_pref(\"network.proxy.allow_hijacking_localhost\", true);\n"
        "user_pref(\"browser.shell.checkDefaultBrowser\", false);\n"
        "user_pref(\"browser.aboutwelcome.enabled\", false);\n";
    const std::string profile = place.file("profile"), database = "sql:" + profile;
    BrowserPlan plan{
        arguments,
        {{"profile/user.js", settings}},
        {{"certutil", "-d", database, "-N", "--empty-password"},
         {"certutil", "-d", database, "-A", "-n", "whytls", "-t", "C,,", "-i", place.file(exec_file::authority)}}};
    const std::array<std::string, 3> ours{"--no-remote", "--profile", profile};
    plan.arguments.insert(plan.arguments.begin() + 1, ours.begin(), ours.end());
    return plan;
}

}  // namespace

BrowserPlan browser_plan(const std::vector<std::string>& arguments, const ExecPlace& place,
                         const certs::Authority& authority) {
    const std::string_view program = program_name(arguments.front());
    if (is_chromium(program)) return for_chromium(arguments, place, authority);
    if (program == "firefox" || program.starts_with("firefox-")) return for_firefox(arguments, place);
    return {arguments, {}, {}};
}

}  // namespace proxy
