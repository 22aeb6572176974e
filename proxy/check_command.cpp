#include "proxy/check_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

#include "inspect/report/check_list.h"
#include "inspect/report/render.h"
#include "proxy/ca_options.h"
#include "proxy/terminal.h"
#include "proxy/trust.h"
#include "proxy/worker.h"

namespace proxy {

namespace {

namespace diagnosis = inspect::diagnosis;
namespace report = inspect::report;

// Connections at a time: enough to hide slow servers, few enough for a home router and the resolver's threads.
constexpr std::size_t most_at_once = 16;

bool was_reached(const diagnosis::Diagnosis& found) {
    return found.outcome != diagnosis::Outcome::failed ||
           (found.phase != diagnosis::Phase::dns && found.phase != diagnosis::Phase::connect);
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
        lanes_ = std::min(most_at_once, command_.targets.size());
        for (std::size_t i = lanes_; i > 0; --i) {
            io::spawn(lane(), [this](const std::exception& bug) {
                say(fmt::format("whytls: bug: {}", bug.what()));
                failed_ = true;
            });
        }
        progress_.show(0);
        worker_.loop.run();
        if (unwritten_ != 0) throw std::system_error(unwritten_, std::generic_category(), "standard output");
        if (as_list_) fmt::print("{}", report::list_end(tally_));
        return failed_ || tally_.failed > 0 ? 1 : tally_.not_reached > 0 ? 3 : 0;
    }

private:
    struct Unsure {
        std::size_t number, known;  // of the target; intermediates known when it was asked
        diagnosis::Diagnosis found;
    };

    io::Task<> lane() {
        while (next_ < command_.targets.size()) {
            const std::size_t number = next_++;
            const std::size_t known = worker_.services.intermediates.count();
            diagnosis::Diagnosis found = co_await examine(worker_, command_.how, command_.targets[number]);
            if (found.code == "unknown_issuer")
                unsure_.push_back({number, known, std::move(found)});
            else
                complete(number, std::move(found));
        }
        if (--lanes_ == 0) co_await settle_unsure();
    }

    // The issuer that one server leaves out another may have sent since, in whatever order they were asked.
    io::Task<> settle_unsure() {
        for (Unsure& each : unsure_) {
            if (worker_.services.intermediates.count() > each.known)
                each.found = co_await examine(worker_, command_.how, command_.targets[each.number]);
            complete(each.number, std::move(each.found));
        }
    }

    void complete(std::size_t number, diagnosis::Diagnosis found) {
        found_[number] = std::move(found);
        ++done_;
        tell();
    }

    // Prints what is complete, in the order asked.
    void tell() {
        progress_.clear();
        for (; told_ < found_.size() && found_[told_]; ++told_) {
            print(*found_[told_]);
            found_[told_].reset();
        }
        if (std::fflush(stdout) != 0 && unwritten_ == 0) unwritten_ = errno;
        if (told_ < found_.size()) progress_.show(done_);
    }

    void print(const diagnosis::Diagnosis& found) {
        std::vector<report::Expected> expected;
        for (const auto& each : command_.expected) expected.push_back({each, diagnosis::judge(each, found)});
        const bool unmet = std::ranges::any_of(expected, [](const report::Expected& each) { return !each.answer.met; });
        const bool good = expected.empty() ? found.outcome != diagnosis::Outcome::failed : !unmet;
        const auto standing = !was_reached(found) ? report::Standing::not_reached : good ? report::Standing::ok : report::Standing::failed;
        ++(standing == report::Standing::ok ? tally_.ok : standing == report::Standing::failed ? tally_.failed : tally_.not_reached);
        if (standing == report::Standing::not_reached) tell_of_unread_proxy();
        if (command_.json)
            fmt::print("{}\n", report::json(found, expected));
        else if (as_list_)
            fmt::print("{}\n{}", report::list_line(found, standing, paper_.ink), report::unmet(expected, paper_));
        else
            print_whole(found, unmet, expected);
    }

    // Once: where a proxy is needed, no server is reached without.
    void tell_of_unread_proxy() {
        if (const auto& unread = worker_.services.settings.unread_proxy; unread && !std::exchange(told_of_proxy_, true))
            say(unread->note());
    }

    void print_whole(const diagnosis::Diagnosis& found, bool unmet, const std::vector<report::Expected>& expected) const {
        const bool page = command_.full || found.outcome == diagnosis::Outcome::failed;
        const std::string said = page    ? report::text(found, report::Detail::full, paper_)
                                 : unmet ? report::list_line(found, report::Standing::failed, paper_.ink) + "\n"
                                         : report::summary(found, paper_);
        fmt::print("{}{}", told_ > 0 ? "\n" : "", said);
        const bool unasked = found.outcome == diagnosis::Outcome::failed && !unmet && !expected.empty();
        fmt::print("{}{}",
                   unasked         ? "\nAll that --expect asks for is met.\n"
                   : page && unmet ? "\nNot as expected\n"
                                   : "",
                   report::unmet(expected, paper_));
    }

    const CheckCommand& command_;
    Worker& worker_;
    std::vector<std::optional<diagnosis::Diagnosis>> found_;
    Progress progress_;
    const report::Paper paper_ = paper_of_stdout();
    std::size_t next_ = 0, done_ = 0, told_ = 0, lanes_ = 0;
    std::vector<Unsure> unsure_;
    const bool as_list_ = !command_.json && !command_.full && command_.targets.size() > 1;
    report::Tally tally_;
    bool told_of_proxy_ = false;
    bool failed_ = false;  // by a bug
    int unwritten_ = 0;    // the system's error when a report could not be written
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
                      .intermediates = Intermediates(command.settings.aia ? intermediates_file(ca_directory("")) : ""),
                      .counters = {},
                      .repeats = {},
                      .documents = {},
                      .clients = {}};
    for (const std::string& warning : command.settings.warnings) say(warning);
    Worker worker(services);
    return Run(command, worker).all();
}

}  // namespace proxy
