#include "tests/bench/server.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>

#include "inspect/http/http1/parser.h"
#include "inspect/http/http2/session.h"
#include "tests/bench/client.h"
#include "tls/session.h"

namespace bench {

namespace io = proxy::io;
namespace http2 = inspect::http2;
using inspect::http::Event, inspect::http::Parser;

namespace {

std::string content(std::string_view target) {
    std::size_t size = 0;
    std::from_chars(target.data() + 1, target.data() + target.size(), size);
    return std::string(size, 'x');
}

inspect::http::Fields fields(std::size_t size) {
    inspect::http::Fields made;
    made.add("Date", "Tue, 01 Dec 2026 12:00:00 GMT");
    made.add("Content-Type", "text/plain");
    made.add("Content-Length", std::to_string(size));
    return made;
}

std::string answer_to(std::string_view target) {
    const std::string body = content(target);
    std::string bytes = "HTTP/1.1 200 OK\r\n";
    for (const auto& [name, value] : fields(body.size())) bytes += fmt::format("{}: {}\r\n", name, value);
    return bytes + "\r\n" + body;
}

// Its clients send requests without content.
io::Task<> serve_http1(io::Channel& channel) {
    auto requests = Parser::requests();
    for (;;) {
        const auto step = requests.step(channel.buffered());
        channel.consume(step.used);
        if (step.event == Event::failed) co_return;
        if (step.event == Event::more && (co_await channel.fill()).value_or(0) == 0) co_return;
        if (step.event != Event::end) continue;
        const std::string answer = answer_to(requests.request().target);
        // As a network delivers it: the reader takes what is here, and then waits.
        constexpr std::size_t most_at_once = 64 * 1024;
        for (std::string_view rest = answer; !rest.empty(); rest.remove_prefix(std::min(rest.size(), most_at_once)))
            if (!co_await channel.write(certs::as_bytes(rest.substr(0, most_at_once)))) co_return;
    }
}

// What is asked for is small: it fits in the windows that every client gives (RFC 9113 §6.5.2).
io::Task<> serve_http2(io::Channel& channel) {
    auto session = http2::Session::server({});
    while (co_await send_output(channel, session) && (co_await channel.fill()).value_or(0) > 0) {
        session.feed(channel.buffered());
        while (const auto event = session.next()) {
            const auto* const request = std::get_if<http2::RequestReceived>(&*event);
            if (!request) continue;
            const std::string body = content(request->request.head.target);
            session.respond(request->stream,
                            {.status = 200, .reason = "", .version = {}, .fields = fields(body.size())}, false);
            if (session.offer(request->stream, certs::as_bytes(body), true) != http2::Session::Offer::taken) co_return;
        }
        channel.consume(channel.buffered().size());
    }
}

}  // namespace

Server::Server(io::Loop& loop, const tls::ServerIdentity& identity)
    : identity_(identity),
      listener_(*io::Listener::open(loop, *io::Address::parse("127.0.0.1", 0), {}, [this](io::Socket socket) {
          io::spawn(serve(std::move(socket)), [](const std::exception&) { std::abort(); });
      })) {}

io::Task<> Server::serve(io::Socket socket) {
    io::Channel channel(std::move(socket));
    channel.start_tls(tls::Session::server(identity_, {"h2", "http/1.1"}));
    if (!co_await channel.handshake()) co_return;
    if (channel.session().handshake_info().alpn == "h2")
        co_await serve_http2(channel);
    else
        co_await serve_http1(channel);
    co_await channel.end();
}

}  // namespace bench
