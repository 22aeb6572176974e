// What the codecs of HTTP cost without a connection: bytes in, events out.
#include <benchmark/benchmark.h>

#include <string>

#include "inspect/http/http1/parser.h"
#include "inspect/http/http2/session.h"

namespace {

using namespace inspect;

// As curl sends it through a proxy, with what browsers add.
constexpr std::string_view request_head =
    "GET /v1/items?page=2&sort=-created HTTP/1.1\r\n"
    "Host: api.example.com\r\n"
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0\r\n"
    "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\n"
    "Accept-Language: en-GB,en;q=0.5\r\n"
    "Accept-Encoding: gzip, deflate, br, zstd\r\n"
    "Cookie: session=6f1ed002ab5595859014ebf0951522d9; theme=dark\r\n"
    "If-None-Match: \"5f2c-62a1\"\r\n"
    "Connection: keep-alive\r\n\r\n";

void parse_request_head(benchmark::State& state) {
    auto parser = http::Parser::requests();
    while (state.KeepRunning()) {
        http::Step step = parser.step(certs::as_bytes(request_head));
        if (step.event != http::Event::head) return state.SkipWithError("no head");
        benchmark::DoNotOptimize(parser.request());
        step = parser.step({});
        if (step.event != http::Event::end) return state.SkipWithError("no end");
    }
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(request_head.size()));
}
BENCHMARK(parse_request_head);

// What one session wants to send, to the other.
void carry(http2::Session& from, http2::Session& to, std::string& wire) {
    wire.assign(certs::as_text(from.output()));
    from.sent(wire.size());
    to.feed(certs::as_bytes(wire));
}

// A request's head to the server, a response's head with 1 KiB of content back, windows given.
void http2_round_trip(benchmark::State& state) {
    auto client = http2::Session::client({}), server = http2::Session::server({});
    http::RequestHead request{.method = "GET", .target = "/v1/items?page=2", .version = {}, .fields = {}};
    request.fields.add("Host", "api.example.com");
    request.fields.add("User-Agent", "curl/8.5.0");
    request.fields.add("Accept", "*/*");
    http::ResponseHead response{.status = 200, .reason = "", .version = {}, .fields = {}};
    response.fields.add("Content-Type", "application/json");
    response.fields.add("Content-Length", "1024");
    response.fields.add("Cache-Control", "no-store");
    const std::string content(1024, 'x');
    std::string wire;
    while (state.KeepRunning()) {
        if (!client.request(request, "https", true)) return state.SkipWithError("no request");
        carry(client, server, wire);
        while (const auto event = server.next()) {
            if (const auto* const asked = std::get_if<http2::RequestReceived>(&*event)) {
                server.respond(asked->stream, response, false);
                server.offer(asked->stream, certs::as_bytes(content), true);
            }
        }
        carry(server, client, wire);
        bool over = false;
        while (const auto event = client.next()) {
            if (const auto* const data = std::get_if<http2::Data>(&*event))
                client.consumed(data->stream, data->bytes.size());
            over = over || std::holds_alternative<http2::End>(*event);
        }
        if (!over) return state.SkipWithError("no response");
    }
}
BENCHMARK(http2_round_trip);

}  // namespace
