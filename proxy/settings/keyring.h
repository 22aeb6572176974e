// What servers are judged by and what is shown to them, as the files had it at one moment. A value,
// which SIGHUP replaces by another.
#pragma once

#include <string_view>
#include <vector>

#include "certs/trust_store.h"
#include "proxy/settings/settings.h"

namespace proxy {

struct Keyring {
    certs::TrustStore trust = {};
    std::vector<ClientCertificate> client_certificates = {};  // the narrowest pattern first

    // The certificate that may be shown to the server that proves to be this host; nullptr without
    // one.
    const ClientCertificate* find_client_certificate(std::string_view host) const;
};

// Reads the anchors that the settings name; their client certificates are read already. Throws
// UsageError.
Keyring load_keyring(const Settings& settings);

// Whether the anchors are the same, in the same order and from the same files.
bool same_anchors(const certs::TrustStore& a, const certs::TrustStore& b);

// Whether the same certificates are shown to the same hosts.
bool same_certificates(const std::vector<ClientCertificate>& a, const std::vector<ClientCertificate>& b);

}  // namespace proxy
