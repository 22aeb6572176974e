#include "tls/session.h"

#include <atomic>
#include <set>
#include <thread>

#include "tls/client_hello.h"
#include "wire.h"

using namespace tls_test;
using tls::FailureKind;
using tls::Milestone;
using tls::Progress;
using tls::ReadState;
using tls::Session;
using tls::Version;

namespace {

std::string text_of(std::size_t size) {
    std::string text;
    for (std::size_t i = 0; i < size; ++i) text += static_cast<char>('a' + i % 23);
    return text;
}

struct Pair {
    Session client, server;
    explicit Pair(const tls::ClientContext& context, const tls::ServerIdentity& identity = p256_identity())
        : client(Session::client(context, parameters(accepted()))), server(Session::server(identity, {})) {
        shake_hands(client, server);
        REQUIRE(client.handshake() == Progress::done);
        REQUIRE(server.handshake() == Progress::done);
        // TLS 1.3 may have sent more after the handshake.
        carry(server, client, 100'000);
    }
};

}  // namespace

TEST_CASE("two sessions agree in TLS 1.2 and 1.3, with ECDSA and Ed25519, however the bytes are portioned") {
    const Version highest = GENERATE(Version::tls_1_2, Version::tls_1_3);
    const tls::ClientContext context(Version::tls_1_2, highest);
    for (const tls::ServerIdentity* identity : {&p256_identity(), &ed25519_identity()}) {
        for (const std::size_t portion :
             {std::size_t{1}, std::size_t{2}, std::size_t{5}, std::size_t{100}, std::size_t{100'000}}) {
            tls::ClientParameters wanted = parameters(accepted());
            wanted.alpn = {"http/1.1", "h2"};
            Session client = Session::client(context, wanted);
            Session server = Session::server(*identity, {"h2", "http/1.1"});
            shake_hands(client, server, portion);
            REQUIRE(client.handshake() == Progress::done);
            REQUIRE(server.handshake() == Progress::done);
            for (const Session* side : {&client, &server}) {
                const tls::Handshake info = side->handshake_info();
                CHECK(info.version == (highest == Version::tls_1_2 ? "TLSv1.2" : "TLSv1.3"));
                CHECK(info.cipher == (highest == Version::tls_1_2 ? "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"
                                                                  : "TLS_AES_128_GCM_SHA256"));
                CHECK(info.group == "x25519");
                CHECK(info.alpn == "h2");  // the server's order counts
                CHECK(info.sni == "p256.test");
                CHECK_FALSE(info.resumed);
            }
        }
    }
}

TEST_CASE("without a common protocol no ALPN is agreed and nobody complains") {
    tls::ClientParameters wanted = parameters(accepted());
    wanted.alpn = {"h2"};
    wanted.sni = "";
    const tls::ClientContext context(Version::tls_1_2, GENERATE(Version::tls_1_2, Version::tls_1_3));
    Session client = Session::client(context, wanted);
    Session server = Session::server(p256_identity(), {"http/1.1"});
    shake_hands(client, server);
    REQUIRE(client.handshake() == Progress::done);
    REQUIRE(server.handshake() == Progress::done);
    CHECK(client.handshake_info().alpn.empty());
    CHECK(server.handshake_info().alpn.empty());
    CHECK(server.handshake_info().sni.empty());
}

TEST_CASE("a protocol's name never turns into the offer of another") {
    tls::ClientParameters wanted = parameters(accepted());
    wanted.alpn = {"x,h2", "", "acme-tls/1"};
    const tls::ClientContext context;
    Session client = Session::client(context, wanted);
    (void)client.handshake();
    const certs::ByteVector hello = taken(client);
    const tls::PeekResult offered = tls::peek_client_hello(hello);
    REQUIRE(offered.state == tls::Peek::complete);
    CHECK(offered.hello.alpn == std::vector<std::string>{"acme-tls/1"});
}

TEST_CASE("the judge sees the chain leaf first and once, and its verdict is kept") {
    const certs::ByteVector second = leaf();
    const tls::ServerIdentity identity = identity_with({second});
    const tls::ClientContext context(Version::tls_1_2, GENERATE(Version::tls_1_2, Version::tls_1_3));
    int calls = 0;
    tls::ClientParameters wanted;
    wanted.judge = [&](std::span<const certs::Bytes> chain, certs::Bytes) {
        ++calls;
        REQUIRE(chain.size() == 2);
        CHECK(certs::hex(chain[0]) == certs::hex(leaf()));
        certs::Verdict verdict = accepted();
        verdict.host = "judged";
        return verdict;
    };
    Session client = Session::client(context, wanted);
    Session server = Session::server(identity, {});
    shake_hands(client, server);
    REQUIRE(client.handshake() == Progress::done);
    CHECK(calls == 1);
    CHECK(client.take_verdict()->host == "judged");
    CHECK_FALSE(client.take_verdict());
}

TEST_CASE("when the judge refuses, nothing but an alert leaves, and the server never sees a Finished") {
    const Version highest = GENERATE(Version::tls_1_2, Version::tls_1_3);
    const tls::ClientContext context(Version::tls_1_2, highest);
    Session client = Session::client(context, parameters(refused()));
    Session server = Session::server(p256_identity(), {});
    client.handshake();
    carry(client, server, 100'000);
    const certs::ByteVector flight = taken(server);
    client.feed(flight);
    REQUIRE(client.handshake() == Progress::failed);
    const certs::ByteVector answer = taken(client);
    // One record: in TLS 1.2 the alert in the clear; in TLS 1.3 two bytes, their type and a tag.
    REQUIRE(answer.size() >= 5);
    const std::size_t length = static_cast<std::size_t>(answer[3]) << 8 | answer[4];
    CHECK(answer.size() == 5 + length);
    CHECK(length == (highest == Version::tls_1_2 ? 2 : 2 + 1 + 16));
    CHECK(answer[0] == (highest == Version::tls_1_2 ? 21 : 23));

    REQUIRE(client.failure());
    CHECK(client.failure()->kind == FailureKind::certificate);
    CHECK(client.failure()->reached == Milestone::certificate);
    CHECK(client.failure()->alert_sent == 42);
    CHECK(client.take_verdict()->problems.size() == 1);
    CHECK_FALSE(client.write(certs::as_bytes("GET / HTTP/1.1\r\n\r\n")));
    client.send_close_notify();
    CHECK(client.output().empty());

    server.feed(answer);
    CHECK(server.handshake() == Progress::failed);
    CHECK(server.failure()->kind == FailureKind::alert);
    CHECK(server.failure()->alert_received == 42);
    CHECK(server.failure()->reached == Milestone::client_hello);
}

TEST_CASE("accept_any goes on and keeps the verdict") {
    const tls::ClientContext context(Version::tls_1_2, GENERATE(Version::tls_1_2, Version::tls_1_3));
    tls::ClientParameters wanted = parameters(refused());
    wanted.accept_any = true;
    Session client = Session::client(context, wanted);
    Session server = Session::server(p256_identity(), {});
    shake_hands(client, server);
    CHECK(client.handshake() == Progress::done);
    CHECK(client.take_verdict()->problems.size() == 1);
}

TEST_CASE("what is written arrives, whatever its size and however the records are portioned") {
    const tls::ClientContext context(Version::tls_1_2, GENERATE(Version::tls_1_2, Version::tls_1_3));
    Pair pair(context);
    ReadState last = ReadState::data;
    for (const std::size_t size : {std::size_t{1}, std::size_t{16'384}, std::size_t{16'385}, std::size_t{300'000}}) {
        const std::string text = text_of(size);
        REQUIRE(pair.client.write(certs::as_bytes(text)));
        CHECK(receive(pair.server, taken(pair.client), last) == text);
        CHECK(last == ReadState::want_input);
        CHECK(pair.server.unread() == 0);
        REQUIRE(pair.server.write(certs::as_bytes(text)));
        std::string got;
        const certs::ByteVector wire = taken(pair.server);
        const std::size_t portion = size < 20'000 ? 1 : 4'099;
        for (std::size_t at = 0; at < wire.size(); at += portion) {
            got += receive(pair.client, certs::Bytes(wire).subspan(at, std::min(portion, wire.size() - at)), last);
        }
        CHECK(got == text);
    }
    CHECK(pair.client.write({}));
    CHECK(pair.client.output().empty());
}

TEST_CASE("no two records of a TLS 1.2 connection have the same nonce") {
    const tls::ClientContext context(Version::tls_1_2, Version::tls_1_2);
    Pair pair(context);
    std::set<certs::ByteVector> nonces;
    for (int i = 0; i < 600; ++i) {
        REQUIRE(pair.client.write(certs::as_bytes("the same text")));
        const certs::ByteVector record = taken(pair.client);
        REQUIRE(record.size() > 13);
        nonces.emplace(record.begin() + 5, record.begin() + 13);  // after the header (RFC 5288 §3)
    }
    CHECK(nonces.size() == 600);
}

TEST_CASE("output gives back what was not sent, in order") {
    const tls::ClientContext context;
    Pair pair(context);
    certs::ByteVector wire;
    for (int i = 0; i < 20; ++i) {
        REQUIRE(pair.client.write(certs::as_bytes(text_of(1'000))));
        const certs::Bytes out = pair.client.output().first(700);
        wire.insert(wire.end(), out.begin(), out.end());
        pair.client.sent(700);
    }
    const certs::ByteVector rest = taken(pair.client);
    wire.insert(wire.end(), rest.begin(), rest.end());
    ReadState last = ReadState::data;
    CHECK(receive(pair.server, wire, last).size() == 20'000);
}

TEST_CASE("a close_notify is a proper end, an end of file without one is a truncation, a reset a failure") {
    const tls::ClientContext context(Version::tls_1_2, GENERATE(Version::tls_1_2, Version::tls_1_3));
    ReadState last = ReadState::data;
    SECTION("closed, and the other direction stays open") {
        Pair pair(context);
        REQUIRE(pair.server.write(certs::as_bytes("last words")));
        pair.server.send_close_notify();
        CHECK_FALSE(pair.server.write(certs::as_bytes("more")));
        CHECK(receive(pair.client, taken(pair.server), last) == "last words");
        CHECK(last == ReadState::closed);
        CHECK(pair.client.write(certs::as_bytes("answer")));
        pair.client.send_close_notify();
        CHECK(receive(pair.server, taken(pair.client), last) == "answer");
        CHECK(last == ReadState::closed);
        CHECK(pair.client.handshake_info().version.starts_with("TLSv1."));
        CHECK_FALSE(pair.client.failure());
    }
    SECTION("truncated") {
        Pair pair(context);
        REQUIRE(pair.server.write(certs::as_bytes("half")));
        const certs::ByteVector wire = taken(pair.server);
        CHECK(receive(pair.client, wire, last) == "half");
        pair.client.feed_end_of_file(false);
        CHECK(receive(pair.client, {}, last).empty());
        CHECK(last == ReadState::truncated);
        CHECK(receive(pair.client, {}, last).empty());
        CHECK(last == ReadState::truncated);
    }
    SECTION("truncated within a record") {
        Pair pair(context);
        REQUIRE(pair.server.write(certs::as_bytes("half")));
        certs::ByteVector wire = taken(pair.server);
        wire.pop_back();
        CHECK(receive(pair.client, wire, last).empty());
        pair.client.feed_end_of_file(false);
        CHECK(receive(pair.client, {}, last).empty());
        CHECK(last == ReadState::truncated);
    }
    SECTION("reset") {
        Pair pair(context);
        pair.client.feed_end_of_file(true);
        CHECK(receive(pair.client, {}, last).empty());
        CHECK(last == ReadState::failed);
        CHECK(pair.client.failure()->kind == FailureKind::reset);
        CHECK(pair.client.failure()->reached == Milestone::done);
    }
    SECTION("a changed record") {
        Pair pair(context);
        REQUIRE(pair.server.write(certs::as_bytes("secret")));
        certs::ByteVector wire = taken(pair.server);
        wire.back() ^= 1;
        CHECK(receive(pair.client, wire, last).empty());
        CHECK(last == ReadState::failed);
        CHECK(pair.client.failure()->kind == FailureKind::protocol_error);
        CHECK(pair.client.failure()->alert_sent == 20);
    }
}

TEST_CASE("data behind the handshake in the same portion is read, and a session may move house") {
    const tls::ClientContext context;
    Session client = Session::client(context, parameters(accepted()));
    Session server = Session::server(p256_identity(), {});
    client.handshake();
    carry(client, server, 100'000);
    carry(server, client, 100'000);
    REQUIRE(client.handshake() == Progress::done);
    REQUIRE(client.write(certs::as_bytes("early bird")));
    const certs::ByteVector wire = taken(client);
    server.feed(wire);
    REQUIRE(server.handshake() == Progress::done);
    Session moved = std::move(server);
    std::vector<std::uint8_t> buffer(100);
    const tls::ReadResult result = moved.read(buffer);
    CHECK(result.state == ReadState::data);
    CHECK(certs::as_text(certs::Bytes(buffer).first(result.size)) == "early bird");
}

TEST_CASE("two sides without a common version say so") {
    const tls::ClientContext context(Version::tls_1_3, Version::tls_1_3);
    Session client = Session::client(context, parameters(accepted()));
    client.handshake();
    const certs::ByteVector wire = record(22, 0x0303, server_hello(0x0303, 0xc02b));
    client.feed(wire);
    REQUIRE(client.handshake() == Progress::failed);
    CHECK(client.failure()->kind == FailureKind::version);
    CHECK(client.handshake_info().version == "TLSv1.2");
}

TEST_CASE("a record of another version after ServerHello is a broken protocol: on the version both had agreed") {
    for (const Version version : {Version::tls_1_2, Version::tls_1_3}) {
        CAPTURE(static_cast<int>(version));
        const tls::ClientContext context(Version::tls_1_2, version);
        Session client = Session::client(context, parameters(accepted()));
        Session server = Session::server(p256_identity(), {});
        client.handshake();
        carry(client, server, 100'000);
        server.handshake();
        const certs::Bytes flight = server.output();
        // ServerHello's record is right, the next one's version is not.
        const std::size_t next = 5 + flight[3] * 256U + flight[4];
        certs::ByteVector changed(flight.begin(), flight.end());
        REQUIRE(changed.size() > next + 5);
        changed[next + 1] ^= 0x80;
        client.feed(changed);
        REQUIRE(client.handshake() == Progress::failed);
        CHECK(client.failure()->kind == FailureKind::protocol_error);

        Pair after(context);
        REQUIRE(after.server.write(certs::as_bytes("hello")));
        changed.assign(after.server.output().begin(), after.server.output().end());
        changed[1] ^= 0x80;
        after.client.feed(changed);
        std::vector<std::uint8_t> buffer(100);
        REQUIRE(after.client.read(buffer).state == ReadState::failed);
        CHECK(after.client.failure()->kind == FailureKind::protocol_error);
    }
}

TEST_CASE("contexts are shared by threads") {
    const tls::ClientContext context;
    std::vector<std::thread> threads;
    std::atomic<int> done = 0;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&] {
            for (int n = 0; n < 10; ++n) {
                Session client = Session::client(context, parameters(accepted()));
                Session server = Session::server(p256_identity(), {});
                for (int turn = 0; turn < 5; ++turn) {
                    client.handshake();
                    const certs::ByteVector to_server = taken(client);
                    server.feed(to_server);
                    server.handshake();
                    const certs::ByteVector to_client = taken(server);
                    client.feed(to_client);
                    client.handshake();
                }
                if (client.handshake() == Progress::done && server.handshake() == Progress::done) ++done;
            }
        });
    }
    for (std::thread& thread : threads) thread.join();
    CHECK(done == 40);
}

TEST_CASE("a key that does not belong to the certificate makes no identity") {
    CHECK_THROWS_AS(tls::ServerIdentity({leaf()}, from_hex("30030201ff")), tls::IdentityError);
    CHECK_THROWS_AS(tls::ServerIdentity({from_hex("3000")}, from_hex("30030201ff")), tls::IdentityError);
}
