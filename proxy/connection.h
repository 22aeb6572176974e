// The story of one client connection: what it asks for, where that goes, and what it is told when that fails.
#pragma once

#include <list>
#include <optional>
#include <string>

#include "inspect/diagnosis/diagnosis.h"
#include "inspect/http/http1.h"
#include "proxy/exchange.h"
#include "proxy/io/stream.h"
#include "proxy/io/task.h"
#include "proxy/respond.h"
#include "proxy/upstream.h"
#include "proxy/worker.h"
#include "tls/client_hello.h"

namespace proxy {

class Connection {
public:
    Connection(Worker& worker, io::Socket socket);
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;
    ~Connection();

    // Serves the client until either side is done.
    io::Task<> run();

    // Closes the connection when no request is under way.
    void close_if_idle();

private:
    enum class Next { request, done };  // whether another request may follow

    io::Task<bool> read_head();
    io::Task<Next> serve_request();
    io::Task<Next> answer(Answer made, const inspect::http::RequestHead& request, std::string_view code);
    io::Task<Next> send(Answer made, const inspect::http::RequestHead& request, std::string_view code, ExchangeResult result,
                        bool complete);
    io::Task<Next> answer_diagnosis(const inspect::diagnosis::Attempt& attempt, const inspect::http::RequestHead& request);
    io::Task<bool> drain_body();
    io::Task<> reject();
    io::Task<Next> forward(Origin origin, inspect::http::RequestHead request);
    io::Task<> open(Origin origin);
    bool may_reuse();

    io::Task<> serve_connect(const inspect::http::RequestHead& request);
    io::Task<tls::Peek> peek(tls::ClientHello& hello);
    io::Task<tls::Peek> peek_silent_client(tls::ClientHello& hello);
    io::Task<> intercept(const tls::ClientHello& hello);
    io::Task<> open_for_tunnel();
    io::Task<> pass_through();
    io::Task<bool> serve_foreign();
    io::Task<> relay_bytes();
    void report_upstream();
    void report_client_failure(const tls::HandshakeFailure& failure, bool left_in_silence = false);
    bool left_in_silence() const;
    std::string flow_id() const;
    void log_request(const inspect::http::RequestHead& request, const ExchangeResult& result, std::string_view code, double started);

    Worker& worker_;
    std::list<Connection*>::iterator listed_;  // in the worker's connections
    Services& services_;
    io::Stream client_;
    std::string client_address_;
    inspect::http::Parser requests_ = inspect::http::Parser::requests();
    std::optional<Upstream> upstream_;
    std::optional<Origin> tunnel_;  // inside a CONNECT: where every request goes
    std::string id_;
    std::uint64_t exchanges_ = 0;
    std::string sni_;                              // of the intercepted client
    tls::ClientHello hello_;                       // the same
    std::string user_agent_;                       // of the CONNECT
    std::string client_key_;                       // of the intercepted client, until its first request
    double handshake_ms_ = 0, handshake_end_ = 0;  // of its handshake: how long it took, and when it was done (of clock_ms())
    bool idle_ = true;                             // between two requests
};

}  // namespace proxy
