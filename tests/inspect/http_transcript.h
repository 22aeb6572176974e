// What a parser makes of bytes that arrive in pieces, as lines to compare: its events, its heads,
// the bytes it passes on. Also checks what holds for every input: no step uses more than it was
// given, and every step makes progress.
#pragma once

#include <fmt/format.h>

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "inspect/http/http1/parser.h"

namespace http_transcript {

using inspect::http::Event;
using inspect::http::Parser;

struct Played {
    std::vector<std::string> events;
    std::string passed;  // heads left out
    bool failed = false;
    bool operator==(const Played&) const = default;
};

class Player {
public:
    explicit Player(Parser& parser, bool requests) : parser_(parser), requests_(requests) {}

    void feed(std::string_view piece) {
        int idle_steps = 0;
        while (!played_.failed) {
            const inspect::http::Step step = parser_.step(certs::as_bytes(piece));
            if (step.used > piece.size()) throw std::logic_error("a step used more than its input");
            if (step.held > step.used) throw std::logic_error("a step held more than it used");
            note(step.event, piece.substr(0, step.used - step.held));
            piece.remove_prefix(step.used);
            if (step.event == Event::more) {
                if (!piece.empty()) throw std::logic_error("asked for more with input left");
                return;
            }
            idle_steps = step.used == 0 ? idle_steps + 1 : 0;
            if (idle_steps > 2) throw std::logic_error("steps without progress");
        }
    }

    Played finish() {
        if (!played_.failed) {
            const Event event = parser_.finish().event;
            note(event, {});
            if (event == Event::more) played_.events.emplace_back("closed");
        }
        close_body();
        return played_;
    }

private:
    void note(Event event, std::string_view bytes) {
        if (event == Event::body || event == Event::end) {
            const std::string_view trailers = event == Event::end ? parser_.trailers() : "";
            body_.append(bytes).append(trailers);
            played_.passed.append(bytes).append(trailers);
        }
        if (event == Event::more || event == Event::body) return;
        close_body();
        if (event == Event::head) played_.events.push_back(head());
        if (event == Event::end) played_.events.push_back(fmt::format("end {}", parser_.body_bytes()));
        if (event == Event::failed) {
            played_.failed = true;
            played_.events.push_back(fmt::format("failed {}", inspect::http::name(parser_.error())));
        }
    }

    void close_body() {
        if (!body_.empty()) played_.events.push_back("body " + body_);
        body_.clear();
    }

    std::string head() const {
        std::string text = requests_ ? to_wire(parser_.request()) : to_wire(parser_.response());
        text += fmt::format("{}{}{}{}", parser_.keeps_alive() ? "keeps alive" : "closes",
                            parser_.has_body() ? ", body" : "", parser_.body_until_close() ? " until close" : "",
                            parser_.switches_protocol() ? ", switches" : "");
        return text;
    }

    Parser& parser_;
    bool requests_;
    Played played_;
    std::string body_;
};

inline Played play(bool requests, const std::vector<std::string_view>& pieces, std::string_view method = "GET",
                   inspect::http::Limits limits = {}) {
    Parser parser = requests ? Parser::requests(limits) : Parser::responses(limits);
    parser.expect_response_to(method);
    Player player(parser, requests);
    for (const std::string_view piece : pieces) player.feed(piece);
    return player.finish();
}

// Plays the input whole, byte by byte, and cut in two at every place; throws where the results
// differ.
inline Played play_every_way(bool requests, std::string_view input, std::string_view method = "GET",
                             inspect::http::Limits limits = {}) {
    const Played whole = play(requests, {input}, method, limits);
    std::vector<std::string_view> bytes;
    for (std::size_t i = 0; i < input.size(); ++i) bytes.push_back(input.substr(i, 1));
    if (play(requests, bytes, method, limits) != whole) throw std::logic_error("byte by byte it reads differently");
    for (std::size_t i = 0; i <= input.size(); ++i)
        if (play(requests, {input.substr(0, i), input.substr(i)}, method, limits) != whole)
            throw std::logic_error(fmt::format("cut at {} it reads differently", i));
    return whole;
}

}  // namespace http_transcript
