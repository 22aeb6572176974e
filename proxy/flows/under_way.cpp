#include "proxy/flows/under_way.h"

#include "proxy/flows/tap.h"
#include "proxy/io/clock.h"

namespace proxy {

namespace {

constexpr double moment_ms = 100;

}  // namespace

void UnderWay::add(Tap& tap) {
    tap.place_ = waiting_.size();
    waiting_.push_back({&tap, io::clock_ms()});
    if (!looking_) look_later();
}

void UnderWay::remove(const Tap& tap) {
    waiting_[tap.place_] = waiting_.back();
    waiting_[tap.place_].tap->place_ = tap.place_;
    waiting_.pop_back();
}

// It is not stopped when the last one leaves: another comes at once, as a rule.
void UnderWay::look_later() {
    looking_ = true;
    timer_.start(moment_ms / 1000, [this] { look(); });
}

void UnderWay::look() {
    looking_ = false;
    const double now = io::clock_ms();
    // One that is shown leaves, and the last one takes its place: that was looked at before.
    for (std::size_t at = waiting_.size(); at-- > 0;)
        if (now - waiting_[at].since_ms >= moment_ms) waiting_[at].tap->show();
    if (!waiting_.empty()) look_later();
}

}  // namespace proxy
