// nghttp2's session and its callbacks, which hand plain values to Session::State. None throws, but
// for memory.
#include <nghttp2/nghttp2.h>

#include <algorithm>
#include <array>
#include <bit>

#include "inspect/http/http2/session_state.h"

namespace inspect::http2 {

namespace {

using State = Session::State;

State& state_of(void* user) { return *static_cast<State*>(user); }
std::string_view text_of(const std::uint8_t* bytes, std::size_t size) {
    return certs::as_text(certs::Bytes(bytes, size));
}
bool has_flag(const nghttp2_frame* frame, std::uint8_t flag) { return (frame->hd.flags & flag) != 0; }

int on_begin_headers(nghttp2_session*, const nghttp2_frame* frame, void* user) {
    state_of(user).begin_section(frame->hd.stream_id, frame->headers.cat == NGHTTP2_HCAT_REQUEST);
    return 0;
}

int on_header(nghttp2_session*, const nghttp2_frame*, const std::uint8_t* name, std::size_t name_size,
              const std::uint8_t* value, std::size_t value_size, std::uint8_t, void* user) {
    const bool goes_on = state_of(user).add_line(text_of(name, name_size), text_of(value, value_size));
    return goes_on ? 0 : NGHTTP2_ERR_CALLBACK_FAILURE;
}

// nghttp2 would leave such a line out and go on; RFC 9113 §8.2.1 says that the message is
// malformed.
int on_invalid_header(nghttp2_session*, const nghttp2_frame* frame, const std::uint8_t* name, std::size_t name_size,
                      const std::uint8_t* value, std::size_t value_size, std::uint8_t, void* user) {
    state_of(user).refuse_line(frame->hd.stream_id, text_of(name, name_size), text_of(value, value_size));
    return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
}

void take_goaway(const nghttp2_goaway& frame, State& state) {
    Goaway goaway{frame.last_stream_id, static_cast<ErrorCode>(frame.error_code), {}};
    goaway.debug = text_of(frame.opaque_data, std::min(frame.opaque_data_len, Goaway::most_debug));
    state.goaway_received = goaway;
    state.report(std::move(goaway));
}

int on_frame_recv(nghttp2_session*, const nghttp2_frame* frame, void* user) {
    State& state = state_of(user);
    const StreamId stream = frame->hd.stream_id;
    switch (frame->hd.type) {
        case NGHTTP2_DATA:
            state.end_data(stream, frame->hd.length - std::min(frame->hd.length, frame->data.padlen),
                           has_flag(frame, NGHTTP2_FLAG_END_STREAM));
            break;
        case NGHTTP2_HEADERS: state.end_section(stream, has_flag(frame, NGHTTP2_FLAG_END_STREAM)); break;
        case NGHTTP2_RST_STREAM:
            if (Stream* const found = state.find(stream)) found->reset_by_peer = true;
            break;
        case NGHTTP2_SETTINGS:
            if (!has_flag(frame, NGHTTP2_FLAG_ACK)) state.take_settings();
            break;
        case NGHTTP2_PING:
            if (has_flag(frame, NGHTTP2_FLAG_ACK)) {
                std::uint64_t opaque = 0;
                for (const std::uint8_t byte : frame->ping.opaque_data) opaque = opaque << 8 | byte;
                state.report(Pong{opaque});
            }
            break;
        case NGHTTP2_GOAWAY: take_goaway(frame->goaway, state); break;
        default: break;
    }
    return 0;
}

int on_data_chunk(nghttp2_session* session, std::uint8_t, std::int32_t stream, const std::uint8_t* data,
                  std::size_t size, void* user) {
    state_of(user).take_data(stream, {data, size});
    return nghttp2_session_consume_connection(session, size) == NGHTTP2_ERR_NOMEM ? NGHTTP2_ERR_CALLBACK_FAILURE : 0;
}

int on_stream_close(nghttp2_session*, std::int32_t stream, std::uint32_t code, void* user) {
    state_of(user).close(stream, static_cast<ErrorCode>(code));
    return 0;
}

int on_frame_send(nghttp2_session*, const nghttp2_frame* frame, void* user) {
    State& state = state_of(user);
    switch (frame->hd.type) {
        case NGHTTP2_DATA:
        case NGHTTP2_HEADERS:
            if (frame->hd.type == NGHTTP2_DATA && frame->hd.length > 0) state.budget.sent_data();
            if (Stream* const stream = state.find(frame->hd.stream_id))
                stream->sent_end = stream->sent_end || has_flag(frame, NGHTTP2_FLAG_END_STREAM);
            break;
        case NGHTTP2_RST_STREAM: state.sent_reset(frame->hd.stream_id); break;
        case NGHTTP2_SETTINGS:
        case NGHTTP2_PING:
            if (has_flag(frame, NGHTTP2_FLAG_ACK)) state.sent_answer();
            break;
        case NGHTTP2_GOAWAY:
            state.sent_goaway(static_cast<ErrorCode>(frame->goaway.error_code),
                              {frame->goaway.opaque_data, frame->goaway.opaque_data_len});
            break;
        default: break;
    }
    return 0;
}

int send_data(nghttp2_session*, nghttp2_frame* frame, const std::uint8_t* head, std::size_t size, nghttp2_data_source*,
              void* user) {
    constexpr std::size_t head_size = 9;
    state_of(user).send_data(frame->hd.stream_id, {head, head_size}, size);
    return 0;
}

struct FreeOption {
    void operator()(nghttp2_option* option) const { nghttp2_option_del(option); }
};
struct FreeCallbacks {
    void operator()(nghttp2_session_callbacks* callbacks) const { nghttp2_session_callbacks_del(callbacks); }
};

std::unique_ptr<nghttp2_option, FreeOption> make_option(const Options& options) {
    nghttp2_option* made = nullptr;
    if (nghttp2_option_new(&made) != 0) throw std::bad_alloc();
    std::unique_ptr<nghttp2_option, FreeOption> option(made);
    nghttp2_option_set_no_auto_window_update(made, 1);
    // nghttp2's own limits. Those of resets and of answers are above FrameBudget's and ours, which
    // look at the work that was done between: a client may reset what was answered.
    nghttp2_option_set_max_continuations(made, 8);
    nghttp2_option_set_max_settings(made, 32);
    nghttp2_option_set_stream_reset_rate_limit(made, 1'000'000, 100'000);
    nghttp2_option_set_max_outbound_ack(made, 10'000);
    // A head that HTTP/1 passes has a form in HTTP/2: its names grow by nothing, but nghttp2 counts
    // the worst case.
    nghttp2_option_set_max_send_header_block_length(made, 8 * std::max(options.head, options.trailers));
    // A server that closed streams need not keep them for a tree of priorities that no one uses.
    nghttp2_option_set_no_closed_streams(made, 1);
    return option;
}

std::unique_ptr<nghttp2_session_callbacks, FreeCallbacks> make_callbacks() {
    nghttp2_session_callbacks* made = nullptr;
    if (nghttp2_session_callbacks_new(&made) != 0) throw std::bad_alloc();
    std::unique_ptr<nghttp2_session_callbacks, FreeCallbacks> callbacks(made);
    nghttp2_session_callbacks_set_on_begin_headers_callback(made, on_begin_headers);
    nghttp2_session_callbacks_set_on_header_callback(made, on_header);
    nghttp2_session_callbacks_set_on_invalid_header_callback(made, on_invalid_header);
    nghttp2_session_callbacks_set_on_frame_recv_callback(made, on_frame_recv);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(made, on_data_chunk);
    nghttp2_session_callbacks_set_on_stream_close_callback(made, on_stream_close);
    nghttp2_session_callbacks_set_on_frame_send_callback(made, on_frame_send);
    nghttp2_session_callbacks_set_send_data_callback(made, send_data);
    return callbacks;
}

void submit_preface(nghttp2_session* session, const State& state) {
    const Options& options = state.options;
    const auto limit = static_cast<std::uint32_t>(std::min<std::size_t>(options.head, UINT32_MAX));
    std::array<nghttp2_settings_entry, 5> entries{{
        {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, options.stream_window},
        {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, limit},
    }};
    std::size_t count = 2;
    if (state.server) {
        entries[count++] = {NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, options.max_concurrent_streams};
        // RFC 9218 §2.1: the tree of RFC 7540 is not used.
        entries[count++] = {NGHTTP2_SETTINGS_NO_RFC7540_PRIORITIES, 1};
        if (options.connect_protocol) entries[count++] = {NGHTTP2_SETTINGS_ENABLE_CONNECT_PROTOCOL, 1};
    } else {
        entries[count++] = {NGHTTP2_SETTINGS_ENABLE_PUSH, 0};
    }
    if (nghttp2_submit_settings(session, NGHTTP2_FLAG_NONE, entries.data(), count) == NGHTTP2_ERR_NOMEM)
        throw std::bad_alloc();
    nghttp2_session_set_local_window_size(session, NGHTTP2_FLAG_NONE, 0,
                                          static_cast<std::int32_t>(options.connection_window));
}

}  // namespace

void FreeSession::operator()(nghttp2_session* session) const { nghttp2_session_del(session); }

std::unique_ptr<nghttp2_session, FreeSession> make_session(Session::State& state) {
    const auto option = make_option(state.options);
    const auto callbacks = make_callbacks();
    nghttp2_session* made = nullptr;
    const int error = state.server ? nghttp2_session_server_new2(&made, callbacks.get(), &state, option.get())
                                   : nghttp2_session_client_new2(&made, callbacks.get(), &state, option.get());
    if (error != 0) throw std::bad_alloc();
    std::unique_ptr<nghttp2_session, FreeSession> session(made);
    submit_preface(made, state);
    return session;
}

}  // namespace inspect::http2
