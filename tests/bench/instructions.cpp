// bench-instructions: exchanges through the proxy, for valgrind's callgrind to count what the proxy
// itself executes for each. The proxy's part is the real one, a Worker with its services; client and
// server live on a second event loop of the same thread, and only the turns of the proxy's are
// counted. So nothing depends on how fast anyone is: the same is done in the same order each time.
//
//     valgrind --tool=callgrind --collect-atstart=no build/bench-instructions
//
// It prints each scenario's name and how many exchanges a round of it has; callgrind writes a part of
// its profile for each round. tests/bench/instructions.py reads them.
#include <fmt/format.h>
#include <uv.h>
#include <valgrind/callgrind.h>

#include <csignal>
#include <cstdlib>
#include <functional>
#include <optional>

#include "proxy/io/clock.h"
#include "proxy/io/loop_state.h"
#include "proxy/serve/worker.h"
#include "tests/bench/client.h"
#include "tests/bench/server.h"
#include "tests/support/forge.h"
#include "tests/support/temporary_directory.h"

namespace {

namespace io = proxy::io;

constexpr const char* host = "good.test";

[[noreturn]] void fail(const std::string& why) {
    fmt::print(stderr, "bench-instructions: {}\n", why);
    std::_Exit(1);
}

// A server's chain below a root that the proxy trusts.
struct Pki {
    tests::Forged root = tests::Forge::root("Bench Root").self_signed();
    tests::Forged ca = tests::Forge::intermediate("Bench CA").signed_by(root);
    tests::Forged leaf = tests::Forge::leaf(host).signed_by(ca);
    tls::ServerIdentity identity{{leaf.der, ca.der}, certs::Bytes(leaf.key.der())};

    certs::TrustStore trust() const {
        certs::TrustStore made;
        made.add(root.certificate());
        return made;
    }
};

// A proxy as `whytls proxy` runs it, as far as its options make a difference to an exchange.
struct Options {
    bool keeps_flows = true;  // for the live page
    bool log = false;         // to a file
};

class Stage {
public:
    explicit Stage(const Options& options = {}) : options_(options) {
        const auto bound = worker_.listen(services_.upstream.settings.listen[0], any_port, false);
        if (!bound) fail(bound.error());
        services_.upstream.listeners = {*bound};
        way_ = {.address = *bound, .proxy = true, .host = host};
    }
    Stage(const Stage&) = delete;
    Stage& operator=(const Stage&) = delete;
    ~Stage() {
        server_.close();
        worker_.stop_at_once();
        peers_.close_all();
        until([this] { return is_idle() && uv_loop_alive(&peers_.state().loop) == 0; });
    }

    io::Loop& peers() { return peers_; }
    const tls::ClientContext& context() const { return context_; }
    bench::Way way(std::string alpn = "http/1.1") const {
        bench::Way made = *way_;
        made.alpn = std::move(alpn);
        return made;
    }

    // Runs a story of the client's to its end, and the proxy as long as it has something to do.
    void play(io::Task<> story) {
        bool over = false;
        io::spawn(ended(std::move(story), over), [](const std::exception& bug) { fail(bug.what()); });
        until([&over] { return over; });
    }
    // No client is connected to the proxy.
    bool is_idle() const { return worker_.clients.connections.empty(); }
    void until(const std::function<bool()>& holds) {
        constexpr double patience = 60'000;  // milliseconds
        const double began = io::clock_ms();
        while (!holds()) {
            if (io::clock_ms() - began > patience) fail("nothing happens any more");
            uv_run(&peers_.state().loop, UV_RUN_NOWAIT);
            CALLGRIND_TOGGLE_COLLECT;
            uv_run(&worker_.loop.state().loop, UV_RUN_NOWAIT);
            CALLGRIND_TOGGLE_COLLECT;
        }
    }

private:
    static io::Task<> ended(io::Task<> story, bool& over) {
        co_await std::move(story);
        over = true;
    }
    proxy::Settings settings() const {
        proxy::Settings made;
        made.at = tests::forge_time;
        made.listen = {{.address = any_port}};
        made.resolve = {{"*", 443, {server_.address()}}};
        return made;
    }

    const Options options_;
    const io::Address any_port = *io::Address::parse("127.0.0.1", 0);
    const tests::TemporaryDirectory directory_;
    const Pki pki_;
    io::Loop peers_;
    bench::Server server_{peers_, pki_.identity};
    const tls::ClientContext context_;
    proxy::Services services_{.authority = *certs::Authority::open(directory_ / "ca", io::now()),
                              .log = proxy::LogWriter(options_.log ? (directory_ / "log").string() : ""),
                              .upstream = {.settings = settings(),
                                           .keyring = proxy::Keyring{.trust = pki_.trust()},
                                           .client_context = tls::ClientContext(),
                                           .intermediates = proxy::Intermediates("")},
                              .book = options_.keeps_flows ? proxy::Book(proxy::Book::Limits{}) : proxy::Book()};
    proxy::Worker worker_{services_};
    std::optional<bench::Way> way_;
};

void require(const bench::Got& got, std::uint64_t octets) {
    if (!got) fail(got.error());
    if (*got != octets) fail(fmt::format("{} octets came, not {}", *got, octets));
}

io::Channel opened(bench::Entered entered) {
    if (!entered) fail(entered.error());
    return std::move(*entered);
}

// One after the other on a connection that is there.
class KeptConnection {
public:
    explicit KeptConnection(Stage& stage, std::uint64_t octets)
        : stage_(stage), octets_(octets), request_(bench::get_request(stage.way(), fmt::format("/{}", octets))) {
        stage_.play(open());
    }
    void ask(int count) { stage_.play(asked(count)); }

private:
    io::Task<> open() {
        channel_.emplace(opened(co_await bench::enter(stage_.peers(), stage_.context(), stage_.way())));
    }
    io::Task<> asked(int count) {
        for (; count > 0; --count) require(co_await bench::get(*channel_, responses_, request_), octets_);
    }

    Stage& stage_;
    const std::uint64_t octets_;
    const std::string request_;
    std::optional<io::Channel> channel_;
    inspect::http::Parser responses_ = inspect::http::Parser::responses();
};

class KeptHttp2Connection {
public:
    explicit KeptHttp2Connection(Stage& stage) : stage_(stage) { stage_.play(open()); }
    void ask(int count) { stage_.play(asked(count)); }

private:
    io::Task<> open() {
        channel_.emplace(opened(co_await bench::enter(stage_.peers(), stage_.context(), stage_.way("h2"))));
        if (channel_->session().handshake_info().alpn != "h2") fail("HTTP/2 was not agreed");
    }
    io::Task<> asked(int count) {
        for (; count > 0; --count) require(co_await bench::get(*channel_, session_, stage_.way("h2"), "/1024"), 1024);
    }

    Stage& stage_;
    std::optional<io::Channel> channel_;
    inspect::http2::Session session_ = inspect::http2::Session::client({});
};

// A connection of its own for a request: two handshakes, a chain verified, the connection closed.
class NewConnections {
public:
    explicit NewConnections(Stage& stage) : stage_(stage), request_(bench::get_request(stage.way(), "/1024", true)) {}
    void ask(int count) {
        for (; count > 0; --count) {
            stage_.play(come_and_go());
            stage_.until([this] { return stage_.is_idle(); });
        }
    }

private:
    io::Task<> come_and_go() {
        io::Channel channel = opened(co_await bench::enter(stage_.peers(), stage_.context(), stage_.way()));
        auto responses = inspect::http::Parser::responses();
        require(co_await bench::get(channel, responses, request_), 1024);
        co_await channel.end();
    }

    Stage& stage_;
    const std::string request_;
};

// What is done once, and what is different in the first exchanges, is not counted. Each round is a
// part of the profile: now and then the kernel delivers in smaller pieces, and a round has more to
// do than the others.
template <typename Exchanges>
void count(const char* name, int warm, int a_round, Exchanges exchanges) {
    constexpr int rounds = 8;
    exchanges.ask(warm);
    for (int round = 0; round < rounds; ++round) {
        CALLGRIND_ZERO_STATS;
        exchanges.ask(a_round);
        CALLGRIND_DUMP_STATS_AT(name);
    }
    fmt::print("{} {}\n", name, a_round);
    std::fflush(stdout);
}

}  // namespace

int main() {
    std::signal(SIGPIPE, SIG_IGN);
    {
        Stage stage;
        count("keep_alive", 20, 25, KeptConnection(stage, 1024));
        count("connection", 5, 5, NewConnections(stage));
        count("http2", 20, 25, KeptHttp2Connection(stage));
    }
    {
        // What lasts is kept again and again while it does: as often as the machine is slow.
        Stage stage({.keeps_flows = false});
        count("body", 2, 1, KeptConnection(stage, 1 << 20));
    }
    Stage stage({.log = true});
    count("keep_alive_logged", 20, 25, KeptConnection(stage, 1024));
    return 0;
}
