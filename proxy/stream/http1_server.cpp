#include "proxy/stream/http1_server.h"

#include "inspect/http/http1/chunked.h"
#include "inspect/http/http1/framing.h"
#include "proxy/io/clock.h"
#include "proxy/io/loop.h"

namespace proxy {

namespace http = inspect::http;

namespace {

// Whether content may follow, of which neither length nor framing shows the end.
bool is_without_end(const http::ResponseHead& head, std::string_view method) {
    if (head.fields.has("Content-Length") || head.fields.has("Transfer-Encoding")) return false;
    const auto framing = http::framing_of(head, method);
    return framing && framing->body == http::Framing::Body::until_close;
}

// A head and the first of its content are sent in one write up to this size.
constexpr std::size_t joined_content = 16'384;

}  // namespace

Http1Server::Http1Server(io::Channel& channel, http::Limits limits)
    : channel_(channel), requests_(http::Parser::requests(limits)), body_(channel, requests_) {}

io::Task<Http1Server::Next> Http1Server::next(double seconds, bool waits) {
    between_ = channel_.buffered().empty();
    // Requests may come faster than they are answered, and many at once.
    if (channel_.socket().had_its_turn()) (void)co_await channel_.socket().give_way();
    channel_.socket().set_deadline(seconds);
    body_.restart();
    head_.clear();
    responding_ = keeps_ = chunks_ = false;
    for (bool began = false;;) {
        if (!began && !channel_.buffered().empty()) {
            began = true;
            began_ms_ = io::clock_ms();
        }
        const http::Step step = requests_.step(channel_.buffered());
        channel_.consume(step.used);
        between_ = requests_.between_messages() && step.event != http::Event::head;
        if (step.event == http::Event::head) {
            channel_.socket().clear_deadline();
            if (!has_content()) (void)requests_.step({});  // its end
            co_return Next::request;
        }
        if (step.event == http::Event::failed) co_return Next::malformed;
        if (!waits && between_) co_return Next::none;
        const auto more = co_await channel_.fill();
        if (!more || *more == 0) co_return Next::gone;
    }
}

io::Task<bool> Http1Server::drain(double seconds, std::size_t most) {
    io::Timer patience(channel_.socket().loop());
    patience.start(seconds, [this] { stop_reading(); });
    for (std::size_t drained = 0;;) {
        const Piece piece = body_.here();
        drained += piece.size;
        body_.consume();
        if (piece.next == Piece::Next::end) co_return true;
        if (piece.next == Piece::Next::failed || drained > most) co_return false;
        if (piece.next == Piece::Next::wait && co_await body_.more() != Arrival::more) co_return false;
    }
}

// What the client sends meanwhile waits in the buffer, as far as there is room.
io::Task<bool> Http1Server::is_reset() {
    while (channel_.buffered().size() < io::block_size / 2 && !channel_.peer_ended()) {
        const auto more = co_await channel_.fill();
        if (!more) co_return more.error().kind == io::IoError::Kind::reset;
    }
    co_return false;
}

io::Task<bool> Http1Server::interim(http::ResponseHead head) {
    if (!takes_framing()) co_return true;
    const std::string wire = http::to_wire(head);
    co_return (co_await channel_.write(certs::as_bytes(wire))).has_value();
}

void Http1Server::respond(http::ResponseHead head, const ResponseEnd& end) {
    bool until_close = end.until_close;
    // RFC 9112 §6.1: HTTP/1.0 knows no transfer coding.
    if (!takes_framing() && head.fields.remove("Transfer-Encoding") > 0) {
        head.fields.remove("Trailer");
        until_close = true;
    }
    if (!until_close && end.upgrade.empty() && is_without_end(head, request().method)) {
        chunks_ = takes_framing();
        until_close = !chunks_;
        if (chunks_) head.fields.add("Transfer-Encoding", "chunked");
    }
    keeps_ = requests_.keeps_alive() && !until_close && !end.last && !end.content_unread;
    // RFC 9110 §15.5.18: after a 417 the client sends its request again without the expectation.
    // curl does so only where the connection is not announced to end. It notices the end when it
    // uses the connection again, and opens another.
    const bool in_silence = head.status == 417 && end.content_unread;
    if (!end.upgrade.empty()) {
        head.fields.add("Connection", "Upgrade");
        head.fields.add("Upgrade", end.upgrade);
    } else if (!keeps_ && !in_silence) {
        head.fields.add("Connection", "close");
    } else if (keeps_ && (request().version.minor == 0 || head.version.minor == 0)) {
        head.fields.add("Connection", "keep-alive");
    }
    head_ = http::to_wire(head);
    responding_ = true;
}

io::Task<bool> Http1Server::write(certs::Bytes content) {
    std::string chunk;
    if (chunks_ && !content.empty()) {
        chunk = http::chunk_of(content);
        content = certs::as_bytes(chunk);
    }
    if (!head_.empty() && head_.size() + content.size() <= joined_content) {
        head_ += certs::as_text(content);
        co_return true;
    }
    if (!head_.empty() && !co_await flush()) co_return false;
    co_return content.empty() || (co_await channel_.write(content)).has_value();
}

io::Task<bool> Http1Server::finish(certs::Bytes last, http::Fields trailers) {
    if (!last.empty() && !co_await write(last)) co_return false;
    head_ += http::last_chunk(trailers);  // after content that waits there, or after everything
    co_return co_await flush();
}

io::Task<bool> Http1Server::flush() {
    if (head_.empty()) co_return true;
    const std::string head = std::exchange(head_, {});
    co_return (co_await channel_.write(certs::as_bytes(head))).has_value();
}

void Http1Server::withdraw() {
    if (has_responded()) return;
    head_.clear();
    responding_ = false;
}

}  // namespace proxy
