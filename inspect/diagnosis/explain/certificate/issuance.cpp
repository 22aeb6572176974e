#include "inspect/diagnosis/explain/certificate/issuance.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "certs/hostname.h"
#include "certs/server_name.h"
#include "inspect/diagnosis/wording.h"

namespace inspect::diagnosis {

namespace {

// The name in a command that orders a certificate for one name; "" for another command.
std::string_view ordered_name(std::string_view command) {
    const std::size_t at = command.rfind(" -d ");
    return at == std::string_view::npos ? "" : command.substr(at + 4);
}

// Whether an RFC 4514 name has an attribute of that type.
bool names(std::string_view distinguished_name, std::string_view type) {
    return distinguished_name.starts_with(type) || mentions(distinguished_name, "," + std::string(type)) ||
           mentions(distinguished_name, "+" + std::string(type));
}

// Public CAs whose certificates mostly come by an order, not by ACME; listed by the organisation in
// their name.
constexpr auto ordered_from = std::to_array<std::string_view>(
    {"O=DigiCert", "O=GlobalSign", "O=Sectigo", "O=Entrust", "O=GoDaddy", "O=Microsoft"});

// The command that issues such a certificate anew, for the host too.
std::string local_command(const certs::Description& leaf, std::string_view host) {
    constexpr std::size_t most = 20;  // names
    std::vector<std::string> wanted;
    for (const std::string& name : leaf.names) wanted.push_back(name.substr(name.find(':') + 1));
    wanted.emplace_back(host);
    std::vector<std::string> names;
    for (const std::string& each : wanted)
        if (const auto name = certs::server_name(each); name && std::ranges::find(names, *name) == names.end())
            names.push_back(*name);
    if (names.size() > most) return "";
    std::string command = "whytls ca issue";
    for (const std::string& each : names) command += ' ' + shell_word(each);
    return command;
}

}  // namespace

bool is_private_host(std::string_view host) {
    constexpr auto suffixes =
        std::to_array<std::string_view>({".local", ".localhost", ".internal", ".intranet", ".lan", ".home", ".corp",
                                         ".test", ".svc", ".private", ".home.arpa"});
    constexpr auto prefixes =
        std::to_array<std::string_view>({"10.", "127.", "192.168.", "169.254.", "fd", "fe80:", "::1"});
    if (host.empty()) return false;
    if (is_address(host)) {
        const certs::ByteVector address = certs::parse_host(host).address;
        const bool of_172 = address.size() == 4 && address[0] == 172 && (address[1] & 0xf0) == 16;  // RFC 1918 §3
        return of_172 ||
               std::ranges::any_of(prefixes, [&](std::string_view prefix) { return host.starts_with(prefix); });
    }
    if (host.ends_with('.')) host.remove_suffix(1);
    return host.find('.') == std::string_view::npos ||
           std::ranges::any_of(suffixes, [&](std::string_view suffix) { return host.ends_with(suffix); });
}

// A public CA must name itself by country and organisation (BR §7.1.2.10.2) and point from each
// certificate to its issuer or its responder (§7.1.2.7.7); since 2018 browsers want its CT proofs.
std::vector<std::string> private_signs(const Context& context, std::string_view root) {
    std::vector<std::string> signs;
    if (is_private_host(context.attempt.host)) signs.emplace_back("no public CA certifies such a host name");
    const bool country = names(root, "C="), organisation = names(root, "O=");
    if (!root.empty() && (!country || !organisation))
        signs.push_back(fmt::format("its name has no {}", country        ? "organisation"
                                                          : organisation ? "country"
                                                                         : "country and no organisation"));
    const auto& verdict = context.attempt.verdict;
    if (verdict && !verdict->paths.empty()) {
        const certs::Extensions& leaf = verdict->paths.front().certificates.front().certificate.extensions();
        if (leaf.ca_issuer_urls.empty() && leaf.ocsp_urls.empty() && !leaf.sct_list)
            signs.emplace_back("the certificate carries neither its issuer's address nor CT proofs");
    }
    return signs;
}

Fix issue(const Context& context, std::string text, std::string certbot) {
    if (is_private_host(ordered_name(certbot)) || is_private_host(context.attempt.host)) certbot.clear();
    const certs::Description* leaf =
        context.chain.empty() || context.chain.front().unreadable ? nullptr : &context.chain.front().description;
    if (leaf == nullptr || leaf->issuer == leaf->subject) return {Actor::server, std::move(text), std::move(certbot)};
    if (mentions(leaf->subject, "O=whytls ca issue"))
        return {Actor::server, text + " `whytls ca issue` made this one.", local_command(*leaf, context.attempt.host)};
    const std::string issuer = quoted(short_name(leaf->issuer), 40);
    if (mentions(leaf->issuer, "O=Amazon"))
        return {
            Actor::server,
            text +
                " Amazon issued this one: AWS Certificate Manager renews what it issues while the DNS record that validates it stands.",
            "aws acm list-certificates"};
    const auto is_issuer = [&](std::string_view organisation) { return mentions(leaf->issuer, organisation); };
    if (std::ranges::any_of(ordered_from, is_issuer))
        return {Actor::server, fmt::format("{} This one was ordered from {}.", text, issuer), ""};
    if (private_signs(context, context.chain.back().description.issuer).size() >= 2)
        return {Actor::server,
                fmt::format("{} Its CA {} is most likely a private one: ask whoever runs it.", text, issuer), ""};
    return {Actor::server, std::move(text), std::move(certbot)};
}

}  // namespace inspect::diagnosis
