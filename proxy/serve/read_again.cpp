#include "proxy/serve/read_again.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <exception>
#include <filesystem>
#include <optional>
#include <set>
#include <string_view>

#include "inspect/report/log.h"
#include "inspect/report/print/redaction.h"
#include "proxy/ca/trust_install.h"
#include "proxy/io/clock.h"

namespace proxy {

namespace {

// nullopt when it is the one in force. A CA that is gone is an error: to open its directory would
// make another, which no client trusts.
std::optional<certs::Authority> another_authority(const certs::Authority& in_force) {
    std::error_code unreadable;
    for (const auto& entry : std::filesystem::directory_iterator(in_force.directory(), unreadable))
        if (entry.is_fifo(unreadable))  // to open it would wait for who writes to it
            throw StartError(fmt::format("CA: {}: a pipe", entry.path().string()));
    const auto found = certs::read_authority_record(in_force.directory());
    if (!found) throw StartError(fmt::format("CA: {}: {}", found.error().file, found.error().reason));
    if (!found->current)
        throw StartError(fmt::format("CA: there is none in {} any more", in_force.directory().string()));
    auto opened = certs::Authority::open(in_force.directory(), io::now());
    if (!opened) throw StartError(fmt::format("CA: {}: {}", opened.error().file, opened.error().reason));
    if (std::ranges::equal(opened->certificate().der(), in_force.certificate().der())) return std::nullopt;
    return std::move(*opened);
}

// The anchors of one that are not among the other's.
std::size_t missing(const certs::TrustStore& of, const certs::TrustStore& in) {
    std::set<std::string_view> known;
    for (const certs::Certificate& each : in.anchors()) known.insert(certs::as_text(each.der()));
    return static_cast<std::size_t>(std::ranges::count_if(
        of.anchors(), [&](const certs::Certificate& each) { return !known.contains(certs::as_text(each.der())); }));
}

std::string about_trust(const Keyring& now, const Keyring& before) {
    const std::string anchors = fmt::format("{} trust anchor{}", now.trust.size(), now.trust.size() == 1 ? "" : "s");
    if (same_anchors(now.trust, before.trust)) return anchors + ", unchanged";
    return fmt::format("{} from {} ({} new, {} gone)", anchors, now.trust.source(), missing(now.trust, before.trust),
                       missing(before.trust, now.trust));
}

std::string about_certificates(const Keyring& now, const Keyring& before) {
    const std::size_t count = now.client_certificates.size();
    if (count == 0 && before.client_certificates.empty()) return "";
    const bool same = same_certificates(now.client_certificates, before.client_certificates);
    return fmt::format("; {} client certificate{}{}", count, count == 1 ? "" : "s", same ? ", unchanged" : ", new");
}

std::string about_left(const std::vector<std::string>& left) {
    return left.empty() ? "" : fmt::format("; not taken without a restart: {}", fmt::join(left, ", "));
}

std::vector<std::string> take(Services& services, const Reread& reread) {
    UpstreamServices& upstream = services.upstream;
    const auto keyring_before = upstream.keyring.get();
    const auto authority_before = services.authority.get();
    Keyring keyring = load_keyring(reread.settings);
    std::optional<certs::Authority> authority = another_authority(*authority_before);

    std::string line = "SIGHUP: read again: " + about_trust(keyring, *keyring_before) +
                       about_certificates(keyring, *keyring_before) + "; ";
    line += authority ? "a new CA, " + trust_label(authority->certificate()) : "the CA, unchanged";
    line += about_left(reread.left);
    std::vector<std::string> lines;
    for (const std::string& warning : reread.settings.warnings)
        if (std::ranges::find(upstream.settings.warnings, warning) == upstream.settings.warnings.end())
            lines.push_back(warning);
    lines.push_back(std::move(line));

    // Connections to servers are used no further when their keyring is replaced, so one that says the
    // same is not.
    if (!same_anchors(keyring.trust, keyring_before->trust) ||
        !same_certificates(keyring.client_certificates, keyring_before->client_certificates))
        upstream.keyring.replace(std::move(keyring));
    if (authority) services.authority.replace(*std::move(authority));
    return lines;
}

}  // namespace

std::vector<std::string> take_again(Services& services, const ReadAgain& read_again) {
    Locate locate = [](const std::string& error) { return error; };
    try {
        const Reread reread = read_again();
        locate = reread.locate;
        return take(services, reread);
    } catch (const std::exception& error) {
        return {fmt::format("SIGHUP: nothing is taken, and what was read before stays in force: {}",
                            inspect::report::without_passwords(locate(error.what())))};
    }
}

}  // namespace proxy
