#include "tests/bench/client.h"

#include <fmt/format.h>

#include "proxy/io/connector.h"
#include "tls/session.h"

namespace bench {

namespace io = proxy::io;
namespace http2 = inspect::http2;
using inspect::http::Event, inspect::http::Parser;

namespace {

// Reads a response to its end. `answered`: no content follows a 200 to CONNECT.
io::Task<Got> response(io::Channel& channel, Parser& parser) {
    for (std::uint64_t octets = 0;;) {
        const auto step = parser.step(channel.buffered());
        channel.consume(step.used);
        switch (step.event) {
            case Event::head:
                if (parser.response().status != 200)
                    co_return std::unexpected(fmt::format("answered with {}", parser.response().status));
                break;
            case Event::body: octets += step.used; break;
            case Event::end: co_return octets + step.used;
            case Event::failed: co_return std::unexpected(std::string(name(parser.error())));
            case Event::more: {
                const auto size = co_await channel.fill();
                if (!size || *size == 0) co_return std::unexpected("the connection ended before the response");
                break;
            }
        }
    }
}

tls::ClientParameters parameters(const Way& way) {
    tls::ClientParameters made;
    made.sni = way.host;
    made.alpn = {way.alpn};
    made.judge = [](auto, auto) { return certs::Verdict(); };
    made.accept_any = true;
    return made;
}

}  // namespace

io::Task<Entered> enter(io::Loop& loop, const tls::ClientContext& context, Way way) {
    constexpr double patience = 30;  // seconds
    auto connected = co_await io::connect(loop, {way.address}, patience);
    if (!connected.socket) co_return std::unexpected(way.address.to_string() + " refuses the connection");
    io::Channel channel(std::move(*connected.socket));
    if (way.proxy) {
        const std::string connect = fmt::format("CONNECT {0} HTTP/1.1\r\nHost: {0}\r\n\r\n", way.authority());
        auto responses = Parser::responses();
        responses.expect_response_to("CONNECT");
        if (!co_await channel.write(certs::as_bytes(connect))) co_return std::unexpected("CONNECT could not be sent");
        if (const Got opened = co_await response(channel, responses); !opened)
            co_return std::unexpected("CONNECT: " + opened.error());
    }
    channel.start_tls(tls::Session::client(context, parameters(way)));
    if (!co_await channel.handshake()) co_return std::unexpected("the handshake failed");
    co_return channel;
}

std::string get_request(const Way& way, std::string_view path, bool last) {
    return fmt::format("GET {} HTTP/1.1\r\nHost: {}\r\nUser-Agent: whytls-bench\r\nAccept: */*\r\n{}\r\n", path,
                       way.authority(), last ? "Connection: close\r\n" : "");
}

io::Task<Got> get(io::Channel& channel, Parser& responses, std::string request) {
    responses.expect_response_to("GET");
    if (!co_await channel.write(certs::as_bytes(request))) co_return std::unexpected("the request could not be sent");
    co_return co_await response(channel, responses);
}

io::Task<bool> send_output(io::Channel& channel, http2::Session& session) {
    while (!session.output().empty()) {
        const std::string bytes(certs::as_text(session.output()));
        session.sent(bytes.size());
        if (!co_await channel.write(certs::as_bytes(bytes))) co_return false;
    }
    co_return true;
}

io::Task<Got> get(io::Channel& channel, http2::Session& session, Way way, std::string path) {
    inspect::http::RequestHead head{.method = "GET", .target = std::move(path), .version = {}, .fields = {}};
    head.fields.add("Host", way.authority());
    head.fields.add("User-Agent", "whytls-bench");
    head.fields.add("Accept", "*/*");
    const auto stream = session.request(head, "https", true);
    if (!stream) co_return std::unexpected("no stream can be opened");
    std::uint64_t octets = 0;
    for (bool over = false; !over;) {
        if (!co_await send_output(channel, session)) co_return std::unexpected("the request could not be sent");
        if ((co_await channel.fill()).value_or(0) == 0)
            co_return std::unexpected("the connection ended before the response");
        session.feed(channel.buffered());
        while (const auto event = session.next()) {
            const auto* const response = std::get_if<http2::ResponseReceived>(&*event);
            if (response && response->head.status != 200)
                co_return std::unexpected(fmt::format("answered with {}", response->head.status));
            if (const auto* const data = std::get_if<http2::Data>(&*event)) {
                octets += data->bytes.size();
                session.consumed(data->stream, data->bytes.size());
            }
            if (std::holds_alternative<http2::Reset>(*event)) co_return std::unexpected("the stream was reset");
            over = over || std::holds_alternative<http2::End>(*event);
        }
        channel.consume(channel.buffered().size());
    }
    co_return octets;
}

}  // namespace bench
