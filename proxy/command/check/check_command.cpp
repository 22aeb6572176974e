#include "proxy/command/check/check_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

#include "certs/file.h"
#include "inspect/report/address_table.h"
#include "inspect/report/check_list.h"
#include "inspect/report/render.h"
#include "inspect/report/scan/scan_report.h"
#include "inspect/scan/tables.h"
#include "proxy/command/check/interruption.h"
#include "proxy/command/check/scan/scan.h"
#include "proxy/command/terminal.h"
#include "proxy/io/signal.h"
#include "proxy/settings/ca_directory.h"
#include "proxy/settings/keyring.h"
#include "proxy/upstream/context.h"

namespace proxy {

namespace {

namespace diagnosis = inspect::diagnosis;
namespace report = inspect::report;

// Reports that wait until one before them is known, beside those under way: a list may be long, and
// its first server slow.
constexpr std::size_t most_waiting = 256;

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
        if (command_.all_addresses) in_lanes(command_.targets.size(), &Run::find_addresses);
        as_list_ = !command_.json && !command_.full && !command_.scan && total() > 1;
        progress_.emplace(total());
        progress_->show(0);
        in_lanes(command_.scan ? 1 : total(), &Run::lane);
        if (unwritten_ != 0) throw std::system_error(unwritten_, std::generic_category(), "standard output");
        if (as_list_) fmt::print("{}", report::list_end(tally_, command_.targets.size()));
        if (!command_.json) fmt::print("{}", addresses_.comparison(paper_.width));
        write_page();
        if (failed_ || tally_.failed > 0) return 1;
        return !command_.unread.empty() ? 2 : tally_.not_reached > 0 ? 3 : 0;
    }

    // What is known, though not of all before it.
    void tell_of_stop(const char* signal) {
        if (!progress_) return;  // the addresses are still asked for
        progress_->clear();
        for (auto& [number, unsure] : unsure_) found_.insert({number, std::move(unsure.found)});
        for (const auto& [number, found] : found_) print(number, found);
        const std::size_t known = tally_.ok + tally_.failed + tally_.not_reached;
        if (as_list_ && known > 0) fmt::print("{}", report::list_end(tally_, known));
        flush();
        say(fmt::format("whytls: stopped by {}: {} of {} were checked", signal, known, total()));
    }

private:
    struct Unsure {
        std::size_t known;  // how many intermediates were known when it was asked
        diagnosis::Diagnosis found;
    };

    std::size_t total() const { return command_.all_addresses ? subjects_.size() : command_.targets.size(); }
    Subject subject(std::size_t number) const {
        return command_.all_addresses ? subjects_[number] : Subject{command_.targets[number], std::nullopt};
    }

    // Runs a story side by side, as many times as there is work, to its end.
    void in_lanes(std::size_t pieces, io::Task<> (Run::*story)()) {
        next_ = 0;
        lanes_ = std::min(command_.parallel, pieces);
        for (std::size_t i = lanes_; i > 0; --i) {
            io::spawn((this->*story)(), [this](const std::exception& bug) {
                say(fmt::format("whytls: bug: {}", bug.what()));
                failed_ = true;
            });
        }
        context_.loop.run();
    }

    void write_page() {
        if (command_.scan_page.empty()) return;
        certs::FileDraft draft(command_.scan_page, report::scan_page(page_), 0644);
        if (!draft.complete() || !draft.publish())
            throw std::system_error(errno, std::generic_category(), command_.scan_page);
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
        while (next_ < total()) {
            if (next_ - told_ >= command_.parallel + most_waiting) {
                co_await make_room();
                continue;
            }
            const std::size_t number = next_++;
            const std::size_t known = context_.services.intermediates.count();
            diagnosis::Diagnosis found = co_await examine(context_, command_.how, subject(number));
            if (command_.scan && found.tls_begun)
                scans_.insert({number, co_await scan(context_, command_.how, subject(number))});
            if (found.code == diagnosis::Code::unknown_issuer)
                unsure_.insert({number, {known, std::move(found)}});
            else
                complete(number, std::move(found));
        }
        if (--lanes_ > 0) co_return;
        while (!unsure_.empty()) co_await settle(unsure_.begin()->first);
    }

    // As many wait as may: for the first of them, or for what that one waits for, which is then
    // waited for no longer.
    io::Task<> make_room() {
        if (unsure_.contains(told_))
            co_await settle(told_);
        else
            co_await room_.wait();
    }

    // Another server may since have sent the issuer that one server left out: the order in which
    // they were asked does not matter.
    io::Task<> settle(std::size_t number) {
        Unsure unsure = std::move(unsure_.extract(number).mapped());
        if (context_.services.intermediates.count() > unsure.known)
            unsure.found = co_await examine(context_, command_.how, subject(number));
        complete(number, std::move(unsure.found));
    }

    void complete(std::size_t number, diagnosis::Diagnosis found) {
        found_.insert({number, std::move(found)});
        ++done_;
        tell();
        room_.notify();
    }

    // Prints what is complete, in the order asked.
    void tell() {
        progress_->clear();
        for (; found_.contains(told_); ++told_) {
            const diagnosis::Diagnosis found = std::move(found_.extract(told_).mapped());
            print(told_, found);
            if (command_.all_addresses && subjects_[told_].address)
                addresses_.add(found, spot_of(*subjects_[told_].address), scan_of(told_));
            scans_.erase(told_);
        }
        flush();
        if (told_ < total()) progress_->show(done_);
    }

    void flush() {
        if (std::fflush(stdout) != 0 && unwritten_ == 0) unwritten_ = errno;
    }

    void print(std::size_t number, const diagnosis::Diagnosis& found) {
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
        const inspect::scan::Scan* scanned = scan_of(number);
        if (command_.json)
            fmt::print("{}\n", scanned ? report::json(found, expected, *scanned) : report::json(found, expected));
        else if (as_list_)
            fmt::print("{}{}\n{}{}", report::list_line(found, standing, paper_.ink), where(number),
                       report::unmet(expected, paper_), report::remarks(found, paper_));
        else
            print_whole(found, unmet, expected);
        if (!command_.json && scanned) fmt::print("{}", report::scan_text(*scanned, paper_));
        if (scanned && !command_.scan_page.empty()) page_.push_back({found, *scanned});
        printed_ = true;
    }

    // Addresses of --resolve may differ only in their port.
    static std::string spot_of(const ChosenAddress& chosen) {
        return chosen.given ? chosen.address.to_string() : chosen.address.ip();
    }

    const inspect::scan::Scan* scan_of(std::size_t number) const {
        const auto found = scans_.find(number);
        return found == scans_.end() ? nullptr : &found->second;
    }

    // The address that was chosen for it, if one was.
    std::string where(std::size_t number) const {
        const auto address = subject(number).address;
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
        fmt::print("{}{}", printed_ ? "\n" : "", said);
        const bool unasked = found.outcome == diagnosis::Outcome::failed && !unmet && !expected.empty();
        fmt::print("{}{}",
                   unasked         ? "\nAll that --expect asks for is met.\n"
                   : page && unmet ? "\nNot as expected\n"
                                   : "",
                   report::unmet(expected, paper_));
    }

    const CheckCommand& command_;
    UpstreamContext& context_;
    std::map<std::size_t, diagnosis::Diagnosis> found_;  // by number, until all before it are told
    std::map<std::size_t, Unsure> unsure_;
    std::map<std::size_t, inspect::scan::Scan> scans_;  // likewise, where one was asked for and made
    std::vector<report::Scanned> page_;
    std::vector<std::vector<Subject>> at_addresses_;  // for each target, with --all-addresses
    std::vector<Subject> subjects_;                   // likewise
    std::optional<Progress> progress_;
    report::AddressTable addresses_;
    const report::Paper paper_ = paper_of_stdout();
    std::size_t next_ = 0, done_ = 0, told_ = 0, lanes_ = 0;
    io::Signal room_;  // told_ has grown
    bool as_list_ = false, printed_ = false;
    report::Tally tally_;
    bool told_of_proxy_ = false;
    bool failed_ = false;  // because of a bug
    int unwritten_ = 0;    // the system's error when a report could not be written
};

}  // namespace

int run_check_command(const CheckCommand& command) {
    std::signal(SIGPIPE, SIG_IGN);
    io::Loop loop;
    std::function<void(const char*)> last_words;
    const Interruption interruption(loop, last_words);  // before there is another thread
    // Name look-ups block there: one that is not waited for any more is to hold up no other.
    const std::size_t threads = std::max<std::size_t>(command.parallel, 16);
    ::setenv("UV_THREADPOOL_SIZE", std::to_string(threads).c_str(), 0);
    UpstreamServices services{
        .settings = command.settings,
        .keyring = load_keyring(command.settings),
        .client_context = tls::ClientContext(command.settings.tls_min, command.settings.tls_max),
        .key_log = KeyLogWriter(command.settings.key_log),
        .intermediates = Intermediates(command.settings.aia ? intermediates_file(ca_directory("")) : "")};
    for (const std::string& warning : command.settings.warnings) say(warning);
    for (const std::string& line : command.unread) say("whytls: " + line);
    UpstreamContext context{.loop = loop, .services = services};
    Run run(command, context);
    last_words = [&run](const char* signal) { run.tell_of_stop(signal); };
    return run.all();
}

}  // namespace proxy
