#include "tls/server_flight.h"

#include "tls/hello_writer.h"
#include "wire.h"

using namespace tls_test;

namespace {

certs::ByteVector extension(std::uint16_t type, certs::Bytes body) {
    certs::ByteVector bytes = {static_cast<std::uint8_t>(type >> 8), static_cast<std::uint8_t>(type)};
    put_vector(bytes, 2, body);
    return bytes;
}

// named_curve secp384r1, a point of two bytes, rsa_pss_rsae_sha256.
const certs::ByteVector curve_exchange = {3, 0, 0x18, 2, 4, 1, 0x08, 0x04, 0, 1, 0x55};

}  // namespace

TEST_CASE("a first flight of TLS 1.2 shows suite, extensions, certificate, group, signature and staple") {
    const certs::ByteVector extensions =
        together({extension(23, {}), extension(0xFF01, certs::ByteVector{0}), extension(5, {})});
    const certs::ByteVector flight = record(
        22, 0x0303,
        together({server_hello(0x0303, 0xC02F, extensions), certificate_message({leaf(), certs::ByteVector{1, 2}}),
                  message(22, certificate_status(certs::ByteVector{7, 8, 9})), message(12, curve_exchange),
                  message(14, {})}));
    const tls::ServerFlight read = tls::read_server_flight(flight);
    CHECK(read.hello);
    CHECK_FALSE(read.retry);
    CHECK(read.version == 0x0303);
    CHECK(read.suite == 0xC02F);
    CHECK(read.extensions == std::vector<std::uint16_t>{23, 0xFF01, 5});
    CHECK(read.has(23));
    CHECK_FALSE(read.has(35));
    CHECK(read.leaf == leaf());
    CHECK(read.issuer == certs::ByteVector{1, 2});
    CHECK(read.staple == certs::ByteVector{7, 8, 9});
    CHECK(read.group == 0x0018);
    CHECK(read.signature == 0x0804);
    CHECK(read.done);
}

TEST_CASE("each beginning of a flight shows what came whole, and the whole takes nothing back") {
    const certs::ByteVector flight = record(22, 0x0303,
                                            together({server_hello(0x0303, 0xC02F), certificate_message({leaf()}),
                                                      message(12, curve_exchange), message(14, {})}));
    CHECK_FALSE(tls::read_server_flight(certs::Bytes(flight).first(flight.size() - 1)).hello);  // one record
    // The same in records of one message each.
    certs::ByteVector split;
    for (const certs::ByteVector& each :
         {server_hello(0x0303, 0xC02F), certificate_message({leaf()}), message(12, curve_exchange), message(14, {})}) {
        const certs::ByteVector one = record(22, 0x0303, each);
        split.insert(split.end(), one.begin(), one.end());
    }
    CHECK(tls::read_server_flight(split) == tls::read_server_flight(flight));
    bool hello = false, done = false;
    for (std::size_t size = 0; size <= split.size(); ++size) {
        const tls::ServerFlight part = tls::read_server_flight(certs::Bytes(split).first(size));
        CHECK(part.hello >= hello);
        CHECK(part.done >= done);
        hello = part.hello;
        done = part.done;
    }
    CHECK(done);
}

TEST_CASE("a HelloRetryRequest names the group that the server wants") {
    tls::Session server = tls::Session::server(p256_identity(), {});
    const certs::ByteVector random(32, 7);
    tls::HelloFields fields{.version = 0x0303, .random = random, .suites = {0x1301}};
    fields.groups = {0x0018};
    fields.signatures = {0x0403};
    fields.versions = {0x0304};
    fields.key_shares.emplace();
    const certs::ByteVector wire = tls::to_wire(fields);
    server.feed(wire);
    server.handshake();
    const tls::ServerFlight read = tls::read_server_flight(server.output());
    CHECK(read.hello);
    CHECK(read.retry);
    CHECK(read.version == 0x0304);
    CHECK(read.suite == 0x1301);
    CHECK(read.group == 0x0018);
}

TEST_CASE("what does not begin with a ServerHello shows nothing") {
    CHECK(tls::read_server_flight({}) == tls::ServerFlight{});
    CHECK(tls::read_server_flight(certs::as_bytes("HTTP/1.1 400 Bad Request\r\n\r\n")) == tls::ServerFlight{});
    CHECK(tls::read_server_flight(record(22, 0x0303, certificate_message({leaf()}))) == tls::ServerFlight{});
    CHECK(tls::read_server_flight(record(22, 0x0303, message(2, certs::ByteVector(20, 3)))) == tls::ServerFlight{});
    const certs::ByteVector alert = {1, 112};
    const certs::ByteVector warned =
        together({record(21, 0x0303, alert), record(22, 0x0303, server_hello(0x0303, 0xC02F))});
    CHECK(tls::read_server_flight(warned).hello);  // unrecognized_name may come as a warning (RFC 6066 §3)
}

TEST_CASE("a hello of SSL 3 has no extensions, and its record is of SSL 3 too") {
    const certs::ByteVector random(32, 7);
    const certs::ByteVector wire =
        tls::to_wire({.version = 0x0300, .random = random, .suites = {0x0005, 0x00FF}, .sni = "a.test"});
    CHECK(wire == together({certs::ByteVector{22, 3, 0, 0, 47, 1, 0, 0, 43, 3, 0}, random,
                            certs::ByteVector{0, 0, 4, 0, 5, 0, 0xFF, 1, 0}}));
}
