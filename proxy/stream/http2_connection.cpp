#include "proxy/stream/http2_connection.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "proxy/io/clock.h"
#include "proxy/io/loop.h"

namespace proxy {

namespace http2 = inspect::http2;

namespace {

constexpr std::size_t most_first_bytes = 512;  // first bytes kept of what is not HTTP/2
constexpr std::size_t most_heads = 128;        // interim responses that wait to be taken
constexpr double last_words = 2;               // seconds
constexpr std::size_t fast_reader = 65'536;    // octets of a stream's content that were read
constexpr std::size_t most_wide = 8;           // streams of one connection
constexpr std::size_t spare_output = 131'072;  // memory kept for what is sent next

}  // namespace

Http2Connection::Http2Connection(io::Channel& channel, http2::Session session, WideWindows* wide)
    : channel_(channel), session_(std::move(session)), wide_(wide) {}

io::Task<> Http2Connection::run() {
    io::Child sender(send());
    for (;;) {
        if (!met_ && first_bytes_.size() < most_first_bytes)
            first_bytes_ += certs::as_text(channel_.buffered()).substr(0, most_first_bytes - first_bytes_.size());
        heard_ms_ = io::clock_ms();
        silent_ = false;
        session_.feed(channel_.buffered(), static_cast<std::uint64_t>(heard_ms_));
        read_events();
        channel_.consume(channel_.buffered().size());
        changed();
        if (session_.is_over()) break;
        const auto more = co_await channel_.fill();
        if (!more && more.error().kind == io::IoError::Kind::cancelled) continue;
        if (!more) error_ = more.error();
        if (!more || *more == 0) break;
    }
    ended_ = true;
    channel_.socket().set_deadline(last_words);  // for what is still to be sent
    end_streams();
    settled_.notify();
    changed();
    co_await sender.join();
}

void Http2Connection::end() {
    session_.goaway(http2::ErrorCode::no_error);
    changed();
    channel_.socket().stop_reading();
}

io::Task<bool> Http2Connection::takes_connect_protocol(double seconds) {
    bool patient = true;
    io::Timer patience(channel_.socket().loop());
    if (seconds > 0)
        patience.start(seconds, [&] {
            patient = false;
            settled_.notify();
        });
    while (!met_ && !ended_ && patient) co_await settled_.wait();
    co_return connect_protocol_ && !ended_;
}

void Http2Connection::add(Http2Stream& stream) {
    served_ = true;
    streams_.emplace(stream.id, &stream);
}

void Http2Connection::remove(const Http2Stream& stream) {
    streams_.erase(stream.id);
    if (!stream.wide) return;
    --wide_streams_;
    ++wide_->left;
}

// A narrow window would be 1.3 MB/s where a round trip takes 50 ms. Many streams do not all need a
// wide one, and what waits in them is memory.
void Http2Connection::consumed(Http2Stream& stream, std::size_t size) {
    if (wide_ && !stream.wide && stream.received >= fast_reader && wide_streams_ < most_wide && wide_->left > 0) {
        stream.wide = true;
        ++wide_streams_;
        --wide_->left;
        session_.widen(stream.id, WideWindows::size);
    }
    session_.consumed(stream.id, size);
    changed();
}

void Http2Connection::reset(Http2Stream& stream, http2::ErrorCode code) {
    if (stream.id == 0 || stream.reset) return;
    session_.reset(stream.id, code);
    stream.reset = http2::Reset{stream.id, code, http2::Reset::By::us, {}};
    stream.taken = true;
    changed();
    stream.came.notify();
}

// Deadlines move several times for each request and almost never pass, so a running timer is
// left as it is until it is due.
void Http2Connection::set_deadline(Http2Stream& stream, double seconds) {
    stream.patience_ms = seconds * 1000;
    stream.due = seconds > 0 ? io::clock_ms() + seconds * 1000 : 0;
    if (stream.due > 0 && (timer_due_ == 0 || timer_due_ > stream.due)) start_timer(stream.due);
}

void Http2Connection::start_timer(double due) {
    if (!timer_) timer_.emplace(channel_.socket().loop());
    timer_due_ = due;
    timer_->start(std::max(0.0, due - io::clock_ms()) / 1000, [this] {
        timer_due_ = 0;
        end_overdue();
    });
}

// A stream that ends may end its owner, and others with it.
void Http2Connection::end_overdue() {
    const double now = io::clock_ms();
    std::vector<http2::StreamId> overdue;
    double next = 0;
    for (const auto& [id, stream] : streams_) {
        if (stream->due == 0) continue;
        if (stream->lives_by_pings) stream->due = std::max(stream->due, heard_ms_ + stream->patience_ms);
        if (stream->due <= now)
            overdue.push_back(id);
        else if (next == 0 || stream->due < next)
            next = stream->due;
    }
    if (next > 0) start_timer(next);
    for (const http2::StreamId id : overdue) {
        Http2Stream* stream = find(id);
        if (stream == nullptr) continue;
        stream->timed_out = true;
        silent_ |= heard_ms_ < stream->due - stream->patience_ms;
        reset(*stream, http2::ErrorCode::cancel);
    }
}

// One writer, which sends what all streams have said in a round of the loop. What it sends is its
// own copy, for the session's output may grow meanwhile.
io::Task<> Http2Connection::send() {
    for (;;) {
        while (session_.output().empty() && !ended_) co_await changed_.wait();
        if (!ended_) co_await io::EndOfRound(channel_.socket().loop());
        const certs::Bytes output = session_.output();
        if (output.empty() && ended_) co_return;
        sending_.assign(output.begin(), output.end());
        session_.sent(output.size());
        read_events();  // what was offered may have been taken
        if (!co_await channel_.write(sending_)) {
            // What the peer said before it left, an alert perhaps, can still be read.
            channel_.socket().set_deadline(last_words);
            co_return;
        }
        if (sending_.capacity() > spare_output) sending_ = certs::ByteVector();
        if (want_room_ > 0) tell_of_room();
    }
}

io::Task<> Http2Connection::await_room(Http2Stream& stream) {
    ++want_room_;
    stream.wants_room = true;
    while (!session_.has_room() && !stream.reset) co_await stream.came.wait();
    stream.wants_room = false;
    --want_room_;
}

// The first that uses the room makes the others wait again. An owner may end, and others with it.
void Http2Connection::tell_of_room() {
    std::vector<http2::StreamId> waiting;
    for (const auto& [id, stream] : streams_)
        if (stream->wants_room) waiting.push_back(id);
    for (const http2::StreamId id : waiting)
        if (Http2Stream* stream = find(id)) stream->came.notify();
}

void Http2Connection::read_events() {
    while (auto event = session_.next()) deliver(*std::move(event));
}

Http2Stream* Http2Connection::find(http2::StreamId id) {
    const auto found = streams_.find(id);
    return found == streams_.end() ? nullptr : found->second;
}

// A stream's owner may end inside notify(), and remove its stream with it.
void Http2Connection::deliver(http2::Event&& event) {
    if (std::holds_alternative<http2::RequestReceived>(event)) return accept(std::move(event));
    if (const auto* settings = std::get_if<http2::PeerSettings>(&event)) {
        met_ = true;
        connect_protocol_ = settings->connect_protocol;
        first_bytes_.clear();
        return settled_.notify();
    } else if (auto* goaway = std::get_if<http2::Goaway>(&event)) {
        goaway_ = std::move(*goaway);
        return;
    } else if (auto* failed = std::get_if<http2::Failed>(&event)) {
        failed_ = std::move(*failed);
        return;
    } else if (std::holds_alternative<http2::Pong>(event)) {
        ponged_ = true;
        return;
    }
    const http2::StreamId id = std::visit(
        [](const auto& each) -> http2::StreamId {
            if constexpr (requires { each.stream; }) return each.stream;
            return 0;
        },
        event);
    Http2Stream* stream = find(id);
    if (stream == nullptr) {
        if (accept) return accept(std::move(event));
        // Its owner is gone: what it does not read is given back, or is of no one.
        if (auto* data = std::get_if<http2::Data>(&event)) session_.consumed(id, data->bytes.size());
        return;
    }
    take(*stream, std::move(event));
    stream->came.notify();
}

void Http2Connection::take(Http2Stream& stream, http2::Event&& event) {
    if (auto* response = std::get_if<http2::ResponseReceived>(&event)) {
        stream.ended |= response->ends;
        if (stream.heads.size() < most_heads) stream.heads.push_back(std::move(response->head));
    } else if (auto* data = std::get_if<http2::Data>(&event)) {
        stream.content.insert(stream.content.end(), data->bytes.begin(), data->bytes.end());
        stream.received += data->bytes.size();
    } else if (auto* trailers = std::get_if<http2::Trailers>(&event)) {
        stream.trailers = std::move(trailers->fields);
        stream.ended = true;
    } else if (std::holds_alternative<http2::End>(event)) {
        stream.ended = true;
    } else if (auto* reset = std::get_if<http2::Reset>(&event)) {
        stream.breached = reset->by == http2::Reset::By::us;
        stream.reset = *reset;
        stream.taken = true;
    } else if (auto* large = std::get_if<http2::TooLarge>(&event)) {
        stream.reset = http2::Reset{large->stream, http2::ErrorCode::internal_error, http2::Reset::By::us, {}};
        session_.reset(large->stream, http2::ErrorCode::cancel);
        stream.too_large = large->limit;
        stream.taken = true;
    } else if (std::holds_alternative<http2::Writable>(event)) {
        stream.taken = true;
    }
}

// The connection has ended, and so has each stream. The session, of which something may still be
// sent, must no longer read what was offered: its owner is about to end.
void Http2Connection::end_streams() {
    while (!streams_.empty()) {
        Http2Stream& stream = *streams_.begin()->second;
        streams_.erase(streams_.begin());
        session_.reset(stream.id, http2::ErrorCode::cancel);
        if (!stream.reset) stream.reset = http2::Reset{stream.id, http2::ErrorCode::cancel, http2::Reset::By::us, {}};
        stream.taken = true;
        stream.came.notify();
    }
}

}  // namespace proxy
