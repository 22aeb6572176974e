// What sessions share: library set-up, version range, and the leaf a server session presents.
// Immutable once made: any number of sessions of any threads may use one (the library counts
// references atomically and locks what it changes).
#pragma once

#include <memory>
#include <stdexcept>
#include <string_view>
#include <vector>

#include "certs/bytes.h"

namespace tls {

enum class Version { tls_1_2, tls_1_3 };

// A chain and key that cannot make a server: the caller's mistake, since both come from
// certs::Authority.
struct IdentityError : std::runtime_error {
    using std::runtime_error::runtime_error;
};

// For connections to upstream. No trust of its own: every verdict is the Judge's.
class ClientContext {
public:
    explicit ClientContext(Version minimum = Version::tls_1_2, Version maximum = Version::tls_1_3);

    struct State;
    const State& state() const { return *state_; }

private:
    std::shared_ptr<const State> state_;
};

// A chain (DER, leaf first) with the leaf's private key (DER: SEC 1, PKCS#8 or PKCS#1), ready to
// serve. Throws IdentityError when they do not fit together.
class ServerIdentity {
public:
    ServerIdentity(const std::vector<certs::ByteVector>& chain, certs::Bytes key);

    struct State;
    const State& state() const { return *state_; }

private:
    std::shared_ptr<const State> state_;
};

// Of wolfSSL, as it runs: "5.7.2".
std::string_view version_of_wolfssl();

}  // namespace tls
