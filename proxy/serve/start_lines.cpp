#include "proxy/serve/start_lines.h"

#include <fmt/format.h>

#include "inspect/gateway/mapping.h"
#include "proxy/ca/trust_install.h"
#include "proxy/ca/trust_places.h"
#include "proxy/io/clock.h"
#include "proxy/settings/ca_directory.h"
#include "proxy/settings/key_file.h"

namespace proxy {

namespace {

std::string url_of(const inspect::http::Target& target) {
    return inspect::http::origin_of(target) + (target.path_and_query == "/" ? "" : target.path_and_query);
}

std::string insecure_warning(const std::vector<HostPattern>& patterns) {
    std::string hosts;
    for (const HostPattern& pattern : patterns) {
        if (pattern.text() == "*")
            return "warning: --insecure lets every host through: each server that fails verification gets the requests; --insecure=HOST "
                   "limits it";
        hosts += (hosts.empty() ? "" : ", ") + pattern.text();
    }
    return fmt::format(
        "warning: --insecure lets {} through: servers that fail verification get the requests of these hosts", hosts);
}

// A user whose programs are to use whytls has whytls's own address there.
bool leads_here(const UnreadProxy& proxy, const Services& services) {
    const auto address = io::Address::parse(proxy.host == "localhost" ? "127.0.0.1" : proxy.host, proxy.port);
    return address && services.upstream.is_own_listener(*address);
}

// Where a client on this machine reaches the listener: 0.0.0.0 is no address to connect to.
std::string local_endpoint(const io::Address& address) {
    const std::string ip = address.ip();
    if (ip == "0.0.0.0") return fmt::format("127.0.0.1:{}", address.port());
    if (ip == "::") return fmt::format("[::1]:{}", address.port());
    return address.to_string();
}

// Only the system's store is checked: it is a file; a browser's database would need a program.
std::string trust_state(const Services& services) {
    const std::string install = install_command(services.upstream.settings.ca_dir);
    const auto store = find_system_store("/");
    if (!store) return fmt::format("clients need to trust its CA: {}", install);
    const bool trusted = is_installed(*store, services.authority.get()->certificate()).value_or(false);
    return trusted ? "this system trusts its CA" : fmt::format("this system does not trust its CA yet: {}", install);
}

}  // namespace

std::vector<std::string> start_notes(const Services& services) {
    const Settings& settings = services.upstream.settings;
    std::vector<std::string> notes;
    if (services.authority.get()->created())
        notes.push_back(fmt::format(
            "made a local CA: {} ({} makes this machine trust it; http://why.tls/ has each program's own way)",
            (settings.ca_dir / "ca.pem").string(), install_command(settings.ca_dir)));
    if (settings.at)
        notes.push_back(
            fmt::format("note: certificates are verified as if it were {} (--at); this machine's clock says {}",
                        certs::readable(*settings.at), certs::readable(io::now())));
    for (std::string& warning : start_warnings(services)) notes.push_back(std::move(warning));
    if (settings.unread_proxy && !leads_here(*settings.unread_proxy, services))
        notes.push_back(settings.unread_proxy->note());
    return notes;
}

std::vector<std::string> start_warnings(const Services& services) {
    const Settings& settings = services.upstream.settings;
    std::vector<std::string> warnings;
    if (!settings.insecure.empty()) warnings.push_back(insecure_warning(settings.insecure));
    warnings.insert(warnings.end(), settings.warnings.begin(), settings.warnings.end());
    for (std::string& warning : ca_warnings(settings.ca_dir)) warnings.push_back(std::move(warning));
    return warnings;
}

std::string page_url(const Services& services) {
    return fmt::format("http://{}/", local_endpoint(*services.upstream.page));
}

std::vector<std::string> listening_lines(const Services& services) {
    const std::string trust = trust_state(services);
    std::vector<std::string> lines;
    for (std::size_t i = 0; i < services.upstream.listeners.size(); ++i) {
        const std::string bound = services.upstream.listeners[i].to_string(),
                          here = local_endpoint(services.upstream.listeners[i]);
        const ListenAt& listen = services.upstream.settings.listen[i];
        if (listen.transparent)
            lines.push_back(
                fmt::format("listening on {}, for connections that are redirected to it ({})", bound, trust));
        else if (listen.reverse && listen.tls)
            lines.push_back(
                fmt::format("listening on {}, for {} (https://{}/; {})", bound, url_of(*listen.reverse), here, trust));
        else if (listen.reverse)
            lines.push_back(fmt::format("listening on {}, for {} (http://{}/)", bound, url_of(*listen.reverse), here));
        else
            lines.push_back(
                fmt::format("listening on {} (page http://{}/; https_proxy=http://{}; {})", bound, here, here, trust));
    }
    if (services.upstream.page)
        lines.push_back("live page " + page_url(services));
    else if (services.upstream.settings.ui)
        lines.push_back(fmt::format("no live page: {} is in use; --ui ADDR:PORT chooses another",
                                    services.upstream.settings.ui->address.to_string()));
    return lines;
}

}  // namespace proxy
