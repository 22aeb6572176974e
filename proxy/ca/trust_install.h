// Puts one CA into one place and takes it out again. Our entry is recognised by a name that
// contains a part of the CA's fingerprint, and by its content. An entry with that name and other
// content, or that content and another name, is never touched.
#pragma once

#include <expected>
#include <string>
#include <vector>

#include "certs/certificate.h"
#include "proxy/ca/trust_places.h"

namespace proxy {

// Why something could not be done in a place.
struct Hindrance {
    enum class Kind {
        needs_root,
        other_user,  // the place is another user's: that user must do it
        other,
    } kind = Kind::other;
    std::string why;                   // a sentence without its end
    std::vector<std::string> command;  // that the user can run instead; may be empty
};

// "whytls-1a2b3c4d", the first 8 digits of the SHA-256 fingerprint: the name in the system's store
// and in Java's; in NSS with a blank.
std::string trust_label(const certs::Certificate& ca);

// "the system's store, /usr/local/share/ca-certificates".
std::string describe(const TrustPlace& place);

std::expected<bool, Hindrance> is_installed(const TrustPlace& place, const certs::Certificate& ca);

// Undoes what was begun and cannot be completed.
std::expected<void, Hindrance> install(const TrustPlace& place, const certs::Certificate& ca);
// Only where it is installed.
std::expected<void, Hindrance> uninstall(const TrustPlace& place, const certs::Certificate& ca);

}  // namespace proxy
