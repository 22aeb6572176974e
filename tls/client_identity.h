// What a client presents when a server asks for it (mutual TLS): a chain and its key. A value. The
// caller decides who may see it; a Session shows it to no one whom its Judge did not accept.
#pragma once

#include <vector>

#include "certs/bytes.h"

namespace tls {

struct ClientIdentity {
    std::vector<certs::ByteVector> chain;  // DER, leaf first
    certs::ByteVector key;                 // DER, as certs::PrivateKey::der() returns it
};

}  // namespace tls
