#include "tls/probe.h"

#include <algorithm>

#include "tls/client_hello.h"
#include "wire.h"

using namespace tls_test;
using Kind = tls::ProbeAnswer::Kind;
using tls::Offer;

namespace {

const tls::ProbeRandom random_bytes = [] {
    tls::ProbeRandom bytes{};
    bytes.fill(7);
    return bytes;
}();

tls::ClientHello reread(const tls::ProbeHello& hello) {
    const tls::PeekResult result = tls::peek_client_hello(to_wire(hello, random_bytes));
    REQUIRE(result.state == tls::Peek::complete);
    return result.hello;
}

bool offers(const tls::ClientHello& hello, std::uint16_t suite) {
    return std::ranges::find(hello.ciphers, suite) != hello.ciphers.end();
}

certs::ByteVector flight(std::uint16_t version, std::uint16_t cipher, const std::vector<certs::ByteVector>& messages) {
    certs::ByteVector all = server_hello(version, cipher);
    for (const certs::ByteVector& each : messages) all.insert(all.end(), each.begin(), each.end());
    return record(22, version, all);
}

// A server session's first answer to this hello.
tls::ProbeAnswer answer_of_a_server(const tls::ProbeHello& hello) {
    tls::Session server = tls::Session::server(p256_identity(), {"http/1.1"});
    const certs::ByteVector wire = to_wire(hello, random_bytes);
    server.feed(wire);
    server.handshake();
    return tls::read_answer(server.output());
}

}  // namespace

TEST_CASE("a hello offers what its description says, and can be read by a server") {
    const tls::ClientHello both = reread({.sni = "api.example.com", .alpn = {"h2", "http/1.1"}});
    CHECK(both.version == 0x0304);
    CHECK(both.sni == "api.example.com");
    CHECK(both.alpn == std::vector<std::string>{"h2", "http/1.1"});
    CHECK(offers(both, 0x1301));
    CHECK(offers(both, 0xC02B));
    CHECK_FALSE(offers(both, 0x0005));
    const tls::ClientHello old = reread({.lowest = 0x0301, .highest = 0x0301, .suites = Offer::everything});
    CHECK(old.version == 0x0301);
    CHECK(old.sni.empty());
    CHECK(old.alpn.empty());
    CHECK(offers(old, 0x000A));
    CHECK_FALSE(offers(old, 0x1301));
}

TEST_CASE("TLS 1.3 alone offers no suite of another version, and obsolete suites none that whytls has") {
    const tls::ClientHello newest = reread({.lowest = 0x0304, .highest = 0x0304, .suites = Offer::everything});
    CHECK(newest.ciphers == std::vector<std::uint16_t>{0x1301, 0x1302, 0x1303, 0x1304, 0x1305});
    CHECK(reread({.lowest = 0x0304, .highest = 0x0304}).ciphers ==
          std::vector<std::uint16_t>{0x1301, 0x1302, 0x1303, 0x1304});
    const tls::ClientHello obsolete = reread({.lowest = 0x0301, .highest = 0x0303, .suites = Offer::obsolete});
    CHECK(offers(obsolete, 0x000A));
    CHECK_FALSE(offers(obsolete, 0x002F));
    CHECK_FALSE(offers(obsolete, 0xC02F));
    CHECK_FALSE(offers(obsolete, 0x009E));
    CHECK_FALSE(offers(obsolete, 0x1304));
}

TEST_CASE("a small hello stays below 256 bytes, a large one does not fit into one packet") {
    CHECK(tls::to_wire({.sni = "a-rather-long-name.example.com", .alpn = {"http/1.1"}, .suites = Offer::few},
                       random_bytes)
              .size() < 256);
    CHECK(tls::to_wire({.sni = "a.example.com", .hybrid_share = true, .status_request = true}, random_bytes).size() >
          1'460);
}

TEST_CASE("a server agrees to a hello: in TLS 1.3 the choice is seen, in TLS 1.2 its certificate too") {
    const tls::ProbeAnswer newest = answer_of_a_server({.sni = "a.test", .alpn = {"http/1.1"}});
    CHECK(newest.kind == Kind::accepted);
    CHECK(newest.complete);
    CHECK(newest.version == 0x0304);
    CHECK(newest.cipher == 0x1301);
    const tls::ProbeAnswer old = answer_of_a_server({.highest = 0x0303, .alpn = {"http/1.1"}});
    CHECK(old.kind == Kind::accepted);
    CHECK(old.complete);
    CHECK(old.version == 0x0303);
    CHECK(old.leaf == leaf());
    CHECK(old.alpn == "http/1.1");
    CHECK(answer_of_a_server({.suites = Offer::few}).kind == Kind::accepted);
    CHECK(answer_of_a_server({.hybrid_share = true, .status_request = true}).kind == Kind::accepted);
}

TEST_CASE("a server that refuses says so by an alert") {
    const tls::ProbeAnswer version =
        answer_of_a_server({.lowest = 0x0301, .highest = 0x0301, .suites = Offer::everything});
    CHECK(version.kind == Kind::alert);
    CHECK(version.alert == 70);
    const tls::ProbeAnswer suites = answer_of_a_server({.lowest = 0x0301, .highest = 0x0303, .suites = Offer::dhe});
    CHECK(suites.kind == Kind::alert);
    CHECK(suites.alert == 40);
}

TEST_CASE("the size of a Diffie-Hellman group is that of its prime, leading zeros apart") {
    const auto bits = [](const certs::ByteVector& prime) {
        certs::ByteVector body;
        put_vector(body, 2, prime);
        return tls::read_answer(flight(0x0303, 0x0033, {message(12, body)})).dh_bits;
    };
    certs::ByteVector prime(128, 0xFF);
    CHECK(bits(prime) == 1024);
    prime.front() = 0x01;
    CHECK(bits(prime) == 1017);
    prime.insert(prime.begin(), 2, 0);
    CHECK(bits(prime) == 1017);
    CHECK(bits({}) == 0);
    // An ECDHE suite sends no prime.
    certs::ByteVector body;
    put_vector(body, 2, prime);
    CHECK_FALSE(tls::read_answer(flight(0x0303, 0xC02B, {message(12, body)})).dh_bits);
}

TEST_CASE("a CertificateRequest names the CAs it takes certificates from, with signature algorithms from TLS 1.2 on") {
    const certs::ByteVector name = from_hex("300d310b3009060355040313024341");  // CN=CA
    for (const std::uint16_t version : {0x0301, 0x0303}) {
        certs::ByteVector names, body;
        put_vector(names, 2, name);
        put_vector(body, 1, from_hex("01"));
        if (version == 0x0303) put_vector(body, 2, from_hex("0403"));
        put_vector(body, 2, names);
        const tls::ProbeAnswer answer = tls::read_answer(flight(version, 0xC02B, {message(13, body), message(14, {})}));
        CHECK(answer.certificate_requested);
        CHECK(answer.accepted_cas == std::vector<std::string>{"CN=CA"});
        CHECK(answer.complete);
    }
}

TEST_CASE("what is no TLS is kept, and needs a line or 16 bytes to be told by") {
    CHECK(tls::read_answer({}).kind == Kind::silent);
    const tls::ProbeAnswer begun = tls::read_answer(certs::as_bytes("SSH"));
    CHECK(begun.kind == Kind::not_tls);
    CHECK_FALSE(begun.complete);
    const tls::ProbeAnswer line = tls::read_answer(certs::as_bytes("220 hi\r\n"));
    CHECK(line.complete);
    CHECK(line.first_bytes == "220 hi\r\n");
}

TEST_CASE("an alert behind a ServerHello of TLS 1.2 is a refusal, a warning before it is none") {
    certs::ByteVector wire = from_hex("15030300020170");
    const certs::ByteVector hello = flight(0x0303, 0xC02B, {});
    wire.insert(wire.end(), hello.begin(), hello.end());
    CHECK(tls::read_answer(wire).kind == Kind::accepted);
    CHECK_FALSE(tls::read_answer(wire).complete);
    for (const std::uint8_t byte : from_hex("15030300020250")) wire.push_back(byte);
    CHECK(tls::read_answer(wire).alert == 80);
}

TEST_CASE("handshake messages that no server begins with are malformed") {
    CHECK(tls::read_answer(record(22, 0x0303, message(11, {}))).kind == Kind::malformed);
}
