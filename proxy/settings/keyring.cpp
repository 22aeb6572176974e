#include "proxy/settings/keyring.h"

#include <algorithm>

#include "proxy/settings/trust.h"

namespace proxy {

const ClientCertificate* Keyring::find_client_certificate(std::string_view host) const {
    const auto found = std::ranges::find_if(client_certificates,
                                            [&](const ClientCertificate& each) { return each.hosts.matches(host); });
    return found == client_certificates.end() ? nullptr : &*found;
}

Keyring load_keyring(const Settings& settings) {
    return {.trust = load_trust(settings.trust, settings.add_trust),
            .client_certificates = settings.client_certificates};
}

bool same_anchors(const certs::TrustStore& a, const certs::TrustStore& b) {
    return a.source() == b.source() &&
           std::ranges::equal(
               a.anchors(), b.anchors(), [&](const certs::Certificate& one, const certs::Certificate& other) {
                   return std::ranges::equal(one.der(), other.der()) && a.is_of_system(one) == b.is_of_system(other) &&
                          a.is_own(one) == b.is_own(other);
               });
}

bool same_certificates(const std::vector<ClientCertificate>& a, const std::vector<ClientCertificate>& b) {
    return std::ranges::equal(a, b, [](const ClientCertificate& one, const ClientCertificate& other) {
        return one.hosts.text() == other.hosts.text() && one.shown.file == other.shown.file &&
               one.identity.chain == other.identity.chain && one.identity.key == other.identity.key;
    });
}

}  // namespace proxy
