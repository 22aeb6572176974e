#include <fmt/format.h>

#include "inspect/content/protobuf.h"
#include "proxy/otlp/backoff.h"
#include "proxy/otlp/outbox.h"
#include "proxy/otlp/sender.h"
#include "tests/support/catch.h"

using namespace proxy;
using Fate = OtlpOutbox::Fate;

namespace {

inspect::otlp::Translator translator() { return {"seed", {}}; }

// A request that comes to one span of some 300 bytes, and `more` of them.
inspect::Record request(std::uint64_t number, std::size_t more = 0) {
    inspect::Record record;
    record.number = number;
    record.complete = true;
    record.flow.method = "GET";
    record.flow.url = fmt::format("http://a.test/{}", number);
    record.flow.status = 200;
    record.request = inspect::http::RequestHead{.method = "GET", .target = "/", .version = {}, .fields = {}};
    if (more > 0) record.request->fields.add("User-Agent", std::string(more, 'x'));
    return record;
}

std::string number_of(const std::string& span) {
    const std::size_t at = span.find("http://a.test/");
    return span.substr(at + 14, span.find_first_not_of("0123456789", at + 14) - at - 14);
}

inspect::OtlpCount spans(const OtlpOutbox& outbox) { return outbox.counts()[0]; }

}  // namespace

TEST_CASE("what waits is kept, and what comes when it is full is dropped and counted") {
    OtlpOutbox outbox(translator(), {.items = 3});
    for (std::uint64_t number = 0; number < 5; ++number) outbox.keep(request(number));
    CHECK(spans(outbox).waiting == 3);
    CHECK(spans(outbox).full == 2);
    const auto batch = outbox.take(OtlpSignal::spans);
    REQUIRE(batch.size() == 3);
    CHECK(number_of(batch[0]) == "0");
    CHECK(number_of(batch[2]) == "2");
    outbox.keep(request(5));  // what is taken waits still
    CHECK(spans(outbox).full == 3);
    outbox.done(OtlpSignal::spans, batch, Fate::sent);
    outbox.keep(request(6));
    CHECK(spans(outbox).waiting == 1);
    CHECK(spans(outbox).sent == 3);
    outbox.abandon(OtlpSignal::spans);
    CHECK(spans(outbox).stopped == 1);
    CHECK(spans(outbox).waiting == 0);
    CHECK(spans(outbox).dropped() == 4);
}

TEST_CASE("the bound is one of bytes too, and a single item may be larger") {
    OtlpOutbox outbox(translator(), {.bytes = 5'000});
    for (std::uint64_t number = 0; number < 10; ++number) outbox.keep(request(number, 1'500));
    CHECK(spans(outbox).waiting == 2);
    CHECK(spans(outbox).full == 8);
    const auto batch = outbox.take(OtlpSignal::spans);
    outbox.done(OtlpSignal::spans, batch, Fate::refused);
    CHECK(spans(outbox).refused == 2);
    outbox.keep(request(10, 7'000));
    CHECK(spans(outbox).waiting == 1);
}

TEST_CASE("a batch is bounded in items and bytes, and of what is rejected the rest is sent") {
    OtlpOutbox outbox(translator(), {.of_batch = 4, .batch_bytes = 5'000});
    for (std::uint64_t number = 0; number < 6; ++number) outbox.keep(request(number));
    CHECK(outbox.has_batch(OtlpSignal::spans));
    auto batch = outbox.take(OtlpSignal::spans);
    CHECK(batch.size() == 4);
    outbox.done(OtlpSignal::spans, batch, Fate::sent, 1);
    CHECK(spans(outbox).sent == 3);
    CHECK(spans(outbox).refused == 1);
    CHECK_FALSE(outbox.has_batch(OtlpSignal::spans));
    outbox.keep(request(6, 7'000));
    batch = outbox.take(OtlpSignal::spans);
    CHECK(batch.size() == 2);
    outbox.done(OtlpSignal::spans, batch, Fate::sent, 99);
    CHECK(spans(outbox).refused == 3);
    CHECK(outbox.take(OtlpSignal::spans).size() == 1);
    CHECK(outbox.take(OtlpSignal::spans).empty());
}

TEST_CASE("the sender is woken for the first item and for a full batch, not for each") {
    OtlpOutbox outbox(translator(), {.of_batch = 10});
    int woken = 0;
    outbox.on_ready([&] { ++woken; });
    CHECK_FALSE(outbox.has_some(OtlpSignal::spans));
    outbox.keep(request(0));
    CHECK(woken == 1);
    CHECK(outbox.has_some(OtlpSignal::spans));
    for (std::uint64_t number = 1; number < 25; ++number) outbox.keep(request(number));
    CHECK(woken == 2);
}

TEST_CASE("a pause doubles up to its most and is less by chance, but what a server asks for is kept") {
    Backoff backoff(1);
    double most = Backoff::first;
    for (int time = 0; time < 10; ++time) {
        const double pause = backoff.next({});
        CHECK(pause >= most / 2);
        CHECK(pause <= most);
        most = std::min(Backoff::most, most * 2);
    }
    CHECK(backoff.next(7) == 7);
    CHECK(backoff.next(0) >= Backoff::first / 2);  // whatever the server says, it is not asked again at once
    CHECK(backoff.next(1e9) == Backoff::most_asked);
    CHECK(Backoff(1).next({}) != Backoff(2).next({}));
}

TEST_CASE("Retry-After is a number of seconds or a date (RFC 9110 §10.2.3)") {
    const certs::Time now{784'111'770};
    CHECK(retry_after("120", now) == 120);
    CHECK(retry_after(" 0 ", now) == 0);
    CHECK(retry_after("Sun, 06 Nov 1994 08:49:37 GMT", now) == 7);
    CHECK(retry_after("Sun, 06 Nov 1994 08:00:00 GMT", now) == 0);
    CHECK(retry_after("99999999999999999999", now) == Backoff::most_asked);
    for (const char* wrong : {"", "-1", "1.5", "soon"}) CHECK_FALSE(retry_after(wrong, now));
}

TEST_CASE("at the end is said what was dropped and why, and nothing where nothing was") {
    const Collector collector{.url = {}, .headers = {}, .shown = "http://a.test"};
    CHECK(otlp_summary(collector, {}).empty());
    CHECK(otlp_summary(collector, {inspect::OtlpCount{.sent = 7}, {}}).empty());
    CHECK(
        otlp_summary(collector, {inspect::OtlpCount{.sent = 7, .full = 2, .refused = 1, .stopped = 1, .waiting = 2},
                                 inspect::OtlpCount{.sent = 1, .stopped = 1}}) ==
        "whytls: --otlp http://a.test: dropped 2 spans for which there was no room, 1 span that it refused, 3 spans that "
        "it had not taken by the end, 1 log record that it had not taken by the end; sent 7 spans, 1 log record");
}
