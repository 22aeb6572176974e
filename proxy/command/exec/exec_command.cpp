#include "proxy/command/exec/exec_command.h"

#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <ranges>
#include <system_error>
#include <utility>

#include "certs/file.h"
#include "proxy/command/exec/browser.h"
#include "proxy/command/exec/enclosure.h"
#include "proxy/command/exec/exec_files.h"
#include "proxy/command/exec/foreground.h"
#include "proxy/command/exec/name_server.h"
#include "proxy/command/exec/name_service.h"
#include "proxy/command/exec/private_directory.h"
#include "proxy/command/sources/environment_source.h"
#include "proxy/io/child.h"
#include "proxy/io/clock.h"
#include "proxy/serve/server.h"

namespace proxy {

namespace {

constexpr const char* exec_prefix = "whytls: ";
// For eval "$(whytls exec --print-env)".
constexpr const char* waits_for_end = "; $(…) waits for that end: whytls exec --print-env sh >FILE &, then . FILE";

bool is_pipe(int descriptor) {
    struct stat status{};
    return ::fstat(descriptor, &status) == 0 && S_ISFIFO(status.st_mode);
}

// What wget would read: the user's own file, "" without one.
std::string wgetrc_of(const Environment& environment) {
    const auto named = environment.find("WGETRC"), home = environment.find("HOME");
    if (named == environment.end() && home == environment.end()) return "";
    constexpr std::size_t largest = 1 << 20;
    const std::string file = named != environment.end() ? named->second : home->second + "/.wgetrc";
    std::error_code unknown;
    if (!std::filesystem::is_regular_file(file, unknown)) return "";  // a pipe would be waited for
    return certs::read_file(file, largest).value_or("");
}

// What ends the wait for a command. Blocked from before anything is to be removed, so that none of
// them ends this process first.
sigset_t signals_of_exec() {
    sigset_t set;
    sigemptyset(&set);
    for (const int each : {SIGINT, SIGQUIT, SIGTERM, SIGCHLD}) sigaddset(&set, each);
    struct sigaction hangup{};
    if (::sigaction(SIGHUP, nullptr, &hangup) == 0 && hangup.sa_handler != SIG_IGN) sigaddset(&set, SIGHUP);
    std::signal(SIGCHLD, SIG_DFL);  // one that is ignored leaves no exit code behind
    ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
    return set;
}

// The next of them; 0 when a minute is over.
siginfo_t next_signal(const sigset_t& signals) {
    const timespec limit{Repeats::minute, 0};
    siginfo_t info{};
    if (::sigtimedwait(&signals, &info, &limit) < 0) info.si_signo = 0;
    return info;
}

// Runs what a browser's profile needs. Returns what hindered it, "" where nothing did.
std::string prepare(const BrowserPlan& plan) {
    for (std::vector<std::string> command : plan.before) {
        const auto program = find_program(command.front());
        if (!program)
            return fmt::format(
                "{0} will not trust whytls: {1} is not installed: it is in the package libnss3-tools (Debian, Ubuntu), nss-tools (Fedora, "
                "Alpine), nss (Arch)",
                plan.arguments.front(), command.front());
        command.front() = program->string();
        const auto done = run_child(command);
        if (!done || done->exit_code != 0)
            return fmt::format("{} will not trust whytls: {}: {}", plan.arguments.front(), command.front(),
                               done ? done->last_words() : done.error());
    }
    return "";
}

// One run of `whytls exec`.
class Execution {
public:
    explicit Execution(const ExecCommand& command)
        : command_(command), inheritance_(Inheritance::of_this_process()), signals_(signals_of_exec()) {}

    int run() {
        Settings settings = command_.settings;
        const bool temporary = settings.ca_dir.empty();
        if (temporary) settings.ca_dir = directory_.path();
        if (command_.all) enclose(settings);
        Purpose purpose{.prefix = exec_prefix,
                        .authority = {},
                        .network = {},
                        .fulfil =
                            [this](Services& services) {
                                fulfil(services);
                                directory_.remove();  // before a signal can end what is still to be written
                            },
                        .end = [this](const Services& services) { return end(services); }};
        if (enclosure_) purpose.network = [this](int family, int type) { return enclosure_->socket(family, type); };
        if (temporary) purpose.authority = [&] { return certs::Authority::temporary(settings.ca_dir, io::now()); };
        return serve(settings, purpose);
    }

private:
    // Before there is any other thread.
    void enclose(Settings& settings) {
        enclosure_.emplace();
        for (const char* ip : {"127.0.0.1", "::1"}) {
            const int probe = enclosure_->socket(ip[0] == ':' ? AF_INET6 : AF_INET, SOCK_STREAM);
            if (probe < 0) continue;  // a system without IPv6
            ::close(probe);
            settings.listen.push_back({.address = *io::Address::parse(ip, 0), .transparent = true});
        }
    }

    // Every connection and every question for a name is led here, and the system's trust is the
    // bundle's.
    void close_in(Services& services, const ExecPlace& place, std::optional<NameServer>& names) {
        EnclosurePorts ports{.proxy = place.port};
        std::vector<int> sockets;
        for (const io::Address& listener : services.upstream.listeners | std::views::drop(1)) {
            (listener.is_v6() ? ports.transparent6 : ports.transparent) = listener.port();
            const auto [socket, port] = socket_of_names(listener.is_v6());
            if (port == 0) continue;
            sockets.push_back(socket);
            (listener.is_v6() ? ports.names6 : ports.names) = port;
        }
        names.emplace(services.names, std::move(sockets));
        enclosure_->redirect(ports);
        // Names go as they are to the one who answers all; what the system completes them with is
        // whytls's to try.
        directory_.write("resolv.conf", "nameserver 127.0.0.1\nsearch .\noptions ndots:0\n");
        enclosure_->replace("/etc/resolv.conf", place.file("resolv.conf"));
        const auto order = certs::read_file(std::string(name_service_file));
        if (const auto by_resolver = order ? names_by_resolver(*order) : std::nullopt) {
            directory_.write("nsswitch.conf", *by_resolver);
            enclosure_->replace(name_service_file, place.file("nsswitch.conf"));
        }
        directory_.write("no-socket", "");
        for (const std::string_view socket : name_service_sockets) enclosure_->replace(socket, place.file("no-socket"));
        for (const std::string_view bundle : certs::system_bundles)
            enclosure_->replace(fmt::format("/{}", bundle), place.file(exec_file::bundle));
    }

    // A bound socket of UDP in the enclosure, and its port; 0 without one.
    std::pair<int, std::uint16_t> socket_of_names(bool v6) {
        const io::Address any = *io::Address::parse(v6 ? "::1" : "127.0.0.1", 0);
        const int fd = enclosure_->socket(any.raw().sa_family, SOCK_DGRAM);
        socklen_t size = v6 ? sizeof(sockaddr_in6) : sizeof(sockaddr_in);
        sockaddr_storage bound{};
        if (fd >= 0 && ::bind(fd, &any.raw(), size) == 0 &&
            ::getsockname(fd, reinterpret_cast<sockaddr*>(&bound), &size) == 0)
            return {fd, io::Address(reinterpret_cast<const sockaddr&>(bound)).port()};
        if (fd >= 0) ::close(fd);
        return {-1, 0};
    }

    void fulfil(Services& services) {
        const ExecPlace place{services.upstream.listeners.front().port(), directory_.path()};
        for (const ExecFile& file : exec_files(place, services.upstream.keyring.get()->trust,
                                               services.authority.get()->certificate(), wgetrc_of(outer_), io::now()))
            directory_.write(file.name, file.content);
        const std::vector<EnvironmentSetting> settings = exec_settings(place, outer_);
        if (command_.print_env) return print(services, settings);
        const BrowserPlan plan = browser_plan(command_.arguments, place, *services.authority.get());
        for (const ExecFile& file : plan.files) directory_.write(file.name, file.content);
        if (const std::string trouble = prepare(plan); !trouble.empty()) services.upstream.notices.say(trouble);
        std::optional<NameServer> names;  // ends before the services
        if (enclosure_) close_in(services, place, names);
        const auto begun = begin_in_foreground(plan.arguments, with_settings(outer_, settings), inheritance_,
                                               enclosure_ ? &*enclosure_ : nullptr);
        if (!begun) {
            code_ = begun.error().exit_code;
            services.upstream.notices.say(begun.error().reason);
            return;
        }
        wait_for(*begun, services);
    }

    // For the shells of others: until this one is told to end.
    void print(Services& services, const std::vector<EnvironmentSetting>& settings) {
        const std::string text = print_environment(settings, *command_.print_env);
        if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0)
            throw std::system_error(errno, std::generic_category(), "standard output");
        const bool captured = is_pipe(STDOUT_FILENO) && command_.print_env == EnvironmentForm::sh;
        services.upstream.notices.say(
            fmt::format("these settings hold while this runs; Ctrl-C ends it{}", captured ? waits_for_end : ""));
        for (int signal = 0; signal == 0 || signal == SIGCHLD;) {
            signal = next_signal(signals_).si_signo;
            say_due(services);
        }
    }

    // The keys of a terminal send their signals to the command too, and what it makes of them is its
    // own affair. What another process sends is for us alone, and so is a terminal's hang-up; both
    // are meant for the command.
    void wait_for(pid_t child, Services& services) {
        for (int status = 0;;) {
            const siginfo_t info = next_signal(signals_);
            say_due(services);
            const bool of_a_key = (info.si_signo == SIGINT || info.si_signo == SIGQUIT) && info.si_code == SI_KERNEL;
            if (info.si_signo != 0 && info.si_signo != SIGCHLD && !of_a_key) ::kill(child, info.si_signo);
            if (::waitpid(child, &status, WNOHANG) != child) continue;
            code_ = exit_code_of(status);
            return;
        }
    }

    int end(const Services& services) {
        directory_.remove();
        // Of a server that was not reached the command gets an answer, too, and not an error.
        const bool failed = services.counters.failed_handshakes + services.counters.unreached > 0;
        return code_ == 0 && failed && command_.fail_on_tls ? 1 : code_;
    }

    const ExecCommand& command_;
    const Environment outer_ = environment_of_this_process();
    const Inheritance inheritance_;
    const sigset_t signals_;
    PrivateDirectory directory_;
    std::optional<Enclosure> enclosure_;  // --all
    int code_ = 0;
};

}  // namespace

int run_exec_command(const ExecCommand& command) { return Execution(command).run(); }

}  // namespace proxy
