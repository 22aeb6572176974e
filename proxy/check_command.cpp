#include "proxy/check_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <utility>

#include "inspect/report/render.h"
#include "proxy/terminal.h"
#include "proxy/trust.h"
#include "proxy/worker.h"

namespace proxy {

namespace {

namespace diagnosis = inspect::diagnosis;
namespace report = inspect::report;

// Connections at a time: enough to hide slow servers, few enough for a home router and the resolver's threads.
constexpr std::size_t most_at_once = 16;

enum class Result { verified, failed, unreachable };

Result result_of(const diagnosis::Diagnosis& found) {
    if (found.outcome != diagnosis::Outcome::failed) return Result::verified;
    const bool reached = found.phase != diagnosis::Phase::dns && found.phase != diagnosis::Phase::connect;
    return reached ? Result::failed : Result::unreachable;
}

// How far a run is, on a line of stderr that is written over. Silent when that is no terminal, or when there is one target alone.
class Progress {
public:
    explicit Progress(std::size_t total) : total_(total), shown_(total > 1 && can_rewrite_stderr()) {}
    ~Progress() { clear(); }
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;

    void show(std::size_t done) const {
        if (shown_) fmt::print(stderr, "\rchecked {} of {} …", done, total_);
    }
    void clear() const {
        if (shown_) fmt::print(stderr, "\r\x1b[K");
    }

private:
    std::size_t total_;
    bool shown_;
};

class Run {
public:
    Run(const CheckCommand& command, Worker& worker)
        : command_(command), worker_(worker), found_(command.targets.size()), progress_(command.targets.size()) {}

    int all() {
        const std::size_t lanes = std::min(most_at_once, command_.targets.size());
        for (std::size_t i = 0; i < lanes; ++i) {
            io::spawn(lane(), [this](const std::exception& bug) {
                say(fmt::format("whytls: bug: {}", bug.what()));
                failed_ = true;
            });
        }
        progress_.show(0);
        worker_.loop.run();
        return failed_ ? 1 : unreachable_ ? 3 : 0;
    }

private:
    io::Task<> lane() {
        while (next_ < command_.targets.size()) {
            const std::size_t number = next_++;
            found_[number] = co_await examine(worker_, command_.how, command_.targets[number]);
            ++done_;
            tell();
        }
    }

    // Prints what is complete, in the order asked.
    void tell() {
        progress_.clear();
        for (; told_ < found_.size() && found_[told_]; ++told_) {
            print(*found_[told_]);
            found_[told_].reset();
        }
        std::fflush(stdout);
        if (told_ < found_.size()) progress_.show(done_);
    }

    void print(const diagnosis::Diagnosis& found) {
        const Result result = result_of(found);
        std::vector<report::Expected> expected;
        for (const auto& each : command_.expected) expected.push_back({each, diagnosis::judge(each, found)});
        const bool unmet = std::ranges::any_of(expected, [](const report::Expected& each) { return !each.answer.met; });
        unreachable_ = unreachable_ || result == Result::unreachable;
        failed_ = failed_ || (result != Result::unreachable && (expected.empty() ? result == Result::failed : unmet));
        if (command_.json) {
            fmt::print("{}\n", report::json(found, expected));
            return;
        }
        const bool page = command_.full || result != Result::verified;
        const std::string_view gap = told_ > 0 && (page || after_page_) ? "\n" : "";
        fmt::print("{}{}", gap, page ? report::text(found, report::Detail::full, ink_) : report::summary(found, ink_));
        fmt::print("{}{}", page && unmet ? "\nNot as expected\n" : "", report::unmet(expected));
        after_page_ = page;
    }

    const CheckCommand& command_;
    Worker& worker_;
    std::vector<std::optional<diagnosis::Diagnosis>> found_;
    Progress progress_;
    const report::Ink ink_ = ink_of_stdout();
    std::size_t next_ = 0, done_ = 0, told_ = 0;
    bool after_page_ = false, failed_ = false, unreachable_ = false;
};

}  // namespace

int run_check_command(const CheckCommand& command) {
    std::signal(SIGPIPE, SIG_IGN);
    ::setenv("UV_THREADPOOL_SIZE", std::to_string(most_at_once).c_str(), 0);  // name look-ups block there
    Services services{.settings = command.settings,
                      .authority = {},
                      .trust = load_trust(command.settings.trust, command.settings.add_trust),
                      .client_context = tls::ClientContext(command.settings.tls_min, command.settings.tls_max),
                      .listeners = {},
                      .log = LogWriter(""),
                      .intermediates = Intermediates(""),
                      .counters = {},
                      .repeats = {},
                      .clients = {}};
    for (const std::string& warning : command.settings.warnings) say(warning);
    Worker worker(services);
    return Run(command, worker).all();
}

}  // namespace proxy
