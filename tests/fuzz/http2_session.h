// A session of HTTP/2 on bytes of a peer: the first byte chooses the cuts and what the caller does
// between. What comes is the same however it is cut; what a stream reports is in order and ends;
// heads are such as HTTP/1 can carry; output and events stay within bounds.
#pragma once

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>
#include <vector>

#include "inspect/http/http1/parser.h"
#include "inspect/http/http2/session.h"

namespace http2_session {

using namespace inspect::http2;
using inspect::http::Fields;
using inspect::http::RequestHead;
using inspect::http::ResponseHead;

inline void require(bool holds) {
    if (!holds) std::abort();
}

// What may follow for a stream: a head, then content, then nothing.
enum class Phase { none, interim, content, ended };

inline void check_fields(const Fields& fields, bool request) {
    require(fields.count("host") == (request ? 1U : fields.count("host")));
    require(!fields.has("transfer-encoding") && !fields.has("connection") && !fields.has("upgrade"));
    require(fields.count("content-length") <= 1);
    for (const auto& [name, value] : fields) {
        require(inspect::http::is_token(name));
        require(std::ranges::none_of(name, [](char c) { return c >= 'A' && c <= 'Z'; }));
        require(value.find_first_of(std::string("\r\n\0", 3)) == std::string::npos);
    }
}

// HTTP/1 reads one request with the same head, and no byte is left.
inline void check_request(const Request& request) {
    check_fields(request.head.fields, true);
    if (!request.protocol.empty()) return;
    RequestHead head = request.head;
    head.version = {1, 1};
    const bool length = head.fields.has("content-length");
    if (length) head.fields.remove("content-length");
    const std::string wire = to_wire(head);
    if (wire.size() > inspect::http::Limits{}.head) return;
    auto parser = inspect::http::Parser::requests();
    const auto step = parser.step(certs::as_bytes(wire));
    require(step.event == inspect::http::Event::head && step.used == wire.size());
    require(parser.request().method == head.method && parser.request().target == head.target);
    require(parser.request().fields == head.fields);
}

class Watcher {
public:
    explicit Watcher(bool server) : server_(server) {}

    void see(const Event& event, std::vector<std::string>& log) {
        std::visit([&](const auto& value) { log.push_back(look(value)); }, event);
    }

private:
    Phase& phase(StreamId stream) { return phases_[stream]; }

    std::string look(const RequestReceived& event) {
        require(server_ && phase(event.stream) == Phase::none);
        phase(event.stream) = event.ends ? Phase::ended : Phase::content;
        check_request(event.request);
        return "request " + std::to_string(event.stream) + to_wire(event.request.head);
    }
    std::string look(const ResponseReceived& event) {
        require(!server_ && phase(event.stream) <= Phase::interim);
        require(event.head.status >= 100 && event.head.status <= 999 && event.head.status != 101);
        phase(event.stream) = event.is_interim() ? Phase::interim : event.ends ? Phase::ended : Phase::content;
        require(!event.is_interim() || !event.ends);
        check_fields(event.head.fields, false);
        return "response " + std::to_string(event.stream) + to_wire(event.head);
    }
    std::string look(const TooLarge& event) {
        require(phase(event.stream) != Phase::ended);
        phase(event.stream) = Phase::content;
        return "large " + std::to_string(event.stream);
    }
    std::string look(const Data& event) {
        require(phase(event.stream) == Phase::content && !event.bytes.empty());
        return "data " + std::to_string(event.stream) + " " + std::string(certs::as_text(event.bytes));
    }
    std::string look(const Trailers& event) {
        require(phase(event.stream) == Phase::content);
        phase(event.stream) = Phase::ended;
        check_fields(event.fields, false);
        return "trailers " + std::to_string(event.stream);
    }
    std::string look(const End& event) {
        require(phase(event.stream) == Phase::content);
        phase(event.stream) = Phase::ended;
        return "end " + std::to_string(event.stream);
    }
    std::string look(const Reset& event) {
        phase(event.stream) = Phase::ended;
        return "reset " + std::to_string(event.stream) + " " + std::to_string(static_cast<std::uint32_t>(event.code));
    }
    std::string look(const Writable& event) { return "writable " + std::to_string(event.stream); }
    std::string look(const PeerSettings& event) { return "settings " + std::to_string(event.max_concurrent_streams); }
    std::string look(const Pong& event) { return "pong " + std::to_string(event.opaque); }
    std::string look(const Goaway& event) {
        require(event.debug.size() <= Goaway::most_debug);
        return "goaway " + event.debug;
    }
    std::string look(const Failed& event) {
        require(event.code != ErrorCode::no_error);
        failed_ = true;
        return "failed " + std::to_string(static_cast<std::uint32_t>(event.code));
    }

    bool server_, failed_ = false;
    std::map<StreamId, Phase> phases_;
};

// What the caller does after an event: answers, refuses, offers, consumes.
inline void act(Session& session, const Event& event, std::uint8_t how, const std::string& content) {
    if (const auto* const data = std::get_if<Data>(&event); data != nullptr && (how & 1) != 0)
        session.consumed(data->stream, data->bytes.size());
    const auto* const request = std::get_if<RequestReceived>(&event);
    if (request == nullptr) return;
    if ((how & 2) != 0 && request->stream % 4 == 3) return session.reset(request->stream, ErrorCode::refused_stream);
    if ((how & 4) == 0) return;
    session.respond(request->stream, {.status = 200, .reason = "", .version = {}, .fields = {}},
                    request->stream % 3 == 0);
    session.offer(request->stream, certs::as_bytes(content), request->stream % 5 == 0);
    Fields trailers;
    trailers.add("x", "y");
    if (request->stream % 7 == 0) session.finish(request->stream, trailers);
}

inline std::vector<std::string> play(bool server, certs::Bytes input, std::uint8_t how, std::size_t piece) {
    static const std::string content(100'000, 'c');
    Options options;
    options.connect_protocol = (how & 8) != 0;
    if ((how & 16) != 0) options.stream_window = 100;
    if ((how & 32) != 0) options.head = 200;
    options.max_concurrent_streams = 5;
    auto session = server ? Session::server(options) : Session::client(options);
    if (!server) {
        RequestHead head{.method = "GET", .target = "/", .version = {}, .fields = {}};
        head.fields.add("Host", "a");
        session.request(head, "https", true);
        head.method = "POST";
        require(session.request(head, "https", false) == 3);
        session.offer(3, certs::as_bytes(content), (how & 2) != 0);
        head.method = "HEAD";
        session.request(head, "https", true);
    }
    std::vector<std::string> log;
    Watcher watcher(server);
    for (std::size_t at = 0; at < input.size(); at += piece) {
        const std::vector<std::uint8_t> fed(
            input.begin() + static_cast<std::ptrdiff_t>(at),
            input.begin() + static_cast<std::ptrdiff_t>(std::min(at + piece, input.size())));
        session.feed(fed);
        while (const auto event = session.next()) {
            watcher.see(*event, log);
            act(session, *event, how, content);
            // Sent at once, so that what is sent does not depend on the cuts.
            session.sent(session.output().size());
            require(session.output().size() < 200'000);
        }
        session.sent(session.output().size());
    }
    return log;
}

// The log with each stream's neighbouring data joined. An error may be found before the frame's
// data were reported, or its stream was reset, or after a part of it: those are left out.
inline std::string joined(const std::vector<std::string>& log) {
    std::vector<std::string> lines;
    for (const std::string& line : log) {
        // Once no stream is left after GOAWAY, nghttp2 finds no error any more.
        if (line.starts_with("goaway ")) break;
        const bool fails = line.starts_with("failed ");
        while (!lines.empty() && ((fails && lines.back().starts_with("reset ")) ||
                                  ((fails || line.starts_with("reset ")) && lines.back().starts_with("data "))))
            lines.pop_back();
        const std::string name = line.starts_with("data ") ? line.substr(0, line.find(' ', 5) + 1) : "";
        if (!name.empty() && !lines.empty() && lines.back().starts_with(name))
            lines.back() += line.substr(name.size());
        else
            lines.push_back(line);
    }
    std::string text;
    for (const std::string& line : lines) text += "\n" + line;
    return text;
}

inline void check(bool server, certs::Bytes input) {
    if (input.empty()) return;
    const std::uint8_t how = input.front();
    std::vector<std::uint8_t> bytes;
    // Most inputs are about what follows the preface.
    static constexpr std::string_view magic = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    static constexpr std::uint8_t empty_settings[] = {0, 0, 0, 4, 0, 0, 0, 0, 0};
    if ((how & 64) == 0) {
        if (server) bytes.insert(bytes.end(), magic.begin(), magic.end());
        bytes.insert(bytes.end(), std::begin(empty_settings), std::end(empty_settings));
    }
    bytes.insert(bytes.end(), input.begin() + 1, input.end());
    if (bytes.empty()) return;
    const auto whole = play(server, bytes, how, bytes.size());
    for (const std::size_t piece : {std::size_t{1}, std::size_t{how % 29U} + 2}) {
        const std::string cut = joined(play(server, bytes, how, piece));
        if (cut == joined(whole)) continue;
        std::fprintf(stderr, "whole:%s\n\nin pieces of %zu:%s\n", joined(whole).c_str(), piece, cut.c_str());
        std::abort();
    }
}

}  // namespace http2_session
