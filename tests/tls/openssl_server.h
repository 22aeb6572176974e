// The openssl program beside the test: a server to shake hands with, and keys of kinds that the
// forge lacks.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "tests/support/catch.h"
#include "tls/session.h"

namespace tls_test {

// A directory for the test's files, removed with the object.
class Directory {
public:
    Directory();
    Directory(const Directory&) = delete;
    ~Directory();

    std::string file(const char* name, certs::Bytes content) const;
    std::string path(const char* name) const { return path_ / name; }

private:
    std::filesystem::path path_;
};

// `openssl s_server` on a port of its choice.
class OpensslServer {
public:
    explicit OpensslServer(std::vector<std::string> options);
    OpensslServer(const OpensslServer&) = delete;
    ~OpensslServer();

    int port() const { return port_; }

private:
    pid_t id_ = 0;
    int in_ = -1, out_ = -1, port_ = 0;
};

// The session's handshake over a connection to that port of this machine; `change` gets what the
// server sends before it arrives. With `takes_tickets` it reads what comes next, too.
using Change = std::function<void(certs::ByteVector& wire)>;
tls::Progress shake_hands_with(int port, tls::Session& session, const Change& change = {}, bool takes_tickets = false);

// `openssl` with these arguments, which must succeed.
void openssl(std::vector<std::string> arguments);

}  // namespace tls_test
