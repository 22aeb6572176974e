// Staples as OpenSSL serves them: the real bytes of a real server, through the whole handshake.
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "wire.h"

using namespace tls_test;
using tls::Progress;
using tls::Session;
using tls::Version;

namespace {

// A directory for the test's files, gone with it.
class Directory {
public:
    Directory() {
        std::string pattern = (std::filesystem::temp_directory_path() / "whytls-staple-XXXXXX").string();
        REQUIRE(mkdtemp(pattern.data()) != nullptr);
        path_ = pattern;
    }
    Directory(const Directory&) = delete;
    ~Directory() { std::filesystem::remove_all(path_); }

    std::string file(const char* name, certs::Bytes content) const {
        std::ofstream(path_ / name, std::ios::binary) << certs::as_text(content);
        return path_ / name;
    }

private:
    std::filesystem::path path_;
};

// `openssl s_server` on a port of its choice.
class OpensslServer {
public:
    explicit OpensslServer(std::vector<std::string> options) {
        std::vector<std::string> words = {"openssl", "s_server", "-accept", "127.0.0.1:0"};
        words.insert(words.end(), options.begin(), options.end());
        std::vector<char*> arguments;
        for (std::string& word : words) arguments.push_back(word.data());
        arguments.push_back(nullptr);
        int in[2], out[2];
        REQUIRE((pipe(in) == 0 && pipe(out) == 0));
        posix_spawn_file_actions_t actions;
        posix_spawn_file_actions_init(&actions);
        posix_spawn_file_actions_adddup2(&actions, in[0], 0);  // it ends with its standard input
        posix_spawn_file_actions_adddup2(&actions, out[1], 1);
        posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);  // a refusal is an error to it
        for (const int end : {in[0], in[1], out[0], out[1]}) posix_spawn_file_actions_addclose(&actions, end);
        const int failed = posix_spawnp(&id_, "openssl", &actions, nullptr, arguments.data(), environ);
        posix_spawn_file_actions_destroy(&actions);
        close(in[0]);
        close(out[1]);
        in_ = in[1];
        out_ = out[0];
        REQUIRE(failed == 0);
        std::string said;
        while (port_ == 0) {
            char byte = 0;
            REQUIRE(::read(out_, &byte, 1) == 1);
            said += byte;
            if (byte != '\n') continue;
            if (said.starts_with("ACCEPT ")) port_ = std::stoi(said.substr(said.rfind(':') + 1));
            said.clear();
        }
    }
    OpensslServer(const OpensslServer&) = delete;
    ~OpensslServer() {
        kill(id_, SIGKILL);
        waitpid(id_, nullptr, 0);
        close(in_);
        close(out_);
    }

    int port() const { return port_; }

private:
    pid_t id_ = 0;
    int in_ = -1, out_ = -1, port_ = 0;
};

// The session's handshake over a connection to that port of this machine.
Progress shake_hands_with(int port, Session& session) {
    const int connection = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(connect(connection, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    certs::ByteVector buffer(65'536);
    Progress progress = Progress::want_input;
    for (;;) {
        progress = session.handshake();
        const certs::ByteVector wire = taken(session);
        if (!wire.empty()) REQUIRE(send(connection, wire.data(), wire.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(wire.size()));
        if (progress != Progress::want_input) break;
        const ssize_t size = recv(connection, buffer.data(), buffer.size(), 0);
        if (size > 0)
            session.feed(certs::Bytes(buffer).first(static_cast<std::size_t>(size)));
        else
            session.feed_end_of_file(size < 0);
    }
    close(connection);
    return progress;
}

// An OCSPResponse as far as OpenSSL looks into it when it serves one: "successful", with that many bytes of nonsense for a
// BasicOCSPResponse (RFC 6960 §4.2.1).
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
    const auto [option, highest] = GENERATE(std::pair{"-tls1_2", Version::tls_1_2}, std::pair{"-tls1_3", Version::tls_1_3});
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
