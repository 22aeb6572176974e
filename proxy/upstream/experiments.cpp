#include "proxy/upstream/experiments.h"

#include <fmt/format.h>
#include <sys/random.h>

#include <algorithm>
#include <charconv>
#include <list>
#include <utility>

#include "inspect/diagnosis/experiments.h"
#include "inspect/http/date.h"
#include "inspect/http/http1/parser.h"
#include "proxy/io/channel.h"
#include "proxy/io/clock.h"
#include "proxy/io/connector.h"
#include "proxy/stream/http1_client.h"
#include "proxy/stream/http2_contact.h"
#include "proxy/stream/receive.h"
#include "proxy/upstream/context.h"
#include "proxy/upstream/second_opinion.h"
#include "tls/suites.h"

namespace proxy {

namespace diagnosis = inspect::diagnosis;
namespace http = inspect::http;

namespace {

using diagnosis::Experiment;
using diagnosis::Trial;
using Kind = tls::ProbeAnswer::Kind;

// Seconds. Trials run side by side, then those that follow from them; the two requests for the time
// are sent one after the other.
constexpr double longest_trial = 2, longest = 3, longest_question = 1;
constexpr double longest_ping = 0.5;
constexpr std::uint16_t http_port = 80;
constexpr tls::WireVersion tls_1_2 = 0x0303, tls_1_3 = 0x0304;
constexpr double kept_ms = 60'000;
// Batches of one loop. One holds six answers, each with at most one certificate.
constexpr std::size_t most_batches = 128;
constexpr std::size_t most_accepted = 1024;  // handshakes that a loop remembers for that long
constexpr int most_reads = 256;              // for one answer: a server that sends it byte by byte is not waited for
constexpr std::size_t longest_status = 100;  // bytes of a status line that are kept

class FinishAtEnd {
public:
    explicit FinishAtEnd(ExperimentBatch& batch) : batch_(batch) {}
    FinishAtEnd(const FinishAtEnd&) = delete;
    FinishAtEnd& operator=(const FinishAtEnd&) = delete;
    ~FinishAtEnd() {
        batch_.finished = true;
        batch_.end.notify();
    }

private:
    ExperimentBatch& batch_;
};

tls::ProbeRandom randomness() {
    tls::ProbeRandom random{};
    CHECK_STATE(::getrandom(random.data(), random.size(), 0) == static_cast<ssize_t>(random.size()));
    return random;
}

Kind kind_of(const io::IoError& error) { return error.kind == io::IoError::Kind::reset ? Kind::reset : Kind::closed; }

io::Task<std::optional<io::Channel>> open(UpstreamContext& context, io::Address address, double seconds) {
    std::vector<io::Address> addresses;
    addresses.push_back(address);
    auto connected = co_await io::connect(context.loop, std::move(addresses), seconds);
    if (!connected.socket) co_return std::nullopt;
    std::optional<io::Channel> channel(std::in_place, std::move(*connected.socket));
    channel->socket().set_deadline(seconds);
    co_return channel;
}

// Sends a ClientHello and reads what comes back, up to the point where more would prove nothing.
io::Task<> say_hello(io::Channel& channel, tls::ProbeHello hello, Experiment& experiment) {
    const certs::ByteVector wire = to_wire(hello, randomness());
    experiment.hello_size = wire.size();
    (void)co_await channel.write(wire);  // the next read shows that the peer is gone
    certs::ByteVector received;
    for (int reads = 0; reads < most_reads && !experiment.answer.complete; ++reads) {
        const auto more = co_await channel.fill();
        if (!more || *more == 0) {
            // An end after something that was understood adds nothing; a deadline is silence.
            if (experiment.answer.kind == Kind::silent && !channel.socket().timed_out())
                experiment.answer.kind = more ? Kind::closed : kind_of(more.error());
            co_return;
        }
        received.insert(received.end(), channel.buffered().begin(), channel.buffered().end());
        channel.consume(channel.buffered().size());
        experiment.answer = tls::read_answer(received);
    }
}

// What the sender's clock says: a response from a cache still has the Date of its origin, and its
// Age as well (RFC 9111 §5.1).
std::optional<certs::Time> date_of(const http::ResponseHead& head) {
    constexpr std::size_t longest = 9;  // digits: some 30 years
    const auto field = head.fields.find("Date");
    auto date = field ? http::parse_date(*field) : std::nullopt;
    const auto age = head.fields.find("Age");
    if (!date || !age || age->empty() || age->size() > longest) return date;
    std::int64_t seconds = 0;
    const auto [end, error] = std::from_chars(age->data(), age->data() + age->size(), seconds);
    if (error == std::errc() && end == age->data() + age->size() && seconds > 0) date->seconds += seconds;
    return date;
}

// Sends a HEAD and reads the head of the response.
io::Task<> ask_head(io::Channel& channel, http::RequestHead request, Experiment& experiment) {
    http::Parser responses = http::Parser::responses({.head = most_head, .trailers = most_head});
    Http1Client server(channel, responses);
    co_await server.request(request, false);
    if (const auto received = co_await receive_head(server); !received) {
        if (received.error() == NotReceived::closed)
            experiment.answer.kind = server.was_reset() ? Kind::reset : Kind::closed;
        if (received.error() != NotReceived::not_http) co_return;
        experiment.answer.kind = Kind::not_tls;
        experiment.answer.first_bytes = server.first_bytes();
        co_return;
    }
    const http::ResponseHead& head = server.response();
    experiment.answer.kind = Kind::accepted;
    experiment.status =
        fmt::format("HTTP/{}.{} {} {}", head.version.major, head.version.minor, head.status, head.reason)
            .substr(0, longest_status);
    experiment.date = date_of(head);
    experiment.received = io::now();
}

// Accepts any certificate, since nothing of the client's will follow. The leaf's DER goes to
// `leaf`.
tls::Session trusting_session(UpstreamContext& context, diagnosis::HandshakeOffer offer, certs::ByteVector& leaf) {
    tls::ClientParameters parameters;
    parameters.sni = std::move(offer.sni);
    parameters.alpn = std::move(offer.alpn);
    parameters.judge = [&leaf](std::span<const certs::Bytes> chain, certs::Bytes) {
        // What is kept for a minute has the size limit of an answer read by hand.
        if (!chain.empty() && chain.front().size() <= tls::probe_answer_most)
            leaf.assign(chain.front().begin(), chain.front().end());
        return certs::Verdict();
    };
    parameters.ask_for_staple = asks_for_staple(context.services.settings);
    parameters.accept_any = true;
    parameters.key_log = context.services.key_log.sink();
    return tls::Session::client(context.services.client_context, std::move(parameters));
}

Kind kind_of(const tls::HandshakeFailure& failure) {
    switch (failure.kind) {
        case tls::FailureKind::alert: return Kind::alert;
        case tls::FailureKind::closed: return Kind::closed;
        case tls::FailureKind::reset: return Kind::reset;
        case tls::FailureKind::timeout: return Kind::silent;
        case tls::FailureKind::not_tls: return Kind::not_tls;
        default: return Kind::malformed;
    }
}

// Whether the handshake was done. What it agreed on, or how it ended, is the experiment's answer.
io::Task<bool> shake_hands(UpstreamContext& context, io::Channel& channel, diagnosis::HandshakeOffer offer,
                           Experiment& experiment) {
    tls::ProbeAnswer& answer = experiment.answer;
    channel.start_tls(trusting_session(context, std::move(offer), answer.leaf));
    const auto done = co_await channel.handshake();
    if (!done) {
        answer.kind = kind_of(done.error());
        answer.alert = done.error().alert_received;
        answer.first_bytes = done.error().first_bytes;
        co_return false;
    }
    const tls::Handshake agreed = channel.session().handshake_info();
    const auto suite = std::ranges::find(tls::known_suites(), agreed.cipher, &tls::Suite::name);
    answer.kind = Kind::accepted;
    answer.version = agreed.version == tls::version_name(tls_1_3) ? tls_1_3 : tls_1_2;
    answer.cipher = suite != tls::known_suites().end() ? suite->number : std::uint16_t{0};
    answer.alpn = agreed.alpn;
    answer.dh_bits = agreed.dh_bits;
    answer.certificate_requested = agreed.certificate_requested;
    co_return true;
}

// RFC 8446 §4.4.4: the server reports that it rejects our Finished only when our side is done. The
// success is taken back when it does so soon.
io::Task<> hear_out(UpstreamContext& context, io::Channel& channel, Experiment& experiment) {
    constexpr double soon = 0.3;  // seconds
    io::Timer patience(context.loop);
    patience.start(soon, [&channel] { channel.socket().stop_reading(); });
    const auto more = co_await channel.fill();
    if ((more && *more > 0) || (!more && more.error().kind == io::IoError::Kind::cancelled)) co_return;
    const auto& failure = channel.session().failure();
    experiment.answer.kind = failure ? kind_of(*failure) : more ? Kind::closed : kind_of(more.error());
    experiment.answer.alert = failure ? failure->alert_received : std::nullopt;
}

// Begins HTTP/2, if that was agreed on, and sends no request.
io::Task<> meet_http2(UpstreamContext& context, io::Channel& channel, double seconds, Experiment& experiment) {
    using End = diagnosis::Http2Seen::End;
    tls::ProbeAnswer& answer = experiment.answer;
    if (answer.alpn != "h2") co_return;
    Http2Contact contact(context.loop, channel);
    co_await contact.meet(seconds);
    if (contact.connection().has_met()) co_await contact.hear_out(longest_ping);
    const diagnosis::Http2Seen seen = contact.seen(false);
    co_await contact.end();
    switch (seen.end) {
        case End::works: experiment.status = "SETTINGS"; break;
        case End::silent: answer.kind = Kind::silent; break;
        case End::goaway:
        case End::closed: answer.kind = Kind::closed; break;
        case End::not_http2:
            answer.kind = seen.first_bytes.empty() ? Kind::malformed : Kind::not_tls;
            answer.first_bytes = seen.first_bytes;
    }
}

io::Task<> run_trial(UpstreamContext& context, io::Address address, const diagnosis::Attempt& attempt, double seconds,
                     Experiment& experiment) {
    experiment.answer.kind = Kind::not_connected;
    auto channel = co_await open(context, address, seconds);
    if (!channel) co_return;
    experiment.answer.kind = Kind::silent;
    if (const auto hello = hello_of(experiment.trial, attempt)) {
        co_await say_hello(*channel, *hello, experiment);
    } else {
        auto offer = handshake_of(experiment.trial, attempt);
        const bool ready = !offer || co_await shake_hands(context, *channel, *std::move(offer), experiment);
        if (ready && experiment.trial == Trial::same_again && experiment.answer.version == tls_1_3)
            co_await hear_out(context, *channel, experiment);
        if (experiment.trial == Trial::http_2) {
            if (ready) co_await meet_http2(context, *channel, seconds, experiment);
        } else if (ready && !is_of_tls(experiment.trial)) {
            experiment.answer = {};  // from here on HTTP answers
            co_await ask_head(
                *channel, date_request(attempt, experiment.trial == Trial::date_over_http ? http_port : attempt.port),
                experiment);
        }
    }
    channel->close();
}

// Asks the server that failed, then its plain HTTP, until a Date field comes.
io::Task<> ask_the_time(UpstreamContext& context, io::Address address, const diagnosis::Attempt& attempt,
                        std::vector<Experiment>& made) {
    Experiment asked{.trial = Trial::date_over_tls, .answer = {}};
    co_await run_trial(context, address, attempt, longest_question, asked);
    made.push_back(asked);
    if (asked.date) co_return;
    const ResolveRule* rule = context.services.settings.find_resolve(attempt.host, http_port);
    const auto plain =
        rule != nullptr ? std::optional(rule->addresses.front()) : io::Address::parse(address.ip(), http_port);
    if (!plain || context.services.is_own_listener(*plain)) co_return;
    Experiment in_the_clear{.trial = Trial::date_over_http, .address = plain->to_string(), .answer = {}};
    co_await run_trial(context, *plain, attempt, longest_question, in_the_clear);
    made.push_back(std::move(in_the_clear));
}

io::Task<> run_side_by_side(UpstreamContext& context, io::Address address, const diagnosis::Attempt& attempt,
                            std::vector<Trial> trials, double seconds, std::vector<Experiment>& made) {
    std::size_t next = made.size();
    made.resize(made.size() + trials.size());
    std::list<io::Child> running;
    for (const Trial trial : trials) {
        Experiment& experiment = made[next++];
        experiment.trial = trial;
        running.emplace_back(run_trial(context, address, attempt, seconds, experiment));
    }
    for (io::Child& each : running) co_await each.join();
}

// Makes the trials, and those that their answers call for.
io::Task<> try_handshakes(UpstreamContext& context, io::Address address, diagnosis::Attempt attempt,
                          std::vector<Trial> trials, std::vector<Experiment>& made) {
    const double started = io::clock_ms();
    while (!trials.empty() && !context.stopping) {
        const double left = longest - (io::clock_ms() - started) / 1000;
        const double seconds = std::min({longest_trial, left, context.services.settings.handshake_timeout});
        if (seconds <= 0) break;
        co_await run_side_by_side(context, address, attempt, std::move(trials), seconds, made);
        attempt.experiments = made;
        trials = experiments_for(attempt);
    }
}

std::string server_of(const io::Address& address, const diagnosis::Attempt& attempt) {
    return fmt::format("{} {} {} ", address.to_string(), attempt.host, attempt.port);
}

// The key of the same server, offered the same.
std::string offer_to(const io::Address& address, const diagnosis::Attempt& attempt) {
    std::string key = server_of(address, attempt) + attempt.sni;
    for (const std::string& name : attempt.alpn) key += " " + name;
    return key;
}

// The key of the same server, asked the same questions.
std::string key_of(const io::Address& address, const diagnosis::Attempt& attempt, const std::vector<Trial>& trials,
                   bool time) {
    std::string key = offer_to(address, attempt) + fmt::format(" {}", time);
    for (const Trial trial : trials) key += fmt::format(" {}", static_cast<int>(trial));
    // After another failure they would prove something else.
    if (const auto* failure = std::get_if<tls::HandshakeFailure>(&attempt.failure))
        key += fmt::format(" {} {}", static_cast<int>(failure->kind), failure->alert_received.value_or(0));
    return key;
}

}  // namespace

std::shared_ptr<ExperimentBatch> ExperimentCache::find(const std::string& key, double now_ms) {
    const auto known = by_key_.find(key);
    return known == by_key_.end() || known->second.until_ms <= now_ms ? nullptr : known->second.batch;
}

std::shared_ptr<ExperimentBatch> ExperimentCache::begin(const std::string& key, double now_ms) {
    if (by_key_.size() >= most_batches)
        std::erase_if(by_key_, [&](const auto& entry) { return entry.second.until_ms <= now_ms; });
    if (by_key_.size() >= most_batches) return nullptr;
    auto batch = std::make_shared<ExperimentBatch>();
    by_key_.insert_or_assign(key, Entry{batch, now_ms + kept_ms});
    return batch;
}

void ExperimentCache::forget(const std::string& server) {
    if (!by_key_.empty()) std::erase_if(by_key_, [&](const auto& entry) { return entry.first.starts_with(server); });
}

void ExperimentCache::note_accepted(const std::string& offer, double now_ms) {
    const auto over = [now_ms](const auto& entry) { return entry.second + kept_ms <= now_ms; };
    if (accepted_ms_.size() >= most_accepted) std::erase_if(accepted_ms_, over);
    if (accepted_ms_.size() < most_accepted || accepted_ms_.contains(offer)) accepted_ms_[offer] = now_ms;
}

std::optional<double> ExperimentCache::accepted_before(const std::string& offer, double now_ms) const {
    const auto known = accepted_ms_.find(offer);
    if (known == accepted_ms_.end() || known->second + kept_ms <= now_ms) return std::nullopt;
    return (now_ms - known->second) / 1000;
}

void note_accepted(UpstreamContext& context, const io::Address& address, const diagnosis::Attempt& attempt) {
    context.experiments.forget(server_of(address, attempt));
    context.experiments.note_accepted(offer_to(address, attempt), io::clock_ms());
}

io::Task<> make_experiments(UpstreamContext& context, std::optional<io::Address> address, diagnosis::Attempt& attempt) {
    // Where TLS begins only after an exchange in the clear, the server would take an experiment's
    // ClientHello for a part of that exchange.
    if (!context.services.settings.experiments || context.stopping || attempt.starttls) co_return;
    const std::vector<Trial> trials = experiments_for(attempt);
    const bool time = calls_for_the_time(attempt);
    if (trials.empty() && !time) co_return;
    if (!address) {
        attempt.experiments_left_out = true;
        co_return;
    }
    const std::string key = key_of(*address, attempt, trials, time);
    std::shared_ptr<ExperimentBatch> batch = context.experiments.find(key, io::clock_ms());
    if (batch) {
        while (!batch->finished) co_await batch->end.wait();
    } else if ((batch = context.experiments.begin(key, io::clock_ms()))) {
        const FinishAtEnd finish(*batch);
        if (time)
            co_await ask_the_time(context, *address, attempt, batch->made);
        else
            co_await try_handshakes(context, *address, attempt, trials, batch->made);
    }
    if (batch) attempt.experiments = batch->made;
    attempt.accepted_before = context.experiments.accepted_before(offer_to(*address, attempt), io::clock_ms());
    // The next failure may be a different one.
    if (was_passing(attempt)) context.experiments.forget(server_of(*address, attempt));
}

}  // namespace proxy
