#include "tests/proxy/http2_transcript.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <exception>
#include <utility>
#include <variant>

#include "certs/bytes.h"

namespace proxy_test {

using namespace inspect::http2;

namespace {

constexpr int patience = 1000;  // steps of 10 ms: slowness of a busy machine is not being stuck

std::string text_of(const inspect::http::Fields& fields) {
    std::string text;
    for (const auto& [name, value] : fields)
        if (name != "date") text += fmt::format(" {}: {}", name, value);
    return text;
}

}  // namespace

std::string Http2Transcript::Seen::line() const { return stream == 0 ? text : fmt::format("{}: {}", stream, text); }

Http2Transcript::Http2Transcript(const Conditions& conditions)
    : Transcript(conditions), session_(Session::client({})) {}

Http2Transcript::~Http2Transcript() {
    if (std::uncaught_exceptions() > 0) return;
    turn();
    CHECK(lines() == "");
}

Http2Transcript::Stream Http2Transcript::asks(std::string_view method, std::string_view path, const Fields& fields,
                                              bool ends) {
    inspect::http::RequestHead head;
    head.method = method;
    head.target = path;
    head.fields.add("host", "good.test");
    for (const auto& [name, value] : fields) head.fields.add(name, value);
    const auto stream = session_.request(head, "http", ends);
    REQUIRE(stream);
    turn();
    return *stream;
}

void Http2Transcript::sends(Stream stream, std::string_view content, bool ends) {
    offered_.emplace_back(content);
    REQUIRE(session_.offer(stream, certs::as_bytes(offered_.back()), ends) != Session::Offer::gone);
    turn();
}

void Http2Transcript::sends_trailers(Stream stream, const Fields& fields) {
    inspect::http::Fields trailers;
    for (const auto& [name, value] : fields) trailers.add(name, value);
    REQUIRE(session_.finish(stream, trailers));
    turn();
}

void Http2Transcript::resets(Stream stream, ErrorCode code) {
    session_.reset(stream, code);
    turn();
}

void Http2Transcript::gives_no_window(Stream stream) { kept_[stream] = 0; }
void Http2Transcript::gives_window(Stream stream) {
    session_.consumed(stream, kept_[stream]);
    kept_.erase(stream);
    turn();
}

void Http2Transcript::sees(const std::vector<std::string>& events, Where where) {
    await(events.size());
    INFO(where.file_name() << ':' << where.line() << '\n' << lines());
    for (const std::string& each : events) {
        REQUIRE_FALSE(unseen_.empty());
        REQUIRE(unseen_.front().line() == each);
        unseen_.pop_front();
    }
}

void Http2Transcript::is_told(Stream stream, int status, std::string_view code, Where where) {
    await(3);
    INFO(where.file_name() << ':' << where.line() << '\n' << lines());
    REQUIRE(unseen_.size() >= 3);
    const std::string head = unseen_.front().line();
    CHECK(head.starts_with(fmt::format("{}: {} ", stream, status)));
    CHECK(head.contains(fmt::format("; details=\"{}\"", code)));
    unseen_.pop_front();
    CHECK(unseen_.front().is_content);
    unseen_.pop_front();
    CHECK(unseen_.front().line() == fmt::format("{}: end", stream));
    unseen_.pop_front();
}

void Http2Transcript::sees_content(Stream stream, std::size_t octets, Where where) {
    std::size_t came = 0;
    for (int step = 0; came < octets && step < patience; ++step) {
        await(1);
        while (!unseen_.empty() && unseen_.front().is_content && unseen_.front().stream == stream) {
            came += unseen_.front().text.size();
            unseen_.pop_front();
        }
        if (!unseen_.empty()) break;
    }
    INFO(where.file_name() << ':' << where.line());
    CHECK(came == octets);
}

void Http2Transcript::serves_stream(std::string_view path, Where where) {
    const Stream stream = asks("GET", path);
    server_sees(fmt::format("GET {} HTTP/1.1\r\nhost: good.test\r\n\r\n", path), where);
    server(ok(path));
    sees({fmt::format("{}: 200 content-length: {}", stream, path.size()), fmt::format("{}: {}", stream, path),
          fmt::format("{}: end", stream)},
         where);
}

void Http2Transcript::turn() {
    for (bool moved = true; moved;) {
        while (const auto event = session_.next()) add(*event);
        client(certs::as_text(session_.output()));
        session_.sent(session_.output().size());
        const std::string came = client_takes();
        if (!came.empty()) session_.feed(certs::as_bytes(came));
        came_ += came;
        while (const auto event = session_.next()) add(*event);
        moved = !came.empty() || !session_.output().empty();
    }
}

void Http2Transcript::add(const Event& event) {
    if (const auto* head = std::get_if<ResponseReceived>(&event)) {
        unseen_.push_back({head->stream, fmt::format("{}{}", head->head.status, text_of(head->head.fields))});
        if (head->ends) unseen_.push_back({head->stream, "end"});
    } else if (const auto* data = std::get_if<Data>(&event)) {
        if (unseen_.empty() || unseen_.back().stream != data->stream || !unseen_.back().is_content)
            unseen_.push_back({data->stream, "", true});
        unseen_.back().text += certs::as_text(data->bytes);
        if (const auto kept = kept_.find(data->stream); kept != kept_.end())
            kept->second += data->bytes.size();
        else
            session_.consumed(data->stream, data->bytes.size());
    } else if (const auto* trailers = std::get_if<Trailers>(&event)) {
        unseen_.push_back({trailers->stream, "trailers" + text_of(trailers->fields)});
    } else if (const auto* end = std::get_if<End>(&event)) {
        unseen_.push_back({end->stream, "end"});
    } else if (const auto* reset = std::get_if<Reset>(&event)) {
        unseen_.push_back({reset->stream, fmt::format("reset {}", name(reset->code))});
    } else if (const auto* goaway = std::get_if<Goaway>(&event)) {
        unseen_.push_back({0, fmt::format("goaway {} {}", name(goaway->code), goaway->last_stream)});
    } else if (const auto* failed = std::get_if<Failed>(&event)) {
        unseen_.push_back({0, fmt::format("failed {}: {}", name(failed->code), failed->reason)});
    }
}

void Http2Transcript::await(std::size_t events) {
    turn();
    for (int step = 0; unseen_.size() < events && step < patience; ++step) {
        passes(0.01);
        turn();
    }
}

std::string Http2Transcript::lines() const {
    std::string text;
    for (const Seen& each : unseen_) text += each.line() + '\n';
    return text;
}

}  // namespace proxy_test
