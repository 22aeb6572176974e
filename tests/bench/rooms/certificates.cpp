// What certificates cost without a connection: a chain verified as in each handshake with a server,
// a leaf minted as for each host that a client asks for.
#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#include "certs/authority.h"
#include "certs/verify.h"
#include "tests/support/forge.h"

namespace {

using tests::Forge, tests::Forged, tests::KeyType;

// From bytes to a verdict: parsed, a path built, names, dates and three signatures checked.
void verify_chain(benchmark::State& state, KeyType type) {
    const Forged root = Forge::root("Bench Root").key(type).self_signed();
    const Forged ca = Forge::intermediate("Bench CA").key(type).signed_by(root);
    const Forged leaf = Forge::leaf("www.example.com").key(type).signed_by(ca);
    const std::vector<certs::Bytes> served{leaf, ca};
    certs::TrustStore trust;
    trust.add(root.certificate());
    while (state.KeepRunning())
        if (!certs::verify({served, trust, "www.example.com", tests::forge_time}).accepted())
            return state.SkipWithError("refused");
}
BENCHMARK_CAPTURE(verify_chain, P256, KeyType::p256);
BENCHMARK_CAPTURE(verify_chain, RSA2048, KeyType::rsa2048);

void mint_leaf(benchmark::State& state) {
    const auto authority = certs::Authority::temporary("ca", tests::forge_time);
    std::size_t number = 0;
    while (state.KeepRunning())
        benchmark::DoNotOptimize(authority.mint("host" + std::to_string(++number) + ".example.com", tests::forge_time));
}
BENCHMARK(mint_leaf);

}  // namespace
