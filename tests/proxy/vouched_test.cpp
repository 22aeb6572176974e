#include "proxy/upstream/memory/vouched.h"

#include "tests/support/catch.h"
#include "tests/support/forge.h"

using proxy::Vouched;
using tests::Forge;
using tests::forge_time;

namespace {

certs::Path path_of(const tests::Forged& leaf, const tests::Forged& root) {
    certs::Path path;
    for (const tests::Forged* each : {&leaf, &root})
        path.certificates.push_back({each->certificate(), certs::Provenance::served});
    return path;
}

}  // namespace

TEST_CASE("a path is vouched for under its name only, whole, and for a minute") {
    const tests::Forged root = Forge::root("Root").self_signed(), other_root = Forge::root("Root").self_signed();
    const tests::Forged leaf = Forge::leaf("a.test").signed_by(root), other = Forge::leaf("a.test").signed_by(root);
    const certs::Path path = path_of(leaf, root);
    const certs::Time later{forge_time.seconds + Vouched::kept - 1}, too_late{forge_time.seconds + Vouched::kept};
    Vouched vouched;
    CHECK_FALSE(vouched.knows("a.test", forge_time));
    vouched.remember("a.test", path, forge_time);
    CHECK(vouched.knows("a.test", later));
    CHECK(vouched.holds("a.test", path, later));
    CHECK_FALSE(vouched.holds("b.test", path, later));
    CHECK_FALSE(vouched.holds("a.test", path_of(other, root), later));
    CHECK_FALSE(vouched.holds("a.test", path_of(leaf, other_root), later));
    CHECK_FALSE(vouched.holds("a.test", path, too_late));
    CHECK_FALSE(vouched.knows("a.test", too_late));
    vouched.remember("a.test", path_of(other, root), forge_time);
    CHECK(vouched.holds("a.test", path, later));
}

TEST_CASE("what is vouched for is bounded: the oldest go") {
    const tests::Forged root = Forge::root("Root").self_signed();
    const certs::Path path = path_of(Forge::leaf("a.test").signed_by(root), root);
    Vouched vouched;
    for (std::size_t i = 0; i <= Vouched::most; ++i) vouched.remember(std::to_string(i), path, forge_time);
    CHECK_FALSE(vouched.knows("0", forge_time));
    CHECK(vouched.knows("1", forge_time));
    CHECK(vouched.knows(std::to_string(Vouched::most), forge_time));
}
