#include "proxy/flows/tap.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "proxy/io/clock.h"

namespace proxy {

namespace http = inspect::http;

namespace {

constexpr double show_every_ms = 500;            // while content comes
constexpr std::size_t few_messages = 100;        // each shown at once: to copy them costs little
constexpr std::size_t trailers_limit = 1 << 20;  // the exchange has a narrower one

constexpr std::size_t most_shown = 65'536;  // octets of a content that is still coming

// RFC 9110 §8.6; 0 when it is not known.
std::size_t announced(const http::Fields& fields) {
    const auto value = fields.find("Content-Length");
    std::size_t length = 0;
    if (value) std::from_chars(value->data(), value->data() + value->size(), length);
    return length;
}

inspect::KeptContent beginning(const inspect::KeptContent& kept) {
    return {kept.bytes.substr(0, most_shown), kept.size, kept.whole && kept.bytes.size() <= most_shown};
}

// What was announced may not have come, and what grew has room to grow on.
void give_back_room(std::string& bytes) {
    if (bytes.capacity() > bytes.size() + bytes.size() / 4 + 4096) bytes.shrink_to_fit();
}

bool is_chunked(const http::Fields& fields) { return fields.has_token("Transfer-Encoding", "chunked"); }

}  // namespace

Tap::Tap(Book& book, double began_ms) : book_(book) {
    record_.number = book.new_number();
    record_.began_ms = began_ms;
    record_.unix_ms = io::unix_ms() - static_cast<std::int64_t>(io::clock_ms() - began_ms);
}

// A request that is sent again goes on with the content that was taken before.
void Tap::request_begins(bool framed) {
    const bool begun = request_chunks_ || !record_.request_content.bytes.empty();
    request_open_ = true;
    if (framed && !begun && record_.request && is_chunked(record_.request->fields))
        request_chunks_.emplace(trailers_limit, true);
}

void Tap::response(const http::ResponseHead& head, bool framed) {
    record_.response = head;
    record_.flow.status = head.status;
    record_.response_content = {};
    response_open_ = head.status != 101;
    response_chunks_.reset();
    if (framed && is_chunked(head.fields)) response_chunks_.emplace(trailers_limit);
}

void Tap::request_ends(http::Fields trailers) {
    record_.request_trailers = std::move(trailers);
    request_open_ = false;
}

void Tap::response_ends(http::Fields trailers) {
    record_.response_trailers = std::move(trailers);
    response_open_ = false;
}

void Tap::take(Chunks& chunks, inspect::KeptContent& kept, certs::Bytes piece, const http::Fields* fields) {
    if (piece.empty()) return;
    if (chunks) {
        certs::ByteVector content;
        std::size_t used = 0;
        if (!chunks->take(piece, used, &content)) kept.whole = false;
        keep(kept, content, nullptr);
    } else {
        keep(kept, piece, fields);
    }
    show_once_in_a_while();
}

void Tap::keep(inspect::KeptContent& kept, certs::Bytes content, const http::Fields* fields) {
    if (kept.bytes.empty() && fields) kept.bytes.reserve(std::min(announced(*fields), book_.limits().of_one));
    const std::size_t room = book_.limits().of_one - std::min(book_.limits().of_one, kept.bytes.size());
    kept.size += content.size();
    if (content.size() > room) kept.whole = false;
    kept.bytes.append(certs::as_text(content.first(std::min(room, content.size()))));
}

void Tap::message(http::WebSocketPeer sender, http::WebSocketMessage&& message) {
    constexpr std::size_t most = 10'000;
    if (record_.messages.size() >= most || messages_size_ >= book_.limits().of_one) {
        ++record_.messages_left_out;
        return;
    }
    messages_size_ += message.payload.size();
    record_.messages.push_back({.from_client = sender == http::WebSocketPeer::client,
                                .kind = message.kind,
                                .at_ms = io::clock_ms() - record_.began_ms,
                                .size = message.size,
                                .payload = std::move(message.payload),
                                .compressed = message.compressed});
    // A conversation may pause after any of its messages, and then nothing would show that one.
    if (record_.messages.size() <= few_messages)
        show();
    else
        show_once_in_a_while();
}

void Tap::show_once_in_a_while() {
    if (io::clock_ms() - shown_ms_ >= show_every_ms) show();
}

void Tap::show_soon(UnderWay& under_way) {
    stop_waiting();
    shown_ms_ = io::clock_ms();
    waits_in_ = &under_way;
    under_way.add(*this);
}

void Tap::stop_waiting() {
    if (UnderWay* const under_way = std::exchange(waits_in_, nullptr)) under_way->remove(*this);
}

void Tap::show() {
    stop_waiting();
    shown_ms_ = io::clock_ms();
    record_.flow.total_ms = shown_ms_ - record_.began_ms;
    // It comes again and again while content does: of that, only the beginning is copied each time.
    auto request = std::exchange(record_.request_content, beginning(record_.request_content));
    auto response = std::exchange(record_.response_content, beginning(record_.response_content));
    book_.put(inspect::Record(record_));
    record_.request_content = std::move(request);
    record_.response_content = std::move(response);
}

void Tap::finish() {
    stop_waiting();
    if (request_chunks_) record_.request_trailers = request_chunks_->trailer_fields();
    if (response_chunks_) record_.response_trailers = response_chunks_->trailer_fields();
    if (request_open_) record_.request_content.whole = false;
    if (response_open_) record_.response_content.whole = false;
    record_.complete = true;
    give_back_room(record_.request_content.bytes);
    give_back_room(record_.response_content.bytes);
    book_.put(std::move(record_));
}

}  // namespace proxy
