// The relay between two connected ends: a client and a server send what the input has, in pieces,
// to a real Connection on a real loop. Besides not crashing and not leaking: no connection remains
// when both ends are gone, and the server has seen exactly the requests that the log reports.
//
// The first byte decides how the bytes are cut, whether the listener is a forward (even) or a
// reverse one (odd), how the client leaves, and where it speaks TLS (Input::Tls). After it come,
// with "\n--\n" between them, what the client sends, and what the server sends whenever it has
// received something. In the clear the client may open tunnels by what it sends, CONNECT and
// SOCKS 5; in TLS real sessions are at both ends.
#include <fcntl.h>
#include <unistd.h>

#include <fmt/format.h>

#include <functional>

#include <nlohmann/json.hpp>

#include "inspect/report/log.h"
#include "proxy/client/connection.h"
#include "proxy/io/clock.h"
#include "proxy/io/connector.h"
#include "proxy/io/loop_state.h"
#include "proxy/serve/worker.h"
#include "tests/fuzz/relay_judge.h"
#include "tests/support/temporary_directory.h"

namespace {

using namespace proxy;
using relay::require;

const io::Address any_port = *io::Address::parse("127.0.0.1", 0);

// The log is a pipe that leads back here.
class LogOfTests {
public:
    LogOfTests() { require(::pipe2(ends_.data(), O_CLOEXEC) == 0); }
    std::string path() const { return "/dev/fd/" + std::to_string(ends_[1]); }

    // The `request` lines up to the one that says "over".
    std::vector<nlohmann::json> requests(LogWriter& log) {
        log.line(inspect::report::proxy_line({0}, "over", ""));
        std::vector<nlohmann::json> lines;
        for (;;) {
            nlohmann::json line = nlohmann::json::parse(next_line());
            if (line["event"] == "proxy") return lines;
            if (line["event"] == "request") lines.push_back(std::move(line));
        }
    }

private:
    std::string next_line() {
        std::size_t end = 0;
        while ((end = unread_.find('\n')) == std::string::npos) {
            std::array<char, 65536> block;
            const ssize_t size = ::read(ends_[0], block.data(), block.size());
            require(size > 0);
            unread_.append(block.data(), static_cast<std::size_t>(size));
        }
        std::string line = unread_.substr(0, end);
        unread_.erase(0, end + 1);
        return line;
    }

    std::array<int, 2> ends_{};
    std::string unread_;
};

// What lives as long as the process. Whatever port a request names is the server's: no name is
// looked up.
struct Home {
    tests::TemporaryDirectory directory;
    LogOfTests log;
    io::Address server = free_address();
    // The server's certificate is for one name; servers of other names must receive nothing.
    static constexpr std::string_view name = "good.test", untouched = "pass.test";
    Services services{.authority = authority(),
                      .log = LogWriter(log.path()),
                      .upstream = {.settings = settings(),
                                   .keyring = Keyring{.trust = trust()},
                                   .client_context = tls::ClientContext(),
                                   .listeners = {*io::Address::parse("192.0.2.1", 8080)},
                                   .intermediates = Intermediates("")}};
    Identities identities{services.authority};

    certs::Authority authority() const { return *certs::Authority::open(directory / "ca", io::now()); }
    certs::TrustStore trust() const {
        certs::TrustStore made;
        made.add(authority().certificate());
        return made;
    }
    static io::Address free_address() {
        io::Loop loop;
        return io::Listener::open(loop, any_port, {}, [](io::Socket) {})->address();
    }
    Settings settings() const {
        Settings made;
        made.experiments = made.aia = false;
        made.secrets.shown = true;
        made.listen = {{.address = *io::Address::parse("192.0.2.1", 8080)}};
        made.passthrough = {HostPattern(untouched)};
        for (std::uint32_t port = 0; port < 65536; ++port)
            made.resolve.push_back({"*", static_cast<std::uint16_t>(port), {server}});
        std::swap(made.resolve[0], made.resolve[80]);
        return made;
    }
};

struct Input {
    enum class Tls { none, behind_connect, behind_socks, at_listener };

    bool reverse = false, client_ends = false;
    Tls tls = Tls::none;
    std::string said;
    std::vector<std::string> client;  // pieces
    std::vector<std::string> server;  // one at each turn

    Input(const std::uint8_t* data, std::size_t size) {
        std::uint32_t seed = *data;
        reverse = (seed & 1) != 0;
        client_ends = (seed & 2) != 0;
        tls = static_cast<Tls>(seed >> 2 & 3);
        if (reverse && tls != Tls::none) tls = Tls::at_listener;
        std::vector<std::string> parts{""};
        for (std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1); !rest.empty();) {
            if (rest.starts_with(between)) {
                rest.remove_prefix(between.size());
                parts.emplace_back();
            } else {
                parts.back() += rest.front();
                rest.remove_prefix(1);
            }
        }
        said = parts.front();
        for (std::string_view rest = said; !rest.empty();) {
            seed = seed * 1'664'525 + 1'013'904'223;
            const std::size_t piece = (seed >> 30) == 0 ? rest.size() : 1 + (seed >> 20) % 64;
            client.emplace_back(rest.substr(0, piece));
            rest.remove_prefix(std::min(piece, rest.size()));
        }
        server.assign(parts.begin() + 1, parts.end());
    }

private:
    static constexpr std::string_view between = "\n--\n";
};

// Both ends of one run, with the loop of the proxy between them.
class Relay {
public:
    Relay(Home& home, Input input) : home_(home), input_(std::move(input)) {}

    relay::Outcome run() {
        auto proxy = open(any_port, [this](io::Socket socket) { spawn(serve(std::move(socket))); });
        auto server = open(home_.server, [this](io::Socket socket) { spawn(answer(std::move(socket))); });
        spawn(ask(proxy.address()));
        until([this] { return entered_; });
        until_quiet();
        if (client_ && input_.client_ends) client_->socket().shut_down();
        until_quiet();
        server_leaves_ = true;
        for (io::Channel* each : servers_) each->socket().shut_down();
        until_quiet();
        if (client_) client_->socket().reset();
        until([this] { return worker_.clients.connections.empty(); });
        worker_.loop.close_all();
        until([this] { return client_ == nullptr && servers_.empty(); });
        const bool tunnelled = input_.tls == Input::Tls::behind_connect || input_.tls == Input::Tls::behind_socks;
        return {.said = input_.said,
                .tunnel = tunnelled ? fmt::format("https://{}", Home::name) : "",
                .heard = std::move(heard_),
                .log = home_.log.requests(home_.services.log)};
    }

private:
    io::Listener open(const io::Address& address, io::Listener::Accepted accepted) {
        auto listener = io::Listener::open(worker_.loop, address, {}, std::move(accepted));
        require(listener.has_value());
        return std::move(*listener);
    }

    void spawn(io::Task<> story) {
        io::spawn(std::move(story), [](const std::exception&) { std::abort(); });
    }

    io::Task<> serve(io::Socket socket) {
        ClientConnection connection(worker_.clients, std::move(socket), listen_);
        co_await connection.run();
    }

    io::Task<> ask(io::Address proxy) {
        auto connected = co_await io::connect(worker_.loop, {proxy}, 10);
        require(connected.socket.has_value());
        io::Channel channel(std::move(*connected.socket));
        client_ = &channel;
        co_await enter(channel);
        entered_ = true;
        io::Child listening(listen(channel));
        for (const std::string& piece : input_.client) {
            if (!co_await channel.write(certs::as_bytes(piece))) break;
            ++moved_;
            co_await turn_.wait();
        }
        co_await listening.join();
        client_ = nullptr;
    }

    // Up to where the input's words begin.
    io::Task<> enter(io::Channel& channel) {
        using Tls = Input::Tls;
        if (input_.tls == Tls::none) co_return;
        if (input_.tls == Tls::behind_connect) {
            co_await exchange(channel, fmt::format("CONNECT {0}:443 HTTP/1.1\r\nHost: {0}:443\r\n\r\n", Home::name),
                              "\r\n\r\n");
        } else if (input_.tls == Tls::behind_socks) {
            constexpr std::string_view none("\5\0", 2), succeeded("\5\0\0\1\0\0\0\0\0\0", 10);
            co_await exchange(channel, std::string("\5\1\0", 3), none);
            co_await exchange(channel, std::string("\5\1\0\3\11", 5).append(Home::name).append("\1\273"), succeeded);
        }
        tls::ClientParameters parameters;
        parameters.sni = Home::name;
        parameters.judge = [](auto, auto) { return certs::Verdict(); };
        parameters.accept_any = true;
        channel.start_tls(tls::Session::client(home_.services.upstream.client_context, std::move(parameters)));
        require((co_await channel.handshake()).has_value());
    }

    // Sends something and waits for the end of the proxy's answer.
    io::Task<> exchange(io::Channel& channel, std::string words, std::string_view end_of_answer) {
        require((co_await channel.write(certs::as_bytes(words))).has_value());
        while (!certs::as_text(channel.buffered()).ends_with(end_of_answer))
            require((co_await channel.fill()).value_or(0) > 0);
        channel.consume(channel.buffered().size());
    }

    io::Task<> listen(io::Channel& channel) {
        for (;;) {
            const auto more = co_await channel.fill();
            if (!more || *more == 0) break;
            ++moved_;
            channel.consume(channel.buffered().size());
        }
        channel.socket().reset();
    }

    io::Task<> answer(io::Socket socket) {
        io::Channel channel(std::move(socket));
        servers_.push_back(&channel);
        const std::size_t number = heard_.size();
        heard_.emplace_back();
        for (bool first = true;; first = false) {
            const auto more = co_await channel.fill();
            if (!more || *more == 0) break;
            ++moved_;
            if (first && tls::begins_tls(channel.buffered())) {
                channel.start_tls(tls::Session::server(home_.identities.find(Home::name, io::now()), {"http/1.1"}));
                if (!co_await channel.handshake()) break;
                continue;
            }
            heard_[number] += certs::as_text(channel.buffered());
            channel.consume(channel.buffered().size());
            if (turns_taken_ == input_.server.size() || server_leaves_) {
                co_await channel.end();
            } else {
                (void)co_await channel.write(certs::as_bytes(input_.server[turns_taken_++]));
            }
        }
        channel.socket().reset();
        std::erase(servers_, &channel);
    }

    // Turns the loop until nothing has moved for a while. What goes over the loopback device
    // arrives at the next turn.
    void until_quiet() {
        // Handshakes move nothing that is counted.
        constexpr int most_turns = 100'000, in_the_clear = 6, under_tls = 24;
        const bool tls = input_.tls != Input::Tls::none || input_.said.contains("https:");
        const int while_quiet = tls ? under_tls : in_the_clear;
        int quiet = 0;
        for (int turns = 0; quiet < while_quiet; ++turns) {
            require(turns < most_turns);
            const std::size_t before = moved_;
            uv_run(&worker_.loop.state().loop, UV_RUN_NOWAIT);
            turn_.notify();
            quiet = moved_ == before ? quiet + 1 : 0;
        }
    }

    // Turns the loop until `holds` is true. A busy machine may be late; after ten seconds the loop
    // is stuck.
    void until(const std::function<bool()>& holds) {
        const double began = io::clock_ms();
        while (!holds()) {
            require(io::clock_ms() - began < 10'000);
            uv_run(&worker_.loop.state().loop, UV_RUN_NOWAIT);
            turn_.notify();
        }
    }

    Home& home_;
    const Input input_;
    const ListenAt listen_{
        any_port, input_.reverse ? inspect::http::parse_target("GET", "http://upstream.test/base") : std::nullopt,
        input_.reverse&& input_.tls == Input::Tls::at_listener};
    Worker worker_{home_.services};
    io::Signal turn_;
    io::Channel* client_ = nullptr;
    std::vector<io::Channel*> servers_;
    std::vector<std::string> heard_;
    std::size_t turns_taken_ = 0, moved_ = 0;
    bool server_leaves_ = false, entered_ = false;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static Home home;
    constexpr std::size_t most = 4096;
    if (size == 0 || size > most) return -1;
    const Input input(data, size);
    relay::judge(Relay(home, input).run());
    return 0;
}
