#include "proxy/command/check/scan/contact.h"

#include <sys/random.h>

#include <algorithm>

#include "proxy/io/clock.h"

namespace proxy {

namespace scan = inspect::scan;

namespace {

using Kind = tls::ProbeAnswer::Kind;

constexpr int most_reads = 256;  // for one answer: a server that sends it byte by byte is not waited for

tls::ProbeRandom randomness() {
    tls::ProbeRandom random{};
    CHECK_STATE(::getrandom(random.data(), random.size(), 0) == static_cast<ssize_t>(random.size()));
    return random;
}

scan::Reply reply_of(const tls::HandshakeFailure& failure) {
    switch (failure.kind) {
        case tls::FailureKind::alert: return scan::Reply::refused;
        case tls::FailureKind::closed:
        case tls::FailureKind::reset: return scan::Reply::ended;
        case tls::FailureKind::timeout: return scan::Reply::silent;
        default: return scan::Reply::malformed;
    }
}

}  // namespace

class Contacts::Place {
public:
    explicit Place(Contacts& contacts) : contacts_(contacts) {}
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;
    ~Place() {
        --contacts_.running_;
        contacts_.freed_.notify();
    }

private:
    Contacts& contacts_;
};

Contacts::Contacts(UpstreamContext& context, Examination how, Subject subject, double seconds)
    : context_(context),
      how_(std::move(how)),
      subject_(std::move(subject)),
      sni_(upstream_of(how_, subject_).destination.sni),
      end_ms_(io::clock_ms() + seconds * 1000) {}

double Contacts::seconds_left() const { return (end_ms_ - io::clock_ms()) / 1000; }

// A server that has stopped to answer is not asked for the rest.
bool Contacts::is_over() const { return seconds_left() <= 0 || unanswered_ >= most_at_once; }

io::Task<> Contacts::begin() {
    while (running_ >= most_at_once) co_await freed_.wait();
    ++running_;
}

io::Task<> Contacts::converse(Upstream& upstream, scan::Question question, scan::Answered& answered) {
    io::Channel& channel = *upstream.channel;
    (void)co_await channel.write(scan::to_wire(question, randomness()));  // the next read shows that the peer is gone
    certs::ByteVector received;
    for (int reads = 0; reads < most_reads && !is_enough(question, answered); ++reads) {
        const auto more = co_await channel.fill();
        if (!more || *more == 0) {
            if (answered.answer.kind == Kind::silent && !channel.socket().timed_out())
                answered.answer.kind =
                    more || more.error().kind != io::IoError::Kind::reset ? Kind::closed : Kind::reset;
            co_return;
        }
        received.insert(received.end(), channel.buffered().begin(), channel.buffered().end());
        channel.consume(channel.buffered().size());
        answered = scan::read(received);
    }
}

io::Task<bool> Contacts::connect(Upstream& upstream) {
    ++count_;
    const auto patience = [&] {
        return std::min(context_.services.settings.handshake_timeout, std::max(seconds_left(), 0.1));
    };
    co_await approach(context_, how_, subject_.target, upstream, patience());
    if (!upstream.open()) co_return false;
    if (upstream.address && !subject_.address)
        subject_.address = ChosenAddress{.address = *upstream.address, .canonical_name = ""};
    upstream.channel->socket().set_deadline(patience());
    co_return true;
}

// RFC 8446 §4.6.1: TLS 1.3's tickets come after the handshake. A server that sees our end sends its
// own after them. Some forget a session that was not ended properly (RFC 5246 §7.2.1).
io::Task<bool> Contacts::take_tickets(Upstream& upstream) {
    constexpr double most = 1;  // seconds
    upstream.channel->socket().set_deadline(std::min(most, std::max(seconds_left(), 0.1)));
    co_await upstream.channel->end();
    for (int reads = 0; reads < most_reads; ++reads) {
        const auto more = co_await upstream.channel->fill();
        if (!more || *more == 0) co_return !upstream.channel->socket().timed_out();
        upstream.channel->consume(upstream.channel->buffered().size());
    }
    co_return false;
}

io::Task<Shaken> Contacts::shake_hands(tls::Version version, tls::ClientParameters parameters, bool keep) {
    co_await begin();
    const Place place(*this);
    Shaken shaken;
    if (is_over()) co_return shaken;
    shaken.reply = scan::Reply::unreachable;
    Upstream upstream = upstream_of(how_, subject_);
    const bool connected = co_await connect(upstream);
    note(connected);
    if (!connected) co_return shaken;
    parameters.accept_any = true;
    parameters.key_log = context_.services.key_log.sink();
    parameters.judge = [&shaken](std::span<const certs::Bytes> chain, certs::Bytes staple) {
        if (!chain.empty()) shaken.leaf.assign(chain[0].begin(), chain[0].end());
        if (chain.size() > 1) shaken.issuer.assign(chain[1].begin(), chain[1].end());
        shaken.staple.assign(staple.begin(), staple.end());
        return certs::Verdict();
    };
    io::Channel& channel = *upstream.channel;
    channel.start_tls(
        tls::Session::client(version == tls::Version::tls_1_3 ? only_1_3_ : only_1_2_, std::move(parameters)));
    const auto done = co_await channel.handshake();
    if (!done) {
        shaken.reply = reply_of(done.error());
        note(shaken.reply != scan::Reply::silent);
        shaken.alert = done.error().alert_received;
        channel.close();
        co_return shaken;
    }
    shaken.reply = scan::Reply::chosen;
    shaken.alpn = channel.session().handshake_info().alpn;
    shaken.resumed = channel.session().handshake_info().resumed;
    if (keep) {
        shaken.ended = co_await take_tickets(upstream);
        shaken.session = channel.session().resumable();
    }
    channel.close();
    co_return shaken;
}

io::Task<scan::Answered> Contacts::ask(scan::Question question) {
    co_await begin();
    const Place place(*this);
    scan::Answered answered;
    answered.asked = !is_over();
    if (!answered.asked) co_return answered;
    answered.answer.kind = Kind::not_connected;
    Upstream upstream = upstream_of(how_, subject_);
    const bool connected = co_await connect(upstream);
    if (connected) {
        answered.answer.kind = Kind::silent;
        co_await converse(upstream, std::move(question), answered);
    }
    note(connected && answered.answer.kind != Kind::silent);
    if (!connected) co_return answered;
    upstream.channel->close();
    co_return answered;
}

}  // namespace proxy
