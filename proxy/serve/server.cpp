#include "proxy/serve/server.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <list>
#include <thread>

#include "inspect/report/log.h"
#include "proxy/client/connection.h"
#include "proxy/io/clock.h"
#include "proxy/serve/start_lines.h"
#include "proxy/serve/worker.h"
#include "proxy/settings/trust.h"

namespace proxy {

namespace {

constexpr double grace = 5;  // seconds for running responses to finish

certs::Authority open_authority(const Settings& settings) {
    auto authority = certs::Authority::open(settings.ca_dir, io::now());
    if (!authority) throw StartError(fmt::format("CA: {}: {}", authority.error().file, authority.error().reason));
    return std::move(*authority);
}

// Each connection costs two descriptors; the default soft limit is for programs that use select().
void raise_descriptor_limit() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
}

// SIGINT, SIGTERM and SIGHUP wait for wait_for_signal(); SIGUSR1 wakes it when the loops have
// ended. A signal that nohup ignores stays ignored.
sigset_t signals_of_interest() {
    sigset_t set;
    sigemptyset(&set);
    for (const int signal : {SIGINT, SIGTERM, SIGUSR1}) sigaddset(&set, signal);
    struct sigaction hangup{};
    if (::sigaction(SIGHUP, nullptr, &hangup) == 0 && hangup.sa_handler != SIG_IGN) sigaddset(&set, SIGHUP);
    return set;
}

// Whether this process has a terminal that is still there.
bool has_terminal() {
    const int fd = ::open("/dev/tty", O_RDONLY | O_NOCTTY | O_CLOEXEC);
    if (fd >= 0) ::close(fd);
    return fd >= 0;
}

int wait_for_signal(const sigset_t& set, double seconds) {
    if (seconds <= 0) {
        int signal = 0;
        ::sigwait(&set, &signal);
        return signal;
    }
    const timespec limit{static_cast<time_t>(seconds), 0};
    return ::sigtimedwait(&set, nullptr, &limit);
}

// Waits until the proxy is to stop.
void await_end(Services& services, const sigset_t& signals) {
    const bool of_terminal = has_terminal();
    for (int signal = 0; signal != SIGINT && signal != SIGTERM;) {
        signal = wait_for_signal(signals, Repeats::minute);
        for (const std::string& line : services.upstream.notices.due(io::now())) services.upstream.notices.say(line);
        if (signal != SIGHUP) continue;
        if (of_terminal && !has_terminal()) return;  // its window was closed
        services.log.reopen();                       // for a daemon: the signal comes from whoever rotates its log
    }
}

void end_log(Services& services, LogWriter& standard_error, const std::list<Worker>& workers) {
    services.log.line(inspect::report::proxy_line(io::now(), "stopped", ""));
    services.log.finish();
    HostTally all;
    for (const Worker& worker : workers) all.add(worker.clients.hosts);
    for (const std::string& line : all.lines()) services.upstream.notices.say(line);
    standard_error.finish();
}

// Answers a client that has too many connections, before it has sent anything. The connection
// counts while the client reads.
io::Task<> turn_away(Services& services, io::Socket socket, const std::string& ip) {
    constexpr double linger_time = 2;  // seconds
    const std::string body = fmt::format("whytls: {} has more than {} connections open (--max-connections-per-client)\n", ip,
                                         services.upstream.settings.most_connections_per_client);
    const std::string wire = fmt::format(
        "HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {}\r\nRetry-After: 1\r\n"
        "Cache-Control: no-store\r\nProxy-Status: whytls; error=proxy_internal_response\r\nConnection: close\r\n\r\n{}",
        body.size(), body);
    services.report_crowd(ip);
    io::Channel client(std::move(socket));
    if (co_await client.write(certs::as_bytes(wire))) co_await client.linger(linger_time);
}

io::Task<> serve_connection(ClientContext& context, io::Socket socket, const ListenAt& listen) {
    const auto peer = socket.peer();
    if (!peer) co_return;  // the client has left
    const ClientLimit::Seat seat(context.services.open_connections, peer->ip());
    const std::size_t most = context.services.upstream.settings.most_connections_per_client;
    if (seat.number() > 2 * most) co_return;  // turning clients away must not cost what it saves
    if (seat.number() > most) co_return co_await turn_away(context.services, std::move(socket), peer->ip());
    ClientConnection connection(context, std::move(socket), listen);
    co_await connection.run();
}

}  // namespace

std::expected<io::Address, std::string> Worker::listen(const ListenAt& listen, const io::Address& address, bool shared) {
    const auto accepted = [this, &listen](io::Socket socket) {
        io::spawn(serve_connection(clients, std::move(socket), listen),
                  [this](const std::exception& bug) { clients.services.upstream.notices.say(fmt::format("whytls: bug: {}", bug.what())); });
    };
    auto listener = io::Listener::open(loop, address, shared, accepted, [this] { clients.services.report_exhaustion(); });
    if (!listener) return std::unexpected(listener.error());
    listeners.push_back(std::move(*listener));
    return listeners.back().address();
}

void Worker::stop() {
    clients.upstream.stopping = true;
    for (io::Listener& listener : listeners) listener.close();
    for (auto each = clients.connections.begin(); each != clients.connections.end();) (*each++)->close_if_idle();
}

void Worker::stop_at_once() {
    clients.upstream.stopping = true;
    loop.close_all();
}

void serve(const Settings& settings) {
    std::signal(SIGPIPE, SIG_IGN);
    const sigset_t signals = signals_of_interest();
    ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    raise_descriptor_limit();
    ::setenv("UV_THREADPOOL_SIZE", "16", 0);  // name look-ups block there: a few slow ones must not delay the rest

    certs::TrustStore trust = load_trust(settings.trust, settings.add_trust);
    const auto in_use = [](const io::Address& address, const std::string& why) {
        return StartError(fmt::format("--listen {}: {}; choose another, or port 0 for a free one", address.to_string(), why));
    };
    for (const ListenAt& each : settings.listen) {
        const io::Address& address = each.address;
        if (const auto free = io::check_free(address); !free) throw in_use(address, free.error());
    }

    LogWriter standard_error{LogWriter::StandardError{}};
    const Tell tell = [&standard_error](std::string line) { standard_error.line(std::move(line)); };
    Services services{.authority = open_authority(settings),
                      .log = LogWriter(settings.log, settings.log_rotation, tell),
                      .upstream = {.settings = settings,
                                   .trust = std::move(trust),
                                   .client_context = tls::ClientContext(settings.tls_min, settings.tls_max),
                                   .ca_file = (settings.ca_dir / "ca.pem").string(),
                                   .notices = Notices(&standard_error),
                                   .intermediates = Intermediates(settings.aia ? intermediates_file(settings.ca_dir) : "", tell)}};
    std::list<Worker> workers;
    for (unsigned i = 0; i < settings.workers; ++i) workers.emplace_back(services);
    const bool shared = workers.size() > 1;
    for (const ListenAt& listen : settings.listen) {
        io::Address address = listen.address;
        for (Worker& worker : workers) {
            const auto bound = worker.listen(listen, address, shared);
            if (!bound) throw in_use(address, bound.error());
            address = *bound;  // for port 0, the other loops use the first loop's port
        }
        services.upstream.listeners.push_back(address);
    }
    for (const std::string& note : start_notes(services)) services.upstream.notices.say(note);
    for (const std::string& line : listening_lines(services)) services.upstream.notices.say(line);
    for (const io::Address& address : services.upstream.listeners)
        services.log.line(inspect::report::proxy_line(io::now(), "started", address.to_string()));

    std::atomic<std::size_t> running = workers.size();
    std::vector<std::thread> threads;
    for (Worker& worker : workers) {
        threads.emplace_back([&worker, &running] {
            worker.loop.run();
            if (--running == 0) ::kill(::getpid(), SIGUSR1);
        });
    }

    await_end(services, signals);
    for (Worker& worker : workers) worker.loop.post([&worker] { worker.stop(); });
    if (wait_for_signal(signals, grace) != SIGUSR1) {
        for (Worker& worker : workers) worker.loop.post([&worker] { worker.stop_at_once(); });
        // A name look-up on a helper thread cannot be cancelled: no one waits for it.
        if (wait_for_signal(signals, 1) != SIGUSR1) {
            services.upstream.intermediates.finish();
            end_log(services, standard_error, workers);
            std::_Exit(0);
        }
    }
    for (std::thread& thread : threads) thread.join();
    services.upstream.intermediates.finish();
    end_log(services, standard_error, workers);
}

}  // namespace proxy
