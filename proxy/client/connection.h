// The story of one client connection: what it asks for, where that goes, and what it is told when
// that fails.
#pragma once

#include <expected>
#include <list>
#include <optional>
#include <string>

#include "inspect/before_tls/socks.h"
#include "inspect/diagnosis/diagnosis.h"
#include "inspect/diagnosis/explain/client_failure.h"
#include "inspect/http/http1/parser.h"
#include "proxy/client/context.h"
#include "proxy/http/exchange.h"
#include "proxy/http/respond.h"
#include "proxy/http/route.h"
#include "proxy/io/channel.h"
#include "proxy/io/clock.h"
#include "proxy/io/task.h"
#include "proxy/upstream/upstream.h"
#include "tls/client_hello.h"

namespace proxy {

class Connection {
public:
    // `listen` is where the client connected. It belongs to the settings, so it outlives this.
    Connection(ClientContext& context, io::Socket socket, const ListenAt& listen);
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;
    ~Connection();

    // Serves the client until either side is done.
    io::Task<> run();

    // Closes the connection when no request is in progress.
    void close_if_idle();

private:
    enum class Next { request, done };  // whether another request may follow

    static constexpr double linger_time = 2;  // seconds for our last bytes to arrive

    io::Task<> wait_for_client();
    io::Task<tls::Peek> peek_at_listener();
    std::string name_at_listener();
    io::Task<bool> accept_tls();
    io::Task<> refuse_tls();
    io::Task<> answer_in_the_clear();
    void take_hello(const tls::ClientHello& hello);
    io::Task<> serve_requests();
    io::Task<bool> read_head();
    io::Task<Next> serve_request();
    io::Task<Next> answer(Answer made, const inspect::http::RequestHead& request, inspect::diagnosis::Code code);
    io::Task<Next> send(Answer made, const inspect::http::RequestHead& request, inspect::Flow flow, bool complete);
    io::Task<Next> answer_diagnosis(const inspect::diagnosis::Attempt& attempt, const inspect::http::RequestHead& request);
    io::Task<bool> drain_body();
    inspect::diagnosis::RequestRejected rejected_head();
    io::Task<> reject(const inspect::http::RequestHead& request, inspect::Flow flow, std::optional<BadRequest> begun);
    io::Task<Next> refuse_use(const inspect::http::RequestHead& request);
    io::Task<Next> refuse_target(const inspect::http::RequestHead& request);
    inspect::http::Target destination_of(const inspect::http::RequestHead& request) const;
    bool has_been_here(const inspect::http::RequestHead& request) const;
    io::Task<Next> refuse_loop(const inspect::http::Target& target, const inspect::http::RequestHead& request);
    io::Task<Next> serve_reverse(const inspect::http::Target& target, const inspect::http::RequestHead& request);
    io::Task<Next> refuse_as_proxy(const inspect::http::RequestHead& request);
    io::Task<Next> serve_gateway(const inspect::http::RequestHead& request);
    io::Address address_here();
    bool is_asked_by_own_name(const inspect::http::RequestHead& request);
    io::Task<Next> refuse_name(const inspect::http::RequestHead& request);
    io::Task<Next> answer_own_page(const inspect::http::RequestHead& request, std::string_view path,
                                   const inspect::http::RequestHead& named);
    inspect::page::State page_state(const inspect::http::RequestHead& request);
    std::string own_origin(const inspect::http::RequestHead& request);
    io::Task<Next> forward(Route route);
    // What became of a request that was sent to the server.
    inspect::diagnosis::Attempt attempt_of(const inspect::http::RequestHead& request, inspect::diagnosis::Failure failure) const;
    inspect::diagnosis::Code tell_cut(const inspect::http::RequestHead& request, const inspect::diagnosis::HttpFailure& cut);
    io::Task<Next> answer_failure(const inspect::http::RequestHead& request, ServerFailed failed, inspect::Flow flow);
    io::Task<Next> answer_unreached(const inspect::http::RequestHead& request);
    std::optional<io::Task<Next>> answer_as_preflight(const inspect::http::RequestHead& request, const Destination& destination);
    std::optional<Answer> answer_preflight(const inspect::http::RequestHead& request, const inspect::diagnosis::Attempt& failed);
    std::optional<CrossOrigin> cross_origin(const inspect::http::RequestHead& request, const Destination& destination) const;
    io::Task<> relay_upgraded(const inspect::http::RequestHead& request, Upgraded upgraded, inspect::Flow flow);
    io::Task<> open(Destination destination);
    void renew_upstream(Destination destination);
    bool may_reuse();

    io::Task<> serve_socks();
    io::Task<bool> admit_socks();
    template <typename Message>
    io::Task<std::optional<Message>> receive_socks(std::expected<Message, inspect::http::socks::Incomplete> (*parse)(certs::Bytes));
    void refuse_socks();
    inspect::http::socks::Reply failure_reply() const;

    enum class Turn { come, too_many, gone };
    io::Task<Turn> await_turn();
    io::Task<bool> weigh_password(const inspect::http::RequestHead& request);
    bool may_use(const inspect::http::RequestHead& request) const;
    io::Task<> notify_of_java();
    inspect::diagnosis::Attempt refusal(inspect::diagnosis::Failure why);
    inspect::diagnosis::Attempt refusal(inspect::diagnosis::Failure why, const inspect::http::Target& target,
                                        const inspect::http::RequestHead& request);
    void notify(inspect::diagnosis::Diagnosis found);
    void say_of_client(inspect::diagnosis::Diagnosis found, const inspect::http::RequestHead& request = {}, inspect::Flow flow = {});

    io::Task<> serve_connect(inspect::http::RequestHead request);
    io::Task<bool> begin_tunnel(const inspect::http::Target& target, std::string via);
    io::Task<> serve_tunnel();
    io::Task<tls::Peek> peek(tls::ClientHello& hello);
    io::Task<tls::Peek> peek_silent_client(tls::ClientHello& hello);
    io::Task<> intercept(const tls::ClientHello& hello);
    io::Task<std::expected<void, tls::HandshakeFailure>> handshake_with_client(std::string name, std::vector<std::string> alpn);
    io::Task<bool> shake_hands(std::string name, std::vector<std::string> alpn);
    io::Task<> open_for_tunnel();
    io::Task<> pass_through();
    io::Task<bool> serve_foreign();
    io::Task<> relay_bytes();
    bool was_stopped();
    void report_upstream();
    inspect::diagnosis::Diagnosis report_client_failure(const tls::HandshakeFailure& failure);
    void report_client_trust();
    inspect::diagnosis::ClientAttempt client_attempt(const tls::HandshakeFailure& failure);
    void report_client(const inspect::diagnosis::Diagnosis& found);
    void report_left_client();
    void report_unclear_client();
    std::string shown(std::string_view text) const;
    bool left_in_silence() const;
    std::string client_ip() const;
    std::string flow_id() const;
    std::string url_of(const inspect::http::RequestHead& request) const;
    void record(const inspect::http::RequestHead& request, inspect::Flow flow);

    ClientContext& context_;
    std::list<Connection*>::iterator listed_;  // in the loop's connections
    Services& services_;
    const Settings& settings_;
    Notices& notices_;
    const ListenAt& listen_;
    io::Channel client_;
    std::string client_address_;
    inspect::http::Parser requests_ = inspect::http::Parser::requests(settings_.limits);
    std::optional<Upstream> upstream_;
    std::optional<Destination> tunnel_;  // inside a CONNECT: where every request goes
    std::string id_;
    std::uint64_t exchanges_ = 0;
    std::string sni_;         // from the intercepted client
    tls::ClientHello hello_;  // from the same client
    std::string user_agent_;  // from the CONNECT
    std::string client_key_;  // of the intercepted client, until its first request
    // The client's handshake: how long it took, and when it was done (in the time of clock_ms()).
    double handshake_ms_ = 0, handshake_end_ = 0;
    // When its first byte came, less the time that a tunnel's client waited for both handshakes; in
    // the time of clock_ms().
    double request_began_ = 0;
    double tunnel_ms_ = 0;   // that waiting time, until it is counted with a request
    bool idle_ = true;       // between two requests
    bool admitted_ = false;  // it has given the password before
    // The client is Java, and was asked for the password of a tunnel. The value is how many
    // passwords had been right then.
    std::optional<std::uint64_t> java_asked_;
    bool end_properly_ = true;  // with a close_notify; false when the server's response ended without one
    bool forwarded_ = false;    // the current request goes to upstream_, which may be left from an earlier one
};

}  // namespace proxy
