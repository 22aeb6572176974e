#include "proxy/upstream/memory/vouched.h"

#include <algorithm>

#include "certs/crypto.h"

namespace proxy {

void Vouched::remember(const std::string& name, const certs::Path& path, certs::Time now) {
    const Digest digest = digest_of(path);
    std::erase_if(oldest_first_, [&](const Entry& entry) {
        return entry.until <= now || (entry.name == name && entry.path == digest);
    });
    if (oldest_first_.size() == most) oldest_first_.erase(oldest_first_.begin());
    oldest_first_.push_back({name, digest, {now.seconds + kept}});
}

bool Vouched::holds(const std::string& name, const certs::Path& path, certs::Time now) const {
    if (!knows(name, now)) return false;
    const Digest digest = digest_of(path);
    return std::ranges::any_of(oldest_first_, [&](const Entry& entry) {
        return now < entry.until && entry.name == name && entry.path == digest;
    });
}

bool Vouched::knows(const std::string& name, certs::Time now) const {
    return std::ranges::any_of(oldest_first_,
                               [&](const Entry& entry) { return now < entry.until && entry.name == name; });
}

Vouched::Digest Vouched::digest_of(const certs::Path& path) {
    certs::ByteVector all;
    for (const certs::PathCertificate& each : path.certificates) {
        const certs::Bytes der = each.certificate.der();
        all.insert(all.end(), der.begin(), der.end());
    }
    return certs::sha256(all);
}

}  // namespace proxy
