#include "proxy/settings/settings.h"

#include <fmt/format.h>

#include <algorithm>

#include "inspect/http/message.h"

namespace proxy {

HostPattern::HostPattern(std::string_view text) : text_(text) {
    const bool bracketed = text.starts_with('[') && text.ends_with(']');
    if (const auto address = io::Address::parse(bracketed ? text.substr(1, text.size() - 2) : text, 0)) {
        text_ = address->ip();
        return;
    }
    const std::string_view rest = text.starts_with("*.") ? text.substr(2) : text;
    if (text != "*" && (rest.empty() || rest.find_first_of("*:/ ") != std::string_view::npos)) {
        throw UsageError(fmt::format("'{}' is not a host name, an address, *.example.com or *", text));
    }
}

bool HostPattern::matches(std::string_view host) const {
    if (text_ == "*") return true;
    if (host.ends_with('.')) host.remove_suffix(1);
    if (!text_.starts_with("*.")) {
        const auto address = host.contains(':') ? io::Address::parse(host, 0) : std::nullopt;  // in any spelling
        return inspect::http::same_name(text_, address ? address->ip() : host);
    }
    const std::string_view suffix = std::string_view(text_).substr(1);
    return host.size() > suffix.size() && inspect::http::same_name(host.substr(host.size() - suffix.size()), suffix);
}

bool matches_any(const std::vector<HostPattern>& patterns, std::string_view host) {
    return std::ranges::any_of(patterns, [&](const HostPattern& pattern) { return pattern.matches(host); });
}

std::string UnreadProxy::note() const {
    const std::string how = host.empty() ? "--upstream-proxy takes an HTTP proxy"
                                         : fmt::format("--upstream-proxy \"${}\" goes through that proxy", variable);
    return fmt::format("note: {} is set, but whytls does not read it and connects to servers directly; {}", variable,
                       how);
}

bool Settings::takes_redirected() const { return std::ranges::any_of(listen, &ListenAt::transparent); }

const ResolveRule* Settings::find_resolve(std::string_view host, std::uint16_t port) const {
    if (host.ends_with('.')) host.remove_suffix(1);
    const auto rule_of = [&](std::string_view name) {
        const auto found = std::ranges::find_if(resolve, [&](const ResolveRule& rule) {
            return rule.port == port && inspect::http::same_name(rule.host, name);
        });
        return found == resolve.end() ? nullptr : &*found;
    };
    const ResolveRule* own = rule_of(host);
    return own != nullptr ? own : rule_of("*");
}

}  // namespace proxy
