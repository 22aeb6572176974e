// TLS in memory: a client's and a server's session, both ends together.
#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#include "certs/authority.h"
#include "tests/support/forge.h"
#include "tls/session.h"

namespace {

using tls::Session, tls::Progress, tls::ReadState;

constexpr const char* host = "www.example.com";

// A leaf of a CA of ours, as clients get it: P-256.
tls::ServerIdentity identity() {
    const auto minted = certs::Authority::temporary("ca", tests::forge_time).mint(host, tests::forge_time);
    return {minted.chain, minted.key};
}

tls::ClientParameters parameters() {
    tls::ClientParameters made;
    made.sni = host;
    made.alpn = {"http/1.1"};
    made.judge = [](auto, auto) { return certs::Verdict(); };
    made.accept_any = true;
    return made;
}

// What one end wants to send, to the other.
void carry(Session& from, Session& to, std::string& wire) {
    wire.assign(certs::as_text(from.output()));
    from.sent(wire.size());
    to.feed(certs::as_bytes(wire));
}

// Both ends of a connection, with what all connections of a process share outside of it.
struct Pair {
    Session client, server;

    Pair(const tls::ClientContext& context, const tls::ServerIdentity& identity)
        : client(Session::client(context, parameters())), server(Session::server(identity, {"http/1.1"})) {}

    bool shake_hands() {
        constexpr int most_flights = 8;
        std::string wire;
        for (int flight = 0; flight < most_flights; ++flight) {
            if (client.handshake() == Progress::failed) return false;
            carry(client, server, wire);
            const Progress reached = server.handshake();
            carry(server, client, wire);
            if (reached == Progress::done) return client.handshake() == Progress::done;
        }
        return false;
    }
};

void handshake(benchmark::State& state, tls::Version version) {
    const tls::ServerIdentity served = identity();
    const tls::ClientContext context(tls::Version::tls_1_2, version);
    while (state.KeepRunning())
        if (!Pair(context, served).shake_hands()) return state.SkipWithError("the handshake failed");
}
BENCHMARK_CAPTURE(handshake, TLS_1.3, tls::Version::tls_1_3);
BENCHMARK_CAPTURE(handshake, TLS_1.2, tls::Version::tls_1_2);

bool receive(Session& session, std::span<std::uint8_t> buffer, std::size_t expected) {
    for (std::size_t got = 0; got < expected;) {
        const tls::ReadResult read = session.read(buffer);
        if (read.state != ReadState::data && read.state != ReadState::more) return false;
        got += read.size;
    }
    return true;
}

// So many octets encrypted by the client, decrypted by the server, and back.
void record_round_trip(benchmark::State& state) {
    const auto size = static_cast<std::size_t>(state.range(0));
    const tls::ServerIdentity served = identity();
    const tls::ClientContext context;
    Pair pair(context, served);
    if (!pair.shake_hands()) return state.SkipWithError("the handshake failed");
    const certs::ByteVector sent(size, 'x');
    certs::ByteVector received(size);
    std::string wire;
    // TLS 1.3's session tickets come before the first data.
    (void)pair.client.read(received);
    while (state.KeepRunning()) {
        pair.client.write(sent);
        carry(pair.client, pair.server, wire);
        if (!receive(pair.server, received, size)) return state.SkipWithError("nothing came");
        pair.server.write(sent);
        carry(pair.server, pair.client, wire);
        if (!receive(pair.client, received, size)) return state.SkipWithError("nothing came back");
    }
    state.SetBytesProcessed(2 * state.iterations() * static_cast<std::int64_t>(size));
}
BENCHMARK(record_round_trip)->Arg(1 << 10)->Arg(16 << 10);

}  // namespace
