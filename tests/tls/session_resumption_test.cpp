// What a scan sets in a client session: which keys the server may have, and what is resumed.
#include "openssl_server.h"
#include "wire.h"

using namespace tls_test;
using tls::AcceptedKeys;
using tls::Progress;
using tls::Session;
using tls::Version;

namespace {

bool agrees(AcceptedKeys keys, const tls::ServerIdentity& identity) {
    tls::ClientParameters wanted = parameters(accepted());
    wanted.keys = keys;
    const tls::ClientContext context(Version::tls_1_3, Version::tls_1_3);
    Session client = Session::client(context, wanted);
    Session server = Session::server(identity, {});
    shake_hands(client, server);
    return client.handshake() == Progress::done;
}

}  // namespace

TEST_CASE("in TLS 1.3 a server shows a certificate only to clients that accept its kind of key") {
    CHECK(agrees(AcceptedKeys::any, p256_identity()));
    CHECK(agrees(AcceptedKeys::ecdsa, p256_identity()));
    CHECK_FALSE(agrees(AcceptedKeys::rsa, p256_identity()));
    CHECK_FALSE(agrees(AcceptedKeys::eddsa, p256_identity()));
    CHECK(agrees(AcceptedKeys::eddsa, ed25519_identity()));
    CHECK_FALSE(agrees(AcceptedKeys::ecdsa, ed25519_identity()));
}

TEST_CASE("a session of TLS 1.2 is resumed by its ticket, and only where any certificate is accepted") {
    const Directory directory;
    const std::string key = directory.path("key.pem"), certificate = directory.path("certificate.pem");
    openssl({"req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key, "-out",
             certificate, "-days", "9", "-subj", "/CN=p256.test"});
    const OpensslServer server({"-naccept", "3", "-tls1_2", "-cert", certificate, "-key", key});
    const tls::ClientContext context(Version::tls_1_2, Version::tls_1_2);
    int judged = 0;
    const auto connect = [&](bool accept_any, std::shared_ptr<const tls::ResumableSession> resume) {
        tls::ClientParameters wanted = parameters(accepted());
        wanted.judge = [&](std::span<const certs::Bytes>, certs::Bytes) {
            ++judged;
            return accepted();
        };
        wanted.ask_for_ticket = true;
        wanted.accept_any = accept_any;
        wanted.resume = std::move(resume);
        Session client = Session::client(context, wanted);
        REQUIRE(shake_hands_with(server.port(), client) == Progress::done);
        return client;
    };
    const Session first = connect(true, nullptr);
    CHECK_FALSE(first.handshake_info().resumed);
    REQUIRE(first.resumable());
    CHECK(judged == 1);
    CHECK(connect(true, first.resumable()).handshake_info().resumed);
    CHECK(judged == 1);  // a resumed session shows no chain
    CHECK_FALSE(connect(false, first.resumable()).handshake_info().resumed);
    CHECK(judged == 2);
}
