// Keeps one exchange while it passes, for the book. It stands beside the exchange, which never waits
// for it. Used by one thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "certs/bytes.h"
#include "inspect/flow/record.h"
#include "inspect/http/http1/chunked.h"
#include "inspect/http/websocket.h"
#include "proxy/flows/book.h"
#include "proxy/flows/under_way.h"

namespace proxy {

class Tap {
public:
    // `book` is open, and outlives this. `began_ms` is when the request's first byte came, in the
    // time of clock_ms().
    Tap(Book& book, double began_ms);
    Tap(const Tap&) = delete;
    Tap& operator=(const Tap&) = delete;
    ~Tap() { stop_waiting(); }

    // What passes, in the order in which it does. `framed`: the pieces of content that follow
    // contain HTTP/1.1's chunks, if there are any.
    void request(const inspect::http::RequestHead& head) { record_.request = head; }
    void request_begins(bool framed);
    void request_content(certs::Bytes piece) {
        take(request_chunks_, record_.request_content, piece, record_.request ? &record_.request->fields : nullptr);
    }
    // The message is complete.
    void request_ends(inspect::http::Fields trailers);
    void response(const inspect::http::ResponseHead& head, bool framed);
    void response_content(certs::Bytes piece) {
        take(response_chunks_, record_.response_content, piece, record_.response ? &record_.response->fields : nullptr);
    }
    void response_ends(inspect::http::Fields trailers);
    void message(inspect::http::WebSocketPeer sender, inspect::http::WebSocketMessage&& message);

    // What is known of the exchange besides, to be completed by whoever knows it.
    inspect::Record& record() { return record_; }
    // Shows the flow as it is so far.
    void show();
    // Shows it in a moment, unless it is shown or over before. `under_way` outlives this.
    void show_soon(UnderWay& under_way);
    // Shows it for good; nothing follows.
    void finish();

private:
    friend class UnderWay;

    using Chunks = std::optional<inspect::http::ChunkedBody>;
    // `fields`: of the message's head, nullptr without one.
    void take(Chunks& chunks, inspect::KeptContent& kept, certs::Bytes piece, const inspect::http::Fields* fields);
    void keep(inspect::KeptContent& kept, certs::Bytes content, const inspect::http::Fields* fields);
    void show_once_in_a_while();
    void stop_waiting();

    Book& book_;
    inspect::Record record_;
    Chunks request_chunks_, response_chunks_;
    bool request_open_ = false, response_open_ = false;  // begun, and not complete
    std::size_t messages_size_ = 0;
    double shown_ms_ = 0;
    UnderWay* waits_in_ = nullptr;
    std::size_t place_ = 0;  // there
};

}  // namespace proxy
