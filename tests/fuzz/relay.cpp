// The relay between two connected ends: a client and a server say what the input has, in pieces, to a real Connection on a real loop. Besides
// not crashing and not leaking: no connection stays when both ends are gone, and the server has seen exactly the requests that the log tells.
//
// The first byte tells how the bytes are cut, whether requests come by absolute form and gateway path (even) or reverse (odd), and how the
// client leaves. Behind it come, with "\n--\n" between them, what the client says, and what the server says whenever it has heard something.
#include <fcntl.h>
#include <unistd.h>

#include <functional>

#include <nlohmann/json.hpp>

#include "inspect/report/escape.h"
#include "inspect/report/log.h"
#include "proxy/connection.h"
#include "proxy/io/connector.h"
#include "proxy/io/loop_state.h"
#include "tests/fuzz/strict_requests.h"
#include "tests/support/forge.h"
#include "tests/support/temporary_directory.h"

namespace {

using namespace proxy;

void require(bool condition) {
    if (!condition) std::abort();
}

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

// What lives as long as the process. Whatever port a request names, it is the server's: no name is looked up.
struct Home {
    tests::TemporaryDirectory directory;
    LogOfTests log;
    io::Address server = free_address();
    Services services{.settings = settings(),
                      .authority = *certs::Authority::open(directory / "ca", tests::forge_time),
                      .trust = {},
                      .client_context = tls::ClientContext(),
                      .listeners = {*io::Address::parse("192.0.2.1", 8080)},
                      .log = LogWriter(log.path()),
                      .intermediates = Intermediates(""),
                      .counters = {},
                      .repeats = {},
                      .documents = {},
                      .clients = {}};

    static io::Address free_address() {
        io::Loop loop;
        return io::Listener::open(loop, any_port, false, [](io::Socket) {})->address();
    }
    Settings settings() const {
        Settings made;
        made.experiments = made.aia = false;
        made.secrets.shown = true;
        for (std::uint32_t port = 0; port < 65536; ++port) made.resolve.push_back({"*", static_cast<std::uint16_t>(port), server});
        std::swap(made.resolve[0], made.resolve[80]);
        return made;
    }
};

struct Input {
    bool reverse = false, client_ends = false;
    std::vector<std::string> client;  // pieces
    std::vector<std::string> server;  // one at each turn

    Input(const std::uint8_t* data, std::size_t size) {
        std::uint32_t seed = *data;
        reverse = (seed & 1) != 0;
        client_ends = (seed & 2) != 0;
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
        for (std::string_view rest = parts.front(); !rest.empty();) {
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

    // What the server got, by connection.
    std::vector<std::string> run() {
        auto proxy = open(any_port, [this](io::Socket socket) { spawn(serve(std::move(socket))); });
        auto server = open(home_.server, [this](io::Socket socket) { spawn(answer(std::move(socket))); });
        spawn(ask(proxy.address()));
        until_quiet();
        if (client_ && input_.client_ends) client_->socket().shut_down();
        until_quiet();
        server_leaves_ = true;
        for (io::Stream* each : servers_) each->socket().shut_down();
        until_quiet();
        if (client_) client_->socket().reset();
        until([this] { return worker_.connections.empty(); });
        worker_.loop.close_all();
        until([this] { return client_ == nullptr && servers_.empty(); });
        return std::move(heard_);
    }

private:
    io::Listener open(const io::Address& address, io::Listener::Accepted accepted) {
        auto listener = io::Listener::open(worker_.loop, address, false, std::move(accepted));
        require(listener.has_value());
        return std::move(*listener);
    }

    void spawn(io::Task<> story) {
        io::spawn(std::move(story), [](const std::exception&) { std::abort(); });
    }

    io::Task<> serve(io::Socket socket) {
        Connection connection(worker_, std::move(socket), listen_);
        co_await connection.run();
    }

    io::Task<> ask(io::Address proxy) {
        auto connected = co_await io::connect(worker_.loop, {proxy}, 10);
        require(connected.socket.has_value());
        io::Stream stream(std::move(*connected.socket));
        client_ = &stream;
        io::Child listening(listen(stream));
        for (const std::string& piece : input_.client) {
            if (!co_await stream.write(certs::as_bytes(piece))) break;
            ++moved_;
            co_await turn_.wait();
        }
        co_await listening.join();
        client_ = nullptr;
    }

    io::Task<> listen(io::Stream& stream) {
        for (;;) {
            const auto more = co_await stream.fill();
            if (!more || *more == 0) break;
            ++moved_;
            stream.consume(stream.buffered().size());
        }
        stream.socket().reset();
    }

    io::Task<> answer(io::Socket socket) {
        io::Stream stream(std::move(socket));
        servers_.push_back(&stream);
        const std::size_t number = heard_.size();
        heard_.emplace_back();
        for (;;) {
            const auto more = co_await stream.fill();
            if (!more || *more == 0) break;
            ++moved_;
            heard_[number] += certs::as_text(stream.buffered());
            stream.consume(stream.buffered().size());
            if (turns_taken_ == input_.server.size() || server_leaves_) {
                stream.socket().shut_down();
            } else {
                (void)co_await stream.write(certs::as_bytes(input_.server[turns_taken_++]));
            }
        }
        stream.socket().reset();
        std::erase(servers_, &stream);
    }

    // Turns the loop until nothing has moved for a while. What goes over the loopback device is there at the next turn.
    void until_quiet() {
        constexpr int while_quiet = 6, most_turns = 100'000;
        int quiet = 0;
        for (int turns = 0; quiet < while_quiet; ++turns) {
            require(turns < most_turns);
            const std::size_t before = moved_;
            uv_run(&worker_.loop.state().loop, UV_RUN_NOWAIT);
            turn_.notify();
            quiet = moved_ == before ? quiet + 1 : 0;
        }
    }

    // Turns it until that is so. What a busy machine is late with is not stuck; ten seconds are.
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
    const ListenAt listen_{any_port, input_.reverse ? inspect::http::parse_target("GET", "http://upstream.test/base") : std::nullopt,
                           false};
    Worker worker_{home_.services};
    io::Signal turn_;
    io::Stream* client_ = nullptr;
    std::vector<io::Stream*> servers_;
    std::vector<std::string> heard_;
    std::size_t turns_taken_ = 0, moved_ = 0;
    bool server_leaves_ = false;
};

// Whether that is the line of this request.
bool tells(const nlohmann::json& line, const strict::Request& request) {
    const std::string url = "http://" + request.host + request.target;
    if (line["method"] != inspect::report::printable(request.method, 64) || line["url"] != inspect::report::printable(url, 8192))
        return false;
    const std::uint64_t told = line["request_bytes"];
    const bool switched = line["status"] == 101;  // then what another protocol said is counted too
    return request.complete && !switched ? told == request.body : told >= request.body;
}

// Whether the log claims that a server answered this.
bool claims_answer(const nlohmann::json& line) {
    const std::string url = line["url"], method = line["method"];
    const bool own = !url.starts_with("http://") || url.starts_with("http://why.tls") || method == "OPTIONS" || method == "TRACE";
    return !own && line["status"] != 0 && !line.contains("code");
}

// Reads the log beside what was heard. Requests may be alike: told_ is the set of numbers of lines that may have been told so far.
class Judge {
public:
    explicit Judge(const std::vector<nlohmann::json>& log) : log_(log) {}

    void hear(std::string_view connection) {
        strict::Reader reader(connection);
        for (bool first = true; !switched(); first = false) {
            const auto request = reader.next();
            if (!request) break;
            std::set<std::size_t> told;
            for (const std::size_t number : told_) {
                // RFC 9110 §9.2.2: on a connection that was closed before an answer came, a request was sent and is sent again.
                if (first && number > 0 && request->body == 0 && tells(log_[number - 1], *request)) told.insert(number);
                if (const auto next = next_that_tells(*request, number)) told.insert(*next + 1);
            }
            told_ = std::move(told);
            require(!told_.empty());
        }
    }

    void end() const {
        require(
            std::ranges::any_of(told_, [&](std::size_t number) { return std::none_of(log_.begin() + number, log_.end(), claims_answer); }));
    }

private:
    // The lines between tell of what no server saw.
    std::optional<std::size_t> next_that_tells(const strict::Request& request, std::size_t from) const {
        for (std::size_t at = from; at < log_.size(); ++at) {
            if (tells(log_[at], request)) return at;
            if (claims_answer(log_[at])) break;
        }
        return std::nullopt;
    }
    // From then on another protocol is spoken.
    bool switched() const { return !log_.empty() && log_.back()["status"] == 101 && told_.contains(log_.size()); }

    const std::vector<nlohmann::json>& log_;
    std::set<std::size_t> told_{0};
};

void judge(const std::vector<std::string>& heard, const std::vector<nlohmann::json>& log) {
    constexpr char handshake = 0x16;  // of an https URL: TLS begins, and fails
    Judge judge(log);
    for (const std::string& connection : heard)
        if (!connection.starts_with(handshake)) judge.hear(connection);
    judge.end();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static Home home;
    constexpr std::size_t most = 4096;
    if (size == 0 || size > most) return -1;
    const Input input(data, size);
    // TLS, SOCKS and tunnels are other stories.
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (text.contains("CONNECT ") || size < 2 || data[1] == 0x16 || data[1] == 5) return -1;
    const auto heard = Relay(home, input).run();
    judge(heard, home.log.requests(home.services.log));
    return 0;
}
