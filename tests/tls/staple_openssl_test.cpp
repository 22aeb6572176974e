// Staples as OpenSSL serves them: the real bytes of a real server, through the whole handshake.
#include "openssl_server.h"
#include "wire.h"

using namespace tls_test;
using tls::Progress;
using tls::Session;
using tls::Version;

namespace {

// An OCSPResponse, correct as far as OpenSSL looks into it when it serves one: "successful", with
// that many bytes of nonsense for a BasicOCSPResponse (RFC 6960 §4.2.1).
certs::ByteVector nonsense_response(std::size_t size) {
    const auto element = [](std::uint8_t tag, const certs::ByteVector& content) {
        certs::ByteVector der = {tag, 0x82};
        put_vector(der, 2, content);
        return der;
    };
    const certs::ByteVector basic = from_hex("06092b0601050507300101");
    const certs::ByteVector bytes = element(0x30, together({basic, element(0x04, certs::ByteVector(size, 0xee))}));
    return element(0x30, together({from_hex("0a0100"), element(0xa0, bytes)}));
}

}  // namespace

TEST_CASE("what OpenSSL staples reaches the judge byte for byte, and the verdict alone decides") {
    const auto [option, highest] =
        GENERATE(std::pair{"-tls1_2", Version::tls_1_2}, std::pair{"-tls1_3", Version::tls_1_3});
    const Directory directory;
    std::vector<std::string> options = {option,
                                        "-naccept",
                                        "1",
                                        "-cert",
                                        directory.file("leaf.der", leaf()),
                                        "-certform",
                                        "DER",
                                        "-key",
                                        directory.file("key.der", leaf_key()),
                                        "-keyform",
                                        "DER"};
    // None, "unauthorized", and nonsense in one record and in several.
    const certs::ByteVector staple =
        GENERATE(certs::ByteVector{}, from_hex("30030a0106"), nonsense_response(1'000), nonsense_response(40'000));
    if (!staple.empty()) options.insert(options.end(), {"-status_file", directory.file("staple.der", staple)});
    const bool good = GENERATE(true, false);

    const OpensslServer server(options);
    std::vector<certs::ByteVector> staples;
    tls::ClientParameters wanted = parameters(accepted());
    wanted.judge = [&](std::span<const certs::Bytes>, certs::Bytes given) {
        staples.emplace_back(given.begin(), given.end());
        return good ? accepted() : refused();
    };
    Session client = Session::client(tls::ClientContext(Version::tls_1_2, highest), wanted);
    CHECK(shake_hands_with(server.port(), client) == (good ? Progress::done : Progress::failed));
    REQUIRE(staples.size() == 1);
    CHECK(staples.front().size() == staple.size());
    CHECK((staples.front() == staple));  // without printing them
    CHECK(client.handshake_info().stapled == !staple.empty());
    CHECK(client.handshake_info().version == (highest == Version::tls_1_2 ? "TLSv1.2" : "TLSv1.3"));
    if (!good) CHECK(client.failure().value().kind == tls::FailureKind::certificate);
}
