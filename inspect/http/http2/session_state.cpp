// What comes from the peer: frames, sections, ends. Part of session_state.h.
#include "inspect/http/http2/session_state.h"

#include <nghttp2/nghttp2.h>

#include <algorithm>

namespace inspect::http2 {

namespace {

constexpr std::size_t magic_size = 24;  // RFC 9113 §3.4

ErrorCode code_of(int library) {
    switch (library) {
        case NGHTTP2_ERR_FLOODED:
        case NGHTTP2_ERR_TOO_MANY_SETTINGS:
        case NGHTTP2_ERR_TOO_MANY_CONTINUATIONS: return ErrorCode::enhance_your_calm;
        case NGHTTP2_ERR_BAD_CLIENT_MAGIC: return ErrorCode::protocol_error;
        default: return ErrorCode::internal_error;
    }
}

// Without `inc`, nghttp2 would send a stream's content only after all that an older stream has
// (RFC 9218 §10). A priority that the client asks for is ignored: what is sent here is what the
// server sends, in the server's order.
void take_turns(nghttp2_session* session, StreamId stream) {
    constexpr nghttp2_extpri equal{.urgency = NGHTTP2_EXTPRI_DEFAULT_URGENCY, .inc = 1};
    nghttp2_session_change_extpri_stream_priority(session, stream, &equal, 1);
}

// RFC 9113 §8.1.1.
void refuse(Session::State& state, StreamId id, Stream& stream, Malformed why) {
    stream.malformed = why;
    nghttp2_submit_rst_stream(state.session.get(), NGHTTP2_FLAG_NONE, id, NGHTTP2_PROTOCOL_ERROR);
}

// Of the streams that the client opens, whether this one is closed. What was under way when this
// side reset it still comes.
bool is_closed(const Session::State& state, StreamId stream) {
    return stream % 2 == 1 && stream <= state.highest && !state.streams.contains(stream) &&
           std::ranges::find(state.reset_lately, stream) == state.reset_lately.end();
}

void end_request(Session::State& state, StreamId id, Stream& stream, bool ends) {
    auto request = read_request(state.section);
    if (!request) return refuse(state, id, stream, request.error());
    stream.head_received = true;
    stream.received_end = ends;
    state.report(RequestReceived{id, std::move(*request), ends});
}

void end_response(Session::State& state, StreamId id, Stream& stream, bool ends) {
    auto head = read_response(state.section);
    if (!head) return refuse(state, id, stream, head.error());
    if (head->status >= 200) {
        stream.head_received = true;
        stream.received_end = ends;
        state.budget.received_useful();
    }
    state.report(ResponseReceived{id, std::move(*head), ends});
}

void end_trailers(Session::State& state, StreamId id, Stream& stream) {
    auto fields = read_trailers(state.section);
    if (!fields) return refuse(state, id, stream, fields.error());
    stream.received_end = true;
    state.report(Trailers{id, std::move(*fields)});
}

}  // namespace

Session::State::State(bool is_server, const Options& wanted)
    : server(is_server), options(wanted), session(make_session(*this)), cutter(is_server ? magic_size : 0) {
    flush();
}

Stream* Session::State::find(StreamId stream) {
    const auto found = streams.find(stream);
    return found == streams.end() ? nullptr : &found->second;
}

Stream* Session::State::sendable(StreamId stream) {
    Stream* const found = over ? nullptr : find(stream);
    return found == nullptr || found->reset_here || found->malformed ? nullptr : found;
}

void Session::State::fail(ErrorCode code, std::string_view reason) {
    if (!doom) doom = Failed{code, std::string(reason)};
}

void Session::State::act_on_doom() {
    if (!doom || over) return;
    over = true;
    const StreamId last = nghttp2_session_get_last_proc_stream_id(session.get());
    goaway_sent = true;
    nghttp2_submit_goaway(session.get(), NGHTTP2_FLAG_NONE, last, static_cast<std::uint32_t>(doom->code),
                          certs::as_bytes(doom->reason).data(), doom->reason.size());
    flush();
    report(*doom);
}

void Session::State::advance() {
    const FrameCutter::Cut cut = cutter.take(input);
    input = input.subspan(cut.used);
    if (cut.begins) judge(*cut.begins);
    for (const certs::Bytes piece : {cut.head, cut.rest}) {
        if (doom || piece.empty()) continue;
        const auto taken = nghttp2_session_mem_recv(session.get(), piece.data(), piece.size());
        if (taken < 0) fail(code_of(static_cast<int>(taken)), nghttp2_strerror(static_cast<int>(taken)));
    }
    flush();
}

void Session::State::judge(const FrameHead& frame) {
    constexpr std::int64_t cost_of_settings = 10;
    if (!budget.pay_frame(frame.type == NGHTTP2_SETTINGS ? cost_of_settings : 1))
        return fail(ErrorCode::enhance_your_calm, "frames that carry nothing (RFC 9113 10.5)");
    const bool is_data = frame.type == NGHTTP2_DATA, is_head = frame.type == NGHTTP2_HEADERS;
    // A client cannot push, and we have refused it with SETTINGS_ENABLE_PUSH.
    if (frame.type == NGHTTP2_PUSH_PROMISE) return fail(ErrorCode::protocol_error, "PUSH_PROMISE (RFC 9113 8.4)");
    // The rest is what nghttp2 lets pass.
    if (frame.type == NGHTTP2_PRIORITY && frame.stream == 0)
        return fail(ErrorCode::protocol_error, "PRIORITY on stream 0 (RFC 9113 6.3)");
    if (is_data && (frame.flags & NGHTTP2_FLAG_PADDED) != 0 && frame.length == 0)
        return fail(ErrorCode::frame_size_error, "DATA without its Pad Length (RFC 9113 6.1)");
    if ((is_data || is_head) && is_closed(*this, static_cast<StreamId>(frame.stream)))
        fail(ErrorCode::stream_closed, "a frame on a closed stream (RFC 9113 5.1)");
}

void Session::State::flush() {
    const std::uint8_t* bytes = nullptr;
    while (true) {
        const auto size = nghttp2_session_mem_send(session.get(), &bytes);
        if (size < 0) {
            fail(code_of(static_cast<int>(size)), nghttp2_strerror(static_cast<int>(size)));
            break;
        }
        if (size == 0) break;
        output.insert(output.end(), bytes, bytes + size);
    }
    act_on_doom();
}

void Session::State::begin_section(StreamId stream, bool opens) {
    if (opens && server) {
        streams.try_emplace(stream);
        take_turns(session.get(), stream);
        highest = std::max(highest, stream);
    }
    const Stream* const state = find(stream);
    section.clear();
    section_size = 0;
    section_is_trailers = state != nullptr && state->head_received;
}

bool Session::State::add_line(std::string_view name, std::string_view value) {
    const std::size_t limit = section_is_trailers ? options.trailers : options.head;
    section_size += name.size() + value.size() + HeaderList::overhead;
    if (section_size <= limit) section.add(name, value);
    if (section_size / bomb <= limit) return true;
    fail(ErrorCode::enhance_your_calm, "a field section far above the limit (RFC 9113 10.5.1)");
    return false;
}

void Session::State::refuse_line(StreamId stream, std::string_view name, std::string_view value) {
    Stream* const state = find(stream);
    if (state == nullptr) return;
    HeaderList line;
    line.add(name, value);
    const auto read = read_trailers(line);
    // A value that is one for any field: nghttp2 looks closer at that of Host.
    state->malformed = read ? Malformed::authority : read.error();
}

void Session::State::end_section(StreamId stream, bool ends) {
    Stream* const state = find(stream);
    if (state == nullptr || state->reset_here || state->malformed) return;
    if (section_size > (section_is_trailers ? options.trailers : options.head)) {
        state->head_received = true;
        state->received_end = ends;
        return report(TooLarge{stream, section_is_trailers ? options.trailers : options.head, section_is_trailers});
    }
    if (state->head_received) return end_trailers(*this, stream, *state);
    return server ? end_request(*this, stream, *state, ends) : end_response(*this, stream, *state, ends);
}

void Session::State::take_data(StreamId stream, certs::Bytes bytes) {
    const Stream* const state = find(stream);
    if (state == nullptr || state->reset_here || state->malformed || bytes.empty()) return;
    report(Data{stream, bytes});
}

void Session::State::end_data(StreamId stream, std::size_t size, bool ends) {
    if (ends || size >= FrameBudget::least_data) budget.received_useful();
    Stream* const state = find(stream);
    if (!ends || state == nullptr || state->reset_here || state->malformed) return;
    state->received_end = true;
    report(End{stream});
}

void Session::State::take_settings() {
    const auto setting = [&](nghttp2_settings_id id) { return nghttp2_session_get_remote_settings(session.get(), id); };
    report(PeerSettings{setting(NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS),
                        setting(NGHTTP2_SETTINGS_ENABLE_CONNECT_PROTOCOL) == 1});
}

void Session::State::close(StreamId stream, ErrorCode code) {
    const auto found = streams.find(stream);
    if (found == streams.end()) return;
    const Stream state = std::move(found->second);
    streams.erase(found);
    const bool complete = state.sent_end && state.received_end && !state.reset_by_peer;
    if (state.reset_here || (complete && !state.malformed)) return;
    const bool unprocessed = goaway_received && !server && stream > goaway_received->last_stream;
    if (unprocessed) ignore_from_now(stream);
    if (server && !state.head_sent && !budget.pay_reset())
        fail(ErrorCode::enhance_your_calm, "streams reset before they were answered (RFC 9113 10.5)");
    // A stream that is closed on both sides needs no RST_STREAM.
    if (state.malformed && code == ErrorCode::no_error) code = ErrorCode::protocol_error;
    report(Reset{stream, code, state.reset_by_peer || unprocessed ? Reset::By::peer : Reset::By::us, state.malformed});
}

void Session::State::send_data(StreamId stream, certs::Bytes head, std::size_t size) {
    output.insert(output.end(), head.begin(), head.end());
    Stream* const state = find(stream);
    if (state == nullptr) return;
    output.insert(output.end(), state->offered.begin(), state->offered.begin() + static_cast<std::ptrdiff_t>(size));
    state->offered = state->offered.subspan(size);
    if (!state->waits || !state->offered.empty()) return;
    state->waits = false;
    if (!state->offering) report(Writable{stream});
}

void Session::State::sent_goaway(ErrorCode code, certs::Bytes debug) {
    if (code == ErrorCode::no_error || goaway_sent) return;
    over = true;
    report(Failed{code, std::string(certs::as_text(debug.first(std::min(debug.size(), Goaway::most_debug))))});
}

void Session::State::sent_reset(StreamId stream) {
    ignore_from_now(stream);
    // nghttp2 refuses a stream without ever opening it.
    if (server) highest = std::max(highest, stream);
    sent_answer();
}

void Session::State::ignore_from_now(StreamId stream) {
    constexpr std::size_t most = 1024;
    if (reset_lately.size() == most) reset_lately.pop_front();
    reset_lately.push_back(stream);
}

void Session::State::sent_answer() {
    if (++answers_unsent > most_answers_unsent)
        fail(ErrorCode::enhance_your_calm, "answers that are not read (RFC 9113 10.5)");
}

}  // namespace inspect::http2
