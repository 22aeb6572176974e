#include "proxy/command/check/check_command.h"

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

#include "inspect/report/address_table.h"
#include "inspect/report/check_list.h"
#include "inspect/report/render.h"
#include "proxy/command/terminal.h"
#include "proxy/settings/ca_directory.h"
#include "proxy/settings/keyring.h"
#include "proxy/upstream/context.h"

namespace proxy {

namespace {

namespace diagnosis = inspect::diagnosis;
namespace report = inspect::report;

// Connections at a time: enough to hide slow servers, few enough for a home router and the
// resolver's threads.
constexpr std::size_t most_at_once = 16;

bool was_reached(const diagnosis::Diagnosis& found) {
    return found.outcome != diagnosis::Outcome::failed ||
           (found.phase != diagnosis::Phase::dns && found.phase != diagnosis::Phase::connect);
}

// The progress of a run, on a line of stderr that is overwritten. Silent when stderr is no
// terminal, or when there is only one target.
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
    Run(const CheckCommand& command, UpstreamContext& context) : command_(command), context_(context) {}

    int all() {
        if (command_.all_addresses)
            in_lanes(command_.targets.size(), &Run::find_addresses);
        else
            for (const CheckTarget& target : command_.targets) subjects_.push_back({target, std::nullopt});
        as_list_ = !command_.json && !command_.full && subjects_.size() > 1;
        found_.resize(subjects_.size());
        progress_.emplace(subjects_.size());
        progress_->show(0);
        in_lanes(subjects_.size(), &Run::lane);
        if (unwritten_ != 0) throw std::system_error(unwritten_, std::generic_category(), "standard output");
        if (as_list_) fmt::print("{}", report::list_end(tally_, command_.targets.size()));
        if (!command_.json) fmt::print("{}", addresses_.comparison(paper_.width));
        return failed_ || tally_.failed > 0 ? 1 : tally_.not_reached > 0 ? 3 : 0;
    }

private:
    struct Unsure {
        std::size_t number, known;  // of the target; how many intermediates were known when it was asked
        diagnosis::Diagnosis found;
    };

    // Runs a story side by side, as many times as there is work, to its end.
    void in_lanes(std::size_t pieces, io::Task<> (Run::*story)()) {
        next_ = 0;
        lanes_ = std::min(most_at_once, pieces);
        for (std::size_t i = lanes_; i > 0; --i) {
            io::spawn((this->*story)(), [this](const std::exception& bug) {
                say(fmt::format("whytls: bug: {}", bug.what()));
                failed_ = true;
            });
        }
        context_.loop.run();
    }

    // In the order of the targets, whichever name resolves first.
    io::Task<> find_addresses() {
        while (next_ < command_.targets.size()) {
            const std::size_t number = next_++;
            at_addresses_.resize(command_.targets.size());
            at_addresses_[number] = co_await at_all_addresses(context_, command_.how, command_.targets[number]);
        }
        if (--lanes_ > 0) co_return;
        for (const auto& each : at_addresses_) subjects_.insert(subjects_.end(), each.begin(), each.end());
    }

    io::Task<> lane() {
        while (next_ < subjects_.size()) {
            const std::size_t number = next_++;
            const std::size_t known = context_.services.intermediates.count();
            diagnosis::Diagnosis found = co_await examine(context_, command_.how, subjects_[number]);
            if (found.code == diagnosis::Code::unknown_issuer)
                unsure_.push_back({number, known, std::move(found)});
            else
                complete(number, std::move(found));
        }
        if (--lanes_ == 0) co_await settle_unsure();
    }

    // Another server may since have sent the issuer that one server left out: the order in which
    // they were asked does not matter.
    io::Task<> settle_unsure() {
        for (Unsure& each : unsure_) {
            if (context_.services.intermediates.count() > each.known)
                each.found = co_await examine(context_, command_.how, subjects_[each.number]);
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
        progress_->clear();
        for (; told_ < found_.size() && found_[told_]; ++told_) {
            print(*found_[told_]);
            if (subjects_[told_].address) addresses_.add(*found_[told_], spot_of(*subjects_[told_].address));
            found_[told_].reset();
        }
        if (std::fflush(stdout) != 0 && unwritten_ == 0) unwritten_ = errno;
        if (told_ < found_.size()) progress_->show(done_);
    }

    void print(const diagnosis::Diagnosis& found) {
        std::vector<report::Expected> expected;
        for (const auto& each : command_.expected) expected.push_back({each, diagnosis::judge(each, found)});
        const bool unmet = std::ranges::any_of(expected, [](const report::Expected& each) { return !each.answer.met; });
        const bool good = expected.empty() ? found.outcome != diagnosis::Outcome::failed : !unmet;
        const auto standing = !was_reached(found) ? report::Standing::not_reached
                              : good              ? report::Standing::ok
                                                  : report::Standing::failed;
        ++(standing == report::Standing::ok       ? tally_.ok
           : standing == report::Standing::failed ? tally_.failed
                                                  : tally_.not_reached);
        if (standing == report::Standing::not_reached) tell_of_unread_proxy();
        if (command_.json)
            fmt::print("{}\n", report::json(found, expected));
        else if (as_list_)
            fmt::print("{}{}\n{}{}", report::list_line(found, standing, paper_.ink), where(),
                       report::unmet(expected, paper_), report::remarks(found, paper_));
        else
            print_whole(found, unmet, expected);
    }

    // Addresses of --resolve may differ only in their port.
    static std::string spot_of(const ChosenAddress& chosen) {
        return chosen.given ? chosen.address.to_string() : chosen.address.ip();
    }

    // The address that was chosen for it, if one was.
    std::string where() const {
        const auto& address = subjects_[told_].address;
        return address ? fmt::format(" (at {})", spot_of(*address)) : "";
    }

    // Once: where a proxy is needed, no server is reached without it.
    void tell_of_unread_proxy() {
        if (const auto& unread = context_.services.settings.unread_proxy;
            unread && !std::exchange(told_of_proxy_, true))
            say(unread->note());
    }

    void print_whole(const diagnosis::Diagnosis& found, bool unmet,
                     const std::vector<report::Expected>& expected) const {
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
    UpstreamContext& context_;
    std::vector<std::optional<diagnosis::Diagnosis>> found_;
    std::vector<std::vector<Subject>> at_addresses_;  // for each target, with --all-addresses
    std::vector<Subject> subjects_;
    std::optional<Progress> progress_;
    report::AddressTable addresses_;
    const report::Paper paper_ = paper_of_stdout();
    std::size_t next_ = 0, done_ = 0, told_ = 0, lanes_ = 0;
    std::vector<Unsure> unsure_;
    bool as_list_ = false;
    report::Tally tally_;
    bool told_of_proxy_ = false;
    bool failed_ = false;  // because of a bug
    int unwritten_ = 0;    // the system's error when a report could not be written
};

}  // namespace

int run_check_command(const CheckCommand& command) {
    std::signal(SIGPIPE, SIG_IGN);
    ::setenv("UV_THREADPOOL_SIZE", std::to_string(most_at_once).c_str(), 0);  // name look-ups block there
    UpstreamServices services{
        .settings = command.settings,
        .keyring = load_keyring(command.settings),
        .client_context = tls::ClientContext(command.settings.tls_min, command.settings.tls_max),
        .key_log = KeyLogWriter(command.settings.key_log),
        .intermediates = Intermediates(command.settings.aia ? intermediates_file(ca_directory("")) : "")};
    for (const std::string& warning : command.settings.warnings) say(warning);
    io::Loop loop;
    UpstreamContext context{.loop = loop, .services = services};
    return Run(command, context).all();
}

}  // namespace proxy
