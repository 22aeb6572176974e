#include "proxy/serve/server.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <malloc.h>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <exception>
#include <list>
#include <memory>
#include <optional>
#include <thread>

#include "inspect/report/log.h"
#include "proxy/io/clock.h"
#include "proxy/live/har_file.h"
#include "proxy/otlp/sender.h"
#include "proxy/serve/open_browser.h"
#include "proxy/serve/start_lines.h"
#include "proxy/serve/worker.h"
#include "proxy/settings/keyring.h"

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

// Each round of a loop frees what its exchanges held, at the top of the heap. glibc gives that back
// to the system from 128 KiB on, and the next round then costs one page fault for each 4 KiB: with
// 64 connections, 40 % of all requests per second. A thread's own heap grows by 4 KiB at a time, and
// each time is a system call; the process's grows by more, so one loop shares that.
void keep_free_memory(unsigned loops) {
#ifdef M_TRIM_THRESHOLD
    constexpr int most_kept = 4 * 1024 * 1024, growth = 1024 * 1024;  // bytes
    ::mallopt(M_TRIM_THRESHOLD, most_kept);
    ::mallopt(M_TOP_PAD, growth);
    ::mallopt(M_ARENA_MAX, static_cast<int>(loops));
#endif
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

// What follows may take long, and another signal ends the process.
void let_signals_end_it() {
    sigset_t set;
    sigemptyset(&set);
    for (const int signal : {SIGINT, SIGTERM}) sigaddset(&set, signal);
    ::pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
}

// Waits until the proxy is to stop.
void await_end(Services& services, const sigset_t& signals, const ReadAgain& read_again) {
    const bool of_terminal = has_terminal();
    for (int signal = 0; signal != SIGINT && signal != SIGTERM;) {
        signal = wait_for_signal(signals, Repeats::minute);
        say_due(services);
        if (signal != SIGHUP) continue;
        if (of_terminal && !has_terminal()) return;  // its window was closed
        services.log.reopen();                       // for a daemon: the signal comes from whoever rotates its log
        services.upstream.key_log.reopen();
        for (const std::string& line : take_again(services, read_again)) {
            services.upstream.notices.say(line);
            services.log.line(inspect::report::proxy_line(io::now(), "read again", line));
        }
    }
}

void end_log(Services& services, LogWriter& standard_error, const std::list<Worker>& workers, bool only_failures) {
    services.log.line(inspect::report::proxy_line(io::now(), "stopped", ""));
    services.log.finish();
    services.upstream.key_log.finish();
    HostTally all;
    for (const Worker& worker : workers) all.add(worker.clients.hosts);
    for (const std::string& line : only_failures ? all.lines_of_failures() : all.lines())
        services.upstream.notices.say(line);
    standard_error.finish();
}

std::unique_ptr<OtlpOutbox> outbox_of(const Settings& settings) {
    if (!settings.otlp) return nullptr;
    return std::make_unique<OtlpOutbox>(inspect::otlp::Translator(new_page_token(), settings.secrets),
                                        OtlpOutbox::Limits());
}

// False when its loop could not be ended. Another signal ends the wait for a slow collector.
bool end_sending(Services& services, OtlpSender& sender, const sigset_t& signals) {
    const auto signalled = [&signals] {
        constexpr timespec now{};
        const int signal = ::sigtimedwait(&signals, nullptr, &now);
        return signal == SIGINT || signal == SIGTERM;
    };
    const bool ended = sender.close(signalled);
    for (const OtlpSignal signal : both_signals) services.otlp->abandon(signal);
    const std::string line = otlp_summary(*services.upstream.settings.otlp, services.otlp->counts());
    if (!line.empty()) services.upstream.notices.say(line);
    return ended;
}

StartError in_use(const ListenAt& listen, const std::string& why) {
    return StartError(fmt::format("--{} {}: {}; choose another, or port 0 for a free one",
                                  listen.transparent ? "transparent" : "listen", listen.address.to_string(), why));
}

// What the whole process is set to. Returns the signals that only wait_for_signal() receives.
sigset_t prepare_process(unsigned loops) {
    std::signal(SIGPIPE, SIG_IGN);
    const sigset_t signals = signals_of_interest();
    ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    raise_descriptor_limit();
    keep_free_memory(loops);
    ::setenv("UV_THREADPOOL_SIZE", "16", 0);  // name look-ups block there: a few slow ones must not delay the rest
    return signals;
}

void listen_everywhere(Services& services, std::list<Worker>& workers) {
    const bool shared = workers.size() > 1;
    for (const ListenAt& listen : services.upstream.settings.listen) {
        io::Address address = listen.address;
        for (Worker& worker : workers) {
            const auto bound = worker.listen(listen, address, shared);
            if (!bound) throw in_use(listen, bound.error());
            address = *bound;  // for port 0, the other loops use the first loop's port
        }
        services.upstream.listeners.push_back(address);
    }
}

// Where the live page is to be: nullopt without one. Where no one chose it, another program may have
// its port, and another whytls's page is as good a reason to do without.
std::optional<ListenAt> page_of(const Settings& settings) {
    if (!settings.ui) return std::nullopt;
    const auto free = io::check_free(settings.ui->address);
    if (!free && settings.ui_chosen)
        throw StartError(
            fmt::format("--ui {}: {}; choose another, or off", settings.ui->address.to_string(), free.error()));
    return free ? settings.ui : std::nullopt;
}

// One loop serves it: few look at it.
void listen_for_page(Services& services, Worker& worker, const std::optional<ListenAt>& page) {
    if (!page) return;
    const auto bound = worker.listen(*page, page->address, false);
    if (!bound)
        throw StartError(fmt::format("--ui {}: {}; choose another, or off", page->address.to_string(), bound.error()));
    services.upstream.page = *bound;
}

void report_start(Services& services, bool quietly) {
    for (const std::string& note : quietly ? start_warnings(services) : start_notes(services))
        services.upstream.notices.say(note);
    if (!quietly)
        for (const std::string& line : listening_lines(services)) services.upstream.notices.say(line);
    else if (services.upstream.page)  // it was asked for
        services.upstream.notices.say("live page " + page_url(services));
    if (services.upstream.page && services.upstream.settings.open_ui)
        if (const std::string trouble = open_in_browser(page_url(services)); !trouble.empty())
            services.upstream.notices.say(trouble);
    for (const io::Address& address : services.upstream.listeners)
        services.log.line(inspect::report::proxy_line(io::now(), "started", address.to_string()));
}

// Runs each loop on a thread of its own until `wait` returns. False when a loop could not be ended:
// a name look-up on a helper thread cannot be cancelled, and no one waits for it.
bool run(std::list<Worker>& workers, const sigset_t& signals, const std::function<void()>& wait) {
    const auto running = std::make_shared<std::atomic<std::size_t>>(workers.size());  // may outlive this
    std::vector<std::thread> threads;
    for (Worker& worker : workers) {
        threads.emplace_back([&worker, running] {
            worker.loop.run();
            if (--*running == 0) ::kill(::getpid(), SIGUSR1);
        });
    }
    wait();
    for (Worker& worker : workers) worker.loop.post([&worker] { worker.stop(); });
    bool ended = wait_for_signal(signals, grace) == SIGUSR1;
    if (!ended) {
        for (Worker& worker : workers) worker.loop.post([&worker] { worker.stop_at_once(); });
        ended = wait_for_signal(signals, 1) == SIGUSR1;
    }
    for (std::thread& thread : threads) ended ? thread.join() : thread.detach();
    return ended;
}

int serve_until(const Settings& settings, const Purpose& purpose, const ReadAgain& read_again);

}  // namespace

void say_due(Services& services) {
    for (const std::string& line : services.upstream.notices.due(io::now())) services.upstream.notices.say(line);
}

void serve(const Settings& settings, const ReadAgain& read_again) { serve_until(settings, {}, read_again); }

int serve(const Settings& settings, const Purpose& purpose) { return serve_until(settings, purpose, {}); }

namespace {

void check_listeners_free(const Settings& settings) {
    for (const ListenAt& each : settings.listen)
        if (const auto free = io::check_free(each.address); !free) throw in_use(each, free.error());
}

// What becomes of a flow besides the page: it is counted, recorded and told to a collector. All
// three outlive it; store and outbox may be absent.
Book::Keep keeper_of(Store* store, OtlpOutbox* otlp, inspect::Metrics& metrics) {
    return [store, otlp, &metrics](const inspect::Record& record, const inspect::PackedRecord& packed) {
        metrics.count(record);
        if (store) store->keep(packed);
        if (otlp) otlp->keep(record);
    };
}

int serve_until(const Settings& settings, const Purpose& purpose, const ReadAgain& read_again) {
    const bool has_purpose = static_cast<bool>(purpose.fulfil);
    const sigset_t signals = prepare_process(settings.workers);
    Keyring keyring = load_keyring(settings);
    check_listeners_free(settings);
    const std::optional<ListenAt> page = page_of(settings);
    LogWriter standard_error{LogWriter::StandardError{purpose.prefix}};
    const Tell tell = [&standard_error](std::string line) { standard_error.line(std::move(line)); };
    std::unique_ptr<Store> store;
    if (!settings.record.empty()) store = std::make_unique<Store>(settings.record, settings.secrets, tell);
    std::unique_ptr<OtlpOutbox> otlp = outbox_of(settings);
    const bool with_contents = page || store || !settings.har.empty();
    const Book::Limits kept{.of_one = with_contents ? settings.body_limit : 0,
                            .first = store ? store->highest() + 1 : 1};
    auto metrics = std::make_unique<inspect::Metrics>();
    const Book::Keep keep = keeper_of(store.get(), otlp.get(), *metrics);
    const bool temporary = static_cast<bool>(purpose.authority), remembers = settings.aia && !temporary;
    Services services{
        .authority = temporary ? purpose.authority() : open_authority(settings),
        .log = LogWriter(settings.log, settings.log_rotation, tell),
        .upstream = {.settings = settings,
                     .keyring = std::move(keyring),
                     .client_context = tls::ClientContext(settings.tls_min, settings.tls_max),
                     .key_log = KeyLogWriter(settings.key_log, tell),
                     .ca_file = (settings.ca_dir / "ca.pem").string(),
                     .ca_is_temporary = temporary,
                     .notices = Notices(&standard_error),
                     .intermediates = Intermediates(remembers ? intermediates_file(settings.ca_dir) : "", tell),
                     .near_network = purpose.network},
        .store = std::move(store),
        .otlp = std::move(otlp),
        .metrics = std::move(metrics),
        .book = with_contents || settings.otlp ? Book(kept, keep) : Book()};
    std::list<Worker> workers;
    for (unsigned i = 0; i < settings.workers; ++i) workers.emplace_back(services);
    if (const std::string trouble = trouble_with_har(services); !trouble.empty()) throw StartError(trouble);
    listen_everywhere(services, workers);
    listen_for_page(services, workers.front(), page);
    report_start(services, has_purpose);
    std::optional<OtlpSender> sender;
    if (services.otlp) sender.emplace(services.upstream, *services.upstream.settings.otlp, *services.otlp);

    std::exception_ptr failure;  // of the purpose; the loops are ended first
    bool ended = run(workers, signals, [&] {
        if (!has_purpose) return await_end(services, signals, read_again);
        try {
            purpose.fulfil(services);
        } catch (...) { failure = std::current_exception(); }
    });
    services.upstream.intermediates.finish();
    if (sender) ended &= end_sending(services, *sender, signals);
    if (!settings.har.empty()) let_signals_end_it();
    if (const std::string trouble = write_har(services); !trouble.empty()) services.upstream.notices.say(trouble);
    if (services.store) services.store->close();
    end_log(services, standard_error, workers, has_purpose);
    const int code = purpose.end ? purpose.end(services) : 0;
    if (failure) std::rethrow_exception(failure);
    if (!ended) std::_Exit(code);
    return code;
}

}  // namespace

}  // namespace proxy
