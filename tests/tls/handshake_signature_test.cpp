// A handshake with exactly one thing spoilt: only the peer's signature over it shows that it does
// not hold its certificate's key.
#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "certs/private_key.h"
#include "handmade_server.h"
#include "openssl_server.h"
#include "wire.h"

using namespace tls_test;
using tls::FailureKind;
using tls::Progress;
using tls::Session;
using tls::Version;

namespace {

constexpr std::uint8_t decrypt_error = 51, bad_record_mac = 20;
constexpr std::uint8_t handshake_record = 22, change_cipher_spec = 20, server_key_exchange = 12;

// TLS 1.3, by hand.
struct Spoilt {
    std::function<void(certs::ByteVector& message)> certificate_verify = {}, finished = {};  // before encryption
    bool record_of_verify = false, record_of_finished = false;                               // after
};

Session after(const Spoilt& spoilt) {
    Session client = Session::client(tls::ClientContext(), parameters(accepted()));
    client.handshake();
    HandmadeServer server(taken(client));
    certs::ByteVector entry, list, body = {0};
    put_vector(entry, 3, leaf());
    put_vector(list, 3, together({entry, {0, 0}}));
    const certs::ByteVector first = together({from_hex("080000020000"), message(11, together({body, list}))});
    certs::ByteVector verify = server.certificate_verify(certs::PrivateKey::parse(leaf_key()).value(), first);
    if (spoilt.certificate_verify) spoilt.certificate_verify(verify);
    certs::ByteVector finished = server.finished(together({first, verify}));
    if (spoilt.finished) spoilt.finished(finished);
    const certs::ByteVector record_of_first = server.encrypted(first);
    certs::ByteVector record_of_verify = server.encrypted(verify), record_of_finished = server.encrypted(finished);
    if (spoilt.record_of_verify) record_of_verify.back() ^= 1;
    if (spoilt.record_of_finished) record_of_finished.back() ^= 1;
    const certs::ByteVector wire = together({server.hello(), record_of_first, record_of_verify, record_of_finished});
    client.feed(wire);
    client.handshake();
    return client;
}

void last_byte(certs::ByteVector& message) { message.back() ^= 1; }

// TLS 1.2 with `openssl s_server`; a record of its flight is changed.
struct Found {
    certs::ByteVector::iterator begin, end;  // its payload
};

std::optional<Found> record_with(
    certs::ByteVector& wire,
    const std::function<bool(std::uint8_t before, std::uint8_t type, std::uint8_t first)>& is) {
    std::uint8_t before = 0;
    for (std::size_t at = 0; at + 5 < wire.size();) {
        const std::size_t size = static_cast<std::size_t>(wire[at + 3]) << 8 | wire[at + 4];
        if (at + 5 + size > wire.size()) break;
        const auto begin = wire.begin() + static_cast<std::ptrdiff_t>(at) + 5;
        if (is(before, wire[at], *begin)) return Found{begin, begin + static_cast<std::ptrdiff_t>(size)};
        before = wire[at];
        at += 5 + size;
    }
    return std::nullopt;
}

std::optional<Found> key_exchange_in(certs::ByteVector& wire) {
    return record_with(wire, [](std::uint8_t, std::uint8_t type, std::uint8_t first) {
        return type == handshake_record && first == server_key_exchange;
    });
}

struct Server {
    std::vector<std::string> key, options;
};
const Server ecdsa = {{"-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"}, {}};
const Server rsa = {{"-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"}, {"-sigalgs", "RSA+SHA256"}};

Session after(const Server& kind, const Change& change) {
    const Directory directory;
    const std::string key = directory.path("key.pem"), certificate = directory.path("certificate.pem");
    std::vector<std::string> words = {"genpkey", "-out", key};
    words.insert(words.end(), kind.key.begin(), kind.key.end());
    openssl(words);
    openssl({"req", "-x509", "-new", "-key", key, "-out", certificate, "-days", "9", "-subj", "/CN=p256.test"});
    std::vector<std::string> options = {"-tls1_2", "-cert", certificate, "-key", key};
    options.insert(options.end(), kind.options.begin(), kind.options.end());
    const OpensslServer server(options);
    Session client = Session::client(tls::ClientContext(), parameters(accepted()));
    bool changed = false;
    shake_hands_with(server.port(), client, [&](certs::ByteVector& wire) {
        const certs::ByteVector before = wire;
        change(wire);
        changed = changed || wire != before;
    });
    REQUIRE(changed);
    return client;
}

}  // namespace

TEST_CASE("a server made by hand that spoils nothing is one to shake hands with") {
    const Session client = after(Spoilt{});
    CHECK_FALSE(client.failure());
    CHECK(client.reached() == tls::Milestone::done);
}

TEST_CASE(
    "a CertificateVerify that does not verify is a handshake signature, whether or not it is an ECDSA signature at all") {
    const auto spoil = GENERATE(
        as<std::function<void(certs::ByteVector&)>>(), last_byte,
        [](certs::ByteVector& verify) { std::fill(verify.begin() + 8, verify.end(), 0x11); },
        [](certs::ByteVector& verify) { verify = message(15, from_hex("04030000")); });
    const Session client = after({.certificate_verify = spoil});
    REQUIRE(client.failure());
    CHECK(client.failure()->kind == FailureKind::handshake_signature);
    CHECK(client.failure()->alert_sent == decrypt_error);
}

TEST_CASE("a CertificateVerify of a scheme for another kind of key is a breach of the protocol; nothing was verified") {
    // rsa_pss_rsae_sha256, by a P-256 key.
    const auto spoil = [](certs::ByteVector& verify) { verify[4] = 0x08, verify[5] = 0x04; };
    const Session client = after({.certificate_verify = spoil});
    REQUIRE(client.failure());
    CHECK(client.failure()->kind == FailureKind::protocol_error);
}

TEST_CASE("a Finished that is wrong says nothing of the key, nor does a record that cannot be decrypted") {
    const Session finished = after({.finished = last_byte});
    REQUIRE(finished.failure());
    CHECK(finished.failure()->kind == FailureKind::protocol_error);
    CHECK(finished.failure()->alert_sent == decrypt_error);
    for (const Spoilt& record : {Spoilt{.record_of_verify = true}, Spoilt{.record_of_finished = true}}) {
        const Session client = after(record);
        REQUIRE(client.failure());
        CHECK(client.failure()->kind == FailureKind::protocol_error);
        CHECK(client.failure()->alert_sent == bad_record_mac);
    }
}

TEST_CASE(
    "a ServerKeyExchange whose signature does not verify is a handshake signature, with any kind of key and scheme") {
    const std::vector<Server> servers = {ecdsa,
                                         rsa,
                                         {rsa.key, {"-sigalgs", "RSA-PSS+SHA256"}},
                                         {rsa.key, {"-cipher", "DHE-RSA-AES128-GCM-SHA256"}},
                                         {{"-algorithm", "ed25519"}, {}},
                                         {{"-algorithm", "ed448"}, {}}};
    const auto which = static_cast<std::size_t>(GENERATE(range(0, 6)));
    const bool whole = GENERATE(true, false);
    CAPTURE(which, whole);
    const Session client = after(servers[which], [&](certs::ByteVector& wire) {
        const auto found = key_exchange_in(wire);
        if (!found) return;
        // Changes one bit, or so much that no signature of any kind is left.
        if (whole)
            std::fill(found->end - 56, found->end, std::uint8_t{0xff});
        else
            *(found->end - 1) ^= 1;
    });
    REQUIRE(client.failure());
    CHECK(client.failure()->kind == FailureKind::handshake_signature);
    CHECK(client.failure()->alert_sent == decrypt_error);
}

TEST_CASE("a key exchange that is none says nothing of the certificate's key") {
    const Session client = after({ecdsa.key, {"-groups", "P-256"}}, [](certs::ByteVector& wire) {
        constexpr std::ptrdiff_t length_of_the_point = 4 + 3;
        if (const auto found = key_exchange_in(wire)) *(found->begin + length_of_the_point) -= 1;
    });
    REQUIRE(client.failure());
    CHECK(client.failure()->kind == FailureKind::protocol_error);
}

TEST_CASE("a Finished of TLS 1.2 that cannot be decrypted says nothing of the key, whatever the cipher is") {
    const std::string suite =
        GENERATE("ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES128-CCM", "ECDHE-ECDSA-CHACHA20-POLY1305",
                 "ECDHE-ECDSA-AES128-SHA256", "ECDHE-ECDSA-AES256-SHA");
    const Session client = after({ecdsa.key, {"-cipher", suite}}, [](certs::ByteVector& wire) {
        const auto found = record_with(wire, [](std::uint8_t before, std::uint8_t type, std::uint8_t) {
            return before == change_cipher_spec && type == handshake_record;
        });
        if (found) *(found->end - 1) ^= 1;
    });
    REQUIRE(client.failure());
    CHECK(client.failure()->kind == FailureKind::protocol_error);
}
