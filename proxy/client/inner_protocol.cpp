#include "proxy/client/inner_protocol.h"

#include <algorithm>
#include <array>

#include "inspect/http/http1/parser.h"

namespace proxy {

namespace http = inspect::http;

namespace {

bool is_spoken(const std::string& protocol) {
    return protocol == "h2" || protocol == "http/1.1" || protocol == "http/1.0";
}
bool is_http(const std::string& protocol) {
    return protocol.starts_with("http/") || protocol == "h2" || protocol == "h3";
}

// A first line that an indulgent server would take for a request, an HTTP/0.9 request included.
bool resembles_request(std::string_view text) {
    constexpr std::array<std::string_view, 8> methods{"GET",    "HEAD",    "POST",  "PUT",
                                                      "DELETE", "OPTIONS", "TRACE", "PATCH"};
    constexpr std::string_view blanks(" \t\r\n\v\f\0", 7), protocol = "http/";
    text.remove_prefix(std::min(text.find_first_not_of('\0'), text.size()));  // lengths of binary protocols begin so
    if (text.empty() || blanks.contains(text.front())) return true;
    const std::string_view line = text.substr(0, text.find('\n'));
    const std::string_view word = line.substr(0, line.find_first_of(blanks));
    if (http::is_among(word, methods)) return true;
    for (std::size_t at = 0; at + protocol.size() <= line.size(); ++at)
        if (http::same_name(line.substr(at, protocol.size()), protocol)) return true;
    return false;
}

// A server that sends HTTP before any request is giving up an idle connection.
io::Task<> await_server(io::Channel& server, io::Channel& client, bool& spoke) {
    const auto more = co_await server.fill();
    spoke = more && *more > 0 && !certs::as_text(server.buffered()).starts_with("HTTP/");
    if (spoke) client.socket().stop_reading();
}

// A possibly faulty request counts as HTTP: it is refused, for as bytes it would reach the server
// unseen.
bool is_inner_protocol(http::MessageError error, certs::Bytes first_bytes) {
    const bool no_request = error == http::MessageError::not_http || error == http::MessageError::bad_start_line;
    return no_request && !resembles_request(certs::as_text(first_bytes));
}

// The first line decides.
io::Task<bool> hear_client(io::Channel& client) {
    http::Parser parser = http::Parser::requests();
    std::size_t heard = 0;
    for (;;) {
        const certs::Bytes bytes = client.buffered();
        const http::Step step = parser.step(bytes.subspan(heard));
        heard += step.used;
        if (step.event == http::Event::failed) co_return is_inner_protocol(parser.error(), bytes);
        if (step.event != http::Event::more || bytes.size() == io::block_size || certs::as_text(bytes).contains('\n'))
            co_return false;
        const auto more = co_await client.fill();
        if (!more || *more == 0) co_return false;
    }
}

}  // namespace

std::vector<std::string> passed_on(const std::vector<std::string>& alpn) {
    if (std::ranges::none_of(alpn, is_http)) return alpn;
    std::vector<std::string> ours;
    std::ranges::copy_if(alpn, std::back_inserter(ours), is_spoken);
    return ours;
}

io::Task<bool> speaks_inner_protocol(io::Channel& client, io::Channel* server) {
    if (!server) co_return co_await hear_client(client);
    const std::string agreed = server->session().handshake_info().alpn;
    if (!agreed.empty() && !is_http(agreed)) co_return true;
    if (agreed == "h2") co_return false;  // its server may be the first to speak (RFC 9113 §3.4)
    bool server_spoke = false;
    io::Child listening(await_server(*server, client, server_spoke));
    const bool other = co_await hear_client(client);
    server->socket().stop_reading();
    co_await listening.join();
    co_return other || (server_spoke && client.buffered().empty());
}

}  // namespace proxy
