// What sessions share: library set-up, version range, and the leaf a server session presents. Immutable once made,
// so that any number of sessions of one thread may use it.
#pragma once

#include <memory>
#include <vector>

#include "certs/bytes.h"

namespace tls {

enum class Version { tls_1_2, tls_1_3 };

// Towards upstream: no trust of its own, every verdict is the Judge's.
class ClientContext {
public:
    explicit ClientContext(Version minimum = Version::tls_1_2, Version maximum = Version::tls_1_3);

    struct State;
    const State& state() const { return *state_; }

private:
    std::shared_ptr<const State> state_;
};

// A chain (DER, leaf first) with the leaf's private key (DER), ready to serve.
class ServerIdentity {
public:
    ServerIdentity(const std::vector<certs::ByteVector>& chain, certs::Bytes key);

    struct State;
    const State& state() const { return *state_; }

private:
    std::shared_ptr<const State> state_;
};

}  // namespace tls
