// A client's and a server's session that speak to each other in memory.
#pragma once

#include <algorithm>
#include <map>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "inspect/http/http2/session.h"
#include "tests/inspect/http2_frames.h"
#include "tests/support/catch.h"

namespace http2_pair {

using namespace inspect::http2;
using inspect::http::RequestHead;
using inspect::http::ResponseHead;
using Strings = std::vector<std::string>;

inline RequestHead request(std::string_view method = "GET", const std::vector<inspect::http::Field>& more = {}) {
    RequestHead head{.method = std::string(method), .target = "/", .version = {}, .fields = {}};
    head.fields.add("Host", "a");
    for (const auto& [name, value] : more) head.fields.add(name, value);
    return head;
}

inline ResponseHead response(int status, const std::vector<inspect::http::Field>& more = {}) {
    ResponseHead head{.status = status, .reason = "", .version = {}, .fields = {}};
    for (const auto& [name, value] : more) head.fields.add(name, value);
    return head;
}

// One end, and what it has received.
struct End {
    Session session;
    Strings events = {};  // without data and settings
    std::map<StreamId, std::string> content = {};
    bool consumes = true;      // gives windows back at once
    std::size_t received = 0;  // octets of content

    void take() {
        while (const auto event = session.next()) {
            if (const Data* const data = std::get_if<Data>(&*event)) {
                content[data->stream] += certs::as_text(data->bytes);
                received += data->bytes.size();
                if (consumes) session.consumed(data->stream, data->bytes.size());
            } else if (!std::holds_alternative<PeerSettings>(*event)) {
                events.push_back(http2_frames::text_of(*event));
            }
        }
    }
    Strings taken() { return std::exchange(events, {}); }
};

struct Pair {
    End client, server;
    std::size_t piece = 0;             // octets fed at once; 0: all
    std::string to_client, to_server;  // what passed

    explicit Pair(const Options& of_client = {}, const Options& of_server = {}, std::size_t cut = 0)
        : client{Session::client(of_client)}, server{Session::server(of_server)}, piece(cut) {
        run();
    }

    void pass(End& from, End& to, std::string& log) const {
        const std::string bytes(certs::as_text(from.session.output()));
        from.session.sent(bytes.size());
        log += bytes;
        const std::size_t step = piece == 0 ? std::max<std::size_t>(bytes.size(), 1) : piece;
        for (std::size_t at = 0; at < bytes.size(); at += step) {
            const std::string fed = bytes.substr(at, step);
            to.session.feed(certs::as_bytes(fed));
            to.take();
        }
    }
    // Until neither has anything to send.
    void run() {
        client.take();
        server.take();
        while (!client.session.output().empty() || !server.session.output().empty()) {
            pass(client, server, to_server);
            pass(server, client, to_client);
            client.take();
            server.take();
        }
    }
};

inline std::string bytes_of(std::size_t size, unsigned seed) {
    std::minstd_rand random(seed + 1);
    std::string text(size, '\0');
    for (char& c : text) c = static_cast<char>('a' + random() % 26);
    return text;
}

inline StreamId open(Pair& pair, bool ends = true, std::string_view method = "GET") {
    const auto stream = pair.client.session.request(request(method), "https", ends);
    REQUIRE(stream);
    pair.run();
    return *stream;
}

}  // namespace http2_pair
