// What a Session keeps, and what nghttp2's callbacks do to it. Part of session.h, for its own files
// only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "certs/bytes.h"
#include "inspect/http/http2/event.h"
#include "inspect/http/http2/frame_budget.h"
#include "inspect/http/http2/frame_cutter.h"
#include "inspect/http/http2/header_list.h"
#include "inspect/http/http2/session.h"

struct nghttp2_session;

namespace inspect::http2 {

struct Stream {
    certs::Bytes offered;                           // of the caller's content, what is not yet taken
    std::unique_ptr<const HeaderList> trailers;     // to be sent after it
    std::optional<Malformed> malformed;             // what the peer sent, and so the stream is reset
    bool waits = false;                             // some of `offered` is left
    bool offering = false;                          // inside offer()
    bool ending = false;                            // nothing follows `offered`
    bool head_sent = false, head_received = false;  // the final response's, or the request's
    bool sent_end = false, received_end = false;
    bool reset_by_peer = false, reset_here = false;  // reset_here: by reset()
};

class FreeSession {
public:
    void operator()(nghttp2_session* session) const;
};

struct Session::State {
    State(bool is_server, const Options& wanted);

    // DATA is added to output() while less than this waits there.
    static constexpr std::size_t most_data_unsent = 65'536;
    static constexpr std::size_t most_answers_unsent = 1'000;
    // A field section so many times above its limit ends the connection (CVE-2016-6581).
    static constexpr std::size_t bomb = 16;

    bool server;
    Options options;
    std::unique_ptr<nghttp2_session, FreeSession> session;
    std::unordered_map<StreamId, Stream> streams;
    FrameBudget budget;
    FrameCutter cutter;

    certs::Bytes input;
    std::vector<Event> events;
    std::size_t next_event = 0;
    std::vector<std::uint8_t> output;
    std::size_t sent = 0;  // of output, from its front
    std::size_t answers_unsent = 0;

    HeaderList section;  // that is being received
    std::size_t section_size = 0;
    bool section_is_trailers = false;

    StreamId highest = 0;               // of those that the client has opened
    std::deque<StreamId> reset_lately;  // by this side: frames that were under way are ignored

    std::optional<Failed> doom;  // found inside a callback, to be acted on after it
    bool over = false;           // by a connection error: nothing is read any more
    bool goaway_sent = false;    // by the caller
    std::optional<Goaway> goaway_received;

    Stream* find(StreamId stream);
    std::size_t unsent() const { return output.size() - sent; }
    void report(Event event) { events.push_back(std::move(event)); }
    void fail(ErrorCode code, std::string_view reason);
    // The stream, while something can be sent on it; else nullptr.
    Stream* sendable(StreamId stream);

    // Reads one frame of the input, or what there is of it.
    void advance();
    void judge(const FrameHead& frame);
    void ignore_from_now(StreamId stream);
    // Moves what may be sent to output.
    void flush();
    void act_on_doom();

    // From nghttp2's callbacks.
    void begin_section(StreamId stream, bool opens);
    // False when there is so much of it that the connection ends.
    bool add_line(std::string_view name, std::string_view value);
    void refuse_line(StreamId stream, std::string_view name, std::string_view value);
    void end_section(StreamId stream, bool ends);
    void take_data(StreamId stream, certs::Bytes bytes);
    void end_data(StreamId stream, std::size_t size, bool ends);
    void take_settings();
    void close(StreamId stream, ErrorCode code);
    void send_data(StreamId stream, certs::Bytes head, std::size_t size);
    void sent_goaway(ErrorCode code, certs::Bytes debug);
    void sent_reset(StreamId stream);
    void sent_answer();
};

// The session with its callbacks and its preface, for a State that lives as long.
std::unique_ptr<nghttp2_session, FreeSession> make_session(Session::State& state);

}  // namespace inspect::http2
