#include "proxy/upstream/receive.h"

namespace proxy {

namespace http = inspect::http;

namespace {

constexpr int most_interim = 8;          // 1xx responses before the final one
constexpr std::size_t most_shown = 512;  // first bytes kept

NotReceived closed_or_late(io::Channel& channel) { return channel.socket().timed_out() ? NotReceived::timed_out : NotReceived::closed; }

NotReceived refused_by(const http::Parser& responses) {
    return responses.error() == http::MessageError::truncated ? NotReceived::closed : NotReceived::not_http;
}

}  // namespace

io::Task<std::expected<void, NotReceived>> receive_head(io::Channel& channel, http::Parser& responses, std::string_view method,
                                                        std::string* first_bytes) {
    responses.expect_response_to(method);
    for (int interim = 0;;) {
        const http::Step step = responses.step(channel.buffered());
        channel.consume(step.used);
        switch (step.event) {
            case http::Event::head: {
                const int status = responses.response().status;
                if (status >= 200) co_return std::expected<void, NotReceived>();
                if (++interim > most_interim || status == 101) co_return std::unexpected(NotReceived::interim);
                break;
            }
            case http::Event::more: {
                const auto more = co_await channel.fill();
                if (!more || *more == 0) co_return std::unexpected(closed_or_late(channel));
                if (first_bytes && first_bytes->size() < most_shown)
                    *first_bytes += certs::as_text(channel.buffered()).substr(0, most_shown - first_bytes->size());
                break;
            }
            case http::Event::end: responses.expect_response_to(method); break;  // that ended an interim one
            case http::Event::body: break;
            case http::Event::failed: co_return std::unexpected(refused_by(responses));
        }
    }
}

io::Task<std::expected<ReceivedBody, NotReceived>> receive_body(io::Channel& channel, http::Parser& responses, std::size_t largest) {
    ReceivedBody body;
    for (;;) {
        const http::Step step = responses.step(channel.buffered());
        if (body.bytes.size() + step.used > largest) co_return std::unexpected(NotReceived::too_large);
        const certs::Bytes piece = channel.buffered().first(step.used);
        body.bytes.insert(body.bytes.end(), piece.begin(), piece.end());
        channel.consume(step.used);
        if (step.event == http::Event::end) co_return body;
        if (step.event == http::Event::failed) co_return std::unexpected(refused_by(responses));
        if (step.event != http::Event::more) continue;
        const auto more = co_await channel.fill();
        if (more && *more > 0) continue;
        const bool bare_fin = !more && more.error().kind == io::IoError::Kind::truncated;
        body.no_close_notify = bare_fin;
        const bool ended = more || (bare_fin && responses.body_until_close());
        if (!ended || responses.finish().event != http::Event::end) co_return std::unexpected(closed_or_late(channel));
        co_return body;
    }
}

}  // namespace proxy
