#include "openssl_server.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

#include "wire.h"

namespace tls_test {

using tls::Progress;
using tls::Session;

Directory::Directory() {
    std::string pattern = (std::filesystem::temp_directory_path() / "whytls-tls-XXXXXX").string();
    REQUIRE(mkdtemp(pattern.data()) != nullptr);
    path_ = pattern;
}

Directory::~Directory() { std::filesystem::remove_all(path_); }

std::string Directory::file(const char* name, certs::Bytes content) const {
    std::ofstream(path_ / name, std::ios::binary) << certs::as_text(content);
    return path_ / name;
}

OpensslServer::OpensslServer(std::vector<std::string> options) {
    std::vector<std::string> words = {"openssl", "s_server", "-accept", "127.0.0.1:0"};
    words.insert(words.end(), options.begin(), options.end());
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    int in[2], out[2];
    REQUIRE((pipe(in) == 0 && pipe(out) == 0));
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in[0], 0);  // it ends when its standard input ends
    posix_spawn_file_actions_adddup2(&actions, out[1], 1);
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);  // it reports a refusal as an error
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

OpensslServer::~OpensslServer() {
    kill(id_, SIGKILL);
    waitpid(id_, nullptr, 0);
    close(in_);
    close(out_);
}

Progress shake_hands_with(int port, Session& session, const Change& change, bool takes_tickets) {
    const int connection = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(connect(connection, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    certs::ByteVector buffer(65'536), arrived;
    Progress progress = Progress::want_input;
    for (;;) {
        progress = session.handshake();
        const certs::ByteVector wire = taken(session);
        if (!wire.empty())
            REQUIRE(send(connection, wire.data(), wire.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(wire.size()));
        if (progress != Progress::want_input) break;
        const ssize_t size = recv(connection, buffer.data(), buffer.size(), 0);
        if (size > 0) {
            arrived.assign(buffer.begin(), buffer.begin() + size);
            if (change) change(arrived);
            session.feed(arrived);
        } else {
            session.feed_end_of_file(size < 0);
        }
    }
    if (progress == Progress::done && takes_tickets) {
        const ssize_t size = recv(connection, buffer.data(), buffer.size(), 0);
        REQUIRE(size > 0);
        arrived.assign(buffer.begin(), buffer.begin() + size);
        session.feed(arrived);
        CHECK(session.read(buffer).state == tls::ReadState::want_input);
    }
    // Without it, openssl resumes no session of this connection.
    session.send_close_notify();
    const certs::ByteVector last = taken(session);
    if (!last.empty()) send(connection, last.data(), last.size(), MSG_NOSIGNAL);
    close(connection);
    return progress;
}

void openssl(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "openssl");
    std::vector<char*> words;
    for (std::string& argument : arguments) words.push_back(argument.data());
    words.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);  // it draws dots while it looks for primes
    pid_t id = 0;
    const int failed = posix_spawnp(&id, "openssl", &actions, nullptr, words.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    REQUIRE(failed == 0);
    int status = 0;
    waitpid(id, &status, 0);
    REQUIRE(status == 0);
}

}  // namespace tls_test
