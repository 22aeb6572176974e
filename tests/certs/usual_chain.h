// The chain that most tests of the verifier are about: a leaf, a CA, a root.
#pragma once

#include <string>

#include "tests/certs/chain.h"

namespace tests::usual {

inline const Forged& root() {
    static const Forged forged = Forge::root("Root").self_signed();
    return forged;
}
inline const Forged& ca() {
    static const Forged forged = Forge::intermediate("CA").signed_by(root());
    return forged;
}
inline Forge leaf() { return Forge::leaf("www.example.com"); }

// The errors of a leaf below the usual CA and root.
inline std::string judged(const Forge& forge) {
    return errors(Chain({forge.signed_by(ca()), ca()}, {root()}).verify());
}
// The errors when this is the CA in between.
inline std::string judged_ca(const Forge& forge) {
    const Forged wrong = forge.signed_by(root());
    return errors(Chain({leaf().signed_by(wrong), wrong}, {root()}).verify());
}
// The errors when this is the root.
inline std::string judged_root(const Forge& forge) {
    const Forged wrong = forge.self_signed();
    return errors(Chain({leaf().signed_by(wrong)}, {wrong}).verify());
}

}  // namespace tests::usual
