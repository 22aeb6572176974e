// Peers of HTTP/2 that ask much for nothing (RFC 9113 §10.5): the connection ends with the right
// code, and neither output nor events grow. And peers that only seem to.
#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "inspect/http/http2/frame_budget.h"
#include "inspect/http/http2/session.h"
#include "tests/inspect/http2_frames.h"
#include "tests/support/catch.h"

using namespace http2_frames;
using namespace inspect::http2;
using inspect::http::RequestHead;
using inspect::http::ResponseHead;

namespace {

struct Flooded {
    std::string end;              // the last event
    std::size_t rounds = 0;       // that it took
    std::size_t most_output = 0;  // that waited at once
    std::size_t most_events = 0;  // of one feeding
    StreamId answered = 0;
};

// Feeds round after round, a thousand at once, until the session fails or `rounds` are over.
template <typename Round>
Flooded flood(Session& session, std::string_view before, Round round, std::size_t rounds, bool reads = true,
              bool answers = false) {
    Flooded result;
    const auto feed = [&](std::string_view bytes) {
        session.feed(certs::as_bytes(bytes));
        std::size_t events = 0;
        while (const auto event = session.next()) {
            ++events;
            result.end = text_of(*event);
            if (const auto* const data = std::get_if<Data>(&*event)) session.consumed(data->stream, data->bytes.size());
            const auto* const request = std::get_if<RequestReceived>(&*event);
            if (request == nullptr || !answers) continue;
            session.respond(request->stream, ResponseHead{.status = 200, .reason = "", .version = {}, .fields = {}},
                            true);
            result.answered = request->stream;
        }
        result.most_events = std::max(result.most_events, events);
        result.most_output = std::max(result.most_output, session.output().size());
        if (reads) session.sent(session.output().size());
    };
    feed(before);
    while (!session.is_over() && result.rounds < rounds) {
        std::string bytes;
        for (int i = 0; i < 1'000; ++i) bytes += round(result.rounds++);
        feed(bytes);
    }
    return result;
}

struct Flood {
    std::string_view what;
    std::string round;  // after a POST on stream 1
    std::string_view end = "failed ENHANCE_YOUR_CALM";
};

std::string preface() { return std::string(magic) + settings() + headers(1, post(), end_headers); }
constexpr std::size_t million = 1'000'000;

}  // namespace

TEST_CASE("a million frames that carry nothing end the connection, whether their answers are read or not") {
    const std::vector<Flood> floods{
        {"PING", ping()},
        {"PING with ACK", ping("opaque__", ack)},
        {"empty SETTINGS", settings()},
        {"SETTINGS that change the windows", settings({{4, 1}}) + settings({{4, 1'000'000}})},
        {"SETTINGS that change the tables", settings({{1, 0}}) + settings({{1, 4'096}})},
        {"WINDOW_UPDATE of the connection", window_update(0, 1)},
        {"WINDOW_UPDATE of a stream", window_update(1, 1)},
        {"WINDOW_UPDATE of a closed stream", rst_stream(1, 8) + window_update(1, 1)},
        {"RST_STREAM of a closed stream", rst_stream(1, 8)},
        {"PRIORITY", frame(priority_frame, 0, 1, number(3, 5))},
        {"PRIORITY of idle streams", frame(priority_frame, 0, 10'001, number(3, 5))},
        {"empty DATA", data(1, "", 0)},
        {"DATA of padding", frame(data_frame, padded, 1, "\x07" + std::string(7, '\0'))},
        {"DATA of one octet", data(1, "x", 0)},
        {"frames of unknown type", frame(0xbe, 0, 1, "whatever")},
        {"PRIORITY_UPDATE (RFC 9218 7.1)", frame(0x10, 0, 0, number(1, 4) + "u=1")},
        {"ALTSVC (RFC 7838 4)", frame(0xa, 0, 0, "whatever")},
        {"GOAWAY", goaway(0, 0)},
    };
    for (const Flood& one : floods) {
        for (const bool reads : {true, false}) {
            INFO(one.what << (reads ? ", read" : ", not read"));
            auto session = Session::server({});
            const Flooded result = flood(session, preface(), [&](std::size_t) { return one.round; }, million, reads);
            CHECK(result.end == one.end);
            CHECK(result.rounds <= 20'000);
            CHECK(result.most_output < 70'000);
            CHECK(result.most_events < 10'000);
        }
    }
}

TEST_CASE("streams that are opened and reset before they are answered end the connection (CVE-2023-44487)") {
    auto session = Session::server({});
    const auto round = [](std::size_t i) {
        const auto stream = static_cast<std::uint32_t>(2 * i + 3);
        return headers(stream, get()) + rst_stream(stream, 8);
    };
    const Flooded result = flood(session, preface(), round, million);
    CHECK(result.end == "failed ENHANCE_YOUR_CALM");
    CHECK(result.rounds <= 1'000);
    CHECK(result.most_output < 1'000);
}

TEST_CASE("streams that make us reset them end the connection too (CVE-2025-8671)") {
    const std::vector<Flood> floods{
        {"a window that overflows", window_update(0, 0)},
        {"content beyond its length", ""},
        {"a malformed head", ""},
    };
    for (std::size_t kind = 0; kind < floods.size(); ++kind) {
        INFO(floods[kind].what);
        auto session = Session::server({});
        const auto round = [&](std::size_t i) {
            const auto stream = static_cast<std::uint32_t>(2 * i + 3);
            if (kind == 0) return headers(stream, get()) + window_update(stream, 0x7fffffff);
            if (kind == 1)
                return headers(stream, post({{"content-length", "0"}}), end_headers) + data(stream, "long enough");
            return headers(stream, get({{"x", " y"}}));
        };
        const Flooded result = flood(session, preface(), round, million);
        CHECK(result.end == "failed ENHANCE_YOUR_CALM");
        CHECK(result.rounds <= 1'000);
        CHECK(result.most_output < 20'000);
    }
}

TEST_CASE("streams that are refused one after the other end the connection") {
    for (const bool reads : {true, false}) {
        Options few;
        few.max_concurrent_streams = 1;
        auto session = Session::server(few);
        const auto round = [](std::size_t i) {
            return headers(static_cast<std::uint32_t>(2 * i + 3), post(), end_headers);
        };
        const Flooded result = flood(session, preface(), round, million, reads);
        CHECK(result.end == "failed ENHANCE_YOUR_CALM");
        CHECK(result.rounds <= 20'000);
        CHECK(result.most_output < 100'000);
    }
}

TEST_CASE("CONTINUATION without end ends the connection (CVE-2024-28182)") {
    for (const std::string& more : {std::string(), literal("x", "y"), literal("x", std::string(16'000, 'y'))}) {
        auto session = Session::server({});
        const auto round = [&](std::size_t) { return frame(continuation_frame, 0, 3, more); };
        const Flooded result = flood(session, preface() + headers(3, get(), end_stream), round, 10'000);
        CHECK(result.end == "failed ENHANCE_YOUR_CALM");
        CHECK(result.rounds == 1'000);
        CHECK(result.most_output < 1'000);
    }
}

TEST_CASE("a few octets that stand for megabytes of fields end the connection (CVE-2016-6581)") {
    auto session = Session::server({});
    // RFC 7541 §6.2.1: an entry of 4 KB for the dynamic table; §6.1: named by one octet, again and
    // again.
    const std::string entry = "\x40" + literal("x", std::string(4'000, 'y')).substr(1);
    const std::string bomb = block(get()) + entry + std::string(12'000, '\xbe');
    std::string output;
    const auto events = play(session, preface() + frame(headers_frame, end_headers | end_stream, 3, bomb), 0, output);
    CHECK(events.back() == "failed ENHANCE_YOUR_CALM");
}

TEST_CASE("fields above the limit are dropped as they are decoded, one head after the other") {
    auto session = Session::server({});
    const std::string entry = "\x40" + literal("x", std::string(4'000, 'y')).substr(1);
    const auto round = [&](std::size_t i) {
        const auto stream = static_cast<std::uint32_t>(2 * i + 3);
        const std::string bomb = block(get()) + (i == 0 ? entry : "") + std::string(200, '\xbe');
        return frame(headers_frame, end_headers | end_stream, stream, bomb) + rst_stream(stream, 8);
    };
    const Flooded result = flood(session, preface(), round, million);
    CHECK(result.end == "failed ENHANCE_YOUR_CALM");
    CHECK(result.rounds <= 1'000);
}

TEST_CASE("thousands of small fields are above the limit by their overhead alone") {
    auto session = Session::server({});
    std::string output;
    const std::string many = block(get()) + [] {
        std::string text;
        for (int i = 0; i < 3'000; ++i) text += literal("a", "");
        return text;
    }();
    CHECK(play(session, preface() + frame(headers_frame, end_headers | end_stream, 3, many), 0, output).back() ==
          "too large 3");
}

TEST_CASE("SETTINGS of thousands of entries end the connection") {
    auto session = Session::server({});
    std::vector<std::pair<int, std::uint32_t>> entries(2'000, {0xbe, 1});
    std::string output;
    CHECK(play(session, std::string(magic) + settings(entries), 0, output).back() == "failed ENHANCE_YOUR_CALM");
}

TEST_CASE("a table size without bounds costs no memory") {
    auto session = Session::server({});
    std::string output;
    play(session, preface() + settings({{1, 0xffffffff}}) + headers(3, get()), 0, output);
    CHECK(session.respond(3, ResponseHead{.status = 200, .reason = "", .version = {}, .fields = {}}, true));
    // RFC 7541 §6.3: the largest that the encoder takes is announced first, 4096 in our case, which
    // it is.
    CHECK(output.size() + session.output().size() < 300);
}

TEST_CASE("interim responses without end, and answers that no one asked for, end a client's connection") {
    const std::vector<Flood> floods{
        {"103", headers(1, {{":status", "103"}}, end_headers)},
        {"PING", ping()},
        {"SETTINGS", settings()},
        {"empty DATA", data(1, "", 0), "failed PROTOCOL_ERROR"},
    };
    for (const Flood& one : floods) {
        INFO(one.what);
        auto session = Session::client({});
        RequestHead head{.method = "GET", .target = "/", .version = {}, .fields = {}};
        head.fields.add("Host", "a");
        REQUIRE(session.request(head, "https", true));
        const Flooded result = flood(session, settings(), [&](std::size_t) { return one.round; }, million);
        CHECK(result.end == one.end);
        CHECK(result.rounds <= 20'000);
        CHECK(result.most_output < 70'000);
    }
}

TEST_CASE("a window that never opens holds what it was offered, and nothing else") {
    auto session = Session::server({});
    std::string output;
    play(session, std::string(magic) + settings({{4, 0}}), 0, output);
    const std::string content(1'000'000, 'x');
    for (std::uint32_t stream = 1; stream < 200; stream += 2) {
        play(session, headers(stream, get()), 0, output);
        CHECK(session.respond(static_cast<StreamId>(stream),
                              ResponseHead{.status = 200, .reason = "", .version = {}, .fields = {}}, false));
        CHECK(session.offer(static_cast<StreamId>(stream), certs::as_bytes(content), true) == Session::Offer::waiting);
    }
    CHECK(session.output().size() < 2'000);
    output.clear();
    play(session, settings({{4, 3}}), 0, output);
    CHECK(std::ranges::count(frames_in(output), "DATA 1 3") == 1);
}

TEST_CASE("requests that are answered may be a million, and be reset after that") {
    auto session = Session::server({});
    const auto round = [](std::size_t i) {
        const auto stream = static_cast<std::uint32_t>(2 * i + 3);
        return headers(stream, get()) + rst_stream(stream, 8) + ping() + window_update(0, 1);
    };
    const Flooded result = flood(session, preface(), round, 50'000, true, true);
    CHECK(!session.is_over());
    CHECK(result.answered == 2 * 49'999 + 3);
}

TEST_CASE("two WINDOW_UPDATE for each DATA frame, and messages of gRPC's least size, are no flood") {
    auto session = Session::server({});
    std::string output;
    play(session,
         std::string(magic) + settings({{4, 0x7fffffff}}) + window_update(0, 0x70000000) +
             headers(1, post(), end_headers),
         0, output);
    CHECK(session.respond(1, ResponseHead{.status = 200, .reason = "", .version = {}, .fields = {}}, false));
    for (int i = 0; i < 50'000; ++i) {
        CHECK(session.offer(1, certs::as_bytes("hello"), false) == Session::Offer::taken);
        session.sent(session.output().size());
        const std::string input = window_update(0, 1) + window_update(1, 1) + data(1, "12345", 0);
        session.feed(certs::as_bytes(input));
        while (const auto event = session.next())
            if (const auto* const content = std::get_if<Data>(&*event)) session.consumed(1, content->bytes.size());
        if (session.is_over()) break;
    }
    CHECK(!session.is_over());
}

TEST_CASE("a PING every second for days is no flood, where the time is known") {
    auto session = Session::server({});
    std::string output;
    play(session, preface(), 0, output);
    for (std::uint64_t second = 1; second < 100'000; ++second) {
        const std::string input = ping();
        session.feed(certs::as_bytes(input), second * 1'000);
        while (session.next()) continue;
        session.sent(session.output().size());
    }
    CHECK(!session.is_over());
    const Flooded result = flood(session, "", [](std::size_t) { return ping(); }, million);
    CHECK(result.end == "failed ENHANCE_YOUR_CALM");
}

TEST_CASE("what is earned by time is earned in any steps, up to the most") {
    FrameBudget budget;
    budget.at(1);
    REQUIRE(!budget.pay_frame(FrameBudget::most_frames + 1));
    for (std::uint64_t ms = 2; ms <= 1'001; ++ms) budget.at(ms);
    CHECK(budget.pay_frame(FrameBudget::frames_a_second - 1));
    CHECK(!budget.pay_frame(1));
    budget.at(1'000'000);
    CHECK(budget.pay_frame(FrameBudget::most_frames - 1));
    budget.at(500);
    CHECK(!budget.pay_frame(2));
}
