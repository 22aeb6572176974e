// Which keys a server may have, what is resumed, and what a server may send for it.
#include <optional>

#include "certs/private_key.h"
#include "handmade_server.h"
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

namespace {

// A server of openssl's with its own key, whose sessions one client resumes.
class Resuming {
public:
    explicit Resuming(std::vector<std::string> options, Version version) : context_(Version::tls_1_2, version) {
        const std::string key = directory_.path("key.pem"), certificate = directory_.path("certificate.pem");
        openssl({"req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key,
                 "-out", certificate, "-days", "9", "-subj", "/CN=p256.test"});
        for (const char* each : {"-cert", certificate.c_str(), "-key", key.c_str()}) options.emplace_back(each);
        if (version == Version::tls_1_2) options.emplace_back("-tls1_2");
        options_ = std::move(options);
        restart();
    }
    void restart() { server_.emplace(options_); }  // with other keys for its tickets

    int judged = 0;

    Session connect(std::shared_ptr<const tls::ResumableSession> resume, bool ask_for_ticket = false,
                    bool takes_tickets = false) {
        tls::ClientParameters wanted = parameters(accepted());
        wanted.judge = [&](std::span<const certs::Bytes>, certs::Bytes) {
            ++judged;
            return accepted();
        };
        wanted.ask_for_ticket = ask_for_ticket;
        wanted.resume = std::move(resume);
        Session client = Session::client(context_, wanted);
        REQUIRE(shake_hands_with(server_->port(), client, {}, takes_tickets) == Progress::done);
        return client;
    }

private:
    Directory directory_;
    tls::ClientContext context_;
    std::vector<std::string> options_;
    std::optional<OpensslServer> server_;
};

}  // namespace

TEST_CASE("a session of TLS 1.2 is resumed by its id or its ticket, and shows no chain to be judged again") {
    const bool by_ticket = GENERATE(false, true);
    Resuming server({"-naccept", "3"}, Version::tls_1_2);
    const Session first = server.connect(nullptr, by_ticket);
    CHECK_FALSE(first.handshake_info().resumed);
    REQUIRE(first.resumable());
    CHECK(server.judged == 1);
    CHECK(server.connect(first.resumable(), by_ticket).handshake_info().resumed);
    CHECK(server.judged == 1);
    CHECK_FALSE(server.connect(nullptr, by_ticket).handshake_info().resumed);
    CHECK(server.judged == 2);
}

TEST_CASE(
    "a session of TLS 1.3 is resumed by the ticket that came after its handshake, whatever group its server wants") {
    const char* group = GENERATE("X25519", "P-256", "P-384");
    Resuming server({"-naccept", "3", "-groups", group}, Version::tls_1_3);
    CHECK_FALSE(server.connect(nullptr).resumable());  // it has not come
    const Session first = server.connect(nullptr, false, true);
    REQUIRE(first.resumable());
    CHECK(server.judged == 2);
    CHECK(server.connect(first.resumable()).handshake_info().resumed);
    CHECK(server.judged == 2);
}

TEST_CASE("a server that does not resume is judged as if no session had been offered") {
    const Version version = GENERATE(Version::tls_1_2, Version::tls_1_3);
    Resuming server({"-naccept", "1"}, version);
    const Session first = server.connect(nullptr, false, version == Version::tls_1_3);
    REQUIRE(first.resumable());
    server.restart();
    CHECK_FALSE(server.connect(first.resumable()).handshake_info().resumed);
    CHECK(server.judged == 2);
}

TEST_CASE("a session ticket may have a nonce of any size, and is none of the reader's business") {
    const std::size_t size = GENERATE(0, 8, 9, 32, 255);
    Session client = Session::client(tls::ClientContext(), parameters(accepted()));
    client.handshake();
    HandmadeServer server(taken(client));
    certs::ByteVector entry, list, body = {0};
    put_vector(entry, 3, leaf());
    put_vector(list, 3, together({entry, {0, 0}}));
    const certs::ByteVector first = together({from_hex("080000020000"), message(11, together({body, list}))});
    const certs::ByteVector verify = server.certificate_verify(certs::PrivateKey::parse(leaf_key()).value(), first);
    const certs::ByteVector finished = server.finished(together({first, verify}));
    certs::ByteVector wire = together({server.hello(), server.encrypted(together({first, verify, finished}))});
    client.feed(wire);
    REQUIRE(client.handshake() == Progress::done);

    server.is_done(together({first, verify, finished}));
    certs::ByteVector ticket = from_hex("00000e1001020304");  // RFC 8446 §4.6.1: lifetime, age
    put_vector(ticket, 1, certs::ByteVector(size, 0x6e));
    put_vector(ticket, 2, certs::ByteVector(64, 0x74));
    put_vector(ticket, 2, {});
    const certs::Bytes said = certs::as_bytes("hello");
    wire = together({server.encrypted(message(4, ticket)), server.encrypted(said, 23)});
    tls::ReadState last{};
    CHECK(receive(client, wire, last) == "hello");
    CHECK(last == tls::ReadState::want_input);
    CHECK(client.resumable());
}
