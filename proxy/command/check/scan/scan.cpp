#include "proxy/command/check/scan/scan.h"

#include <algorithm>
#include <list>

#include "proxy/command/check/scan/scanner.h"
#include "proxy/io/clock.h"

namespace proxy {

namespace {

constexpr tls::WireVersion tls_1_3 = 0x0304;

using inspect::scan::Known;
using inspect::scan::Question;
using inspect::scan::Reply;
using inspect::scan::Scan;
using inspect::scan::VersionFound;

}  // namespace

Scanner::Scanner(UpstreamContext& context, const Examination& how, const Subject& subject, double seconds)
    : contacts_(context, how, subject, seconds), alpn_(how.alpn) {
    scan_.host = subject.target.host;
    scan_.port = subject.target.port;
    scan_.sni = contacts_.sni();
    for (const tls::WireVersion version : inspect::scan::scanned_versions())
        scan_.versions.push_back({.version = version, .last = {}, .suites = {}});
}

io::Task<> Scanner::beside_each_other(io::Task<> (Scanner::*story)(VersionFound&)) {
    std::list<io::Child> running;
    for (VersionFound& each : scan_.versions) running.emplace_back((this->*story)(each));
    for (io::Child& each : running) co_await each.join();
}

io::Task<Scan> Scanner::run() {
    const double start = io::clock_ms();
    co_await beside_each_other(&Scanner::meet);
    co_await beside_each_other(&Scanner::list_suites);
    if (const auto& address = contacts_.address()) scan_.address = address->address.to_string();
    {
        std::list<io::Child> running;
        if (has_1_3()) {
            running.emplace_back(list_groups_1_3());
            running.emplace_back(look_at_1_3());
        }
        running.emplace_back(look_at_fallback());
        if (old() != nullptr) running.emplace_back(look_at_old());
        for (io::Child& each : running) co_await each.join();
    }
    if (scan_.spoke()) {
        std::list<io::Child> running;
        running.emplace_back(list_protocols());
        running.emplace_back(look_without_name());
        if (old() != nullptr) running.emplace_back(list_groups_old());
        for (io::Child& each : running) co_await each.join();
    }
    settle_what_was_not_asked();
    scan_.connections = contacts_.count();
    scan_.milliseconds = io::clock_ms() - start;
    co_return std::move(scan_);
}

// A version that is not supported has nothing to be listed; of one of which nothing is known, the
// reason is the version's.
void Scanner::settle_what_was_not_asked() {
    const VersionFound& newest = scan_.versions.front();
    if (newest.supported == Known::no) scan_.resumption.tls_1_3 = Known::no;
    if (newest.supported != Known::yes)
        scan_.groups_1_3 = {.found = {}, .complete = newest.supported == Known::no, .last = newest.last};
    if (old() != nullptr) return;
    const auto open = std::ranges::find_if(scan_.versions, [](const VersionFound& each) {
        return each.version < tls_1_3 && each.supported == Known::unknown;
    });
    scan_.groups_old.complete = open == scan_.versions.end();
    if (open != scan_.versions.end()) scan_.groups_old.last = open->last;
}

void Scanner::note(Reply reply) {
    if (reply > Reply::refused && scan_.trouble == Reply::chosen) scan_.trouble = reply;
}

bool Scanner::has_1_3() const {
    const VersionFound* found = scan_.find(tls_1_3);
    return found != nullptr && found->supported == Known::yes;
}

const VersionFound* Scanner::old() const {
    for (const VersionFound& each : scan_.versions)
        if (each.version < tls_1_3 && each.supported == Known::yes) return &each;
    return nullptr;
}

Question Scanner::question_of(const VersionFound& version) const {
    Question question = inspect::scan::usual_question(version.version, scan_.sni);
    question.suites = version.suites.found;
    question.share_key = share_key_ && version.version == tls_1_3;
    return question;
}

io::Task<Scan> scan(UpstreamContext& context, Examination how, Subject subject, double seconds) {
    Scanner scanner(context, how, subject, seconds);
    co_return co_await scanner.run();
}

}  // namespace proxy
