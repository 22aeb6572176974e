#include "tls/failure.h"

#include <fmt/format.h>

#include <initializer_list>

#include "tls/certificate_message.h"
#include "wire.h"

using namespace tls_test;
using tls::FailureKind;
using tls::HandshakeFailure;
using tls::Milestone;
using tls::Progress;
using tls::Session;
using tls::Version;

namespace {

constexpr std::uint16_t ecdhe_ecdsa_aes_128_gcm = 0xc02b;

struct Outcome {
    HandshakeFailure failure;
    std::vector<std::size_t> judged;  // the sizes of the certificates
    bool verdict = false;
};

// A client session that gets these bytes for an answer, and then the end of file.
Outcome answer(certs::Bytes bytes, certs::Verdict verdict = accepted(), bool reset = false,
               Version highest = Version::tls_1_3) {
    const tls::ClientContext context(Version::tls_1_2, highest);
    Outcome outcome;
    tls::ClientParameters wanted = parameters(verdict);
    wanted.judge = [&](std::span<const certs::Bytes> chain, certs::Bytes) {
        for (const certs::Bytes certificate : chain) outcome.judged.push_back(certificate.size());
        return verdict;
    };
    Session client = Session::client(context, wanted);
    REQUIRE(client.handshake() == Progress::want_input);
    client.feed(bytes);
    if (client.handshake() == Progress::want_input) {
        REQUIRE(client.unread() == 0);
        client.feed_end_of_file(reset);
        REQUIRE(client.handshake() == Progress::failed);
    }
    REQUIRE(client.failure());
    outcome.failure = *client.failure();
    outcome.verdict = client.take_verdict().has_value();
    return outcome;
}

// The flight of a TLS 1.2 server as far as its Certificate.
certs::ByteVector flight(const std::vector<certs::ByteVector>& chain,
                         std::initializer_list<certs::ByteVector> more = {}) {
    certs::ByteVector messages = server_hello(0x0303, ecdhe_ecdsa_aes_128_gcm);
    const certs::ByteVector certificates = certificate_message(chain);
    messages.insert(messages.end(), certificates.begin(), certificates.end());
    for (const certs::ByteVector& next : more) messages.insert(messages.end(), next.begin(), next.end());
    return record(22, 0x0303, messages);
}

}  // namespace

TEST_CASE("a server that speaks no TLS is known by its first bytes") {
    const Outcome http = answer(certs::as_bytes("HTTP/1.1 400 Bad Request\r\nServer: nginx\r\n\r\n"));
    CHECK(http.failure.kind == FailureKind::not_tls);
    CHECK(http.failure.first_bytes == "HTTP/1.1 400 Bad Request\r\nServer: nginx\r\n\r\n");
    CHECK(http.failure.reached == Milestone::client_hello);
    const Outcome long_one = answer(certs::as_bytes("220 " + std::string(2'000, 'x')));
    CHECK(long_one.failure.first_bytes.size() == 512);
    CHECK(answer(certs::as_bytes("S")).failure.kind == FailureKind::not_tls);
}

TEST_CASE("more of a banner that comes later is added to the failure") {
    const tls::ClientContext context;
    Session client = Session::client(context, parameters(accepted()));
    client.handshake();
    client.feed(certs::as_bytes("SSH"));
    REQUIRE(client.handshake() == Progress::failed);
    client.feed(certs::as_bytes("-2.0-dropbear\r\n"));
    CHECK(client.failure()->first_bytes == "SSH-2.0-dropbear\r\n");
    CHECK(client.unread() == 0);
}

TEST_CASE("an end of file and a reset are told apart, before a byte and after") {
    CHECK(answer({}).failure.kind == FailureKind::closed);
    CHECK(answer({}, accepted(), true).failure.kind == FailureKind::reset);
    const Outcome later = answer(record(22, 0x0303, server_hello(0x0303, ecdhe_ecdsa_aes_128_gcm)));
    CHECK(later.failure.kind == FailureKind::closed);
    CHECK(later.failure.reached == Milestone::server_hello);
    CHECK(answer(from_hex("15030300020100")).failure.kind == FailureKind::closed);
}

TEST_CASE("an alert of the server is named, whatever version its record claims") {
    const Version highest = GENERATE(Version::tls_1_2, Version::tls_1_3);
    for (const std::string_view version : {"0300", "0301", "0303"}) {
        for (const std::uint8_t alert : {40, 70, 112, 120, 80}) {
            const Outcome outcome =
                answer(from_hex(fmt::format("15{}000202{:02x}", version, alert)), accepted(), false, highest);
            CHECK(outcome.failure.kind == FailureKind::alert);
            CHECK(outcome.failure.alert_received == alert);
            CHECK(outcome.failure.reached == Milestone::client_hello);
        }
    }
}

TEST_CASE("a warning before the end does not count as the alert") {
    const Outcome outcome = answer(from_hex("15030300020170"));
    CHECK(outcome.failure.kind == FailureKind::closed);
    CHECK_FALSE(outcome.failure.alert_received);
}

TEST_CASE("a server that chooses an old version has no common version with us") {
    const Version highest = GENERATE(Version::tls_1_2, Version::tls_1_3);
    for (const std::uint16_t version : {std::uint16_t{0x0300}, std::uint16_t{0x0301}, std::uint16_t{0x0302}}) {
        const Outcome outcome = answer(record(22, version, server_hello(version, 0x002f)), accepted(), false, highest);
        CHECK(outcome.failure.kind == FailureKind::version);
        CHECK(outcome.failure.reached == Milestone::server_hello);
        CHECK(outcome.failure.alert_sent == 70);
    }
}

TEST_CASE("a cipher that was not offered is told") {
    const Outcome outcome = answer(record(22, 0x0303, server_hello(0x0303, 0x0005)));
    CHECK(outcome.failure.kind == FailureKind::cipher);
}

TEST_CASE("nonsense after a proper ServerHello is a protocol error") {
    certs::ByteVector wire = record(22, 0x0303, server_hello(0x0303, ecdhe_ecdsa_aes_128_gcm));
    const certs::ByteVector nonsense = record(22, 0x0303, certs::ByteVector(100, 0xee));
    wire.insert(wire.end(), nonsense.begin(), nonsense.end());
    const Outcome outcome = answer(wire);
    CHECK(outcome.failure.kind == FailureKind::protocol_error);
    CHECK(outcome.failure.reached == Milestone::server_hello);
    CHECK(outcome.failure.first_bytes.empty());
    CHECK_FALSE(outcome.failure.library_text.empty());
}

TEST_CASE("a server that does not hold its certificate's key is found out") {
    const Outcome outcome = answer(flight({leaf()}, {key_exchange_signed_by_nobody(), message(14, {})}));
    CHECK(outcome.failure.kind == FailureKind::handshake_signature);
    CHECK(outcome.verdict);
}

TEST_CASE("a Diffie-Hellman group of less than 1024 bits is too weak, whatever zeros stand before its prime") {
    const auto prime = GENERATE(certs::ByteVector(96, 0xff), certs::ByteVector(128, 0x7f),
                                together({certs::ByteVector(160, 0), {0x7f}}));
    certs::ByteVector body;
    put_vector(body, 2, prime);
    put_vector(body, 2, from_hex("02"));
    put_vector(body, 2, certs::ByteVector(prime.size(), 0x07));
    body.insert(body.end(), {4, 1});
    put_vector(body, 2, certs::ByteVector(256, 0x55));
    certs::ByteVector messages = server_hello(0x0303, 0x009e);  // TLS_DHE_RSA_WITH_AES_128_GCM_SHA256
    for (const certs::ByteVector& next : {certificate_message({leaf()}), message(12, body)})
        messages.insert(messages.end(), next.begin(), next.end());
    CHECK(answer(record(22, 0x0303, messages)).failure.kind == FailureKind::weak_dh);
}

TEST_CASE("a server without a certificate is told from one with a bad one") {
    const Outcome outcome = answer(flight({}, {key_exchange_signed_by_nobody(), message(14, {})}));
    CHECK(outcome.failure.kind == FailureKind::no_certificate);
    CHECK(outcome.failure.reached == Milestone::certificate);
    CHECK_FALSE(outcome.verdict);
}

TEST_CASE("a certificate that the library cannot parse is judged all the same") {
    const certs::ByteVector junk = {0x30, 0x02, 0x05, 0x00};
    const Outcome alone = answer(flight({junk}), refused());
    CHECK(alone.failure.kind == FailureKind::certificate);
    CHECK(alone.failure.reached == Milestone::certificate);
    CHECK(alone.judged == std::vector<std::size_t>{junk.size()});
    CHECK(alone.verdict);
    const Outcome above = answer(flight({leaf(), junk}), refused());
    CHECK(above.failure.kind == FailureKind::certificate);
    CHECK(above.judged == std::vector<std::size_t>{leaf().size(), junk.size()});
    const Outcome empty = answer(flight({leaf(), {}}), refused());
    CHECK(empty.judged == std::vector<std::size_t>{leaf().size(), 0});
}

TEST_CASE("a chain that only the library minds is a protocol error with its verdict") {
    const Outcome outcome = answer(flight({from_hex("3000")}), accepted());
    CHECK(outcome.failure.kind == FailureKind::protocol_error);
    CHECK(outcome.verdict);
}

TEST_CASE("many certificates and large ones are judged") {
    const Outcome many = answer(flight(std::vector<certs::ByteVector>(60, leaf())), refused());
    CHECK(many.judged.size() == 60);
    CHECK(many.failure.kind == FailureKind::certificate);
    const Outcome more = answer(flight(std::vector<certs::ByteVector>(70, leaf())), refused());
    CHECK(more.judged.size() >= 64);  // the library hands on 64, the wire has all
    certs::ByteVector large = {0x30, 0x83, 0x03, 0x0d, 0x40};
    large.resize(5 + 200'000);
    const Outcome big = answer(flight({large}), refused());
    CHECK(big.judged == std::vector<std::size_t>{large.size()});
    CHECK(big.failure.kind == FailureKind::certificate);
}

TEST_CASE("a chain that the library cannot parse is judged in TLS 1.3 too, where it is encrypted") {
    const certs::ByteVector junk = {0x30, 0x02, 0x05, 0x00};
    const tls::ServerIdentity identity = identity_with({junk});
    std::vector<std::size_t> judged;
    tls::ClientParameters wanted = parameters(refused());
    wanted.judge = [&](std::span<const certs::Bytes> chain, certs::Bytes) {
        for (const certs::Bytes certificate : chain) judged.push_back(certificate.size());
        return refused();
    };
    const tls::ClientContext context(Version::tls_1_3, Version::tls_1_3);
    Session client = Session::client(context, wanted);
    Session server = Session::server(identity, {});
    shake_hands(client, server, GENERATE(std::size_t{1}, std::size_t{100'000}));
    REQUIRE(client.handshake() == Progress::failed);
    if (tls::can_read_encrypted_flights()) {
        CHECK(client.failure()->kind == FailureKind::certificate);
        CHECK(client.failure()->reached == Milestone::certificate);
        CHECK(judged == std::vector<std::size_t>{leaf().size(), junk.size()});
    } else {
        CHECK(client.failure()->kind == FailureKind::protocol_error);
        CHECK(client.failure()->reached == Milestone::server_hello);
    }
}

TEST_CASE("a client that refuses our certificate is reported with its alert") {
    for (const std::uint8_t alert : {42, 46, 48}) {
        const tls::ClientContext context(Version::tls_1_2, Version::tls_1_2);
        Session client = Session::client(context, parameters(accepted()));
        Session server = Session::server(p256_identity(), {});
        client.handshake();
        carry(client, server, 100'000);
        const certs::ByteVector refusal = from_hex(fmt::format("150303000202{:02x}", alert));
        server.feed(refusal);
        REQUIRE(server.handshake() == Progress::failed);
        CHECK(server.failure()->kind == FailureKind::alert);
        CHECK(server.failure()->alert_received == alert);
    }
}

TEST_CASE("a client that is not one is told: no TLS, an old version, no shared cipher, gone") {
    const auto outcome = [](certs::Bytes bytes) {
        Session server = Session::server(p256_identity(), {});
        CHECK(server.handshake() == Progress::want_input);
        server.feed(bytes);
        if (server.handshake() == Progress::want_input) server.feed_end_of_file(false);
        REQUIRE(server.handshake() == Progress::failed);
        return *server.failure();
    };
    const auto hello = [](std::uint8_t minor, std::string_view ciphers) {
        certs::ByteVector body = {3, minor};
        body.insert(body.end(), 32, 0x11);
        body.push_back(0);
        put_vector(body, 2, from_hex(ciphers));
        put_vector(body, 1, from_hex("00"));
        return record(22, 0x0301, message(1, body));
    };
    CHECK(outcome(certs::as_bytes("GET / HTTP/1.1\r\n")).kind == FailureKind::not_tls);
    CHECK(outcome(certs::as_bytes("GET / HTTP/1.1\r\n")).first_bytes == "GET / HTTP/1.1\r\n");
    CHECK(outcome({}).kind == FailureKind::closed);
    CHECK(outcome({}).reached == Milestone::nothing);
    CHECK(outcome(hello(1, "002f")).kind == FailureKind::version);
    CHECK(outcome(hello(3, "0005")).kind == FailureKind::cipher);
    CHECK(outcome(hello(3, "0005")).reached == Milestone::client_hello);
}

TEST_CASE("an exception of the judge comes out of handshake()") {
    struct Broken {};
    tls::ClientParameters wanted;
    wanted.judge = [](std::span<const certs::Bytes>, certs::Bytes) -> certs::Verdict { throw Broken{}; };
    const tls::ClientContext context;
    Session client = Session::client(context, wanted);
    client.handshake();
    const certs::ByteVector wire = flight({leaf()});
    client.feed(wire);
    CHECK_THROWS_AS(client.handshake(), Broken);
}
