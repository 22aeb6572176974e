// bench-load: asks a server through a proxy, or straight, as fast as it answers, and prints one line
// of JSON: how much came in which time, how long an exchange took, and how much processor time the
// proxy spent on it. One thread; each connection asks again when its answer is complete, so a slow
// proxy is asked less.
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <memory>
#include <vector>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "proxy/io/clock.h"
#include "tests/bench/client.h"

namespace {

namespace io = proxy::io;

struct Plan {
    bench::Way way;
    std::string path = "/";
    unsigned connections = 1;
    double seconds = 1;
    bool new_connections = false;  // one for each request
    bool hold = false;             // the connections stay idle until the standard input ends
    int pid = 0;                   // whose processor time is counted; 0: no one's
};

// Seconds that the threads of a process have run, in user and system mode together
// (Documentation/scheduler/sched-stats.rst). The system's other counts have a grain of 10 ms.
double processor_seconds(int pid) {
    double nanoseconds = 0;
    if (pid == 0) return 0;
    for (const auto& thread : std::filesystem::directory_iterator(fmt::format("/proc/{}/task", pid))) {
        double here = 0;
        if (std::ifstream(thread.path() / "schedstat") >> here) nanoseconds += here;
    }
    return nanoseconds / 1e9;
}

class Load {
public:
    explicit Load(Plan plan) : plan_(std::move(plan)) {}

    // False when anything failed: then there is no figure.
    bool run() {
        // Few handshakes at a time: what is asked later is what is measured.
        constexpr unsigned most_at_once = 16;
        if (plan_.new_connections) {
            begin();
            for (unsigned i = 0; i < plan_.connections; ++i) spawn(come_and_go());
        } else {
            opening_ = std::min(plan_.connections, most_at_once);
            for (unsigned i = opening_; i > 0; --i) spawn(open_some());
        }
        loop_.run();
        if (!error_.empty()) {
            fmt::print(stderr, "bench-load: {}\n", error_);
            return false;
        }
        if (!plan_.hold) print();
        return true;
    }

private:
    struct Connection {
        io::Channel channel;
        inspect::http::Parser responses = inspect::http::Parser::responses();
    };

    void spawn(io::Task<> story) {
        io::spawn(std::move(story), [this](const std::exception& bug) { fail(bug.what()); });
    }
    void fail(const std::string& why) {
        if (error_.empty()) error_ = why;
        loop_.close_all();
    }
    bool is_over() const { return !error_.empty() || io::clock_ms() - began_ >= plan_.seconds * 1000; }

    // One of those who together open all connections, and warm each with a request.
    io::Task<> open_some() {
        while (opened_ < plan_.connections && error_.empty()) {
            ++opened_;
            bench::Entered entered = co_await bench::enter(loop_, context_, plan_.way);
            if (!entered) co_return fail(entered.error());
            auto connection = std::make_unique<Connection>(std::move(*entered));
            if (!co_await ask(*connection)) co_return;
            connections_.push_back(std::move(connection));
        }
        if (--opening_ == 0) all_are_open();
    }

    void all_are_open() {
        if (plan_.hold) return wait_for_end_of_input();
        begin();
        for (const auto& each : connections_) spawn(ask_again(*each));
    }

    // The loop stands still meanwhile, and so do the connections.
    void wait_for_end_of_input() {
        fmt::print("{{\"connections\":{}}}\n", connections_.size());
        std::fflush(stdout);
        while (std::getchar() != EOF) {}
        connections_.clear();
    }

    void begin() {
        took_us_.clear();
        octets_ = 0;
        asking_ = plan_.connections;
        processor_ = processor_seconds(plan_.pid);
        began_ = io::clock_ms();
    }

    // The last to end looks at the clocks: a connection that is closed costs, too.
    void ended() {
        if (--asking_ > 0) return;
        ended_ = io::clock_ms();
        processor_ = processor_seconds(plan_.pid) - processor_;
        connections_.clear();
    }

    io::Task<> ask_again(Connection& connection) {
        do {
            if (!co_await ask(connection)) co_return;
        } while (!is_over());
        ended();
    }

    io::Task<> come_and_go() {
        do {
            const double start = io::clock_ms();
            bench::Entered entered = co_await bench::enter(loop_, context_, plan_.way);
            if (!entered) co_return fail(entered.error());
            Connection connection{std::move(*entered)};
            if (!co_await ask(connection, start, true)) co_return;
            co_await connection.channel.end();
            // Who closes first keeps the port for a while: the server, which has one for all.
            while ((co_await connection.channel.fill()).value_or(0) > 0)
                connection.channel.consume(connection.channel.buffered().size());
        } while (!is_over());
        ended();
    }

    io::Task<bool> ask(Connection& connection, double start = io::clock_ms(), bool last = false) {
        const bench::Got got = co_await bench::get(connection.channel, connection.responses,
                                                   bench::get_request(plan_.way, plan_.path, last));
        if (!got) {
            fail(got.error());
            co_return false;
        }
        took_us_.push_back((io::clock_ms() - start) * 1000);
        octets_ += *got;
        co_return true;
    }

    double took_us(double part) {
        const auto place = took_us_.begin() + static_cast<std::ptrdiff_t>(part * static_cast<double>(took_us_.size()));
        std::nth_element(took_us_.begin(), place, took_us_.end());
        return *place;
    }

    void print() {
        fmt::print(
            "{{\"requests\":{},\"bytes\":{},\"seconds\":{:.4f},\"cpu_seconds\":{:.4f},\"p50_us\":{:.1f},\"p99_us\":{:.1f}}}\n",
            took_us_.size(), octets_, (ended_ - began_) / 1000, processor_, took_us(0.5), took_us(0.99));
    }

    const Plan plan_;
    io::Loop loop_;
    tls::ClientContext context_;
    std::vector<std::unique_ptr<Connection>> connections_;
    unsigned opened_ = 0, opening_ = 0, asking_ = 0;
    double began_ = 0, ended_ = 0, processor_ = 0;
    std::vector<double> took_us_;
    std::uint64_t octets_ = 0;
    std::string error_;
};

void allow_many_descriptors() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace

int main(int argc, char** argv) {
    std::signal(SIGPIPE, SIG_IGN);
    allow_many_descriptors();
    CLI::App options("Asks a server as fast as it answers, and prints what came of it.");
    std::uint16_t to = 0;
    Plan plan{.way = {.address = *io::Address::parse("127.0.0.1", to), .host = ""}};
    options.add_option("--to", to, "the port of 127.0.0.1 to connect to: the proxy's or the server's")->required();
    options.add_flag("--proxy", plan.way.proxy, "it is a proxy's: begin with CONNECT");
    options.add_option("--host", plan.way.host, "the server's name")->required();
    options.add_option("--port", plan.way.port, "the server's port");
    options.add_option("--path", plan.path, "what to ask for");
    options.add_option("--connections", plan.connections, "how many at a time")->check(CLI::PositiveNumber);
    options.add_option("--seconds", plan.seconds, "how long to ask")->check(CLI::PositiveNumber);
    CLI::Option* const hold = options.add_flag(
        "--hold", plan.hold, "one request on each connection, then wait for the end of the standard input");
    options.add_flag("--new-connections", plan.new_connections, "a connection for each request")->excludes(hold);
    options.add_option("--pid", plan.pid, "the process whose processor time is counted");
    try {
        options.parse(argc, argv);
        plan.way.address = *io::Address::parse("127.0.0.1", to);
        return Load(std::move(plan)).run() ? 0 : 1;
    } catch (const CLI::ParseError& error) { return options.exit(error); } catch (const std::exception& error) {
        fmt::print(stderr, "bench-load: {}\n", error.what());
        return 1;
    }
}
