#include "inspect/http/http2/session.h"

#include <nghttp2/nghttp2.h>

#include <algorithm>
#include <array>
#include <utility>

#include "inspect/http/http2/session_state.h"

namespace inspect::http2 {

namespace {

std::vector<nghttp2_nv> lines_of(const HeaderList& list) {
    std::vector<nghttp2_nv> lines;
    lines.reserve(list.size());
    // nghttp2 copies them, and asks for pointers that it could write to.
    const auto bytes = [](std::string_view text) { return const_cast<std::uint8_t*>(certs::as_bytes(text).data()); };
    for (std::size_t at = 0; at < list.size(); ++at) {
        const auto [name, value] = list[at];
        lines.push_back({bytes(name), bytes(value), name.size(), value.size(), NGHTTP2_NV_FLAG_NONE});
    }
    return lines;
}

// Called when windows allow DATA: how much of it, at most `length` octets (nghttp2 then calls
// send_data).
ssize_t read_offered(nghttp2_session* session, std::int32_t id, std::uint8_t*, std::size_t length, std::uint32_t* flags,
                     nghttp2_data_source*, void* user) {
    Session::State& state = *static_cast<Session::State*>(user);
    Stream* const stream = state.find(id);
    if (stream == nullptr) return NGHTTP2_ERR_DEFERRED;
    if (state.over || state.unsent() >= Session::State::most_data_unsent) return NGHTTP2_ERR_PAUSE;
    const std::size_t size = std::min(length, stream->offered.size());
    const bool last = stream->ending && size == stream->offered.size();
    if (size == 0 && !last) return NGHTTP2_ERR_DEFERRED;
    *flags |= NGHTTP2_DATA_FLAG_NO_COPY;
    if (!last) return static_cast<ssize_t>(size);
    *flags |= NGHTTP2_DATA_FLAG_EOF;
    if (!stream->trailers) return static_cast<ssize_t>(size);
    const auto lines = lines_of(*stream->trailers);
    if (nghttp2_submit_trailer(session, id, lines.data(), lines.size()) == 0) *flags |= NGHTTP2_DATA_FLAG_NO_END_STREAM;
    return static_cast<ssize_t>(size);
}

nghttp2_data_provider provider() { return {.source = {.ptr = nullptr}, .read_callback = read_offered}; }

// The stream that an event is about; 0 for one about the connection.
StreamId stream_of(const Event& event) {
    return std::visit(
        [](const auto& value) -> StreamId {
            if constexpr (requires { value.stream; })
                return value.stream;
            else
                return 0;
        },
        event);
}

}  // namespace

Session::Session(std::unique_ptr<State> state) : state_(std::move(state)) {}
Session::Session(Session&&) noexcept = default;
Session& Session::operator=(Session&&) noexcept = default;
Session::~Session() = default;

Session Session::server(const Options& options) { return Session(std::make_unique<State>(true, options)); }
Session Session::client(const Options& options) { return Session(std::make_unique<State>(false, options)); }

void Session::feed(certs::Bytes input, std::uint64_t now_ms) {
    state_->input = input;
    state_->budget.at(now_ms);
}

std::optional<Event> Session::next() {
    State& state = *state_;
    while (true) {
        if (state.next_event < state.events.size()) return std::move(state.events[state.next_event++]);
        state.events.clear();
        state.next_event = 0;
        if (state.over || state.input.empty()) return std::nullopt;
        state.advance();
    }
}

// While DATA is paused for want of output(), nghttp2 queues heads behind it.
bool Session::has_room() const {
    constexpr std::size_t most_heads = 16;
    return state_->unsent() < 2 * State::most_data_unsent &&
           nghttp2_session_get_outbound_queue_size(state_->session.get()) < most_heads;
}

certs::Bytes Session::output() const { return certs::Bytes(state_->output).subspan(state_->sent); }

void Session::sent(std::size_t size) {
    State& state = *state_;
    state.sent += std::min(size, state.unsent());
    if (state.unsent() == 0) {
        state.output.clear();
        state.sent = 0;
        state.answers_unsent = 0;
    } else if (state.sent > state.output.size() / 2) {
        state.output.erase(state.output.begin(), state.output.begin() + static_cast<std::ptrdiff_t>(state.sent));
        state.sent = 0;
    }
    state.flush();
}

bool Session::is_over() const {
    nghttp2_session* const session = state_->session.get();
    return state_->over || (nghttp2_session_want_read(session) == 0 && nghttp2_session_want_write(session) == 0);
}

bool Session::can_request() const {
    const State& state = *state_;
    return !state.server && !state.over && nghttp2_session_check_request_allowed(state.session.get()) != 0 &&
           state.streams.size() <
               nghttp2_session_get_remote_settings(state.session.get(), NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS);
}

std::expected<StreamId, Session::NotOpened> Session::request(const http::RequestHead& head, std::string_view scheme,
                                                             bool ends, std::string_view protocol) {
    State& state = *state_;
    nghttp2_session* const session = state.session.get();
    if (state.server || state.over || nghttp2_session_check_request_allowed(session) == 0)
        return std::unexpected(NotOpened::closing);
    if (!can_request()) return std::unexpected(NotOpened::no_room);
    HeaderList list;
    if (!write_request(head, scheme, protocol, list)) return std::unexpected(NotOpened::unsendable);
    const auto lines = lines_of(list);
    const auto content = provider();
    const StreamId stream =
        nghttp2_submit_request(session, nullptr, lines.data(), lines.size(), ends ? nullptr : &content, nullptr);
    if (stream < 0) return std::unexpected(NotOpened::closing);
    Stream& made = state.streams[stream];
    state.highest = stream;
    made.head_sent = true;
    made.ending = ends;
    state.budget.sent_head();
    state.flush();
    return stream;
}

bool Session::respond(StreamId stream, const http::ResponseHead& head, bool ends) {
    State& state = *state_;
    Stream* const found = state.server && head.status >= 200 ? state.sendable(stream) : nullptr;
    HeaderList list;
    if (found == nullptr || found->head_sent || !write_response(head, list)) return false;
    const auto lines = lines_of(list);
    const auto content = provider();
    if (nghttp2_submit_response(state.session.get(), stream, lines.data(), lines.size(), ends ? nullptr : &content) !=
        0)
        return false;
    found->head_sent = true;
    found->ending = ends;
    state.budget.sent_head();
    state.flush();
    return true;
}

bool Session::interim(StreamId stream, const http::ResponseHead& head) {
    State& state = *state_;
    const Stream* const found = state.server && head.status < 200 ? state.sendable(stream) : nullptr;
    HeaderList list;
    if (found == nullptr || found->head_sent || !write_response(head, list)) return false;
    const auto lines = lines_of(list);
    if (nghttp2_submit_headers(state.session.get(), NGHTTP2_FLAG_NONE, stream, nullptr, lines.data(), lines.size(),
                               nullptr) != 0)
        return false;
    state.flush();
    return true;
}

Session::Offer Session::offer(StreamId stream, certs::Bytes content, bool ends) {
    State& state = *state_;
    Stream* const found = state.sendable(stream);
    if (found == nullptr || !found->head_sent || found->ending || found->waits) return Offer::gone;
    if (content.empty() && !ends) return Offer::taken;
    found->offered = content;
    found->waits = !content.empty();
    found->ending = ends;
    found->offering = true;
    nghttp2_session_resume_data(state.session.get(), stream);
    state.flush();
    Stream* const after = state.find(stream);
    if (state.over) return Offer::gone;
    if (after == nullptr) return Offer::taken;  // and its end with it
    after->offering = false;
    return after->waits ? Offer::waiting : Offer::taken;
}

bool Session::finish(StreamId stream) {
    Stream* const found = state_->sendable(stream);
    if (found == nullptr || !found->head_sent || found->ending) return false;
    found->ending = true;
    nghttp2_session_resume_data(state_->session.get(), stream);
    state_->flush();
    return true;
}

bool Session::finish(StreamId stream, const http::Fields& trailers) {
    Stream* const found = state_->sendable(stream);
    if (found == nullptr || !found->head_sent || found->ending) return false;
    auto list = std::make_unique<HeaderList>();
    if (!write_trailers(trailers, *list)) return false;
    if (!list->empty()) found->trailers = std::move(list);
    return finish(stream);
}

void Session::reset(StreamId stream, ErrorCode code) {
    State& state = *state_;
    Stream* const found = state.find(stream);
    if (found == nullptr || found->reset_here) return;
    found->reset_here = true;
    found->offered = {};
    found->waits = false;
    const auto pending = state.events.begin() + static_cast<std::ptrdiff_t>(state.next_event);
    state.events.erase(
        std::remove_if(pending, state.events.end(), [&](const Event& event) { return stream_of(event) == stream; }),
        state.events.end());
    nghttp2_submit_rst_stream(state.session.get(), NGHTTP2_FLAG_NONE, stream, static_cast<std::uint32_t>(code));
    state.flush();
}

void Session::consumed(StreamId stream, std::size_t size) {
    if (state_->over || state_->find(stream) == nullptr) return;
    nghttp2_session_consume_stream(state_->session.get(), stream, size);
    state_->flush();
}

void Session::widen(StreamId stream, std::uint32_t size) {
    nghttp2_session* const session = state_->session.get();
    if (state_->over || state_->find(stream) == nullptr) return;
    const std::int32_t now = nghttp2_session_get_stream_effective_local_window_size(session, stream);
    const auto wanted = static_cast<std::int32_t>(std::min<std::uint32_t>(size, INT32_MAX));
    if (wanted > now) nghttp2_session_set_local_window_size(session, NGHTTP2_FLAG_NONE, stream, wanted);
    state_->flush();
}

void Session::ping(std::uint64_t opaque) {
    std::array<std::uint8_t, 8> bytes{};
    for (std::size_t at = 0; at < bytes.size(); ++at) bytes[at] = static_cast<std::uint8_t>(opaque >> (56 - 8 * at));
    if (state_->over) return;
    nghttp2_submit_ping(state_->session.get(), NGHTTP2_FLAG_NONE, bytes.data());
    state_->flush();
}

void Session::goaway(ErrorCode code, std::string_view debug) {
    State& state = *state_;
    if (state.over) return;
    const certs::Bytes text = certs::as_bytes(debug.substr(0, Goaway::most_debug));
    state.goaway_sent = state.goaway_sent || code != ErrorCode::no_error;
    nghttp2_submit_goaway(state.session.get(), NGHTTP2_FLAG_NONE,
                          nghttp2_session_get_last_proc_stream_id(state.session.get()),
                          static_cast<std::uint32_t>(code), text.data(), text.size());
    state.flush();
    if (code != ErrorCode::no_error) state.over = true;
}

std::string_view version_of_nghttp2() { return nghttp2_version(0)->version_str; }

}  // namespace inspect::http2
