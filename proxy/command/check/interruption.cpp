#include "proxy/command/check/interruption.h"

namespace proxy {

namespace {

constexpr int no_more = SIGUSR1;  // to the thread that waits

bool is_ignored(int signal) {
    struct sigaction action = {};
    return ::sigaction(signal, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

void end_by(int signal) {
    sigset_t only;
    sigemptyset(&only);
    sigaddset(&only, signal);
    std::signal(signal, SIG_DFL);
    ::pthread_sigmask(SIG_UNBLOCK, &only, nullptr);
    ::raise(signal);
}

}  // namespace

Interruption::Interruption(io::Loop& loop, const std::function<void(const char*)>& last_words)
    : loop_(loop), last_words_(last_words) {
    sigemptyset(&signals_);
    for (const int signal : {SIGINT, SIGTERM})
        if (!is_ignored(signal)) sigaddset(&signals_, signal);
    sigaddset(&signals_, no_more);
    ::pthread_sigmask(SIG_BLOCK, &signals_, &before_);
    waiting_ = std::thread([this] { wait(); });
}

Interruption::~Interruption() {
    ::pthread_kill(waiting_.native_handle(), no_more);
    waiting_.join();
    ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

void Interruption::wait() {
    int signal = 0;
    ::sigwait(&signals_, &signal);
    if (signal == no_more) return;
    loop_.post([this, signal] {
        if (last_words_) last_words_(signal == SIGINT ? "SIGINT" : "SIGTERM");
        end_by(signal);
    });
    ::sigwait(&signals_, &signal);
    if (signal != no_more) end_by(signal);
}

}  // namespace proxy
