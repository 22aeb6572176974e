#include "proxy/stream/http2_contact.h"

#include <utility>

namespace proxy {

namespace http2 = inspect::http2;
using Seen = inspect::diagnosis::Http2Seen;

namespace {

constexpr std::uint64_t ping_data = 0x776879746c73;  // any 8 octets (RFC 9113 §6.7)
constexpr double for_goaway = 2;                     // seconds, for it to be sent

bool is_error(const std::optional<http2::Goaway>& goaway) {
    return goaway && goaway->code != http2::ErrorCode::no_error;
}

}  // namespace

Http2Contact::Http2Contact(io::Loop& loop, io::Channel& channel)
    : loop_(loop), connection_(channel, http2::Session::client({})), running_(connection_.run()) {}

io::Task<> Http2Contact::meet(double seconds) {
    io::Timer patience(loop_);
    patience.start(seconds, [this, seconds] {
        waited_ = seconds;
        connection_.changed();
    });
    while (!connection_.has_met() && !connection_.has_ended() && waited_ == 0) co_await connection_.heard();
}

io::Task<> Http2Contact::hear_out(double seconds) {
    bool late = false;
    io::Timer patience(loop_);
    patience.start(seconds, [this, &late] {
        late = true;
        connection_.changed();
    });
    connection_.session().ping(ping_data);
    connection_.changed();
    while (!connection_.has_ponged() && !connection_.has_ended() && !late) co_await connection_.heard();
}

Seen Http2Contact::seen(bool served) const {
    Seen seen;
    seen.settings = connection_.has_met();
    seen.first_bytes = connection_.first_bytes();
    const auto& goaway = connection_.goaway();
    const auto& failed = connection_.failed();
    if (is_error(goaway)) {
        seen.end = Seen::End::goaway;
        seen.code = std::to_underlying(goaway->code);
        seen.text = goaway->debug;
    } else if (failed) {
        seen.end = Seen::End::not_http2;
        seen.code = std::to_underlying(failed->code);
        seen.text = failed->reason;
    } else if (connection_.has_ended() && !goaway && !served) {
        seen.end = seen.first_bytes.empty() ? Seen::End::closed : Seen::End::not_http2;
    } else if (!seen.settings) {
        seen.end = Seen::End::silent;
        seen.seconds = waited_;
    }
    return seen;
}

io::Task<> Http2Contact::end() {
    connection_.end();
    connection_.channel().socket().set_deadline(for_goaway);
    co_await running_.join();
}

}  // namespace proxy
