// What a client shows of itself where a server asks for it (mutual TLS): a chain and its key. A value; who may see it is the caller's
// matter, and a Session shows it to nobody whom its Judge did not accept.
#pragma once

#include <vector>

#include "certs/bytes.h"

namespace tls {

struct ClientIdentity {
    std::vector<certs::ByteVector> chain;  // DER, leaf first
    certs::ByteVector key;                 // DER, as certs::PrivateKey::der() has it
};

}  // namespace tls
