// The secrets that a session tells, beside those of its peer and of OpenSSL.
#include "tls/key_log.h"

#include <algorithm>
#include <fstream>
#include <set>
#include <stdexcept>

#include "openssl_server.h"
#include "tests/support/forge.h"
#include "tls/client_hello.h"
#include "wire.h"

using namespace tls_test;
using tls::Progress;
using tls::Session;
using tls::Version;

namespace {

using Lines = std::vector<std::string>;

tls::KeyLog into(Lines& lines) {
    return [&lines](std::string line) { lines.push_back(std::move(line)); };
}

Lines labels(const Lines& lines) {
    Lines found;
    for (const std::string& line : lines) found.push_back(line.substr(0, line.find(' ')));
    return found;
}

// The random of a ClientHello, after the record's head, the message's, and the version.
std::string random_of(certs::Bytes hello) { return certs::hex(hello.subspan(5 + 4 + 2, 32)); }

std::set<std::string> lines_of(const std::string& path) {
    std::ifstream file(path);
    std::set<std::string> lines;
    for (std::string line; std::getline(file, line);) {
        const bool compared = !line.starts_with('#') && !line.starts_with("EXPORTER_SECRET ");
        if (compared) lines.insert(line);
    }
    return lines;
}

struct Keys {
    Directory directory;
    std::string key = directory.path("key.pem"), certificate = directory.path("certificate.pem");
    Keys() {
        openssl({"genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", key});
        openssl({"req", "-x509", "-new", "-key", key, "-out", certificate, "-days", "9", "-subj", "/CN=p256.test"});
    }
};

}  // namespace

TEST_CASE("a line has the label, the client's random and the secret, in lower-case hexadecimal") {
    const certs::ByteVector random(32, 0xab), secret{0x00, 0x01, 0xfe};
    std::string expected = "CLIENT_RANDOM ";
    for (int i = 0; i < 32; ++i) expected += "ab";
    CHECK(tls::key_log_line("CLIENT_RANDOM", random, secret) == expected + " 0001fe");
}

TEST_CASE("both sides of a connection tell the same secrets, each once, under the random of the ClientHello") {
    REQUIRE(tls::can_log_keys());
    const Version highest = GENERATE(Version::tls_1_2, Version::tls_1_3);
    const tls::ClientContext context(Version::tls_1_2, highest);
    Lines of_client, of_server;
    const tls::KeyLog client_log = into(of_client), server_log = into(of_server);
    tls::ClientParameters wanted = parameters(accepted());
    wanted.key_log = &client_log;
    Session client = Session::client(context, wanted);
    Session server = Session::server(p256_identity(), {}, &server_log);
    (void)client.handshake();
    const std::string random = random_of(client.output());
    shake_hands(client, server);
    REQUIRE(client.handshake() == Progress::done);
    REQUIRE(server.handshake() == Progress::done);
    std::ranges::sort(of_client);
    std::ranges::sort(of_server);
    CHECK(of_client == of_server);
    const Lines expected = highest == Version::tls_1_2
                               ? Lines{"CLIENT_RANDOM"}
                               : Lines{"CLIENT_HANDSHAKE_TRAFFIC_SECRET", "CLIENT_TRAFFIC_SECRET_0",
                                       "SERVER_HANDSHAKE_TRAFFIC_SECRET", "SERVER_TRAFFIC_SECRET_0"};
    CHECK(labels(of_client) == expected);
    for (const std::string& line : of_client) CHECK(line.contains(" " + random + " "));
}

TEST_CASE("the secrets are those that OpenSSL logs, after a HelloRetryRequest and with SHA-384 too") {
    REQUIRE(tls::can_log_keys());
    static const Keys keys;
    const auto& [options, lines] = GENERATE(table<std::vector<std::string>, std::size_t>({
        {{"-tls1_3"}, 4},
        {{"-tls1_3", "-groups", "P-384"}, 4},
        {{"-tls1_3", "-ciphersuites", "TLS_AES_256_GCM_SHA384"}, 4},
        {{"-tls1_2"}, 1},
        {{"-tls1_2", "-cipher", "ECDHE-ECDSA-AES256-GCM-SHA384"}, 1},
    }));
    const std::string file = keys.directory.path("keys.log");
    std::filesystem::remove(file);
    std::vector<std::string> words = options;
    words.insert(words.end(), {"-naccept", "1", "-cert", keys.certificate, "-key", keys.key, "-keylogfile", file});
    Lines told;
    {
        const OpensslServer server(words);
        const tls::KeyLog log = into(told);
        tls::ClientParameters wanted = parameters(accepted());
        wanted.key_log = &log;
        Session client = Session::client(tls::ClientContext(), wanted);
        REQUIRE(shake_hands_with(server.port(), client) == Progress::done);
    }
    CHECK(told.size() == lines);
    const std::set<std::string> theirs = lines_of(file);
    // OpenSSL may not have come to its last lines when the client is done.
    for (const std::string& line : theirs) CHECK(std::ranges::count(told, line) == 1);
    CHECK_FALSE(theirs.empty());
}

TEST_CASE("a handshake that ends before a secret is agreed on leaves no line, a refused server those it came to") {
    REQUIRE(tls::can_log_keys());
    Lines told;
    const tls::KeyLog log = into(told);
    tls::ClientParameters wanted = parameters(refused());
    wanted.key_log = &log;
    Session early = Session::client(tls::ClientContext(), wanted);
    (void)early.handshake();
    early.feed_end_of_file(false);
    REQUIRE(early.handshake() == Progress::failed);
    CHECK(told.empty());
    Session late = Session::client(tls::ClientContext(), wanted);
    Session server = Session::server(p256_identity(), {});
    shake_hands(late, server);
    REQUIRE(late.handshake() == Progress::failed);
    std::ranges::sort(told);
    CHECK(labels(told) == Lines{"CLIENT_HANDSHAKE_TRAFFIC_SECRET", "SERVER_HANDSHAKE_TRAFFIC_SECRET"});
}

TEST_CASE("what a key log throws comes out of handshake()") {
    REQUIRE(tls::can_log_keys());
    const tls::KeyLog log = [](const std::string&) { throw std::runtime_error("no room"); };
    const tls::ClientContext context(Version::tls_1_2, GENERATE(Version::tls_1_2, Version::tls_1_3));
    tls::ClientParameters wanted = parameters(accepted());
    wanted.key_log = &log;
    Session client = Session::client(context, wanted);
    Session server = Session::server(p256_identity(), {});
    CHECK_THROWS_WITH(shake_hands(client, server), "no room");
}
