// Servers that other clients reach: kinds of keys, groups and suites as OpenSSL has them.
#include <fmt/format.h>

#include <algorithm>
#include <ctime>
#include <fstream>

#include "certs/der.h"
#include "certs/der_writer.h"
#include "certs/private_key.h"
#include "handmade_server.h"
#include "openssl_server.h"
#include "tests/support/forge.h"
#include "tls/probe.h"
#include "wire.h"

using namespace tls_test;
using tls::Progress;
using tls::Session;
using tls::Version;

namespace {

constexpr Version newest(bool tls_1_3) { return tls_1_3 ? Version::tls_1_3 : Version::tls_1_2; }

// A key made with these options of `openssl genpkey`, and its self-signed certificate.
struct Identity {
    std::string key, certificate;

    Identity(const Directory& directory, const std::vector<std::string>& kind, const char* digest = "-sha256")
        : key(directory.path("key.pem")), certificate(directory.path("certificate.pem")) {
        std::vector<std::string> words = {"genpkey", "-out", key};
        words.insert(words.end(), kind.begin(), kind.end());
        openssl(words);
        openssl(
            {"req", "-x509", "-new", "-key", key, "-out", certificate, "-days", "9", "-subj", "/CN=p256.test", digest});
    }
};

Progress shake_hands_with(const Identity& identity, std::vector<std::string> options, Version highest) {
    options.insert(options.end(), {"-naccept", "1", "-cert", identity.certificate, "-key", identity.key});
    const OpensslServer server(options);
    Session client = Session::client(tls::ClientContext(Version::tls_1_2, highest), parameters(accepted()));
    return tls_test::shake_hands_with(server.port(), client);
}

certs::ByteVector bytes_of(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<std::string> pss_key(const std::vector<std::string>& parameters) {
    std::vector<std::string> words = {"-algorithm", "RSA-PSS", "-pkeyopt", "rsa_keygen_bits:2048"};
    for (const std::string& parameter : parameters)
        words.insert(words.end(), {"-pkeyopt", "rsa_pss_keygen_" + parameter});
    return words;
}

}  // namespace

TEST_CASE("a server's key may be of the kind RSASSA-PSS, with parameters and without (RFC 8446 4.2.3)") {
    const auto [digest, parameters] =
        GENERATE(std::pair{"-sha256", std::vector<std::string>{}},
                 std::pair{"-sha256", std::vector<std::string>{"md:sha256", "mgf1_md:sha256", "saltlen:20"}},
                 std::pair{"-sha384", std::vector<std::string>{"md:sha384", "mgf1_md:sha384", "saltlen:48"}});
    const Directory directory;
    const Identity identity(directory, pss_key(parameters), digest);
    CHECK(shake_hands_with(identity, {"-tls1_2"}, Version::tls_1_2) == Progress::done);
    CHECK(shake_hands_with(identity, {"-tls1_2"}, Version::tls_1_3) == Progress::done);
    CHECK(shake_hands_with(identity, {"-tls1_3"}, Version::tls_1_3) == Progress::done);
}

TEST_CASE("a server may insist on any of the groups that OpenSSL offers, but the two largest of RFC 7919") {
    const char* group = GENERATE("X25519", "P-256", "P-384", "P-521", "X448", "ffdhe2048", "ffdhe3072", "ffdhe4096");
    const Directory directory;
    const Identity identity(directory, {"-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"});
    CHECK(shake_hands_with(identity, {"-tls1_3", "-curves", group}, Version::tls_1_3) == Progress::done);
}

TEST_CASE("a server's own group may have 1024 bits, and how many it has is told") {
    // RFC 2409 §6.2, the default of servers for twenty years.
    constexpr const char* oakley_group_2 =
        "-----BEGIN DH PARAMETERS-----\n"
        "MIGHAoGBAP//////////yQ/aoiFowjTExmKLgNwc0SkCTgiKZ8x0Agu+pjsTmyJR\n"
        "Sgh5jjQE3e+VGbPNOkMbMCsKbfJfFDdP4TVtbVHCReSFtXZiXn7G9ExC6aY37WsL\n"
        "/1y29Aa37e44a/taiZ+lrp8kEXxLH+ZJKGZR7OZTgf//////////AgEC\n"
        "-----END DH PARAMETERS-----\n";
    const Directory directory;
    const Identity rsa(directory, {"-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"});
    const std::size_t bits = GENERATE(std::size_t{1024}, std::size_t{1536}, std::size_t{2048});
    std::string group = directory.file("oakley.pem", certs::as_bytes(oakley_group_2));
    if (bits != 1024) {
        group = directory.path("group.pem");
        openssl({"genpkey", "-genparam", "-algorithm", "DH", "-pkeyopt", fmt::format("group:modp_{}", bits), "-out",
                 group});
    }
    const OpensslServer server({"-tls1_2", "-cipher", "DHE:@SECLEVEL=0", "-dhparam", group, "-naccept", "1", "-cert",
                                rsa.certificate, "-key", rsa.key});
    Session client = Session::client(tls::ClientContext(), parameters(accepted()));
    CHECK(tls_test::shake_hands_with(server.port(), client) == Progress::done);
    CHECK(client.handshake_info().dh_bits == bits);
}

TEST_CASE("RSA key exchange is the last resort, and AES-CCM is known, in TLS 1.2") {
    const Directory directory;
    const char* suite = GENERATE("AES128-SHA", "AES256-SHA", "AES128-SHA256", "AES256-SHA256", "AES128-GCM-SHA256",
                                 "AES256-GCM-SHA384");
    const Identity rsa(directory, {"-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"});
    CHECK(shake_hands_with(rsa, {"-tls1_2", "-cipher", suite}, Version::tls_1_3) == Progress::done);
    // Even a server that prefers RSA key exchange gets forward secrecy when it follows the client's
    // order.
    const OpensslServer both({"-tls1_2", "-cipher", "AES128-SHA:ECDHE-RSA-AES128-SHA", "-naccept", "1", "-cert",
                              rsa.certificate, "-key", rsa.key});
    Session client = Session::client(tls::ClientContext(), parameters(accepted()));
    CHECK(tls_test::shake_hands_with(both.port(), client) == Progress::done);
    CHECK(client.handshake_info().cipher == "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA");

    const Identity ecdsa(directory, {"-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"});
    CHECK(shake_hands_with(ecdsa, {"-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-CCM"}, Version::tls_1_3) ==
          Progress::done);
}

TEST_CASE("a client's own key may be of the kind RSASSA-PSS, and decides which signature it makes") {
    const auto [digest, parameters] =
        GENERATE(std::pair{"-sha256", std::vector<std::string>{}},
                 std::pair{"-sha384", std::vector<std::string>{"md:sha384", "mgf1_md:sha384", "saltlen:48"}});
    const Directory directory, of_client;
    const Identity server_own(directory, {"-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"});
    const Identity own(of_client, pss_key(parameters), digest);
    openssl({"x509", "-in", own.certificate, "-outform", "DER", "-out", of_client.path("own.der")});
    const auto key = certs::PrivateKey::parse(bytes_of(own.key));
    REQUIRE(key);
    const tls::ClientIdentity identity{.chain = {bytes_of(of_client.path("own.der"))}, .key = key->der()};
    const OpensslServer server({"-tls1_2", "-naccept", "1", "-cert", server_own.certificate, "-key", server_own.key,
                                "-Verify", "1", "-verify_return_error", "-CAfile", own.certificate});
    tls::ClientParameters wanted = tls_test::parameters(accepted());
    wanted.identity = &identity;
    Session client = Session::client(tls::ClientContext(), wanted);
    // The server sent its Finished, so it accepted the signature.
    CHECK(tls_test::shake_hands_with(server.port(), client) == Progress::done);
    CHECK(client.handshake_info().certificate_sent);
}

TEST_CASE("a flight may be spread over records of any size, a message's header too, in the clear and encrypted") {
    const bool tls_1_3 = GENERATE(true, false);
    const std::size_t size = GENERATE(1, 2, 3, 4, 5, 7, 100);
    const tls::ClientContext context(Version::tls_1_2, newest(tls_1_3));
    Session client = Session::client(context, parameters(refused()));
    client.handshake();
    certs::ByteVector wire;
    if (tls_1_3) {
        HandmadeServer server(taken(client));
        certs::ByteVector entry, list, body = {0};  // RFC 8446 §4.4.2: no context, and a leaf without extensions
        put_vector(entry, 3, leaf());
        put_vector(list, 3, together({entry, {0, 0}}));
        const certs::ByteVector flight = together({from_hex("080000020000"), message(11, together({body, list}))});
        wire = server.hello();
        constexpr std::size_t headers = 20;  // the rest in one record
        for (std::size_t at = 0; at < flight.size();) {
            const certs::Bytes piece = certs::Bytes(flight).subspan(
                at, at < headers ? std::min(size, flight.size() - at) : flight.size() - at);
            wire = together({wire, server.encrypted(piece)});
            at += piece.size();
        }
    } else {
        const certs::ByteVector flight =
            together({server_hello(0x0303, 0xC02B), certificate_message({leaf()}), key_exchange_signed_by_nobody()});
        for (std::size_t at = 0; at < flight.size(); at += size)
            wire = together(
                {wire, record(22, 0x0303, certs::Bytes(flight).subspan(at, std::min(size, flight.size() - at)))});
    }
    client.feed(wire);
    CHECK(client.handshake() == Progress::failed);
    CHECK(client.failure().value().kind == tls::FailureKind::certificate);  // as the Judge says
}

TEST_CASE("names are none of the library's business: any number of them reaches the judge, soon") {
    std::vector<certs::ByteVector> names(20'000, tests::dns("a.test"));
    const tests::Forged leaf = tests::Forge::leaf("many.test").names(std::move(names)).self_signed();
    const tls::ServerIdentity identity({leaf.der}, leaf.key.der());
    const tls::ClientContext context(Version::tls_1_2, newest(GENERATE(true, false)));
    Session client = Session::client(context, parameters(accepted()));
    Session server = Session::server(identity, {});
    const std::clock_t start = std::clock();
    shake_hands(client, server);
    CHECK(client.handshake() == Progress::done);
    // While the library made a list of them, this took 1 s.
    CHECK(static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC < 0.2);
}

TEST_CASE("a certificate is none of the library's business, but for its key: the judge is alone in having an opinion") {
    using tests::Forge;
    const certs::ByteVector null = {0x05, 0x00},
                            of_60_octets = certs::der_element(certs::tag::integer, certs::ByteVector(60, 0x7f));
    const auto [what, forge] = GENERATE_COPY(
        std::pair{"the serial number 0", Forge::leaf("a.test").serial(0)},
        std::pair{"one below it", Forge::leaf("a.test").serial(-5)},
        std::pair{"one of 60 octets", Forge::leaf("a.test").serial(of_60_octets)},
        std::pair{"a critical access to the authority's information",
                  Forge::leaf("a.test").extension({"1.3.6.1.5.5.7.1.1", true, null})},
        std::pair{"an extension twice", Forge::leaf("a.test").duplicate("2.5.29.17")},
        std::pair{"a critical extension that nobody knows", Forge::leaf("a.test").extension({"1.2.3.4", true, null})},
        std::pair{"extensions in version 1", Forge::leaf("a.test").version(1)},
        std::pair{"an empty attribute", Forge::leaf("a.test").subject(tests::common_name(""))},
        std::pair{"a signature that does not verify", Forge::leaf("a.test").broken_signature()});
    INFO(what);
    const tests::Forged leaf = forge.self_signed();
    // Above the leaf is something that is not a certificate.
    const tls::ServerIdentity identity({leaf.der, {0x30, 0x02, 0x05, 0x00}}, leaf.key.der());
    const tls::ClientContext context(Version::tls_1_2, newest(GENERATE(true, false)));
    for (const certs::Verdict& verdict : {accepted(), refused()}) {
        Session client = Session::client(context, parameters(verdict));
        Session server = Session::server(identity, {});
        shake_hands(client, server);
        CHECK(client.handshake() == (verdict.accepted() ? Progress::done : Progress::failed));
        if (!verdict.accepted()) CHECK(client.failure().value().kind == tls::FailureKind::certificate);
    }
}

TEST_CASE(
    "a client says that it knows RFC 5746, a server answers that it does, and one that does not is none the worse") {
    const certs::ByteVector empty = from_hex("ff01000100");
    const tls::ClientContext context(Version::tls_1_2, newest(GENERATE(true, false)));
    Session client = Session::client(context, parameters(accepted()));
    client.handshake();
    const certs::ByteVector hello = taken(client);
    CHECK_FALSE(std::ranges::search(hello, empty).empty());

    Session server = Session::server(p256_identity(), {});
    // With TLS_EMPTY_RENEGOTIATION_INFO_SCSV instead.
    const certs::ByteVector signalling = tls::to_wire({.highest = 0x0303}, {});
    server.feed(signalling);
    server.handshake();
    const certs::ByteVector answer_to_it = taken(server);
    CHECK_FALSE(std::ranges::search(answer_to_it, empty).empty());

    Session of_an_old_client = Session::server(p256_identity(), {});
    certs::ByteVector silent = signalling;
    const auto scsv = std::ranges::search(silent, from_hex("00ff0100"));
    REQUIRE_FALSE(scsv.empty());
    scsv.begin()[1] = 0x05;
    of_an_old_client.feed(silent);
    CHECK(of_an_old_client.handshake() == Progress::want_input);
    const certs::ByteVector answer_to_silence = taken(of_an_old_client);
    CHECK(answer_to_silence.size() > 100);
    CHECK(std::ranges::search(answer_to_silence, empty).empty());

    for (const bool knows : {true, false}) {
        Session bare = Session::client(context, parameters(accepted()));
        bare.handshake();
        const certs::ByteVector answer =
            record(22, 0x0303, server_hello(0x0303, 0xC02B, knows ? empty : certs::ByteVector()));
        bare.feed(answer);
        CHECK(bare.handshake() == Progress::want_input);
    }
    const tls::ClientContext of_1_2(Version::tls_1_2, Version::tls_1_2);
    Session first = Session::client(of_1_2, parameters(accepted())), second = Session::server(p256_identity(), {});
    shake_hands(first, second);
    CHECK(first.handshake_info().secure_renegotiation == true);
}

TEST_CASE("a first handshake that is answered as a renegotiation ends with handshake_failure, told as what it is") {
    Session client = Session::client(tls::ClientContext(), parameters(accepted()));
    client.handshake();
    taken(client);
    const certs::ByteVector answer =
        record(22, 0x0303,
               server_hello(0x0303, 0xC02B, from_hex(GENERATE("ff01000d0caabbccddeeffaabbccddeeff", "ff01000101"))));
    client.feed(answer);
    CHECK(client.handshake() == Progress::failed);
    CHECK(client.failure().value().kind == tls::FailureKind::renegotiation);
    CHECK(client.failure().value().alert_sent == 40);
}
